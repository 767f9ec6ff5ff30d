// Runs the wasm module, and nothing else does. Answers one request at a time; see client.js.

import init, { convert_weights, Engine, inspect_weights, terms, term_names, verify_sha256 } from "../../boxel-bindings.js";
import { failure_of } from "../failure.js";
import { load_module } from "../module.js";
import { report_requests } from "../offline/requests.js";
import { probe_gpu } from "./adapter.js";
import { or_out_of_memory, watch_devices } from "./faults.js";

/** @typedef {import("./client.js").FromWorker} FromWorker */
/** @typedef {import("../state/sessions.js").Side} Side */
/** @typedef {(progress: unknown) => void} OnProgress */
/** @typedef {() => boolean} IsCancelled */
/** @typedef {{ postMessage(reply: FromWorker, transfer?: Transferable[]): void }} WorkerScope */

const scope = /** @type {WorkerScope} */ (/** @type {unknown} */ (self));
report_requests("engine");
let wasm_bytes = () => 0;
const loaded = load_module(init).then(({ memory }) => {
  wasm_bytes = () => memory.buffer.byteLength;
});
loaded.catch(() => {}); // reported by the first request that needs it

/** @type {Record<Side, Engine | null>} */
const engines = { main: null, comparison: null };
let cancelled_id = 0;

/** @type {(side: Side) => Engine} */
function engine_of(side) {
  const engine = engines[side];
  if (!engine) throw { code: "session_order", message: "The engine has not been started." };
  return engine;
}

const { port1: breath, port2: breath_asked } = new MessageChannel();

/** Lets pending messages, such as a cancel, arrive. Not by a timer: browsers throttle those, most of all in hidden tabs.
 * @type {() => Promise<unknown>} */
const breathe = () => new Promise((resolve) => {
  breath.onmessage = resolve;
  breath_asked.postMessage(null);
});

/** A file comes as a handle: only the worker has its bytes in memory. @type {(file: Blob) => Promise<Uint8Array>} */
const bytes_of = async (file) => new Uint8Array(await file.arrayBuffer());

/** Returns the size of the cached embeddings and the encoder's time in milliseconds without the pauses between its steps; null
 * if the embedding was cached.
 * @param {Engine} engine @param {OnProgress} on_progress @param {IsCancelled} is_cancelled */
async function embed(engine, on_progress, is_cancelled) {
  let start = performance.now();
  const total = engine.begin_embedding();
  let encode_ms = performance.now() - start;
  if (total) on_progress({ stage: "start", done: 0, total }); // a cached embedding has no steps
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
  return { encode_ms: total ? encode_ms : null, memory: engine.embedding_memory() };
}

/** Keeps the masks for an undo, if the caller asks for a version. @type {(object: number, version: number | undefined) => void} */
const keep_carried = (object, version) => version === undefined ? undefined : engine_of("main").keep_carried(object, version);

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
  open: ([side, scan, key]) => engine_of(side).open(scan, key),
  open_same: ([side]) => engine_of(side).open_same(engine_of("main")),
  show: ([side, plane, slice, window, with_masks]) => {
    const engine = engine_of(side);
    return { shown: engine.show(plane, slice, window), masks: with_masks ? engine.slice_masks(plane, slice) : null };
  },
  set_budget: ([side, bytes]) => {
    engine_of(side).set_embedding_budget(bytes);
    return engine_of(side).embedding_memory();
  },
  embed: ([side], on_progress, is_cancelled) => embed(engine_of(side), on_progress, is_cancelled),
  segment: ([side, prompts]) => engine_of(side).segment(prompts),
  choose: ([side, id, candidate]) => engine_of(side).choose(id, candidate),
  accept: ([side, id]) => engine_of(side).accept(id),
  remove: ([side, id]) => engine_of(side).remove(id),
  slice_masks: ([plane, slice]) => engine_of("main").slice_masks(plane, slice),
  structure: ([object]) => engine_of("main").structure(object),
  edit: ([object, slice, strokes]) => engine_of("main").edit(object, slice, strokes),
  remove_object: ([object]) => engine_of("main").remove_object(object),
  take_back: ([object, keep]) => {
    keep_carried(object, keep);
    engine_of("main").take_back(object);
  },
  restore_carried: ([object, keep, version]) => {
    keep_carried(object, keep);
    engine_of("main").restore_carried(object, version);
  },
  unmark: ([object, slice]) => engine_of("main").unmark(object, slice),
  model_window: ([side, window]) => engine_of(side).set_model_window(window),
  begin_propagation: ([object, from, directions, keep, window]) => {
    keep_carried(object, keep);
    engine_of("main").begin_propagation(object, from, directions, window);
  },
  propagation_step: async () => {
    const engine = engine_of("main");
    return { step: await engine.propagation_step(), memory: engine.embedding_memory() };
  },
  abandon_propagation: () => engine_of("main").abandon_propagation(),
  begin_beside: () => {
    engines.comparison = engine_of("main").beside();
  },
  end_beside: () => {
    engines.comparison?.free();
    engines.comparison = null;
  },
  dice: ([id, comparison_id]) => engine_of("main").dice(id, engine_of("comparison"), comparison_id),
  measure: ([number, plane, slice]) => engine_of("main").measure(number, plane, slice),
  model_input: ([box, points]) => engine_of("main").model_input(box, points),
  open_reference: ([scan]) => engine_of("main").open_reference(scan),
  compare: ([number, label]) => engine_of("main").compare(number, label),
  fingerprint: ([object]) => {
    const engine = engine_of("main");
    return { sha256: engine.mask_sha256(object), voxels: engine.structure(object).voxels };
  },
  /** For the page's own copy: without the hash, which takes longest. */
  object_masks: ([object]) => engine_of("main").object_masks(object),
  saved_masks: ([object]) => {
    const engine = engine_of("main");
    return { sha256: engine.mask_sha256(object), voxels: engine.structure(object).voxels, masks: engine.object_masks(object) };
  },
  restore_object: ([object, plane, masks, edits, sha256]) => engine_of("main").restore_object(object, plane, masks, edits, sha256 || undefined),
  check_object: ([object, plane, result, masks]) => engine_of("main").check_object(object, plane, result, masks ?? undefined),
  export_refusals: () => engine_of("main").export_refusals(),
  export_warnings: () => engine_of("main").export_warnings(),
  overlaps: ([objects, at]) => engine_of("main").overlaps(objects, at),
  terms: ([names]) => terms(names),
  term_names: () => term_names(),
  export: ([format, objects, options]) => engine_of("main").export(format, objects, options),
  probability_png: ([ids]) => engine_of("main").probability_png(ids),
};

/** The large buffers of a reply change hands without a copy. @type {(value: any) => ArrayBuffer[]} */
function buffers(value) {
  if (ArrayBuffer.isView(value)) return [/** @type {ArrayBuffer} */ (value.buffer)];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(buffers) : [];
}

/** After a trap of the module or the loss of the GPU, which poisons Burn's runtime, only a new worker helps. */
const FATAL = ["worker_stopped", "device_failed", "device_lost", "out_of_memory", "wasm_refused"];

/** @param {unknown} error */
const worker_failure = (error) =>
  or_out_of_memory(failure_of(error, "worker_stopped", "The engine stopped unexpectedly"), error, wasm_bytes());

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
    // The module fails before the browser reports a lost device, which is then the reason.
    if (failure.code === "device_failed") await losses_told();
    scope.postMessage(FATAL.includes(failure.code) ? { fatal: failure } : { id, failure });
  }
}

/** @param {unknown} error */
const die = (error) => scope.postMessage({ fatal: worker_failure(error) });

// Before the module creates its devices.
const losses_told = watch_devices(globalThis.GPUAdapter?.prototype, die);
self.addEventListener("message", ({ data }) => {
  if ("wasm" in data) return; // for load_module
  if ("cancel" in data) cancelled_id = data.cancel;
  else void answer(data);
});
// A trap inside an async function of the module never settles its promise; it surfaces here.
self.addEventListener("unhandledrejection", (event) => die(event.reason));
self.addEventListener("error", (event) => die(event.error ?? event.message));
