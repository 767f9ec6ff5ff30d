// The only place that runs the wasm module. Answers one request at a time; see client.js.

import init, { Engine, verify_sha256 } from "../../boxel-bindings.js";
import { failure_of } from "../failure.js";
import { probe_gpu } from "./adapter.js";

/** @typedef {import("./client.js").FromWorker} FromWorker */
/** @typedef {(progress: unknown) => void} OnProgress */
/** @typedef {() => boolean} IsCancelled */
/** @typedef {{ postMessage(reply: FromWorker, transfer?: Transferable[]): void }} WorkerScope */

const scope = /** @type {WorkerScope} */ (/** @type {unknown} */ (self));
const loaded = init({ module_or_path: new URL("../../boxel-bindings_bg.wasm", import.meta.url) });
loaded.catch(() => {}); // reported by the first request that needs it

/** @type {Engine | null} */
let engine = null;
let cancelled_id = 0;

/** @returns {Engine} */
function current() {
  if (!engine) throw { code: "session_order", message: "The engine has not been started." };
  return engine;
}

/** Lets the messages that wait, a cancel among them, come in. */
const breathe = () => new Promise((resolve) => setTimeout(resolve, 0));

/** @param {OnProgress} on_progress @param {IsCancelled} is_cancelled */
async function embed(on_progress, is_cancelled) {
  const total = current().begin_embedding();
  on_progress({ stage: "start", done: 0, total });
  for (let done = 0; done < total;) {
    await breathe();
    if (is_cancelled()) {
      current().abandon_embedding();
      throw { code: "cancelled", message: "Encoding was cancelled." };
    }
    const progress = await current().embed_step();
    done = progress.done;
    on_progress(progress);
  }
}

/** @type {Record<string, (args: any[], on_progress: OnProgress, is_cancelled: IsCancelled) => unknown>} */
const methods = {
  probe: () => probe_gpu(navigator.gpu),
  create: async ([kind]) => {
    engine = await Engine.create(kind);
    return engine.device();
  },
  sha256: ([bytes]) => verify_sha256(bytes),
  load_weights: ([bytes]) => current().load_weights(bytes),
  open: ([bytes]) => current().open(bytes),
  embed: (_, on_progress, is_cancelled) => embed(on_progress, is_cancelled),
  segment: ([[x0, y0, x1, y1]]) => current().segment(x0, y0, x1, y1),
  remove: ([id]) => current().remove(id),
  mask_png: ([ids]) => current().mask_png(ids),
  probability_png: ([ids]) => current().probability_png(ids),
};

/** The large buffer of a reply changes hands without a copy. @param {any} value */
function buffers(value) {
  const large = value?.rgba ?? value?.mask ?? (value instanceof Uint8Array ? value : null);
  return large ? [large.buffer] : [];
}

/** A trap of the module loses its state, and a lost GPU device poisons Burn's runtime: only a new
 * worker helps. */
const FATAL = ["worker_stopped", "device_failed"];

/** @param {unknown} error */
const worker_failure = (error) => failure_of(error, "worker_stopped", "The engine stopped unexpectedly");

/** @param {{ id: number, method: string, args: unknown[] }} request */
async function answer({ id, method, args }) {
  try {
    await loaded;
    const run = methods[method];
    if (!run) throw new Error(`no method ${method}`);
    const value = await run(args, (progress) => scope.postMessage({ id, progress }), () => cancelled_id === id);
    scope.postMessage({ id, value }, buffers(value));
  } catch (error) {
    const failure = worker_failure(error);
    scope.postMessage(FATAL.includes(failure.code) ? { fatal: failure } : { id, failure });
  }
}

/** @param {unknown} error */
const die = (error) => scope.postMessage({ fatal: worker_failure(error) });

self.addEventListener("message", ({ data }) => {
  if ("cancel" in data) cancelled_id = data.cancel;
  else void answer(data);
});
// A trap inside an async function of the module never settles its promise; it surfaces here.
self.addEventListener("unhandledrejection", (event) => die(event.reason));
self.addEventListener("error", (event) => die(event.error ?? event.message));
