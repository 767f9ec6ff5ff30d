// Words for the brush and strokes.

import { PLANE_WORDS } from "../../show/scan_words.js";
import { mask_here } from "../../state/here.js";
import { selected_of } from "../objects/state.js";
import { is_unprompted } from "../prompts/state.js";
import { strokes_here } from "./strokes_state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */

/** @type {(count: number, what: string) => string} */
const counted = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;

/** Why nothing can be drawn, or erased; empty if it can. @type {(state: State, erases: boolean) => string} */
export function why_not_draw(state, erases) {
  const { image } = state;
  const object = selected_of(state);
  if (!image) return "Open a scan first";
  if (!object) return "Select an object first";
  if (object.at.plane !== image.plane) {
    return `${object.name} has its prompts on ${PLANE_WORDS[object.at.plane].toLowerCase()} slices: go there first`;
  }
  if (object.locked) return `${object.name} is locked: unlock it in the list`;
  if (object.hidden) return `${object.name} is hidden: show it first`;
  const has_mask = mask_here(object, state) !== null || strokes_here(object, image).length > 0;
  return erases && !has_mask ? `${object.name} has no mask on this slice to erase` : "";
}

/** What the active brush does. @type {(state: State) => string} */
export function brush_hint(state) {
  const erases = state.tools.tool === "eraser";
  const why_not = why_not_draw(state, erases);
  if (why_not) return `${why_not}.`;
  return erases ? "Drag to erase from the mask. With Shift, paint." : "Drag to paint on the mask. With Shift, erase.";
}

/** Counts the strokes of an object; empty if it has none. @type {(object: PromptedObject) => string} */
export function strokes_title(object) {
  const { edits } = object;
  const count = edits.reduce((sum, { strokes }) => sum + strokes.length, 0);
  return count
    ? `${counted(count, "stroke")} on ${counted(edits.length, "slice")}, on top of `
      + `${is_unprompted(object) ? "the loaded mask" : "what the model found"}`
    : "";
}

/** Why no strokes can be removed; empty if they can. @type {(state: State) => string} */
export function why_no_strokes_back(state) {
  const object = selected_of(state);
  if (!object) return "Select an object first";
  return strokes_here(object, state.image).length ? "" : "The object has no strokes on this slice";
}
