// Shows the propagation of the selected object: its buttons and its result.

import { element, enable, write } from "../../ui/element.js";
import { has_memory } from "../models/recipes_state.js";
import { selected_of } from "../objects/state.js";
import { propagated_together, stop_lines, object_mask_facts, why_not_propagate } from "./words.js";

/** @typedef {import("../../state/reduce.js").State} State */

const BUTTONS = /** @type {const} */ ([
  ["propagate-both", "Propagates the mask from this slice to higher slice numbers, then to lower ones"],
  ["propagate-up", "Propagates the mask to higher slice numbers only"],
  ["propagate-down", "Propagates the mask to lower slice numbers only"],
]);

/** @type {() => (state: State) => void} */
export function propagation_shower() {
  /** @type {unknown[]} */
  let shown = [];
  return (state) => {
    const { scan, object_masks, stops, propagating, discarding } = state;
    element("propagation-section", HTMLElement).hidden = !scan?.volume;
    if (!scan?.volume) return;
    element("propagation-range-row", HTMLElement).hidden = !has_memory(state);
    const range = element("propagation-range", HTMLInputElement);
    if (document.activeElement !== range) range.value = String(state.propagation_range);
    const why_not = why_not_propagate(state);
    for (const [id, title] of BUTTONS) enable(element(id, HTMLButtonElement), why_not, title);
    const { length } = propagated_together(state);
    // While a propagation runs, the focus stays on the button that began it.
    if (!propagating) element("propagate-all", HTMLButtonElement).hidden = length < 2;
    if (length >= 2) write("propagate-all", `All ${length} objects`);
    enable(
      element("propagate-all", HTMLButtonElement), propagating ? "A propagation is already running" : "",
      "Propagates the masks of all objects that are shown on this slice both ways, one object after the other",
    );
    const object = selected_of(state);
    const object_mask = object && object_masks[object.number];
    const is_propagated = object_mask?.slices.some(({ origin }) => origin === "carried") ?? false;
    const why_no_way_back = propagating || discarding !== null ? "A propagation is running"
      : is_propagated ? "" : "Nothing has been propagated";
    enable(
      element("discard-propagation", HTMLButtonElement), why_no_way_back,
      "Removes the propagated slices; your prompts and strokes stay",
    );

    const of_object = object && stops[object.number];
    const now = [object?.number, object_mask, of_object];
    if (shown.length && now.every((each, i) => each === shown[i])) return;
    shown = now;
    const has_facts = object_mask !== undefined && object_mask.slices.length > 0;
    write("propagation-facts", has_facts ? object_mask_facts(object_mask)
      : object ? "" : "Select an object to propagate it.");
    write("propagation-stops", stop_lines(of_object).join(" "));
  };
}
