// Propagation: the engine's object masks, and the propagation that is running.

import { DEFAULT_EMBEDDING_BUDGET_BYTES, DEFAULT_PROPAGATION_RANGE, PROPAGATION_RULE } from "../../state/limits.js";
import { error_message } from "../../state/message.js";
import { history_since_edits } from "../../state/history.js";
import { object_masks_changed } from "../../state/object_masks.js";
import { with_session } from "../../state/sessions.js";
import {
  with_slice_reached, with_direction_begun, with_stopped, with_discarded, with_unmarked, without_steps,
} from "../../state/steps.js";
import { continued_by_loaded } from "../models/makers_state.js";
import { has_memory } from "../models/recipes_state.js";
import { to_be_asked } from "../prompts/state.js";
import { switched, with_new_versions } from "./versions_state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../failure.js").Failure} Failure */
/** @typedef {import("../../../boxel-bindings.js").Plane} Plane */
/** @typedef {import("../../../boxel-bindings.js").SliceMask} SliceMask */
/** @typedef {import("../../engine/lending.js").Step} PropagationStep */
/** @typedef {import("../../../boxel-bindings.js").Stop} Stop */
/** @typedef {import("../../../boxel-bindings.js").ObjectMask} EngineObjectMask */
/** @typedef {"up" | "down"} Direction */
/** Embeddings cached by the main engine; `count` is in slices.
 * @typedef {{ count: number, bytes: number, budget_bytes: number }} Memory */
/** `version`: `State.object_masks_version` when it was requested.
 * @typedef {EngineObjectMask & { version: number }} ObjectMask */
/**
 * All masks on one slice, with the strokes that the engine had then.
 * @typedef {object} SliceMasks
 * @property {Plane} plane
 * @property {number} slice
 * @property {number} version
 * @property {SliceMask[]} masks
 * @property {import("../brush/strokes_state.js").Edits} edited
 */
/** Where and why the propagation stopped, by direction.
 * @typedef {Partial<Record<Direction, { slice: number, reason: Stop }>>} Stops */
/**
 * A running propagation. `slice` is the current one, `done` counts the finished ones; `begun_ms` and `now_ms` are of
 * the same clock.
 * @typedef {object} Propagation
 * @property {number} number of the object
 * @property {number} base the version before this propagation
 * @property {{ number: number, base: number }[]} others objects that are propagated after it, in the same run
 * @property {number} from
 * @property {Plane} plane
 * @property {Direction[]} directions remaining directions, the current one first
 * @property {Direction[]} all_directions those of each object of the run
 * @property {number} rule how the engine finds the masks
 * @property {number | null} range slices each way, of a model with a memory; null for the engine's default
 * @property {import("../../../boxel-bindings.js").Window | null} window that it uses
 * @property {"wanted" | "running" | "ending"} phase
 * @property {number} slice
 * @property {number} part progress of the slice's encoding, 0 to 1
 * @property {number} done
 * @property {number} begun_ms
 * @property {number} now_ms
 */
/**
 * @typedef {{
 *      do: "slice_masks_found", generation: number, side: "main", key: string, masks: SliceMask[],
 *      version: number,
 *    }
 *  | {
 *      do: "object_mask_found", generation: number, number: number, object_mask: EngineObjectMask | null,
 *      version: number,
 *    }
 *  | { do: "object_forgotten", generation: number, number: number }
 *  | {
 *      do: "propagation_wanted", number: number, others?: number[], directions: Direction[], rule?: number,
 *      range?: number | null,
 *    }
 *  | { do: "range_wanted", slices: number }
 *  | { do: "propagation_begun", generation: number, number: number, now_ms: number }
 *  | {
 *      do: "propagation_stepped", generation: number, number: number, step: PropagationStep, now_ms: number,
 *      memory: Memory,
 *    }
 *  | { do: "propagation_failed", generation: number, failure: Failure }
 *  | { do: "propagation_cancelled" }
 *  | { do: "propagation_ended", generation: number }
 *  | { do: "discard_wanted", number: number }
 *  | { do: "propagation_discarded", generation: number, number: number, version: number }
 *  | { do: "unmark_wanted", number: number, slice: number }
 *  | { do: "unmarked", generation: number, number: number, slice: number }
 *  | { do: "budget_wanted", bytes: number }
 *  | {
 *      do: "memory_found", generation: number, side: import("../../state/sessions.js").Side, memory: Memory,
 *    }} PropagationAction
 */

/** The most slices each way that the page asks for: as many as a mask has in a session. */
const MAX_PROPAGATION_RANGE = 10_000;

/** The initial state, and the state after another scan, worker or model.
 * @type {Pick<
 *   State,
 *   "slice_masks" | "object_masks" | "stops" | "steps" | "edited" | "propagation_versions" | "propagating"
 *     | "discarding" | "unmarking" | "previewed"
 * >} */
export const NO_OBJECT_MASKS = {
  slice_masks: null, object_masks: {}, stops: {}, steps: {}, edited: {}, propagation_versions: {}, propagating: null,
  discarding: null, unmarking: [], previewed: "",
};

/** A model that is loaded later makes the engine forget all versions: of the copies, only the versions that the engine
 * has now stay.
 * @type {(
 *   state: Pick<State, "propagation_versions">,
 * ) => (object: import("../prompts/state.js").PromptedObject) => import("../prompts/state.js").PromptedObject} */
const without_lost_copy = ({ propagation_versions }) => (object) =>
  object.main.restored && (propagation_versions[object.number]?.version ?? 0) !== object.propagation_version
    ? to_be_asked(object, ["main"])
    : object;

/** @type {(state: State) => Pick<State, "history" | "future">} */
function history_without_lost_copies(state) {
  const { history, future } = history_since_edits(state);
  const without_lost = (/** @type {State["objects"]} */ objects) => objects.map(without_lost_copy(state));
  return { history: history.map(without_lost), future: future.map(without_lost) };
}

/** After a change of model: the engine has discarded the propagation and its versions. What the user touched stays:
 * strokes with the masks under them, and masks of prompts until they are asked again.
 * @type {(state: State) => State} */
export const with_other_model = (state) => object_masks_changed({
  ...state, ...NO_OBJECT_MASKS, edited: state.edited, unmarking: state.unmarking,
  ...history_without_lost_copies(state),
  steps: Object.keys(state.steps).reduce((steps, number) => with_discarded(steps, Number(number)), state.steps),
  propagation_versions: Object.fromEntries(Object.entries(state.propagation_versions)
    .map(([number, { version }]) => [number, { version, kept: {} }])),
});

/** Sets the masks of the shown slice. @type {(state: State, masks: SliceMask[] | null, version: number) => State} */
export function with_slice_masks(state, masks, version) {
  const { image, edited } = state;
  return image && masks
    ? { ...state, slice_masks: { plane: image.plane, slice: image.slice, version, masks, edited } }
    : state;
}

/** @type {import("../../state/slices.js").Handlers<PropagationAction>} */
export const propagation_actions = {
  slice_masks_found: (state, { masks, version }) => with_slice_masks(state, masks, version),
  object_mask_found(state, { number, object_mask, version }) {
    const empty = { plane: state.rendering?.plane ?? "stored", voxels: 0, volume_ml: null, slices: [] };
    return { ...state, object_masks: { ...state.object_masks, [number]: { ...(object_mask ?? empty), version } } };
  },
  object_forgotten(state, { number }) {
    const { [number]: _, ...propagation_versions } = state.propagation_versions;
    const next = {
      ...state, propagation_versions, steps: without_steps(state.steps, number),
      edited: { ...state.edited, [number]: [] },
    };
    return object_masks_changed(
      with_session(next, "main", { numbers: state.sessions.main.numbers.filter((each) => each !== number) }),
    );
  },
  range_wanted: (state, { slices }) => Number.isInteger(slices) && slices >= 1
    ? { ...state, propagation_range: Math.min(slices, MAX_PROPAGATION_RANGE) } : state,
  /** With `others` one object after the other, as one change that can be undone. */
  propagation_wanted(state, { number, others = [], directions, rule = PROPAGATION_RULE, range = wanted_range(state) }) {
    const { image, propagating } = state;
    const [first] = directions;
    if (!image || !first || propagating || state.discarding !== null) return state;
    const { plane, slice } = image;
    const base = (/** @type {number} */ of) =>
      state.objects.find((object) => object.number === of)?.propagation_version ?? 0;
    return {
      ...with_new_versions(state, [number, ...others]), message: null,
      propagating: {
        number, base: base(number), others: others.map((other) => ({ number: other, base: base(other) })), from: slice,
        plane, directions, all_directions: directions, rule, range, window: null, phase: "wanted", slice, part: 0, done: 0,
        begun_ms: 0, now_ms: 0,
      },
    };
  },
  propagation_begun: (state, { number, now_ms }) => {
    const window = state.objects.find((object) => object.number === number)?.window ?? state.image?.window ?? null;
    const { directions = [], base = 0 } = state.propagating ?? {};
    const version = state.objects.find((object) => object.number === number)?.propagation_version ?? base;
    const objects = state.objects.map((object) =>
      object.number === number ? continued_by_loaded(object, state) : object);
    const next = switched({ ...state, objects }, number, version);
    const stops = { ...next.stops, [number]: without(next.stops[number] ?? {}, directions) };
    return direction_begun(
      with_propagation({ ...next, stops }, { phase: "running", window, begun_ms: now_ms, now_ms }), number,
    );
  },
  propagation_stepped: (state, { number, step, now_ms, memory }) =>
    stepped({ ...with_propagation(state, { now_ms }), memory }, number, step),
  propagation_failed: (state, { failure }) => ({ ...state, propagating: null, message: error_message(failure) }),
  // The slices done so far stay.
  propagation_cancelled: (state) => state.propagating?.phase === "wanted" ? { ...state, propagating: null }
    : with_propagation(state, { phase: "ending", others: [] }),
  propagation_ended: (state) => ({ ...state, propagating: null }),
  discard_wanted(state, { number }) {
    // A running propagation ends first; one that has not begun is dropped.
    const others = state.propagating?.others.filter((other) => other.number !== number);
    const ended = state.propagating?.number === number
      ? propagation_actions.propagation_cancelled(state, { do: "propagation_cancelled" })
      : with_propagation(state, { others });
    return { ...with_new_versions(ended, [number]), discarding: number };
  },
  propagation_discarded(state, { number, version }) {
    const next = switched(state, number, version);
    return object_masks_changed({
      ...next, discarding: null, stops: { ...next.stops, [number]: {} }, steps: with_discarded(next.steps, number),
    });
  },
  unmark_wanted: (state, { number, slice }) => ({ ...state, unmarking: [...state.unmarking, { number, slice }] }),
  unmarked: (state, { number, slice }) => object_masks_changed({
    ...state, unmarking: state.unmarking.slice(1), steps: with_unmarked(state.steps, number, slice),
  }),
  budget_wanted: (state, { bytes }) => bytes > 0 ? { ...state, budget_bytes: bytes } : state,
  memory_found(state, { side, memory }) {
    const next = with_session(state, side, { budget_bytes: memory.budget_bytes });
    return side === "main" ? { ...next, memory } : next;
  },
};

/** @type {import("../../state/slices.js").Slice<
 *   PropagationAction,
 *   Exclude<keyof typeof NO_OBJECT_MASKS, "previewed"> | "object_masks_version" | "memory" | "budget_bytes"
 *     | "propagation_range"
 * >} */
export const propagation_slice = {
  initial: {
    ...NO_OBJECT_MASKS, object_masks_version: 0, memory: null, budget_bytes: DEFAULT_EMBEDDING_BUDGET_BYTES,
    propagation_range: DEFAULT_PROPAGATION_RANGE,
  },
  actions: propagation_actions,
};

/** Models without a memory have no range. @type {(state: State) => number | null} */
const wanted_range = (state) => has_memory(state) ? state.propagation_range : null;

/** @type {(state: State, changes: Partial<Propagation>) => State} */
const with_propagation = (state, changes) =>
  state.propagating ? { ...state, propagating: { ...state.propagating, ...changes } } : state;

/** @type {(state: State, number: number) => State} */
function direction_begun(state, number) {
  const { from, window, rule, range = null, directions: [direction] = [] } = state.propagating ?? {};
  if (from === undefined || rule === undefined || !window || !direction) return state;
  const step = { from, window, direction, rule, ...(range === null ? {} : { range }) };
  return { ...state, steps: with_direction_begun(state.steps, number, step) };
}

/** @type {(stops: Stops, directions: Direction[]) => Stops} */
const without = (stops, directions) => /** @type {Stops} */ (
  Object.fromEntries(Object.entries(stops).filter(([direction]) =>
    !directions.includes(/** @type {Direction} */ (direction)))));

/** @type {(state: State, number: number, step: PropagationStep) => State} */
function stepped(state, number, step) {
  const running = state.propagating;
  switch (step.step) {
    case "encoding": return with_propagation(state, { slice: step.slice, part: step.done / step.total });
    case "carried":
      return object_masks_changed({
        ...with_propagation(state, { slice: step.slice, part: 0, done: (running?.done ?? 0) + 1 }),
        steps: with_slice_reached(state.steps, number, step.slice),
      });
    case "stopped": {
      const { direction, slice, reason } = step;
      const stops = { ...state.stops, [number]: { ...state.stops[number], [direction]: { slice, reason } } };
      const directions = running?.directions.filter((each) => each !== direction) ?? [];
      const steps = with_stopped(state.steps, number, reason);
      const next = with_propagation({ ...state, stops, steps }, { directions, part: 0, slice: running?.from ?? slice });
      return object_masks_changed(direction_begun(next, number));
    }
    case "finished": return with_next_of_run(state);
  }
}

/** Continues with the next object of the run that still exists and was not undone.
 * @type {(state: State) => State} */
function with_next_of_run(state) {
  const { propagating, objects } = state;
  const [next, ...others] = propagating?.others.filter(({ number, base }) =>
    objects.some((object) => object.number === number && !object.locked && object.propagation_version !== base)) ?? [];
  if (!propagating || !next) return { ...state, propagating: null };
  const { all_directions: directions, from: slice } = propagating;
  const begun = { phase: /** @type {const} */ ("wanted"), window: null, slice, part: 0, done: 0 };
  return { ...state, propagating: { ...propagating, ...next, others, directions, ...begun } };
}

/** Ends the propagation of an object that is gone, or whose start was undone.
 * @type {(state: State) => State} */
export function without_orphans(state) {
  const { propagating } = state;
  const object = state.objects.find(({ number }) => number === propagating?.number);
  if (!propagating || (object && object.propagation_version !== propagating.base)) return state;
  return propagation_actions.propagation_cancelled(state, { do: "propagation_cancelled" });
}
