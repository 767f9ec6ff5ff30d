// The only place that runs the wasm module. Answers one request at a time; see client.js.

import init, { convert_weights, Engine, inspect_weights, verify_sha256 } from "../../boxel-bindings.js";
import { failure_of } from "../failure.js";
import { probe_gpu } from "./adapter.js";

/** @typedef {import("./client.js").FromWorker} FromWorker */
/** @typedef {import("../state/sessions.js").Side} Side */
/** @typedef {(progress: unknown) => void} OnProgress */
/** @typedef {() => boolean} IsCancelled */
/** @typedef {{ postMessage(reply: FromWorker, transfer?: Transferable[]): void }} WorkerScope */

const scope = /** @type {WorkerScope} */ (/** @type {unknown} */ (self));
const loaded = init({ module_or_path: new URL("../../boxel-bindings_bg.wasm", import.meta.url) });
loaded.catch(() => {}); // reported by the first request that needs it

/** @type {Record<Side, Engine | null>} */
const engines = { main: null, other: null };
let cancelled_id = 0;

/** @type {(side: Side) => Engine} */
function engine_of(side) {
  const engine = engines[side];
  if (!engine) throw { code: "session_order", message: "The engine has not been started." };
  return engine;
}

/** Lets the messages that wait, a cancel among them, come in. */
const breathe = () => new Promise((resolve) => setTimeout(resolve, 0));

/** A file comes as a handle: only the worker has its bytes in memory. @type {(file: Blob) => Promise<Uint8Array>} */
const bytes_of = async (file) => new Uint8Array(await file.arrayBuffer());

/** Returns how long the encoder ran, the pauses between its steps not counted, in milliseconds.
 * @param {Engine} engine @param {OnProgress} on_progress @param {IsCancelled} is_cancelled */
async function embed(engine, on_progress, is_cancelled) {
  let start = performance.now();
  const total = engine.begin_embedding();
  let encode_ms = performance.now() - start;
  on_progress({ stage: "start", done: 0, total });
  for (let done = 0; done < total;) {
    await breathe();
    if (is_cancelled()) {
      engine.abandon_embedding();
      throw { code: "cancelled", message: "Encoding was cancelled." };
    }
    start = performance.now();
    const progress = await engine.embed_step();
    encode_ms += performance.now() - start;
    done = progress.done;
    on_progress(progress);
  }
  return encode_ms;
}

/** @type {Record<string, (args: any[], on_progress: OnProgress, is_cancelled: IsCancelled) => unknown>} */
const methods = {
  probe: () => probe_gpu(navigator.gpu),
  create: async ([kind]) => {
    engines.main = await Engine.create(kind);
    return engines.main.device();
  },
  sha256: async ([file]) => verify_sha256(await bytes_of(file)),
  inspect_weights: async ([file]) => inspect_weights(await bytes_of(file)),
  convert_weights: async ([file, dtype]) => convert_weights(await bytes_of(file), dtype),
  load_weights: async ([side, file, recipe]) => engine_of(side).load_weights(await bytes_of(file), recipe),
  open: ([side, bytes]) => engine_of(side).open(bytes),
  embed: ([side], on_progress, is_cancelled) => embed(engine_of(side), on_progress, is_cancelled),
  segment: ([side, prompts]) => engine_of(side).segment(prompts),
  choose: ([side, id, candidate]) => engine_of(side).choose(id, candidate),
  remove: ([side, id]) => engine_of(side).remove(id),
  begin_beside: async () => {
    engines.other = await engine_of("main").beside();
  },
  end_beside: () => {
    engines.other?.free();
    engines.other = null;
  },
  dice: ([id, other_id]) => engine_of("main").dice(id, engine_of("other"), other_id),
  mask_png: ([ids]) => engine_of("main").mask_png(ids),
  probability_png: ([ids]) => engine_of("main").probability_png(ids),
};

/** The large buffers of a reply change hands without a copy. @type {(value: any) => ArrayBuffer[]} */
function buffers(value) {
  if (Array.isArray(value)) return value.flatMap(buffers);
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
    if (method !== "probe") await loaded; // the model can be chosen while the module is still loading
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
