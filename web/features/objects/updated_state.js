// Takes an object's masks and measures from the answer to its prompt. The page asks for measures that the answer lacks.

import { wanted_measure } from "../measures/state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../../boxel-bindings.js").UpdatedObject} UpdatedObject */
/** `updated`: the object after the answer; null if its mask did not change.
 * @typedef {{ number: number, updated?: UpdatedObject | null }} Updated */

/** `before` is the state before the answers; `state` has the next `object_masks_version`.
 * @type {(before: State, state: State, answers: readonly Updated[]) => State} */
export function with_updated(before, state, answers) {
  if (answers.some(({ updated }) => updated === undefined)) return state; // the page asks
  const changed = answers.flatMap(({ number, updated }) => updated ? [{ number, updated }] : []);
  return with_measure(with_masks(before, state, changed), changed);
}

/** @typedef {{ number: number, updated: UpdatedObject }} Changed */

/** The masks of a volume: those of other objects are what they were.
 * @type {(before: State, state: State, changed: Changed[]) => State} */
function with_masks(before, state, changed) {
  const { scan, image, edited, object_masks_version: version } = state;
  if (!scan || !image || !scan.views.some(({ slices }) => slices > 1)) return state;
  const object_masks = Object.fromEntries(Object.entries(before.object_masks).map(([number, mask]) =>
    [number, mask.version === before.object_masks_version ? { ...mask, version } : mask]));
  for (const { number, updated } of changed) object_masks[number] = { ...updated.mask, version };
  const masks = masks_before(before);
  if (!masks) return { ...state, object_masks };
  const numbers = changed.map(({ number }) => number);
  const kept = masks.filter(({ object }) => !numbers.includes(object));
  const all = [...kept, ...changed.flatMap(({ updated }) => updated.slice_mask ?? [])]
    .sort((a, b) => a.object - b.object);
  return {
    ...state, object_masks, slice_masks: { plane: image.plane, slice: image.slice, version, masks: all, edited },
  };
}

/** The masks on the slice before the answers; null if the page does not know them.
 * @type {(before: State) => import("../../../boxel-bindings.js").SliceMask[] | null} */
function masks_before({ image, slice_masks, object_masks_version, sessions: { main } }) {
  if (main.numbers.length === 0) return [];
  const is_current = slice_masks?.version === object_masks_version && slice_masks.plane === image?.plane
    && slice_masks.slice === image.slice;
  return is_current ? slice_masks.masks : null;
}

/** @type {(state: State, changed: Changed[]) => State} */
function with_measure(state, changed) {
  const wanted = wanted_measure(state);
  const measured = changed.find(({ number }) => number === wanted?.number)?.updated.measured;
  if (!wanted || !measured) return state;
  return { ...state, measurement: { ...state.measurement, of: wanted.of, measured, failure: null } };
}
