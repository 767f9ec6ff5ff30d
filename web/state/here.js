// The objects on the shown slice.

import { drawn_here, strokes_here } from "../features/brush/strokes_state.js";
import { is_unprompted } from "../features/prompts/state.js";

/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("../features/prompts/state.js").PromptedObject} PromptedObject */
/** @typedef {import("./rendering.js").Image} Image */
/** @typedef {Pick<State, "image" | "slice_masks">} Seen */
/**
 * `slice_mask` is what the engine knows of a mask on a slice without a prompt.
 * @typedef {object} MaskHere
 * @property {Uint8Array<ArrayBuffer>} mask
 * @property {import("../../boxel-bindings.js").SliceMask | null} slice_mask
 */

/** Whether an object's prompts are on the shown slice.
 * @type {(object: PromptedObject, image: Image | null) => boolean} */
export const is_here = ({ at }, image) => image !== null && at.plane === image.plane && at.slice === image.slice;

/** The mask that an object shows on this slice: the prediction for its prompts, or a propagated mask. A mask with
 * strokes comes from the engine.
 * @type {(object: PromptedObject, state: Seen, side?: import("./sessions.js").Side) => MaskHere | null} */
export function mask_here(object, { image, slice_masks }, side = "main") {
  if (!image) return null;
  const prediction = is_here(object, image) ? object[side].prediction : null;
  const seen = { image, slice_masks };
  const is_drawn_on = side === "main" && strokes_here(object, image).length > 0 && drawn_here(object, seen).length > 0;
  if (prediction && !is_drawn_on) return { mask: prediction.mask, slice_mask: null };
  if (side === "comparison" || slice_masks?.plane !== image.plane || slice_masks.slice !== image.slice) return null;
  const found = slice_masks.masks.find((each) => each.object === object.number);
  const is_of_prompts = prediction !== null
    || (object.main.restored && is_here(object, image) && !is_unprompted(object));
  return found ? { mask: found.mask, slice_mask: is_of_prompts ? null : found } : null;
}

/** Objects on this slice that wait for their mask.
 * @type {(state: Pick<State, "objects" | "image">) => PromptedObject[]} */
export const waiting_here = ({ objects, image }) =>
  objects.filter((object) => object.main.phase === "waiting" && is_here(object, image));
