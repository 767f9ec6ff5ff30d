// On the page: starts the workers that encode slices next to the engine, and ends them.

import { Life } from "../life.js";
import { loadable } from "../features/models/weights_state.js";
import { encodes_together, others_wanted } from "../state/slice_encoders.js";

/** @typedef {import("../failure.js").Failure} Failure */
/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../state/reduce.js").Action} Action */
/** @typedef {import("../state/slice_encoders.js").Machine} Machine */
/** To a worker: the weights, and its way to the engine's worker.
 * @typedef {{
 *   port: MessagePort, file: Blob, recipe: import("../../boxel-bindings.js").Recipe, sha256: string | undefined,
 * }} Serve */
/** @typedef {{ ready: true } | { fatal: Failure } | import("../life.js").SignOfLife} FromWorker */
/** @typedef {{ join: number, port: MessagePort } | { leave: number }} ToEngine */
/** @typedef {{ worker: Worker, life: Life, engines_port: MessagePort, is_ready: boolean, has_joined: boolean }} Member */

/** @type {Record<import("../life.js").End, Failure>} */
const ENDS = {
  gone: { code: "worker_stopped", message: "The browser ended it, as it does when memory is short." },
  not_started: { code: "worker_stopped", message: "Its script gave no sign of life." },
  silent: { code: "worker_stopped", message: "It gave no sign of life." },
};

export class SliceEncoders {
  /** What the workers are for: engine, model and number. */
  #of = "";
  /** @type {Map<number, Member>} */ #members = new Map();
  #model = "";
  #engines_model = "";
  #next_id = 1;
  #generation = 0;
  #lost = "";
  #dispatch;
  #new_worker;
  #tell;
  #machine;

  /** @param {(action: Action) => void} dispatch @param {() => Worker} new_worker
   *  @param {(message: ToEngine, transfer?: Transferable[]) => void} tell the engine's worker
   *  @param {Machine} machine */
  constructor(dispatch, new_worker, tell, machine) {
    this.#dispatch = dispatch;
    this.#new_worker = new_worker;
    this.#tell = tell;
    this.#machine = machine;
  }

  /** To be called after every action. @param {State} state */
  follow(state) {
    const { engine, sessions: { main } } = state;
    this.#generation = engine.generation;
    this.#engines_model = main.model?.id ?? "";
    const is_together = encodes_together(state);
    const weights = loadable(state.weights);
    const count = others_wanted(state, this.#machine);
    // Those that help with an image load the weights together with the engine, to be there for its first image.
    const model = is_together && weights ? weights.id : this.#engines_model;
    const whose = `${engine.generation} ${model}`;
    const of = count ? `${whose} ${count}` : "";
    if (of === this.#of) return this.#join();
    const has_weights = weights !== null && weights.id === model;
    // While another model is loading, the present one stays in use.
    if (count && !has_weights && this.#of.startsWith(`${whose} `)) return;
    const had_any = this.#end();
    // Others after the first slice: until then, memory and cores are for it.
    if (count && has_weights && (is_together || main.embedding.phase === "done")) {
      this.#of = of;
      this.#model = model;
      for (let i = 0; i < count; i += 1) this.#start(weights);
    }
    // Last, because the page follows each action at once.
    if (had_any) this.#show();
  }

  /** A worker that has failed. @param {number} id @param {Failure} failure */
  lost(id, { message }) {
    if (!this.#remove(id)) return;
    this.#lost = message;
    this.#show();
  }

  /** @returns {boolean} whether the page shows something of them */
  #end() {
    const had_any = this.#members.size > 0 || this.#lost !== "";
    for (const id of [...this.#members.keys()]) this.#remove(id);
    this.#of = "";
    this.#lost = "";
    return had_any;
  }

  /** @param {import("../features/models/weights_state.js").Loadable} weights */
  #start({ file, recipe, sha256 }) {
    const id = this.#next_id++;
    const { port1: port, port2: engines_port } = new MessageChannel();
    const worker = this.#new_worker();
    const life = new Life((how) => this.lost(id, ENDS[how]));
    const member = { worker, life, engines_port, is_ready: false, has_joined: false };
    this.#members.set(id, member);
    worker.onmessage = (/** @type {MessageEvent<FromWorker>} */ { data }) => {
      life.hear(data);
      if ("fatal" in data) return this.lost(id, data.fatal);
      if (!("ready" in data) || !this.#members.has(id)) return;
      member.is_ready = true;
      this.#join();
    };
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.lost(id, { code: "worker_stopped", message: event.message || "Its script did not load." });
    };
    /** @type {{ serve: Serve }} */
    const message = { serve: { port, file: /** @type {Blob} */ (file), recipe, sha256: sha256 || undefined } };
    worker.postMessage(message, [port]);
  }

  /** Those that are ready join the engine once it has the same weights. */
  #join() {
    if (this.#engines_model !== this.#model) return;
    const joining = [...this.#members].filter(([, { is_ready, has_joined }]) => is_ready && !has_joined);
    for (const [id, member] of joining) {
      member.has_joined = true;
      this.#tell({ join: id, port: member.engines_port }, [member.engines_port]);
    }
    if (joining.length) this.#show();
  }

  /** @param {number} id @returns {boolean} whether it was there */
  #remove(id) {
    const member = this.#members.get(id);
    if (!member) return false;
    this.#members.delete(id);
    member.life.end();
    member.worker.terminate();
    if (member.has_joined) this.#tell({ leave: id });
    return true;
  }

  #show() {
    const running = [...this.#members.values()].filter(({ has_joined }) => has_joined).length;
    this.#dispatch({ do: "slice_encoders_changed", generation: this.#generation, running, lost: this.#lost });
  }
}
