// The engine without the page: a model on a device, and the scans opened with it. api.d.ts has the types and their
// documentation.

import { sha256_with } from "../web/models/checksum.js";
import { parse } from "../web/open/parser.js";
import { boxel_error, BoxelError } from "./error.js";
import { bring_model } from "./model.js";
import { Scan } from "./scan.js";
import { files_of } from "./sources.js";
import { start } from "./start.js";
import { Turns } from "./turns.js";

export { BoxelError };

/** @typedef {import("./api.js").Boxel} BoxelApi */
/** @typedef {import("./api.js").BoxelEvents} BoxelEvents */
/** @typedef {import("./api.js").CreateOptions} CreateOptions */
/** @typedef {import("./start.js").Started} Started */
/** @typedef {{ engine: () => Worker, parser: () => Worker }} Workers */

/** @type {Workers} */
const WORKERS = {
  engine: () => with_own_module(new Worker(new URL("../web/engine/worker.js", import.meta.url), { type: "module" })),
  parser: () =>
    with_own_module(new Worker(new URL("../web/open/parse_worker.js", import.meta.url), { type: "module" })),
};
/** The worker loads the module itself: the embedding page's policy may forbid WebAssembly.
 * @type {(worker: Worker) => Worker} */
function with_own_module(worker) {
  worker.postMessage({ wasm: null });
  return worker;
}
const MODELS = "../models/"; // relative to this file; a folder, so bundlers leave it alone
const CLOSED = { code: "closed", message: "This engine has been closed; create another." };
const REPLACED = { code: "scan_replaced", message: "Another scan has been opened since; open this one again." };

/** @implements {BoxelApi} */
export class Boxel extends EventTarget {
  #turns = new Turns();
  #workers;
  #models;
  /** @type {Started | null} */ #started = null;
  /** @type {import("./api.js").Model | null} */ #model = null;
  /** @type {Scan | null} */ #scan = null;
  #closing = new AbortController();

  /** Use `create`. @param {Workers} workers @param {string} models */
  constructor(workers, models) {
    super();
    this.#workers = workers;
    this.#models = models;
  }

  /** @param {CreateOptions} [options] @param {Workers} [workers] the tests' own */
  static async create({ device = "auto", model, models, on_progress, signal } = {}, workers = WORKERS) {
    const folder = String(models ?? new URL(MODELS, import.meta.url));
    const boxel = new Boxel(workers, folder.endsWith("/") ? folder : `${folder}/`);
    if (on_progress) boxel.on("progress", on_progress);
    try {
      boxel.#started =
        await start(workers.engine, device, (failure) => boxel.#emit("error", new BoxelError(failure)), signal);
      await boxel.use(model, { signal });
      return boxel;
    } catch (error) {
      boxel.close();
      throw boxel_error(error, signal);
    }
  }

  get device() {
    return this.#running().device;
  }

  get model() {
    this.#running();
    if (!this.#model) throw new BoxelError({ code: "session_order", message: "No model is loaded." });
    return this.#model;
  }

  /** @param {import("./api.js").ModelChoice} [choice] @param {{ signal?: AbortSignal }} [options] */
  use(choice, { signal } = {}) {
    return this.#turn(async () => {
      const { probe, device: { kind } } = this.#running();
      const { id, file, recipe, sha256, listed } = await bring_model(choice, {
        folder: this.#models,
        device: { ...probe, kind },
        sha256: sha256_with((blob) => this.#call("sha256", [blob])),
        new_worker: this.#workers.engine,
        watch: {
          signal: this.#until(signal),
          on_bytes: (bytes) => this.#tell({ stage: "download", done: bytes, total: null, slice: null }),
          on_checking: () => this.#tell({ stage: "check", done: 0, total: null, slice: null }),
        },
      });
      this.#tell({ stage: "load", done: 0, total: null, slice: null });
      const { name, trained_on_points, published } =
        await this.#call("load_weights", ["main", file, recipe, sha256, listed]);
      this.#model = { id, name, recipe, trained_on_points, published };
      this.#emit("model", this.#model);
      return this.#model;
    }, signal);
  }

  /** @param {import("./api.js").Source} source @param {import("./api.js").OpenOptions} [options] */
  open(source, { choose, signal } = {}) {
    return this.#turn(async () => {
      this.#running();
      const files = files_of(source);
      const { key, scan } = await parse(this.#workers.parser, files, {
        signal: this.#until(signal),
        on_read: (done) => this.#tell({ stage: "read", done, total: files.length, slice: null }),
        choose: (choices) => chosen(choices, choose),
      });
      const opened = await this.#call("open", ["main", scan, key], { transfer: [scan.buffer] });
      /** @type {Scan} */
      const made = new Scan(opened, {
        turn: (task, abort) => this.#turn(() => {
          if (this.#scan !== made) throw REPLACED;
          return task();
        }, abort),
        call: (method, args, options) => this.#call(method, args, options),
        tell: (progress) => this.#tell(progress),
      });
      this.#scan = made;
      return made;
    }, signal);
  }

  close() {
    this.#closing.abort();
    this.#started?.client.terminate();
    this.#started = null;
    this.#scan = null;
  }

  /** @template {keyof BoxelEvents} K @param {K} type @param {(detail: BoxelEvents[K]) => void} listener
   *  @returns {() => void} */
  on(type, listener) {
    const heard = (/** @type {Event} */ event) => listener(/** @type {CustomEvent<BoxelEvents[K]>} */ (event).detail);
    this.addEventListener(type, heard);
    return () => this.removeEventListener(type, heard);
  }

  /** @template {keyof BoxelEvents} K @param {K} type @param {BoxelEvents[K]} detail */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** @param {import("./api.js").Progress} progress */
  #tell(progress) {
    this.#emit("progress", progress);
  }

  /** @returns {Started} */
  #running() {
    if (!this.#started) throw new BoxelError(CLOSED);
    return this.#started;
  }

  /** Aborted by the caller, or by closing. @param {AbortSignal} [signal] */
  #until(signal) {
    const either = new AbortController();
    for (const each of [this.#closing.signal, signal]) {
      each?.addEventListener("abort", () => either.abort(), { once: true });
    }
    return either.signal;
  }

  /** @type {import("../web/engine/client.js").EngineClient["call"]} */
  #call(method, args, options) {
    return this.#running().client.call(method, args, options);
  }

  /** @template T @param {() => Promise<T>} task @param {AbortSignal} [signal] @returns {Promise<T>} */
  async #turn(task, signal) {
    try {
      return await this.#turns.take(async () => {
        this.#running();
        return task();
      }, signal);
    } catch (error) {
      throw this.#started ? boxel_error(error, signal) : new BoxelError(CLOSED);
    }
  }
}

/** @type {(choices: string[], choose: import("./api.js").OpenOptions["choose"]) => Promise<number>} */
async function chosen(choices, choose) {
  if (!choose) throw {
    code: "scan_choice", message: `The files contain ${choices.length} scans: choose one with the option "choose".`,
  };
  const choice = await choose(choices);
  if (!Number.isInteger(choice) || !(choice in choices)) throw {
    code: "scan_choice", message: `"choose" returned ${choice}; there are ${choices.length} scans, counted from 0.`,
  };
  return choice;
}
