// The slices that the user has reviewed. A tick holds while the slice's mask has the fingerprint that it had then: any
// change of the mask removes the tick, and an undo of the change restores it. Sessions keep ticks; exports have none.

import { rendering_actions } from "../../state/rendering.js";
import { wanted_edit } from "../brush/strokes_state.js";
import { selected_of } from "../objects/state.js";
import { wanted_version } from "../propagation/versions_state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../propagation/state.js").ObjectMask} ObjectMask */
/** @typedef {import("../../../boxel-bindings.js").Doubt} Doubt */
/** The fingerprint of a tick from a session file is null until the engine has the masks.
 * @typedef {{ slice: number, fingerprint: number | null }} Tick */
/** By object number, in ascending order of the slices. @typedef {Record<number, Tick[]>} Reviewed */
/** @typedef {{ slice: number, fingerprint: number }} SlicePrint */
/**
 * A slice to look at: there are reasons to, or its mask has changed since its review.
 * @typedef {{ slice: number, doubts: readonly Doubt[], phase: "open" | "reviewed" | "changed" }} SliceToReview */
/**
 * @typedef {{ do: "slice_reviewed", number: number, slice: number, on: boolean }
 *  | { do: "review_stepped", by: -1 | 1 }
 *  | { do: "ticks_bound", generation: number, number: number, slices: SlicePrint[] }} ReviewAction
 */

/** @type {(slices: readonly SlicePrint[], slice: number) => number} */
const fingerprint_on = (slices, slice) => slices.find((each) => each.slice === slice)?.fingerprint ?? 0;

/** @type {(ticks: Tick[] | undefined, slices: readonly SlicePrint[]) => number[]} */
export function reviewed_slices(ticks = [], slices) {
  if (!ticks.length) return [];
  const now = new Map(slices.map(({ slice, fingerprint }) => [slice, fingerprint]));
  return ticks.filter(({ slice, fingerprint }) => fingerprint === (now.get(slice) ?? 0)).map(({ slice }) => slice);
}

/** In ascending order. @type {(object_mask: ObjectMask, ticks?: Tick[]) => SliceToReview[]} */
export function slices_in_review({ slices }, ticks = []) {
  const reviewed = new Set(reviewed_slices(ticks, slices));
  const doubtful = new Map(slices.filter(({ doubts }) => doubts.length).map(({ slice, doubts }) => [slice, doubts]));
  const ticked = new Set(ticks.flatMap(({ slice, fingerprint }) => fingerprint === null ? [] : slice));
  const changed = [...ticked].filter((slice) => !reviewed.has(slice));
  return [...new Set([...doubtful.keys(), ...changed])].sort((a, b) => a - b).map((slice) => ({
    slice, doubts: doubtful.get(slice) ?? [],
    phase: reviewed.has(slice) ? "reviewed" : ticked.has(slice) ? "changed" : "open",
  }));
}

/** The object's mask if nothing is pending that will change it; null otherwise.
 * @type {(state: State, number: number) => ObjectMask | null} */
export function settled_mask(state, number) {
  const { objects, object_masks, object_masks_version, propagating, discarding, unmarking } = state;
  const object = objects.find((each) => each.number === number);
  const object_mask = object_masks[number];
  if (!object || object_mask?.version !== object_masks_version || object.main.phase !== "done") return null;
  if (propagating?.number === number || discarding === number) return null;
  const alone = { ...state, objects: [object] };
  const is_pending = wanted_edit(alone) || wanted_version(alone) || unmarking.some((each) => each.number === number);
  return is_pending ? null : object_mask;
}

/** Whether the tick of the selected object holds on the shown slice. @type {(state: State) => boolean} */
export function is_reviewed_here({ image, selected, object_masks, reviewed }) {
  const object_mask = selected === null ? undefined : object_masks[selected];
  if (!image || selected === null || object_mask?.plane !== image.plane) return false;
  const tick = reviewed[selected]?.find(({ slice }) => slice === image.slice);
  return tick !== undefined && tick.fingerprint === fingerprint_on(object_mask.slices, image.slice);
}

/** The next slice of the selected object to review, or the first after the last; null if no slice is left.
 * @type {(state: State, by: -1 | 1) => number | null} */
export function next_to_review({ image, selected, object_masks, reviewed }, by) {
  const object_mask = selected === null ? undefined : object_masks[selected];
  if (!image || selected === null || !object_mask) return null;
  const open = slices_in_review(object_mask, reviewed[selected]).filter(({ phase }) => phase !== "reviewed")
    .map(({ slice }) => slice);
  const from = image.plane === object_mask.plane ? image.slice : by > 0 ? -1 : Infinity;
  return by > 0
    ? open.find((slice) => slice > from) ?? open[0] ?? null
    : open.findLast((slice) => slice < from) ?? open.at(-1) ?? null;
}

/** The ticks of a session's object, whose masks the engine does not have yet. @type {(slices?: number[]) => Tick[]} */
export const ticks_of = (slices = []) => slices.map((slice) => ({ slice, fingerprint: null }));

/** Whether ticks of an object still lack their fingerprints. @type {(state: State, number: number) => boolean} */
export const has_unbound = ({ reviewed }, number) =>
  reviewed[number]?.some(({ fingerprint }) => fingerprint === null) ?? false;

/** @type {import("../../state/slices.js").Handlers<ReviewAction>} */
export const review_actions = {
  slice_reviewed(state, { number, slice, on }) {
    const others = state.reviewed[number]?.filter((each) => each.slice !== slice) ?? [];
    const object_mask = settled_mask(state, number);
    if (on && !object_mask) return state;
    const tick = on && object_mask ? [{ slice, fingerprint: fingerprint_on(object_mask.slices, slice) }] : [];
    const ticks = [...others, ...tick].sort((a, b) => a.slice - b.slice);
    return { ...state, reviewed: { ...state.reviewed, [number]: ticks } };
  },
  review_stepped(state, { by }) {
    const slice = next_to_review(state, by);
    const plane = state.object_masks[selected_of(state)?.number ?? 0]?.plane;
    return slice === null || !plane ? state
      : rendering_actions.rendering_wanted(state, { do: "rendering_wanted", plane, slice });
  },
  ticks_bound: (state, { number, slices }) => ({
    ...state, reviewed: {
      ...state.reviewed, [number]: state.reviewed[number]?.map(({ slice, fingerprint }) =>
        ({ slice, fingerprint: fingerprint ?? fingerprint_on(slices, slice) })) ?? [],
    },
  }),
};

/** @type {import("../../state/slices.js").Slice<ReviewAction, "reviewed">} */
export const review_slice = { initial: { reviewed: {} }, actions: review_actions };
