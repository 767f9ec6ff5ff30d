// Objects through the slices in words. Slices are counted from 1 for people.

import { is_here, mask_here } from "../state/here.js";
import { selected_of } from "../state/objects.js";
import { open_offer } from "../state/prompts.js";
import { strokes_here } from "../state/strokes.js";
import { loadable } from "../state/weights.js";
import { view_in } from "../state/view.js";
import { PLANE_WORDS, short } from "./scan_words.js";
import { span_words } from "./time_left.js";

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../state/through.js").Structure} Structure */
/** @typedef {import("../state/through.js").Stops} Stops */
/** @typedef {import("../../boxel-bindings.js").Doubt} Doubt */
/** @typedef {import("../../boxel-bindings.js").Stop} Stop */

/** @type {Record<Doubt, string>} */
export const DOUBT_WORDS = {
  low_iou: "low predicted IoU", area_jump: "area jumps", drift: "centre drifts",
  disagreement: "differs when propagated back", like_outside: "same grey values outside",
};

/** @type {Record<Stop, (slice: number) => string>} */
const STOP_WORDS = {
  end: () => "the scan ends there",
  marked: (slice) => `slice ${slice} has a prompt or strokes of yours`,
  uniform: (slice) => `slice ${slice} shows nothing`,
  empty: (slice) => `nothing was found on slice ${slice}`,
  low_iou: (slice) => `the model expects a poor mask on slice ${slice}`,
  area_jump: (slice) => `the area jumps too far on slice ${slice}`,
  drift: (slice) => `the mask leaves its place on slice ${slice}`,
};

/** @type {(stops: Stops | undefined) => string[]} */
export const stop_lines = (stops = {}) => (/** @type {const} */ (["up", "down"])).flatMap((direction) => {
  const stop = stops[direction];
  return stop ? [`${direction === "up" ? "Up" : "Down"} it ended: ${STOP_WORDS[stop.reason](stop.slice + 1)}.`] : [];
});

/** @type {(slices: { slice: number }[]) => string} */
function range_of(slices) {
  const [first, last] = [slices[0], slices.at(-1)];
  if (!first || !last) return "on no slice";
  if (slices.length === 1) return `slice ${first.slice + 1}`;
  const gaps = last.slice - first.slice + 1 - slices.length;
  return `slices ${first.slice + 1} to ${last.slice + 1}${gaps ? `, ${gaps} of them without` : ""}`;
}

/** @type {(structure: Structure) => string} */
export function structure_facts({ slices, volume_ml, voxels }) {
  const volume = volume_ml === null ? `${voxels.toLocaleString("en")} voxels` : `${short(volume_ml)} mL`;
  const text = `${range_of(slices)} · ${volume}`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @type {(structure: Structure) => { slice: number, text: string }[]} */
export const slices_to_check = ({ slices }) => slices.filter(({ doubts }) => doubts.length)
  .map(({ slice, doubts }) => ({ slice, text: doubts.map((doubt) => DOUBT_WORDS[doubt]).join(", ") }));

/** Why the selected object can't be carried through from here; empty if it can. @type {(state: State) => string} */
export function why_not_through(state) {
  const object = selected_of(state);
  const { image, propagating, weights } = state;
  if (propagating) return "A mask is on its way already";
  if (!object) return "Select an object first";
  if (!image || object.at.plane !== image.plane) return `It was marked on ${PLANE_WORDS[object.at.plane].toLowerCase()} slices: go there first`;
  if (!loadable(weights)) return "Without the model there are no masks";
  if (open_offer(object)) return "Take the refined mask, or keep the present one, first";
  if (is_here(object, image)) return object.main.phase === "done" && (object.main.segment || object.main.restored) ? "" : "Wait until the object has its mask";
  return mask_here(object, state)?.carried?.origin ? "" : "The object has no mask on this slice to begin with";
}

/** Slices that are left at most: it may end before. @type {(state: State) => number} */
function slices_left({ propagating, scan }) {
  const view = propagating && scan && view_in(scan, propagating.plane);
  if (!view) return 0;
  const { directions, from, slice } = propagating;
  return directions.reduce((sum, direction, i) => {
    const at = i === 0 ? slice : from;
    return sum + (direction === "up" ? view.slices - 1 - at : at);
  }, 0);
}

/** How far a mask is through the volume, for the progress bar.
 * @type {(state: State) => { label: string, value: number } | null} */
export function through_progress(state) {
  const { propagating } = state;
  if (!propagating) return null;
  const { slice, part, carried, begun_ms, now_ms } = propagating;
  const left = slices_left(state);
  const each_ms = carried ? (now_ms - begun_ms) / (carried + part) : 0;
  const estimate = each_ms ? `, at most ${span_words(each_ms * (left - part))}` : "";
  return {
    label: `Through the volume: slice ${slice + 1}, ${carried} done, up to ${left} left${estimate}`,
    value: (carried + part) / Math.max(1, carried + left),
  };
}

/** What is known of an object's mask on the slice that is shown, where it was not marked there.
 * @type {(object: import("../state/prompts.js").PromptedObject, state: State) => string} */
export function carried_words(object, state) {
  const carried = mask_here(object, state)?.carried;
  if (!carried) return "";
  if (carried.origin === null) return "here its cut through other slices";
  if (strokes_here(object, state.image).length) {
    return carried.iou === null ? "here drawn by you" : `here edited, predicted IoU ${carried.iou.toFixed(3)} before`;
  }
  const origin = carried.origin === "marked" ? "here marked before" : "here carried on";
  const iou = carried.iou === null ? "" : `, predicted IoU ${carried.iou.toFixed(3)}`;
  return `${origin}${iou}${carried.doubts.length ? `; check: ${carried.doubts.map((doubt) => DOUBT_WORDS[doubt]).join(", ")}` : ""}`;
}
