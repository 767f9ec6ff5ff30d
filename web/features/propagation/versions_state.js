// Propagated masks are versioned, so that undo and redo need no recomputation. The object stores the version it wants,
// `State.propagation_versions` the one that the engine has; engine/next.js asks for the difference. The engine caches
// every version that it leaves.

import { with_objects } from "../../state/history.js";
import { object_masks_changed } from "../../state/object_masks.js";
import { with_strokes_of } from "../../state/steps.js";
import { to_be_asked } from "../prompts/state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** The steps that made a version, and where its propagations stopped.
 * @typedef {{ steps: import("../../state/steps.js").Step[], stops: import("./state.js").Stops }} Kept */
/** By object number; `version` is the one that the engine has.
 * @typedef {Record<number, { version: number, kept: Record<number, Kept> }>} PropagationVersions */
/** Asks the engine to cache its masks as `keep` and to switch to `version`.
 * @typedef {{ number: number, keep: number, version: number }} VersionQuestion */
/** @typedef {{ do: "version_restored", generation: number, number: number, version: number }} VersionAction */

/** @type {(state: Pick<State, "propagation_versions">, number: number) => number} */
export const version_of = ({ propagation_versions }, number) => propagation_versions[number]?.version ?? 0;

/** Gives objects a new version of their propagated masks, in one change.
 * @type {(state: State, numbers: number[]) => State} */
export function with_new_versions(state, numbers) {
  const objects = state.objects.map((object) => numbers.includes(object.number)
    ? { ...object, propagation_version: state.next_serial + numbers.indexOf(object.number) } : object);
  return with_objects({ ...state, next_serial: state.next_serial + numbers.length }, objects, state.selected);
}

/** The engine has its first mask of an object, which is of the object's present version: it has none of those before.
 * @type {(state: State, object: import("../prompts/state.js").PromptedObject) => State} */
export function with_first_version(state, { number, propagation_version: version }) {
  const { propagation_versions: known } = state;
  return known[number] ? state : { ...state, propagation_versions: { ...known, [number]: { version, kept: {} } } };
}

/** The version of an object whose prompts are asked for the first time after its mask came from a copy: the engine
 * keeps the copy's mask under the former version. A running propagation is not versioned in between.
 * @type {(
 *   state: Pick<State, "propagating" | "next_serial">, object: import("../prompts/state.js").PromptedObject,
 * ) => number} */
export const version_after_copy = ({ propagating, next_serial }, { number, main, propagation_version }) =>
  main.restored && !is_in_run({ propagating }, number) ? next_serial : propagation_version;

/** Notes that the engine has switched to another version.
 * @type {(state: State, number: number, version: number) => State} */
export function switched(state, number, version) {
  const { kept = {} } = state.propagation_versions[number] ?? {};
  const left = { steps: state.steps[number] ?? [], stops: state.stops[number] ?? {} };
  return { ...state, propagation_versions: {
    ...state.propagation_versions, [number]: { version, kept: { ...kept, [version_of(state, number)]: left } },
  } };
}

/** Whether two lists of steps give the object's prompts the same mask.
 * @type {(
 *   object: import("../prompts/state.js").PromptedObject,
 *   before: import("../../state/steps.js").Step[],
 *   after: import("../../state/steps.js").Step[],
 * ) => boolean} */
function same_answer({ at: { slice }, main: { decoded } }, before, after) {
  if (decoded === 0) return true; // it is asked again anyway
  const [of_before, of_after] = [before, after].map((steps) =>
    steps.findLast((step) => step.do === "prompt" && step.slice === slice));
  return JSON.stringify(of_before) === JSON.stringify(of_after);
}

/** Whether an object is being propagated, or will be in the current run.
 * @type {(state: Pick<State, "propagating">, number: number) => boolean} */
export const is_in_run = ({ propagating }, number) => propagating?.number === number
  || (propagating?.others.some((other) => other.number === number) ?? false);

/** The version from which an object's propagation will start, if it has not begun.
 * @type {(state: Pick<State, "propagating">, number: number) => number | undefined} */
function version_to_begin({ propagating }, number) {
  if (propagating?.phase === "wanted" && propagating.number === number) return propagating.base;
  return propagating?.others.find((other) => other.number === number)?.base;
}

/** What to ask of the engine. A propagation that has not begun starts from the version before it.
 * @type {(
 *   state: Pick<State, "objects" | "propagation_versions" | "propagating" | "discarding" | "sessions">,
 * ) => VersionQuestion | null} */
export function wanted_version({ objects, propagation_versions, propagating, discarding, sessions: { main } }) {
  for (const object of objects) {
    const { number } = object;
    if (!main.numbers.includes(number) || discarding === number) continue;
    const keep = version_of({ propagation_versions }, number);
    const version = version_to_begin({ propagating }, number) ?? object.propagation_version;
    if (version !== keep) return { number, keep, version };
  }
  return null;
}

/** @type {import("../../state/slices.js").Handlers<VersionAction>} */
export const version_actions = {
  version_restored(state, { number, version }) {
    const next = object_masks_changed(switched(state, number, version));
    const before = state.propagation_versions[number]?.kept[version];
    if (!before) return next; // a new version, or one of an earlier worker: nothing has changed
    // Strokes are not versioned: the engine keeps those that it was given last.
    const steps = with_strokes_of(before.steps, state.edited[number] ?? []);
    // In this version the object's prompts may have been answered in another window.
    const objects = state.objects.map((object) =>
      object.number !== number || same_answer(object, state.steps[number] ?? [], steps)
      ? object : to_be_asked(object, ["main"]));
    return {
      ...next, objects, steps: { ...next.steps, [number]: steps }, stops: { ...next.stops, [number]: before.stops },
    };
  },
};

/** @type {import("../../state/slices.js").Slice<VersionAction, never>} */
export const version_slice = { initial: {}, actions: version_actions };
