// Runs the requests of next.js one after the other and reports the results to the state. requests/ has the call for
// each request.

import { editing } from "../features/brush/requests.js";
import { wanted_edit } from "../features/brush/strokes_state.js";
import { comparison } from "../features/comparison/requests.js";
import { volume_editing } from "../features/edits/requests.js";
import { is_preview_wanted } from "../features/edits/state.js";
import { segmenting } from "../features/prompts/requests.js";
import { object_masks } from "../features/propagation/requests.js";
import { waiting_here } from "../state/here.js";
import { EngineClient } from "./client.js";
import { next_request } from "./next.js";
import { opening } from "./requests/opening.js";
import { panels } from "./requests/panels.js";
import { start } from "./requests/start.js";
import { SliceEncoders } from "./slice_encoders.js";

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../state/reduce.js").Action} Action */
/** @typedef {import("../state/sessions.js").Side} Side */
/** @typedef {import("./next.js").Request} Request */
/** @template {Request["do"]} D @typedef {Extract<Request, { do: D }>} Of */
/** A parsed scan; the engine gets the bytes. @typedef {{ key: string, scan: Uint8Array<ArrayBuffer> }} Parsed */
/**
 * Where scans come from.
 * @typedef {object} Parsing
 * @property {(serial: number) => Parsed | null} take the scan that the state says is parsed; it can be taken once
 * @property {(scan: import("../state/scan.js").Scan) => Promise<Parsed>} again parses the same files again
 */
/**
 * What a request has access to. `generation` identifies its worker.
 * @typedef {object} Reach
 * @property {number} generation
 * @property {() => State} state
 * @property {(action: Action) => void} dispatch
 * @property {EngineClient["call"]} call
 * @property {Parsing} parsing
 * @property {() => AbortSignal} new_signal aborted with "user" or "newer" as the reason
 */
/** @template {Request["do"]} D @typedef {{ [K in D]: (reach: Reach, request: Of<K>) => Promise<void> }} Fulfil */

/** How long a slice must be shown before it is encoded without a prompt. */
const SETTLE_MS = 250;

/** @type {Fulfil<Exclude<Request["do"], "start">>} */
const fulfil = { ...opening, ...segmenting, ...editing, ...volume_editing, ...comparison, ...object_masks, ...panels };

export class Driver {
  #state;
  #dispatch;
  #new_worker;
  #parsing;
  /** @type {EngineClient | null} */ #client = null;
  #generation = 0; // of the client
  /** @type {Request["do"] | null} */ #step = null;
  /** @type {Side} */ #side = "main"; // of the step
  #previewed = ""; // the edit of the step
  #tries_gpu = false;
  #abort = new AbortController();
  /** @type {string | null} */ #settling = null; // the image's key
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #settle_timer = undefined;

  #slice_encoders;

  /** @param {() => State} state @param {(action: Action) => void} dispatch @param {() => Worker} new_worker
   *  @param {Parsing} parsing
   *  @param {() => Worker} new_slice_encoder @param {import("../state/slice_encoders.js").Machine} machine */
  constructor(state, dispatch, new_worker, parsing, new_slice_encoder, machine) {
    this.#state = state;
    this.#dispatch = dispatch;
    this.#new_worker = new_worker;
    this.#parsing = parsing;
    this.#slice_encoders = new SliceEncoders(
      dispatch, new_slice_encoder, (message, transfer) => this.#client?.tell(message, transfer), machine,
    );
  }

  /** Called after every action. */
  follow() {
    const state = this.#state();
    if (this.#client && this.#generation !== state.engine.generation) {
      this.#client.terminate();
      this.#client = null;
    }
    this.#slice_encoders.follow(state);
    const session = state.sessions[this.#side];
    const not_wanted = state.opening?.phase === "parsed" || !session || session.shown !== state.rendering;
    // A stroke does not wait for an encoding that no prompt needs.
    const is_drawn = (wanted_edit(state) !== null || state.applying.length > 0) && waiting_here(state).length === 0;
    if ((not_wanted || is_drawn) && this.#step === "embed") this.#abort.abort("newer");
    const is_given_up = this.#step === "preview_edit" ? !is_preview_wanted(state, this.#previewed)
      : this.#step === "apply_edit" && state.applying.length === 0;
    if (is_given_up) this.#abort.abort("newer");
    this.#settle(state);
    void this.#run();
  }

  cancel_embedding() {
    this.#abort.abort("user");
  }

  /** @param {Blob} file @returns {Promise<string>} */
  sha256(file) {
    return this.#call("sha256", [file]);
  }

  /** @param {number[]} ids @returns {Promise<Uint8Array<ArrayBuffer>>} */
  probability_png(ids) {
    return this.#call("probability_png", [new Uint32Array(ids)]);
  }

  /** An object's masks, for a session file.
   * @param {number} number
   * @returns {Promise<import("../features/sessions/format.js").ObjectMasks>} */
  saved_masks(number) {
    return this.#call("saved_masks", [number]);
  }

  /** The masks as JSON text, without the hash. @param {number} number @returns {Promise<string>} */
  object_masks(number) {
    return this.#call("stored_masks", [number]);
  }

  /** Where the open scan lies, for a segmentation. @returns {Promise<string>} */
  scan_place() {
    return this.#call("scan_place", []);
  }

  /** Compares an object with what a session recorded.
   * @param {number} number
   * @param {import("../features/sessions/format.js").FileObject} recorded
   * @returns {Promise<import("../../boxel-bindings.js").ReplayCheck>} */
  check_object(number, { plane, result, masks }) {
    return this.#call("check_object", [number, plane, result, masks]);
  }

  /** @param {import("../../boxel-bindings.js").ExportFormat} format
   *  @param {import("../../boxel-bindings.js").ExportObject[]} objects
   *  @param {import("../../boxel-bindings.js").ExportOptions} options
   *  @returns {Promise<import("../../boxel-bindings.js").ExportedFile>} */
  export_file(format, objects, options) {
    return this.#call("export", [format, objects, options]);
  }

  /** @param {Uint32Array} objects
   * @param {{ plane: import("../../boxel-bindings.js").Plane, slice: number } | null} at a slice, or all
   * @returns {Promise<import("../../boxel-bindings.js").Overlap[]>} */
  overlaps(objects, at) {
    return this.#call("overlaps", [objects, at]);
  }

  /** @returns {Promise<string[]>} names that have a coded term */
  term_names() {
    return this.#call("term_names", []);
  }

  /** @param {State} state */
  #settle({ image, settled }) {
    const key = image && !settled ? image.key : null;
    if (key === this.#settling) return;
    this.#settling = key;
    clearTimeout(this.#settle_timer);
    if (key !== null) {
      this.#settle_timer = setTimeout(() => this.#dispatch({ do: "rendering_settled", image_key: key }), SETTLE_MS);
    }
  }

  async #run() {
    if (this.#step) return;
    for (let request = next_request(this.#state()); request; request = next_request(this.#state())) {
      this.#step = request.do;
      this.#side = "side" in request ? request.side : "main";
      if (request.do === "preview_edit") this.#previewed = request.of;
      await (request.do === "start" ? this.#start() : this.#fulfil(request));
    }
    this.#step = null;
    this.#side = "main";
  }

  /** @param {Exclude<Request, { do: "start" }>} request */
  #fulfil(request) {
    // The table maps each request name to the function for that request.
    const run = /** @type {(reach: Reach, request: Request) => Promise<void>} */ (fulfil[request.do]);
    return run(this.#reach(), request);
  }

  /** @returns {Reach} */
  #reach() {
    return {
      generation: this.#generation,
      state: this.#state,
      dispatch: this.#dispatch,
      call: (method, args, options) => this.#call(method, args, options),
      parsing: this.#parsing,
      new_signal: () => {
        this.#abort = new AbortController();
        return this.#abort.signal;
      },
    };
  }

  /** @template {keyof import("./client.js").Methods} M @param {M} method @param {import("./client.js").Args<M>} args
   *  @param {import("./client.js").CallOptions} [options] @returns {Promise<import("./client.js").Result<M>>} */
  #call(method, args, options) {
    if (!this.#client) return Promise.reject({ code: "session_order", message: "The engine is not running." });
    return this.#client.call(method, args, options);
  }

  async #start() {
    const { generation } = this.#state().engine;
    this.#generation = generation;
    this.#tries_gpu = false;
    this.#client = new EngineClient(
      this.#new_worker(), (failure) => this.#died(generation, failure),
      (id, failure) => this.#slice_encoders.lost(id, failure),
      (apart) => this.#dispatch({ do: "apart_seen", apart }),
    );
    await start(this.#reach(), () => { this.#tries_gpu = true; }, (failure) => this.#died(generation, failure));
  }

  /** @param {number} generation @param {import("../failure.js").Failure} failure */
  #died(generation, failure) {
    if (this.#step === "start" && this.#tries_gpu) {
      this.#dispatch({ do: "engine_gpu_refused", generation, reason: failure.message });
    } else {
      this.#dispatch({ do: "engine_died", generation, step: this.#step, side: this.#side, failure });
    }
  }
}
