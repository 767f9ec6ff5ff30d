// Shows the ticks of the selected object: the buttons, the list of slices to review, and marks along the slider.

import { element, enable, keep_focus, part, write } from "../../ui/element.js";
import { is_reviewed_here, reviewed_slices, slices_in_review } from "./state.js";
import { reasons_text, review_facts, why_no_next, why_no_tick } from "./words.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/reduce.js").Dispatch} Dispatch */
/** @typedef {import("../propagation/state.js").ObjectMask} ObjectMask */

const SVG = "http://www.w3.org/2000/svg";

/** A mark on each slice, from `top` to `bottom` of the strip's ten units.
 * @type {(slices: readonly number[], top: number, bottom: number) => string} */
export const marks_of = (slices, top, bottom) =>
  slices.map((slice) => `M${slice + 0.1} ${top}h.8V${bottom}h-.8Z`).join("");

/** Reviewed slices get full bars, slices to review half ones: the two differ without colour too.
 * @type {(strip: Element, slices: number, object_mask: ObjectMask, ticks: import("./state.js").Tick[]) => void} */
function fill_strip(strip, slices, object_mask, ticks) {
  const open = slices_in_review(object_mask, ticks).filter(({ phase }) => phase !== "reviewed");
  strip.setAttribute("viewBox", `0 0 ${slices} 10`);
  strip.replaceChildren(...(/** @type {const} */ ([
    ["reviewed", marks_of(reviewed_slices(ticks, object_mask.slices), 0, 10)],
    ["open", marks_of(open.map(({ slice }) => slice), 0, 4)],
  ])).map(([name, path]) => {
    const marks = document.createElementNS(SVG, "path");
    marks.setAttribute("class", name);
    marks.setAttribute("d", path);
    return marks;
  }));
}

/** @type {(object_mask: ObjectMask, ticks: import("./state.js").Tick[], dispatch: Dispatch) => HTMLLIElement[]} */
const items_of = (object_mask, ticks, dispatch) => slices_in_review(object_mask, ticks).map((each) => {
  const { slice, phase } = each;
  const text = reasons_text(each);
  const item = part("li", "", "");
  const jump = part("button", "", `${phase === "reviewed" ? "✓ " : ""}${slice + 1}: ${text}`);
  jump.type = "button";
  jump.dataset.act = `check ${slice}`;
  jump.dataset.phase = phase;
  jump.setAttribute("aria-label", `Go to slice ${slice + 1}: ${text}`);
  jump.addEventListener("click", () => dispatch({ do: "rendering_wanted", plane: object_mask.plane, slice }));
  item.append(jump);
  return item;
});

/** @type {(dispatch: Dispatch) => (state: State) => void} */
export function review_shower(dispatch) {
  /** @type {unknown[]} */
  let shown = [];
  return (state) => {
    const { scan, image, selected, object_masks, reviewed } = state;
    const strip = document.getElementById("slice-strip");
    if (!scan?.volume || !strip) return strip?.replaceChildren();
    const button = element("reviewed", HTMLButtonElement);
    button.setAttribute("aria-pressed", String(is_reviewed_here(state)));
    enable(button, why_no_tick(state), "Ticks this slice of the selected object as reviewed (C)");
    const why_not = why_no_next(state);
    enable(element("review-before", HTMLButtonElement), why_not, "Goes to the previous slice to review (K)");
    enable(element("review-after", HTMLButtonElement), why_not, "Goes to the next slice to review (J)");
    write("review-facts", review_facts(state));

    const object_mask = selected === null ? undefined : object_masks[selected];
    const ticks = selected === null ? undefined : reviewed[selected];
    const now = [object_mask, ticks, image?.plane, scan];
    if (shown.length && now.every((each, i) => each === shown[i])) return;
    shown = now;
    const items = object_mask ? items_of(object_mask, ticks ?? [], dispatch) : [];
    const list = element("propagation-checks", HTMLElement);
    element("propagation-check", HTMLElement).hidden = items.length === 0;
    keep_focus(list, () => list.replaceChildren(...items));
    if (image && object_mask?.plane === image.plane) fill_strip(strip, image.slices, object_mask, ticks ?? []);
    else strip.replaceChildren();
  };
}
