// Runs the engine of the wasm module. Answers one request at a time; see client.js.

import init, {
  convert_weights, Engine, inspect_weights, terms, term_names, verify_sha256,
} from "../../boxel-bindings.js";
import { failure_of } from "../failure.js";
import { received } from "../features/brush/packed.js";
import { volume_edits } from "../features/edits/in_worker.js";
import { show_life } from "../life.js";
import { load_module } from "../module.js";
import { report_requests } from "../offline/requests.js";
import { probe_gpu } from "./adapter.js";
import { or_out_of_memory, watch_devices } from "./faults.js";
import { Lending } from "./lending.js";
import { let_messages_in } from "./turn.js";

/** @typedef {import("./client.js").FromWorker} FromWorker */
/** @typedef {import("../state/sessions.js").Side} Side */
/** @typedef {import("../../boxel-bindings.js").Direction} Direction */
/** @typedef {import("../../boxel-bindings.js").EmbedProgress} EmbedProgress */
/** @typedef {import("../../boxel-bindings.js").Plane} Plane */
/** @typedef {import("../../boxel-bindings.js").Recipe} Recipe */
/** @typedef {import("../../boxel-bindings.js").RecordedResult} RecordedResult */
/** @typedef {import("../../boxel-bindings.js").Window} Window */
/** @typedef {(progress: EmbedProgress) => void} OnProgress */
/** @typedef {{ postMessage(reply: FromWorker, transfer?: Transferable[]): void }} WorkerScope */

const scope = /** @type {WorkerScope} */ (/** @type {unknown} */ (self));
show_life(scope);
report_requests("engine");
let wasm_bytes = () => 0;
const loaded = load_module(init).then(({ memory }) => {
  wasm_bytes = () => memory.buffer.byteLength;
  scope.postMessage({ ready: true });
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

let is_answering = false;
/** Between two requests. */
function feed() {
  if (engines.main && !is_answering) lending.feed(engines.main);
}
const lending = new Lending(
  feed, (lost, failure) => scope.postMessage({ lost, failure }), (apart) => scope.postMessage({ apart }),
);

/** A file arrives as a handle, so only the worker has its bytes in memory.
 * @type {(file: Blob) => Promise<Uint8Array>} */
const bytes_of = async (file) => new Uint8Array(await file.arrayBuffer());

/** Returns the memory of cached embeddings, and how long the encoder ran without the pauses between its steps, in
 * milliseconds, or how long it took to wait for another worker; null if the embedding was there. And how many workers
 * encoded the image together.
 * @param {Engine} engine */
async function embed(engine) {
  let start = performance.now();
  const has_waited = engine === engines.main && await lending.until_shown(engine, on_progress, is_cancelled);
  const waited_ms = performance.now() - start;
  start = performance.now();
  const total = engine.begin_embedding();
  let encode_ms = performance.now() - start;
  let threads = 1;
  if (total) on_progress({ stage: "start", done: 0, total }); // a cached embedding has no steps
  try {
    for (let done = 0; done < total;) {
      await let_messages_in();
      if (is_cancelled()) {
        engine.abandon_embedding();
        throw { code: "cancelled", message: "Encoding was cancelled." };
      }
      start = performance.now();
      const team = engine === engines.main ? await lending.gather(engine) : null;
      threads = Math.max(threads, team?.members() ?? 1);
      const progress = await engine.embed_step(team);
      const step_ms = performance.now() - start;
      lending.measured(step_ms);
      encode_ms += step_ms;
      done = progress.done;
      on_progress(progress);
    }
    lending.complete();
  } finally {
    lending.abort();
  }
  if (!total && has_waited) encode_ms = waited_ms;
  return { encode_ms: total || has_waited ? encode_ms : null, threads, memory: engine.embedding_memory() };
}

/** @typedef {Extract<keyof Engine, string>} EngineMethod */
/** @template {EngineMethod} M @typedef {(...args: Parameters<Engine[M]>) => ReturnType<Engine[M]>} OfMain */
/** @template {EngineMethod} M
 * @typedef {(side: Side, ...args: Parameters<Engine[M]>) => ReturnType<Engine[M]>} OfSide */

/** A method of the main engine. @template {EngineMethod} M @param {M} method @returns {OfMain<M>} */
const main = (method) => (...args) => /** @type {any} */ (engine_of("main")[method])(...args);

/** A method of the engine of a side. @template {EngineMethod} M @param {M} method @returns {OfSide<M>} */
const of_side = (method) => (side, ...args) => /** @type {any} */ (engine_of(side)[method])(...args);

/** Stores the propagated masks under a version, to which an undo returns. Callers without undo give no version.
 * @type {(object: number, version: number | undefined) => void} */
const keep_propagation = (object, version) =>
  version === undefined ? undefined : engine_of("main").keep_propagation(object, version);

/** The request in progress; there is only one at a time. */
let request_id = 0;
/** @type {OnProgress} */
const on_progress = (progress) => scope.postMessage({ id: request_id, progress });
const is_cancelled = () => cancelled_id === request_id;

/** What the page can call. `EngineClient.call` takes its types from here. @typedef {typeof methods} Methods */
const methods = {
  probe: () => probe_gpu(navigator.gpu),
  create: async (/** @type {"gpu" | "cpu"} */ kind) => {
    engines.main = await Engine.create(kind);
    return engines.main.device();
  },
  sha256: async (/** @type {Blob} */ file) => verify_sha256(await bytes_of(file)),
  inspect_weights: async (/** @type {Blob} */ file) => inspect_weights(await bytes_of(file)),
  convert_weights: async (/** @type {Blob} */ file, /** @type {"f32" | "f16" | "bf16"} */ dtype) =>
    convert_weights(await bytes_of(file), dtype),
  load_weights: async (
    /** @type {Side} */ side,
    /** @type {Blob} */ file,
    /** @type {Recipe} */ recipe,
    /** @type {string | undefined} */ checked = undefined,
    /** @type {boolean | undefined} */ listed = undefined,
  ) => {
    const loaded = engine_of(side).load_weights(await bytes_of(file), recipe, checked, listed);
    if (side === "main") lending.clear();
    return loaded;
  },
  open: of_side("open"),
  scan_place: main("scan_place"),
  open_same: (/** @type {Side} */ side) => engine_of(side).open_same(engine_of("main")),
  show: (
    /** @type {Side} */ side,
    /** @type {Plane} */ plane,
    /** @type {number} */ slice,
    /** @type {Window} */ window,
    /** @type {boolean} */ with_masks,
  ) => {
    const engine = engine_of(side);
    return { shown: engine.show(plane, slice, window), masks: with_masks ? engine.slice_masks(plane, slice) : null };
  },
  set_budget: (/** @type {Side} */ side, /** @type {number} */ bytes) => {
    engine_of(side).set_embedding_budget(bytes);
    return engine_of(side).embedding_memory();
  },
  embed: (/** @type {Side} */ side) => embed(engine_of(side)),
  segment: of_side("segment"),
  choose: of_side("choose"),
  accept: of_side("accept"),
  remove: of_side("remove"),
  slice_masks: main("slice_masks"),
  object_mask: main("object_mask"),
  edit: (
    /** @type {number} */ object,
    /** @type {number} */ slice,
    /** @type {import("../features/brush/packed.js").SentStrokes} */ strokes,
  ) => engine_of("main").edit(object, slice, received(strokes)),
  ...volume_edits(
    () => engine_of("main"), (part) => on_progress({ stage: "edit", done: part, total: 1 }),
  ),
  remove_object: main("remove_object"),
  discard_propagation: (/** @type {number} */ object, /** @type {number | undefined} */ keep = undefined) => {
    keep_propagation(object, keep);
    engine_of("main").discard_propagation(object);
  },
  restore_propagation: (/** @type {number} */ object, /** @type {number} */ keep, /** @type {number} */ version) => {
    keep_propagation(object, keep);
    engine_of("main").restore_propagation(object, version);
  },
  unmark: main("unmark"),
  model_window: of_side("set_model_window"),
  begin_propagation: (
    /** @type {number} */ object,
    /** @type {number} */ from,
    /** @type {Direction[]} */ directions,
    /** @type {number | undefined} */ keep = undefined,
    /** @type {Window | null | undefined} */ window = undefined,
    /** @type {number | undefined} */ rule = undefined,
    /** @type {number | null | undefined} */ range = undefined,
  ) => {
    keep_propagation(object, keep);
    engine_of("main").begin_propagation(object, from, directions, window, rule, range);
  },
  propagation_step: async () => {
    const engine = engine_of("main");
    return { step: await lending.step(engine), memory: engine.embedding_memory() };
  },
  abandon_propagation: main("abandon_propagation"),
  begin_comparison: () => {
    engines.comparison = engine_of("main").comparison();
  },
  end_comparison: () => {
    engines.comparison?.free();
    engines.comparison = null;
  },
  dice: (/** @type {number} */ id, /** @type {number} */ comparison_id) =>
    engine_of("main").dice(id, engine_of("comparison"), comparison_id),
  measure: main("measure"),
  model_input: main("model_input"),
  open_reference: main("open_reference"),
  compare: main("compare"),
  slice_areas: main("slice_areas"),
  slice_dice: main("slice_dice"),
  reference_slice: main("reference_slice"),
  fingerprint: (/** @type {number} */ object) => {
    const engine = engine_of("main");
    return { sha256: engine.mask_sha256(object), voxels: engine.object_mask(object).voxels };
  },
  /** Without the hash, which takes the longest, for the page's own copy. */
  stored_masks: main("stored_masks"),
  saved_masks: (/** @type {number} */ object) => {
    const engine = engine_of("main");
    const { voxels, slices } = engine.object_mask(object);
    return { sha256: engine.mask_sha256(object), voxels, slices, masks: engine.stored_masks(object) };
  },
  restore_object: (
    /** @type {number} */ object,
    /** @type {Plane} */ plane,
    /** @type {string} */ masks,
    /** @type {{ slice: number, strokes: import("../features/brush/packed.js").SentStrokes }[]} */ edits,
    /** @type {string} */ sha256,
    /** @type {boolean | undefined} */ only_loaded = undefined,
  ) => {
    const strokes = edits.map((edit) => ({ ...edit, strokes: received(edit.strokes) }));
    engine_of("main").restore_object(object, plane, masks, strokes, sha256 || undefined, only_loaded);
  },
  check_object: (
    /** @type {number} */ object,
    /** @type {Plane} */ plane,
    /** @type {RecordedResult} */ result,
    /** @type {string | null} */ masks,
  ) =>
    engine_of("main").check_object(object, plane, result, masks ?? undefined),
  export_refusals: main("export_refusals"),
  export_warnings: main("export_warnings"),
  overlaps: main("overlaps"),
  terms: (/** @type {string[]} */ names) => terms(names),
  term_names: () => term_names(),
  export: main("export"),
  probability_png: main("probability_png"),
};

/** The large buffers of a reply are transferred, not copied. @type {(value: any) => ArrayBuffer[]} */
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
    if (method !== "probe") await loaded; // the page can choose a model while the module is loading
    const run =
      /** @type {((...args: any[]) => unknown) | undefined} */ (methods[/** @type {keyof Methods} */ (method)]);
    if (!run) throw new Error(`no method ${method}`);
    request_id = id;
    is_answering = true;
    const value = await run(...args);
    scope.postMessage({ id, value }, buffers(value));
  } catch (error) {
    const failure = worker_failure(error);
    // The module fails before the browser reports a lost device, which is then the reason.
    if (failure.code === "device_failed") await losses_told();
    scope.postMessage(FATAL.includes(failure.code) ? { fatal: failure } : { id, failure });
  } finally {
    is_answering = false;
  }
  feed();
}

/** @param {unknown} error */
const die = (error) => scope.postMessage({ fatal: worker_failure(error) });

// Before the module creates its devices.
const losses_told = watch_devices(globalThis.GPUAdapter?.prototype, die);
self.addEventListener("message", ({ data }) => {
  if ("wasm" in data) return; // for load_module
  if ("join" in data) return lending.join(data.join, data.port);
  if ("leave" in data) return lending.leave(data.leave);
  if (!("cancel" in data)) return void answer(data);
  cancelled_id = data.cancel;
  lending.wake();
});
// A trap in an async function of the module never settles its promise, but ends here.
self.addEventListener("unhandledrejection", (event) => die(event.reason));
self.addEventListener("error", (event) => die(event.error ?? event.message));
