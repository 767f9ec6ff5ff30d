// Carries out what next.js asks for, one request after the other, and tells the state the outcome.

import { failure_of } from "../failure.js";
import { choose_device } from "./adapter.js";
import { EngineClient } from "./client.js";
import { next_request } from "./next.js";

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../state/reduce.js").Action} Action */
/** @typedef {import("./next.js").Request} Request */
/** @template {Request["do"]} D @typedef {Extract<Request, { do: D }>} Of */

export class Driver {
  #state;
  #dispatch;
  #new_worker;
  /** @type {EngineClient | null} */ #client = null;
  #generation = 0; // of the client
  /** @type {Request["do"] | null} */ #step = null;
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
    if (state.opening && this.#step === "embed") this.#abort.abort("newer");
    void this.#run();
  }

  cancel_embedding() {
    this.#abort.abort("user");
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<string>} */
  sha256(bytes) {
    return this.#call("sha256", [bytes]);
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
      await this.#fulfil(request);
    }
    this.#step = null;
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
      const { name: adapter, ...probe } = await this.#call("probe", []);
      const choice = choose_device(wanted, { name: adapter, ...probe }, gpu_refused);
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
      this.#dispatch({ do: "engine_died", generation, step: this.#step, failure });
    }
  }

  /** @param {Of<"open">} request */
  async #open({ serial, bytes }) {
    const generation = this.#generation;
    try {
      const image = await this.#call("open", [bytes]);
      this.#dispatch({ do: "image_opened", generation, serial, image });
    } catch (error) {
      this.#dispatch({ do: "open_failed", generation, serial, failure: failure_of(error, "image_format") });
    }
  }

  /** The same bytes in a new worker, or after another file that the user gave up.
   * @param {Of<"reopen">} request */
  async #reopen({ key, bytes }) {
    const generation = this.#generation;
    try {
      const image = await this.#call("open", [bytes]);
      if (image.key !== key) throw { code: "internal", message: "The image changed between two openings." };
      this.#dispatch({ do: "image_reopened", generation, opened_key: key });
    } catch (error) {
      this.#dispatch({ do: "engine_died", generation, step: "reopen", failure: failure_of(error, "internal") });
    }
  }

  /** @param {Of<"load_weights">} request */
  async #load_weights({ bytes }) {
    const generation = this.#generation;
    try {
      await this.#call("load_weights", [bytes]);
      this.#dispatch({ do: "weights_loaded", generation });
    } catch (error) {
      if (generation !== this.#state().engine.generation) return; // the worker failed, not the weights
      this.#dispatch({ do: "weights_failed", failure: failure_of(error, "weights_format") });
    }
  }

  /** @param {Of<"embed">} request */
  async #embed({ key }) {
    const generation = this.#generation;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    /** @param {{ stage: string, done: number, total: number }} progress */
    const on_progress = (progress) => this.#dispatch({ do: "embed_progress", generation, key, ...progress });
    try {
      await this.#call("embed", [], { on_progress, signal });
      this.#dispatch({ do: "embed_done", generation, key });
    } catch (error) {
      const failure = failure_of(error, "internal");
      if (failure.code === "cancelled") {
        this.#dispatch({ do: "embed_stopped", generation, key, by_user: signal.reason === "user" });
      } else {
        this.#dispatch({ do: "embed_failed", generation, key, failure });
      }
    }
  }

  /** @param {Of<"remove">} request */
  async #remove({ id }) {
    const generation = this.#generation;
    // A segment that the engine does not know is as good as removed.
    await this.#call("remove", [id]).catch(() => {});
    this.#dispatch({ do: "segment_removed", generation, id });
  }

  /** @param {Of<"segment">} request */
  async #segment({ number, key: asked_key, box }) {
    const generation = this.#generation;
    try {
      const { key, box: used_box, id, mask, iou, area_px, bounds } = await this.#call("segment", [box]);
      this.#dispatch({
        do: "segmented", generation, key, number, box: used_box, segment: { id, mask, iou, area_px, bounds },
      });
    } catch (error) {
      this.#dispatch({
        do: "segment_failed", generation, key: asked_key, number, failure: failure_of(error, "internal"),
      });
    }
  }
}
