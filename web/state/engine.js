// The engine: its worker and the device that it runs on.

import { without_comparison } from "../features/comparison/state.js";
import { NO_EDITS } from "../features/edits/state.js";
import { with_default } from "../features/models/state.js";
import { without_fatal_weights } from "../features/models/weights_state.js";
import { to_be_asked } from "../features/prompts/state.js";
import { NO_OBJECT_MASKS } from "../features/propagation/state.js";
import { error_message, unloaded_message } from "./message.js";
import { object_masks_changed } from "./object_masks.js";
import { without_panel } from "./panels.js";
import { same_window } from "./rendering.js";
import { NO_EMBEDDING, NO_SESSION, with_session } from "./sessions.js";

/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("../failure.js").Failure} Failure */
/** @typedef {"gpu" | "cpu"} Kind */
/** @typedef {"auto" | Kind} Wanted */
/** @typedef {import("../engine/next.js").Request["do"]} Step */
/**
 * @typedef {object} Engine
 * @property {number} generation identifies the worker; replies of any other are dropped
 * @property {"none" | "starting" | "ready" | "failed"} phase
 * @property {Kind | null} kind
 * @property {import("../features/models/default_state.js").Device | null} device what the device offers, known
 *   before the engine starts
 * @property {boolean} has_comparison whether the worker has an engine for the comparison model
 * @property {string} name the adapter's or the CPU backend's
 * @property {string} reason why this device was chosen
 * @property {number} deaths of workers since the user last asked for anything that starts one
 * @property {string} gpu_refused why the GPU did not start, if it was tried; empty if it started
 */
/**
 * @typedef {{ do: "device_wanted", wanted: Wanted }
 *  | { do: "engine_started", generation: number }
 *  | { do: "engine_probed", generation: number, device: import("../features/models/default_state.js").Device }
 *  | { do: "engine_ready", generation: number, kind: Kind, name: string, reason: string }
 *  | { do: "engine_gpu_refused", generation: number, reason: string }
 *  | {
 *      do: "engine_died", generation: number, step: Step | null, side?: import("./sessions.js").Side,
 *      failure: Failure,
 *    }} EngineAction
 */

/** @type {(generation: number) => Engine} */
export const new_engine = (generation) => ({
  generation, phase: "none", kind: null, device: null, has_comparison: false, name: "", reason: "", deaths: 0,
  gpu_refused: "",
});

/** After this many deaths the next worker waits for the user: whatever killed them may be repeated for each. */
export const MAX_DEATHS = 3;

/** The state with a new, empty worker; the image, the objects and the masks that the page has stay.
 * @type {(state: State) => State} */
export function with_new_engine(state) {
  const objects = state.objects.map((object) => as_kept(object, state.kept[object.number]));
  return {
    ...object_masks_changed(state),
    ...NO_OBJECT_MASKS,
    memory: null,
    engine: new_engine(state.engine.generation + 1),
    sessions: { main: NO_SESSION, comparison: state.sessions.comparison && NO_SESSION },
    objects: objects.map((object) => to_be_asked(object)),
    ...history_of_kept({ ...state, objects }),
  };
}

/** If an object and its copy differ by an edit in the volume, as for a moment after an undo, the copy's object is used:
 * no worker has the masks before the edit any more.
 * @type {(object: State["objects"][number], copy: State["kept"][number] | undefined) => State["objects"][number]} */
function as_kept(object, copy) {
  if (!copy || copy.of.volume_edit === object.volume_edit) return object;
  const { name, colour, hidden, locked } = object;
  return { ...copy.of, name, colour, hidden, locked };
}

/** The versions of propagated masks were lost with the worker, so undo ends where the last one began.
 * @type {(state: State) => Pick<State, "history" | "future">} */
function history_of_kept({ history, future, objects, kept }) {
  /** @type {(version: State["objects"]) => boolean} */
  const is_of_present = (version) => version.every(({ number, propagation_version }) => {
    const present = objects.find((each) => each.number === number) ?? kept[number]?.of;
    return !kept[number] || present?.propagation_version === propagation_version;
  });
  return {
    history: history.slice(history.findLastIndex((version) => !is_of_present(version)) + 1),
    future: future.every(is_of_present) ? future : [],
  };
}

/** @type {(image: import("./rendering.js").Image | null) => import("./rendering.js").Rendering | null} */
const rendering_of = (image) => image && { plane: image.plane, slice: image.slice, window: image.window };

/** Whether the wanted rendering differs from the shown one. @type {(state: State) => boolean} */
const has_former_rendering = ({ rendering, image }) => rendering !== null && image !== null
  && (rendering.plane !== image.plane || rendering.slice !== image.slice
    || !same_window(rendering.window, image.window));

/** @type {import("./slices.js").Handlers<EngineAction>} */
export const engine_actions = {
  device_wanted: (state, { wanted }) => ({ ...with_new_engine(state), wanted, message: unloaded_message(state) }),
  engine_started: (state) => ({ ...state, engine: { ...state.engine, phase: "starting" } }),
  engine_probed: (state, { device }) => with_default({ ...state, engine: { ...state.engine, device } }),
  engine_ready: (state, { kind, name, reason }) =>
    ({ ...state, engine: { ...state.engine, phase: "ready", kind, name, reason } }),
  engine_gpu_refused(state, { reason }) {
    const next = with_new_engine(state);
    return { ...next, engine: { ...next.engine, gpu_refused: reason } };
  },
  engine_died(state, action) {
    const next = died(state, action);
    const deaths = state.engine.deaths + 1;
    if (deaths < MAX_DEATHS) return { ...next, engine: { ...next.engine, deaths } };
    const message = next.message ?? error_message(action.failure);
    return {
      ...next, engine: { ...next.engine, deaths, phase: "failed" },
      message: message.offers.length ? message : { ...message, offers: ["retry"] },
    };
  },
};

/** @type {import("./slices.js").Slice<EngineAction, "wanted" | "engine">} */
export const engine_slice = { initial: { wanted: "auto", engine: new_engine(1) }, actions: engine_actions };

/** @type {(state: State, action: Extract<EngineAction, { do: "engine_died" }>) => State} */
function died(state, { step, side = "main", failure }) {
  const was_gpu = state.engine.kind === "gpu" || (state.engine.kind === null && state.wanted === "gpu");
  const next = with_new_engine(state);
  // Drop a file that kills the worker; everything else goes on.
  if (step === "open") return { ...next, opening: null, message: error_message(failure) };

  // Likewise an edit.
  if (step === "preview_edit" || step === "apply_edit") return { ...next, ...NO_EDITS, message: error_message(failure) };

  // Likewise a slice or a window, if there is one to return to.
  if (step === "show" && side === "main" && has_former_rendering(next)) {
    return { ...next, rendering: rendering_of(next.image), message: error_message(failure) };
  }

  const rested = without_panel(next, step);
  if (rested) return { ...rested, message: error_message(failure) };

  // The comparison model must not stop the first one.
  if (side === "comparison" || step === "begin_comparison" || step === "dice") {
    return {
      ...without_comparison(next),
      message: error_message({ ...failure, message: `${failure.message} The comparison is switched off.` }),
    };
  }

  const former = step === "load_weights" ? without_fatal_weights(next, "main") : null;
  if (former) return { ...former, message: error_message(failure) };

  const message = error_message(failure, was_gpu ? ["retry", "use_cpu"] : ["retry"]);
  // A step that may kill the next worker too waits for the user.
  const gets_no_further = step === "start" || step === "load_weights" || step === "reopen" || step === "show";
  if (gets_no_further) return { ...next, engine: { ...next.engine, phase: "failed" }, message };
  // Without an image there is nothing to encode again: the next worker just starts.
  return next.image
    ? { ...with_session(next, "main", { embedding: { ...NO_EMBEDDING, phase: "failed" } }), message }
    : { ...next, message };
}
