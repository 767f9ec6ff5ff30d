// The user's own weights: picked or dropped files, and models stored in this browser.

import { failure_of } from "../failure.js";
import { checksum_wrong } from "./answers.js";
import { RECIPES } from "./catalogue.js";
import { kept_key } from "./kept.js";
import { convert, inspect } from "./reader.js";

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../state/reduce.js").Action} Action */
/** @typedef {import("../state/sessions.js").Side} Side */
/** @typedef {import("../features/models/state.js").ModelEntry} ModelEntry */
/** @typedef {import("./kept.js").Kept} Kept */
/** @typedef {import("./download.js").Watch} Watch */

const MAX_FILE_BYTES = 1.5 * 1024 ** 3; // with a copy of each tensor, within the 4 GiB of a module

/**
 * @typedef {object} Needs
 * @property {() => State} state
 * @property {(action: Action) => void} dispatch
 * @property {() => Worker} new_worker
 * @property {import("./checksum.js").Sha256} sha256
 * @property {Kept} kept
 * @property {(entry: ModelEntry, watch: Watch) => Promise<Blob>} download of the site's
 */

export class OwnModels {
  #needs;
  /** Files that were read here, by SHA-256. @type {Map<string, Blob>} */ #files = new Map();
  #last_serial = 0;

  /** @param {Needs} needs */
  constructor(needs) {
    this.#needs = needs;
  }

  /** Reads a weights file; if another one is picked meanwhile, the later one counts.
   * @param {File} file @param {Side} side the model that it is for */
  async read(file, side) {
    const { dispatch, new_worker } = this.#needs;
    const serial = ++this.#last_serial;
    dispatch({ do: "own_reading", serial, side, bytes: file.size });
    try {
      // A copy: the file may change or disappear while it is used.
      const copy = await copy_of(file);
      const facts = await inspect(new_worker, copy);
      this.#files.set(facts.sha256, copy);
      dispatch({ do: "own_read", serial, facts });
    } catch (error) {
      dispatch({ do: "own_failed", serial, failure: failure_of(error, "weights_format") });
    }
  }

  /** A model's file, wherever it is. @param {ModelEntry} entry @param {Watch} watch @returns {Promise<Blob>} */
  async bring(entry, watch) {
    if (entry.source === "kept") return this.#from_storage(entry, watch);
    const own = this.#files.get(entry.sha256);
    if (own) return own;
    const twin = this.#needs.state().models.entries.find(({ source, sha256 }) =>
      source === "kept" && sha256 === entry.sha256);
    // If it cannot be read from there, download it.
    const kept = twin && await this.#from_storage(twin, watch).catch(() => null);
    return kept || this.#needs.download(entry, watch);
  }

  /** @param {ModelEntry} entry @param {Watch} watch */
  async #from_storage(entry, { on_checking }) {
    const { kept, sha256 } = this.#needs;
    const file = await copy_of(await kept.read(entry));
    on_checking();
    const found = await sha256(file);
    if (found !== entry.sha256) throw checksum_wrong({ ...entry, file: entry.name }, found);
    return file;
  }

  /** Lists the stored models; none if the browser refuses access. */
  async list() {
    const entries = await this.#needs.kept.list().catch(() => []);
    this.#needs.dispatch({ do: "kept_listed", entries: entries.filter(is_whole) });
  }

  /** Stores a model; only on the user's click. @param {ModelEntry} entry */
  async keep(entry) {
    const { dispatch, kept, sha256 } = this.#needs;
    dispatch({ do: "keeping", id: entry.id });
    try {
      const watch = { signal: new AbortController().signal, on_bytes: () => {}, on_checking: () => {} };
      const { file, facts } = await this.#to_keep(entry, await this.bring(entry, watch));
      const name = entry.name;
      const found = await sha256(file);
      await kept.put({
        ...entry, id: `kept:${kept_key({ sha256: found, recipe: entry.recipe })}`, source: "kept", name, file: "",
        bytes: file.size, sha256: found, facts,
      }, file);
      await this.list();
    } catch (error) {
      dispatch({ do: "failed", failure: failure_of(error, "storage") });
    }
    dispatch({ do: "keeping", id: null });
  }

  /** The user's weights are stored as f16 in one format; files that already have it stay as they are.
   * @param {ModelEntry} entry @param {Blob} file */
  async #to_keep({ facts }, file) {
    if (!facts) return { file, facts };
    const small = facts.dtype === "f16" || facts.dtype === "bf16";
    if (small && facts.format === "safetensors" && facts.names === "original") return { file, facts };
    const dtype = facts.dtype === "bf16" ? "bf16" : "f16";
    const converted = await convert(this.#needs.new_worker, file, dtype);
    return {
      file: converted, // Another file than the one that was found in the list.
      facts: /** @type {const} */ ({ ...facts, format: "safetensors", names: "original", dtype, known: null }),
    };
  }

  /** @param {ModelEntry} entry */
  async remove(entry) {
    const { dispatch, kept } = this.#needs;
    try {
      await kept.remove(entry);
    } catch (error) {
      dispatch({ do: "failed", failure: failure_of(error, "storage") });
    }
    await this.list();
  }
}

/** Checks an entry that an earlier version of the page may have written. @type {(entry: ModelEntry) => boolean} */
const is_whole = (entry) => entry?.source === "kept" && RECIPES.includes(entry.recipe)
  && [entry.id, entry.name, entry.sha256, entry.origin].every((text) => typeof text === "string") && entry.bytes > 0;

/** @type {(file: Blob) => Promise<Blob>} */
async function copy_of(file) {
  if (file.size > MAX_FILE_BYTES) {
    throw {
      code: "weights_too_large",
      message: `The file has ${(file.size / 1e9).toFixed(1)} GB; `
        + `at most ${(MAX_FILE_BYTES / 1e9).toFixed(1)} GB can be read. Convert it to f16 first.`,
    };
  }
  const bytes = await file.arrayBuffer().catch(() => {
    throw {
      code: "weights_unreadable", message: "The weights file could not be read. Is it a folder, or has it been moved?",
    };
  });
  return new Blob([bytes]);
}
