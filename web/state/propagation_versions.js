// Versions of what prompts and propagations have found on the slices of an object, so that it is undone and redone like all else.
// The object says which it is to have, `State.propagation_versions` which the engine has; next.js asks for the difference. The
// engine keeps each version that it leaves, and comes back to it without computing.

import { with_objects } from "./history.js";
import { to_be_asked } from "./prompts.js";
import { with_strokes_of } from "./steps.js";
import { object_masks_changed } from "./object_masks.js";

/** @typedef {import("./reduce.js").State} State */
/** What a version was made by, and where it ended. @typedef {{ steps: import("./steps.js").Step[], stops: import("./propagation.js").Stops }} Kept */
/** By the object's number. `version` is the engine's. @typedef {Record<number, { version: number, kept: Record<number, Kept> }>} PropagationVersions */
/** The engine is to keep what it has as `keep`, and to become `version`. @typedef {{ number: number, keep: number, version: number }} VersionQuestion */
/** @typedef {{ do: "version_restored", generation: number, number: number, version: number }} VersionAction */

/** @type {(state: Pick<State, "propagation_versions">, number: number) => number} */
export const version_of = ({ propagation_versions }, number) => propagation_versions[number]?.version ?? 0;

/** A change of the user's to what is carried for an object. @type {(state: State, number: number) => State} */
export function with_new_version(state, number) {
  const objects = state.objects.map((object) => object.number === number ? { ...object, propagation_version: state.next_serial } : object);
  return with_objects({ ...state, next_serial: state.next_serial + 1 }, objects, state.selected);
}

/** The engine has left a version for another. @type {(state: State, number: number, version: number) => State} */
export function switched(state, number, version) {
  const { kept = {} } = state.propagation_versions[number] ?? {};
  const left = { steps: state.steps[number] ?? [], stops: state.stops[number] ?? {} };
  return { ...state, propagation_versions: { ...state.propagation_versions, [number]: { version, kept: { ...kept, [version_of(state, number)]: left } } } };
}

/** Whether the mask of the object's prompts is the same after these steps as after those.
 * @type {(object: import("./prompts.js").PromptedObject, before: import("./steps.js").Step[], after: import("./steps.js").Step[]) => boolean} */
function same_answer({ at: { slice }, main: { decoded } }, before, after) {
  if (decoded === 0) return true; // it is to be asked as it is
  const [of_before, of_after] = [before, after].map((steps) => steps.findLast((step) => step.do === "prompt" && step.slice === slice));
  return JSON.stringify(of_before) === JSON.stringify(of_after);
}

/** What the engine is to be told. A mask that waits to be carried begins from what was there before it.
 * @type {(state: Pick<State, "objects" | "propagation_versions" | "propagating" | "discarding" | "sessions">) => VersionQuestion | null} */
export function wanted_version({ objects, propagation_versions, propagating, discarding, sessions: { main } }) {
  for (const object of objects) {
    const { number } = object;
    if (!main.numbers.includes(number) || discarding === number) continue;
    const keep = version_of({ propagation_versions }, number);
    const version = propagating?.number === number && propagating.phase === "wanted" ? propagating.base : object.propagation_version;
    if (version !== keep) return { number, keep, version };
  }
  return null;
}

/** @type {import("./slices.js").Handlers<VersionAction>} */
export const version_actions = {
  version_restored(state, { number, version }) {
    const next = object_masks_changed(switched(state, number, version));
    const before = state.propagation_versions[number]?.kept[version];
    if (!before) return next; // a new one, or of a worker that is gone: nothing has changed
    // Strokes are not versioned: the engine has those that it was told last.
    const steps = with_strokes_of(before.steps, state.edited[number] ?? []);
    // The version may have the object's prompts as they were answered before, in another window.
    const objects = state.objects.map((object) => object.number !== number || same_answer(object, state.steps[number] ?? [], steps)
      ? object : to_be_asked(object, ["main"]));
    return { ...next, objects, steps: { ...next.steps, [number]: steps }, stops: { ...next.stops, [number]: before.stops } };
  },
};

/** @type {import("./slices.js").Slice<VersionAction, never>} */
export const version_slice = { initial: {}, actions: version_actions };
