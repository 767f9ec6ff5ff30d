// Words for the review of slices. Slices are counted from 1.

import { PLANE_WORDS } from "../../show/scan_words.js";
import { selected_of } from "../objects/state.js";
import { REVIEW_REASON_WORDS } from "../propagation/words.js";
import { is_reviewed_here, next_to_review, reviewed_slices, settled_mask, slices_in_review } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("./state.js").SliceToReview} SliceToReview */

/** Why a slice is listed. @type {(slice: SliceToReview) => string} */
export const reasons_text = ({ doubts, phase }) => [
  ...doubts.map((doubt) => REVIEW_REASON_WORDS[doubt]),
  ...(phase === "changed" ? ["changed after its review"] : phase === "reviewed" ? ["reviewed"] : []),
].join(", ");

/** Why the shown slice cannot be ticked; empty if it can, or if its tick can be removed.
 * @type {(state: State) => string} */
export function why_no_tick(state) {
  const object = selected_of(state);
  if (!object) return "Select an object first";
  if (is_reviewed_here(state)) return "";
  const object_mask = state.object_masks[object.number];
  if (!object_mask) return "Wait for the mask of the object";
  if (state.image?.plane !== object_mask.plane) {
    return `The object is reviewed on ${PLANE_WORDS[object_mask.plane].toLowerCase()} slices: go there first`;
  }
  return settled_mask(state, object.number) ? "" : "Wait for the mask of the object";
}

/** Why no slice is left to go to; empty if one is left. @type {(state: State) => string} */
export function why_no_next(state) {
  const object = selected_of(state);
  if (!object) return "Select an object first";
  return next_to_review(state, 1) === null ? `No slice of ${object.name} is left to review` : "";
}

/** @type {(slices: readonly { slice: number }[]) => string} */
const numbers_of = (slices) => slices.map(({ slice }) => slice + 1).join(", ");

/** The progress of the selected object's review, and which ticks a change has removed.
 * @type {(state: State) => string} */
export function review_facts({ selected, object_masks, reviewed }) {
  const object_mask = selected === null ? undefined : object_masks[selected];
  const ticks = selected === null ? [] : reviewed[selected] ?? [];
  if (!object_mask) return "";
  const list = slices_in_review(object_mask, ticks);
  const changed = list.filter(({ phase }) => phase === "changed");
  const count = reviewed_slices(ticks, object_mask.slices).length;
  const open = list.filter(({ phase }) => phase !== "reviewed").length;
  return [
    ...(count ? [`${count} ${count === 1 ? "slice" : "slices"} reviewed, ${open || "none"} left to review.`] : []),
    ...(changed.length === 1 ? [`The mask of slice ${numbers_of(changed)} changed after its review: review it again.`] : []),
    ...(changed.length > 1 ? [`The masks of slices ${numbers_of(changed)} changed after their review: review them again.`] : []),
  ].join(" ");
}
