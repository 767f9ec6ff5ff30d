// Words for propagation. Slices are counted from 1.

import { PLANE_WORDS, short } from "../../show/scan_words.js";
import { span_words } from "../../show/time_left.js";
import { is_here, mask_here } from "../../state/here.js";
import { view_in } from "../../state/rendering.js";
import { strokes_here } from "../brush/strokes_state.js";
import { loadable } from "../models/weights_state.js";
import { selected_of } from "../objects/state.js";
import { is_unprompted, open_offer } from "../prompts/state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("./state.js").ObjectMask} ObjectMask */
/** @typedef {import("./state.js").Stops} Stops */
/** @typedef {import("../../../boxel-bindings.js").Doubt} Doubt */
/** @typedef {import("../../../boxel-bindings.js").Stop} Stop */

/** @type {Record<Doubt, string>} */
export const REVIEW_REASON_WORDS = {
  low_iou: "low predicted IoU", area_jump: "sudden change of area", drift: "centre drifts",
  disagreement: "differs when propagated back", like_outside: "same grey values outside",
};

/** @type {Record<Stop, (slice: number) => string>} */
const STOP_WORDS = {
  end: () => "reached the end of the scan",
  range: (slice) => `slice ${slice} is out of range; raise the range, or propagate on from the last mask`,
  marked: (slice) => `slice ${slice} has your prompt or strokes, or was loaded or edited`,
  uniform: (slice) => `slice ${slice} is blank`,
  empty: (slice) => `nothing was found on slice ${slice}`,
  low_iou: (slice) => `low predicted quality on slice ${slice}`,
  area_jump: (slice) => `the area changes too much on slice ${slice}`,
  drift: (slice) => `the mask moves too far on slice ${slice}`,
  grey_levels: (slice) => `the grey values are not the object's on slice ${slice}`,
};

/** @type {(stops: Stops | undefined) => string[]} */
export const stop_lines = (stops = {}) => (/** @type {const} */ (["up", "down"])).flatMap((direction) => {
  const stop = stops[direction];
  return stop ? [`Stopped going ${direction}: ${STOP_WORDS[stop.reason](stop.slice + 1)}.`] : [];
});

/** @type {(slices: { slice: number }[]) => string} */
function range_of(slices) {
  const [first, last] = [slices[0], slices.at(-1)];
  if (!first || !last) return "on no slice";
  if (slices.length === 1) return `slice ${first.slice + 1}`;
  const gaps = last.slice - first.slice + 1 - slices.length;
  return `slices ${first.slice + 1} to ${last.slice + 1}${gaps ? `, ${gaps} without a mask` : ""}`;
}

/** @type {(object_mask: ObjectMask) => string} */
export function object_mask_facts({ slices, volume_ml, voxels }) {
  const volume = volume_ml === null ? `${voxels.toLocaleString("en")} voxels` : `${short(volume_ml)} mL`;
  const text = `${range_of(slices)} · ${volume}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @type {Record<import("../../../boxel-bindings.js").Origin, string>} */
const ORIGIN_WORDS = {
  marked: "prompted here before", carried: "propagated", loaded: "loaded from a file", edited: "edited in the volume",
};

/** The objects that can be propagated together from here: shown, not locked, and with a mask on this slice.
 * @type {(state: State) => number[]} */
export const propagated_together = (state) => state.objects
  .filter((object) => !object.hidden && !object.locked && why_not_propagate(state, object) === "")
  .map(({ number }) => number);

/** Why an object, the selected one by default, cannot be propagated from here; empty if it can.
 * @type {(state: State, object?: import("../prompts/state.js").PromptedObject) => string} */
export function why_not_propagate(state, object = selected_of(state)) {
  const { image, propagating, weights } = state;
  if (propagating) return "A propagation is already running";
  if (!object) return "Select an object first";
  if (!image || object.at.plane !== image.plane) {
    const what = is_unprompted(object) ? "masks" : "prompts";
    return `Its ${what} are on ${PLANE_WORDS[object.at.plane].toLowerCase()} slices: go there first`;
  }
  if (!loadable(weights)) return "No model is loaded, so there are no masks";
  if (open_offer(object)) return "First use the new mask or keep the current one";
  if (is_here(object, image)) return object.main.phase === "done" && (object.main.prediction || object.main.restored)
    ? ""
    : "Wait for the mask of the object";
  return mask_here(object, state)?.slice_mask?.origin ? "" : "The object has no mask on this slice to start from";
}

/** The most slices that are left; it may stop earlier. @type {(state: State) => number} */
function slices_left({ propagating, scan }) {
  const view = propagating && scan && view_in(scan, propagating.plane);
  if (!view) return 0;
  const { directions, from, slice, range } = propagating;
  return directions.reduce((sum, direction, i) => {
    const at = i === 0 ? slice : from;
    const left = direction === "up" ? view.slices - 1 - at : at;
    return sum + Math.min(left, (range ?? Infinity) - Math.abs(at - from));
  }, 0);
}

/** The propagation in the progress bar.
 * @type {(state: State) => { label: string, value: number } | null} */
export function propagation_progress(state) {
  const { propagating } = state;
  if (!propagating) return null;
  const { slice, part, done, begun_ms, now_ms, others } = propagating;
  const left = slices_left(state);
  const each_ms = done ? (now_ms - begun_ms) / (done + part) : 0;
  const of_run = others.length ? ` object ${propagating.number}, ${others.length} more after it` : "";
  const estimate = each_ms ? `, at most ${span_words(each_ms * (left - part))}` : "";
  return {
    label: `Propagating${of_run}: slice ${slice + 1}, ${done} done, up to ${left} left${estimate}`,
    value: (done + part) / Math.max(1, done + left),
  };
}

/** An object's mask on the shown slice, if its prompts are on another slice.
 * @type {(object: import("../prompts/state.js").PromptedObject, state: State) => string} */
export function propagated_words(object, state) {
  const slice_mask = mask_here(object, state)?.slice_mask;
  if (!slice_mask) return "";
  if (slice_mask.origin === null) return "shown here: a section through its mask on other slices";
  if (strokes_here(object, state.image).length) {
    return slice_mask.iou === null
      ? "painted here by you"
      : `edited here, predicted IoU ${slice_mask.iou.toFixed(3)} before`;
  }
  const origin = ORIGIN_WORDS[slice_mask.origin];
  const iou = slice_mask.iou === null ? "" : `, predicted IoU ${slice_mask.iou.toFixed(3)}`;
  const reasons = slice_mask.doubts.map((doubt) => REVIEW_REASON_WORDS[doubt]).join(", ");
  return `${origin}${iou}${reasons && `; review: ${reasons}`}`;
}
