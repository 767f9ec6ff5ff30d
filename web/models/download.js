// Downloads the site's models in pieces, each byte once. If the connection breaks, the next try resumes.

import { failure_of } from "../failure.js";
import { fetch_answer, HOST_SILENT } from "../open/fetch.js";
import { changed, checksum_wrong, length_wrong, start_of_answer, stopped } from "./answers.js";

/** @typedef {import("../features/models/state.js").ModelEntry} ModelEntry */
/** @typedef {(file: Blob) => Promise<string>} Sha256 */
/** @typedef {(loaded: number) => void} OnBytes */
/** `validator` is the ETag or date that all pieces must have; `again`: the browser's cache returned a wrong file.
 * @typedef {{ parts: Blob[], loaded: number, validator: string, again: boolean, file: Blob | null }} Partial */
/** @typedef {{ signal: AbortSignal, on_bytes: OnBytes, on_checking: () => void }} Watch */

export const PIECE_BYTES = 16 * 1024 * 1024;
/** Waits before each retry after a broken connection; a whole piece, or any byte before a broken end, resets them. Silence
 * has taken long already, so it counts twice, and bytes before it reset nothing. */
const PAUSES_MS = [500, 1000, 2000, 4000];
const MAX_CHANGES = 2;

/** @type {() => Partial} */
const nothing = () => ({ parts: [], loaded: 0, validator: "", again: false, file: null });

/** A running download and all its watchers. @typedef {{ watches: Set<Watch>, ended: Promise<unknown> }} Running */

export class Downloads {
  /** @type {Map<string, Partial>} */ #partials = new Map();
  /** @type {Map<string, Running>} */ #running = new Map();
  #sha256;
  #piece_bytes;
  #pause;
  #folder;
  #kept;

  /** @param {Sha256} sha256
   * @param {{
   *   piece_bytes?: number, pause?: (ms: number, signal: AbortSignal) => Promise<void>,
   *   folder?: string, kept?: (path: string) => Promise<Blob | null>,
   * }} [options] `kept`: a file that is in this browser already */
  constructor(sha256, { piece_bytes = PIECE_BYTES, pause = wait, folder = "models/", kept = async () => null } = {}) {
    this.#sha256 = sha256;
    this.#piece_bytes = piece_bytes;
    this.#pause = pause;
    this.#folder = folder;
    this.#kept = kept;
  }

  /** The whole, checked file; at once if it was downloaded before. Concurrent requests share one download: a later
   * caller watches it, and continues it if the first one gives up.
   * @param {ModelEntry} entry
   * @param {Watch} watch
   * @returns {Promise<Blob>} */
  async get(entry, watch) {
    for (let other = this.#running.get(entry.id); other; other = this.#running.get(entry.id)) {
      await watched(other, watch);
    }
    const watches = new Set([watch]);
    const download = this.#download(entry, {
      signal: watch.signal,
      on_bytes: (loaded) => watches.forEach(({ on_bytes }) => on_bytes(loaded)),
      on_checking: () => watches.forEach(({ on_checking }) => on_checking()),
    });
    const end = () => this.#running.delete(entry.id);
    this.#running.set(entry.id, { watches, ended: download.then(end, end) });
    return download;
  }

  /** @param {ModelEntry} entry @param {Watch} watch @returns {Promise<Blob>} */
  async #download(entry, watch) {
    const partial = this.#partials.get(entry.id) ?? nothing();
    this.#partials.set(entry.id, partial);
    if (partial.file) return partial.file;
    const kept = partial.loaded || partial.again ? null : await this.#from_here(entry, watch);
    if (kept) {
      partial.file = kept;
      return kept;
    }
    await this.#complete(entry, partial, watch);
    watch.on_checking();
    const file = new Blob(partial.parts);
    const found = await this.#sha256(file);
    if (found !== entry.sha256) {
      Object.assign(partial, nothing(), { again: true });
      throw checksum_wrong(entry, found);
    }
    Object.assign(partial, { parts: [], file });
    return file;
  }

  /** The kept file, if there is one and it is whole.
   * @param {ModelEntry} entry @param {Watch} watch @returns {Promise<Blob | null>} */
  async #from_here(entry, { signal, on_bytes, on_checking }) {
    const file = await this.#kept(`${this.#folder}${entry.file}`);
    signal.throwIfAborted();
    if (file?.size !== entry.bytes) return null;
    on_bytes(file.size);
    on_checking();
    const is_right = await this.#sha256(file).then((found) => found === entry.sha256, () => false);
    return is_right ? file : null;
  }

  /** @param {ModelEntry} entry @param {Partial} partial @param {Watch} watch */
  async #complete(entry, partial, { signal, on_bytes }) {
    let failed = 0;
    let changes = 0;
    on_bytes(partial.loaded);
    while (partial.loaded < entry.bytes) {
      const before = partial.loaded;
      const outcome = await this.#next_piece(entry, partial, signal, on_bytes);
      if (outcome === "changed") {
        changes += 1;
        if (changes > MAX_CHANGES) throw changed(entry);
        Object.assign(partial, nothing(), { again: true });
      }
      if (outcome === "came") failed = 0;
      if (outcome !== "broken" && outcome !== "silent") continue;
      if (outcome === "silent") failed += 2;
      else failed = partial.loaded > before ? 0 : failed + 1;
      const pause_ms = PAUSES_MS[failed];
      if (pause_ms === undefined) throw stopped(entry, partial.loaded);
      await this.#pause(pause_ms, signal);
    }
  }

  /** @param {ModelEntry} entry @param {Partial} partial @param {AbortSignal} signal @param {OnBytes} on_bytes
   *  @returns {Promise<"came" | Interrupted | "changed">} */
  async #next_piece(entry, partial, signal, on_bytes) {
    const piece = Math.floor(partial.loaded / this.#piece_bytes);
    const to = Math.min((piece + 1) * this.#piece_bytes, entry.bytes);
    const response = await this.#ask(entry, partial, to, signal).catch((error) => interrupted(error, signal));
    if (typeof response === "string") return response;
    const start = start_of_answer(response, entry, partial);
    if (start === "changed" || start === "broken") {
      await response.body?.cancel();
      return start;
    }
    // The whole file instead of a piece: the host does not support ranges, or the file has changed.
    if (start === "whole") Object.assign(partial, { ...nothing(), again: partial.again, validator: partial.validator });
    return read_body(response, entry, partial, start === "whole" ? entry.bytes : to, signal, on_bytes);
  }

  /** `If-Range` is sent only to resume a file, because it bypasses the browser's cache.
   * @param {ModelEntry} entry @param {Partial} partial @param {number} to @param {AbortSignal} signal */
  async #ask({ file, bytes }, { loaded, validator, again }, to, signal) {
    /** @type {Record<string, string>} */
    const headers = loaded > 0 || to < bytes ? { Range: `bytes=${loaded}-${to - 1}` } : {};
    const goes_on = loaded % this.#piece_bytes > 0;
    if (goes_on && validator) headers["If-Range"] = validator;
    const cache = again ? "reload" : "default";
    return await fetch_answer(`${this.#folder}${file}`, { headers, signal, cache }) ?? "broken";
  }
}

/** Waits until another caller's download has ended, successfully or not; rejects if this one is cancelled first.
 * @type {(running: Running, watch: Watch) => Promise<void>} */
async function watched({ watches, ended }, watch) {
  const { signal } = watch;
  signal.throwIfAborted();
  /** @type {() => void} */
  let give_up = () => {};
  watches.add(watch);
  try {
    await Promise.race([ended, new Promise((_, reject) => {
      give_up = () => reject(signal.reason);
      signal.addEventListener("abort", give_up);
    })]);
  } finally {
    watches.delete(watch);
    signal.removeEventListener("abort", give_up);
  }
}

/** @typedef {"broken" | "silent"} Interrupted */
/** How a request ended too early; throws what is not the host's or the network's fault.
 * @type {(error: any, signal: AbortSignal) => Interrupted} */
function interrupted(error, signal) {
  const { code } = failure_of(error, "broken");
  if (signal.aborted || (code !== "broken" && code !== HOST_SILENT)) throw error;
  return code === HOST_SILENT ? "silent" : "broken";
}

/** Keeps everything received, even of a body that breaks off.
 * @type {(
 *   response: Response, entry: ModelEntry, partial: Partial, to: number, signal: AbortSignal, on_bytes: OnBytes,
 * ) => Promise<"came" | Interrupted>} */
async function read_body(response, entry, partial, to, signal, on_bytes) {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const chunks = [];
  const reader = response.body?.getReader();
  try {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      if (partial.loaded + part.value.length > to) throw length_wrong(entry, `more than ${to}`);
      chunks.push(part.value);
      partial.loaded += part.value.length;
      on_bytes(partial.loaded);
    }
  } catch (error) {
    return interrupted(error, signal);
  } finally {
    if (chunks.length) partial.parts.push(new Blob(chunks));
    void reader?.cancel().catch(() => {});
  }
  if (partial.loaded === to) return "came";
  // A body of known length that ends early throws above; one that ends normally was shorter.
  if (response.status === 200) throw length_wrong(entry, `only ${partial.loaded}`);
  return "broken";
}

/** @type {(ms: number, signal: AbortSignal) => Promise<void>} */
const wait = (ms, signal) => new Promise((resolve, reject) => {
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    reject(signal.reason);
  }, { once: true });
});
