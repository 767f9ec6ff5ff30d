// Hints about doubtful masks, shown with the object.

import { view_in } from "../../state/rendering.js";
import { last_prompt } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("./state.js").PromptedObject} PromptedObject */

/** A box that covers more of the image than this carries little information. */
const LARGE_PART = 0.8;
/** Predicted IoU below which a mask is doubtful: `doubt_iou` of the engine's `PropagationLimits`. */
const LOW_IOU = 0.75;

/** The fraction of the image that a box covers, clipped to the image.
 * @type {(box: import("./state.js").ImageBox, size: { width: number, height: number }) => number} */
export function part_of([x0, y0, x1, y1], { width, height }) {
  const [inside_x, inside_y] = [Math.min(x1, width) - Math.max(x0, 0), Math.min(y1, height) - Math.max(y0, 0)];
  return Math.max(0, inside_x) * Math.max(0, inside_y) / (width * height);
}

/** @type {(object: PromptedObject, state: State) => string[]} */
function box_hints(object, { scan }) {
  const { box } = last_prompt(object);
  const view = scan && view_in(scan, object.at.plane);
  const is_large = box && view && part_of(box, view) > LARGE_PART;
  return is_large
    ? ["The box covers most of the image. A box drawn closely around the object gives a better mask."]
    : [];
}

/** @type {(object: PromptedObject, state: State, side: import("../../state/sessions.js").Side) => string[]} */
function mask_hints(object, { sessions }, side) {
  const { phase, prediction } = object[side];
  if (phase !== "done" || !prediction) return [];
  const model = sessions.comparison ? sessions[side]?.model?.name ?? "The model" : "The model";
  if (prediction.area_px === 0) return [`${model} found nothing here. Try another box, or a point on the object.`];
  if (prediction.iou >= LOW_IOU) return [];
  return [`${model} predicts low quality for this mask. Check its edges or draw a tighter box.`];
}

/** The most useful hint first. @type {(object: PromptedObject, state: State) => string[]} */
export const hints_of = (object, state) => [
  ...box_hints(object, state), ...mask_hints(object, state, "main"),
  ...(state.sessions.comparison ? mask_hints(object, state, "comparison") : []),
];
