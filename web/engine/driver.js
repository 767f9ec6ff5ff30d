// Carries out what next.js asks for, one request after the other, and tells the state the outcome.

import { failure_of } from "../failure.js";
import { choose_device } from "./adapter.js";
import { EngineClient } from "./client.js";
import { next_request } from "./next.js";

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../state/reduce.js").Action} Action */
/** @typedef {import("./next.js").Request} Request */
/** @typedef {import("../state/sessions.js").Side} Side */
/** @typedef {import("../../boxel-bindings.js").Found} Found */
/** @template {Request["do"]} D @typedef {Extract<Request, { do: D }>} Of */

export class Driver {
  #state;
  #dispatch;
  #new_worker;
  /** @type {EngineClient | null} */ #client = null;
  #generation = 0; // of the client
  /** @type {Request["do"] | null} */ #step = null;
  /** @type {Side} */ #side = "main"; // of the step
  #tries_gpu = false;
  #abort = new AbortController();

  /** @param {() => State} state @param {(action: Action) => void} dispatch @param {() => Worker} new_worker */
  constructor(state, dispatch, new_worker) {
    this.#state = state;
    this.#dispatch = dispatch;
    this.#new_worker = new_worker;
  }

  /** To be called after every action. */
  follow() {
    const state = this.#state();
    if (this.#client && this.#generation !== state.engine.generation) {
      this.#client.terminate();
      this.#client = null;
    }
    const not_wanted = state.opening || !state.sessions[this.#side];
    if (not_wanted && this.#step === "embed") this.#abort.abort("newer");
    void this.#run();
  }

  cancel_embedding() {
    this.#abort.abort("user");
  }

  /** @param {Blob} file @returns {Promise<string>} */
  sha256(file) {
    return this.#call("sha256", [file]);
  }

  /** @param {"mask_png" | "probability_png"} method @param {number[]} ids
   *  @returns {Promise<Uint8Array<ArrayBuffer>>} */
  export_png(method, ids) {
    return this.#call(method, [new Uint32Array(ids)]);
  }

  async #run() {
    if (this.#step) return;
    for (let request = next_request(this.#state()); request; request = next_request(this.#state())) {
      this.#step = request.do;
      this.#side = "side" in request ? request.side : "main";
      await this.#fulfil(request);
    }
    this.#step = null;
    this.#side = "main";
  }

  /** @param {Request} request */
  #fulfil(request) {
    switch (request.do) {
      case "start": return this.#start();
      case "open": return this.#open(request);
      case "reopen": return this.#reopen(request);
      case "load_weights": return this.#load_weights(request);
      case "embed": return this.#embed(request);
      case "remove": return this.#remove(request);
      case "segment": return this.#segment(request);
      case "choose": return this.#choose(request);
      case "begin_beside": return this.#begin_beside();
      case "end_beside": return this.#end_beside();
      case "dice": return this.#dice(request);
    }
  }

  /** @param {string} method @param {unknown[]} args @param {Parameters<EngineClient["call"]>[2]} [options] */
  #call(method, args, options) {
    if (!this.#client) return Promise.reject({ code: "session_order", message: "The engine is not running." });
    return this.#client.call(method, args, options);
  }

  async #start() {
    const { wanted, engine: { generation, gpu_refused } } = this.#state();
    this.#generation = generation;
    this.#tries_gpu = false;
    this.#client = new EngineClient(this.#new_worker(), (failure) => this.#died(generation, failure));
    this.#dispatch({ do: "engine_started", generation });
    try {
      /** @type {import("./adapter.js").GpuProbe} */
      const probe = await this.#call("probe", []);
      const choice = choose_device(wanted, probe, gpu_refused);
      const { name: adapter, software, binding_bytes, buffer_bytes } = probe;
      this.#dispatch({ do: "engine_probed", generation, device: { kind: choice.kind, software, binding_bytes, buffer_bytes } });
      this.#tries_gpu = choice.kind === "gpu" && wanted === "auto";
      const { kind, name: backend } = await this.#call("create", [choice.kind]);
      const name = kind === "gpu" ? adapter : backend;
      this.#dispatch({ do: "engine_ready", generation, kind, name, reason: choice.reason });
    } catch (error) {
      this.#died(generation, failure_of(error, "device_failed"));
    }
  }

  /** @param {number} generation @param {import("../failure.js").Failure} failure */
  #died(generation, failure) {
    if (this.#step === "start" && this.#tries_gpu) {
      this.#dispatch({ do: "engine_gpu_refused", generation, reason: failure.message });
    } else {
      this.#dispatch({ do: "engine_died", generation, step: this.#step, side: this.#side, failure });
    }
  }

  /** @param {Of<"open">} request */
  async #open({ serial, bytes }) {
    const generation = this.#generation;
    try {
      const image = await this.#call("open", ["main", bytes]);
      this.#dispatch({ do: "image_opened", generation, serial, image });
    } catch (error) {
      this.#dispatch({ do: "open_failed", generation, serial, failure: failure_of(error, "image_format") });
    }
  }

  /** The same bytes in a new worker, or after another file that the user gave up.
   * @param {Of<"reopen">} request */
  async #reopen({ side, key, bytes }) {
    const generation = this.#generation;
    try {
      const image = await this.#call("open", [side, bytes]);
      if (image.key !== key) throw { code: "internal", message: "The image changed between two openings." };
      this.#dispatch({ do: "image_reopened", generation, side, opened_key: key });
    } catch (error) {
      this.#dispatch({ do: "engine_died", generation, side, step: "reopen", failure: failure_of(error, "internal") });
    }
  }

  /** @param {Of<"load_weights">} request */
  async #load_weights({ side, weights: { id, model, file, recipe } }) {
    const generation = this.#generation;
    try {
      const { trained_on_points } = await this.#call("load_weights", [side, file, recipe]);
      this.#dispatch({ do: "weights_loaded", generation, side, model: { id, name: model, trained_on_points } });
    } catch (error) {
      if (generation !== this.#state().engine.generation) return; // the worker failed, not the weights
      this.#dispatch({ do: "weights_refused", generation, side, id, failure: failure_of(error, "weights_format") });
    }
  }

  /** @param {Of<"embed">} request */
  async #embed({ side, key }) {
    const about = { generation: this.#generation, side, key };
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    /** @param {{ stage: string, done: number, total: number }} progress */
    const on_progress = (progress) => this.#dispatch({ do: "embed_progress", ...about, ...progress });
    try {
      const encode_ms = await this.#call("embed", [side], { on_progress, signal });
      this.#dispatch({ do: "embed_done", ...about, encode_ms });
    } catch (error) {
      const failure = failure_of(error, "internal");
      if (failure.code === "cancelled") {
        this.#dispatch({ do: "embed_stopped", ...about, by_user: signal.reason === "user" });
      } else {
        this.#dispatch({ do: "embed_failed", ...about, failure });
      }
    }
  }

  /** @param {Of<"remove">} request */
  async #remove({ side, id }) {
    const generation = this.#generation;
    // A segment that the engine does not know is as good as removed.
    await this.#call("remove", [side, id]).catch(() => {});
    this.#dispatch({ do: "segment_removed", generation, side, id });
  }

  /** One batch: each question has its answer, or none has.
   * @param {Of<"segment">} request */
  async #segment({ side, key, questions }) {
    const about = { generation: this.#generation, side };
    try {
      /** @type {Found[]} */
      const found = await this.#call("segment", [side, questions.map(({ prompt }) => prompt)]);
      const answers = questions.map(({ number, serial }, i) => answer_of(number, serial, found[i]));
      this.#dispatch({ do: "segmented", ...about, key: found[0]?.key ?? key, answers });
    } catch (error) {
      const asked = questions.map(({ number, serial }) => ({ number, serial }));
      this.#dispatch({ do: "segment_failed", ...about, key, asked, failure: failure_of(error, "internal") });
    }
  }

  /** @param {Of<"choose">} request */
  async #choose({ side, key: asked_key, number, serial, id, candidate }) {
    const about = { generation: this.#generation, side };
    try {
      /** @type {Found} */
      const found = await this.#call("choose", [side, id, candidate]);
      this.#dispatch({ do: "segmented", ...about, key: found.key, answers: [answer_of(number, serial, found)] });
    } catch (error) {
      this.#dispatch({
        do: "choice_failed", ...about, key: asked_key, number, serial, failure: failure_of(error, "internal"),
      });
    }
  }

  async #begin_beside() {
    const generation = this.#generation;
    try {
      await this.#call("begin_beside", []);
      this.#dispatch({ do: "beside_begun", generation });
    } catch (error) {
      this.#dispatch({ do: "beside_failed", generation, failure: failure_of(error, "internal") });
    }
  }

  async #end_beside() {
    const generation = this.#generation;
    await this.#call("end_beside", []).catch(() => {});
    this.#dispatch({ do: "beside_ended", generation });
  }

  /** @param {Of<"dice">} request */
  async #dice({ key, number, id, other_id }) {
    const generation = this.#generation;
    // Without a number the page goes on; it is not asked for again.
    const dice = await this.#call("dice", [id, other_id]).catch(() => NaN);
    this.#dispatch({ do: "dice_found", generation, side: "main", key, number, id, other_id, dice });
  }
}

/** @type {(number: number, serial: number, found: Found | undefined) => import("../state/objects.js").Answer} */
function answer_of(number, serial, found) {
  if (!found) throw { code: "internal", message: "The engine answered fewer prompts than it was asked." };
  const { box, id, mask, candidates, chosen, iou, area_px, bounds, decode_ms } = found;
  return { number, serial, box, segment: { id, mask, candidates, chosen, iou, area_px, bounds, decode_ms } };
}
