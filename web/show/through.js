// The selected object through the volume: how to carry it on, and what came of it.

import { selected_of } from "../state/objects.js";
import { element, enable, keep_focus, part, write } from "../ui/element.js";
import { slices_to_check, stop_lines, structure_facts, why_not_through } from "./through_words.js";

/** @typedef {import("../state/reduce.js").State} State */

const BUTTONS = /** @type {const} */ ([
  ["through-both", "Carries the mask from this slice to its neighbours: towards larger numbers, then towards smaller ones"],
  ["through-up", "Carries the mask on towards larger numbers only"],
  ["through-down", "Carries the mask on towards smaller numbers only"],
]);

/** @type {(dispatch: import("../state/reduce.js").Dispatch) => (state: State) => void} */
export function through_shower(dispatch) {
  /** @type {unknown[]} */
  let shown = [];
  return (state) => {
    const { scan, structures, stops, propagating, taking_back } = state;
    element("through-section", HTMLElement).hidden = !scan?.volume;
    if (!scan?.volume) return;
    const why_not = why_not_through(state);
    for (const [id, title] of BUTTONS) enable(element(id, HTMLButtonElement), why_not, title);
    const object = selected_of(state);
    const structure = object && structures[object.number];
    const is_carried = structure?.slices.some(({ origin }) => origin === "carried") ?? false;
    const why_no_way_back = propagating || taking_back !== null ? "A mask is on its way" : is_carried ? "" : "Nothing was carried on";
    enable(element("take-back", HTMLButtonElement), why_no_way_back, "Takes the slices back that were carried on; your prompts and strokes stay");

    const of_object = object && stops[object.number];
    const now = [object?.number, structure, of_object];
    if (shown.length && now.every((each, i) => each === shown[i])) return;
    shown = now;
    const has_facts = structure !== undefined && structure.slices.length > 0;
    write("through-facts", has_facts ? structure_facts(structure) : object ? "" : "Select an object to carry it through the slices.");
    write("through-stops", stop_lines(of_object).join(" "));
    const checks = has_facts ? slices_to_check(structure) : [];
    const list = element("through-checks", HTMLElement);
    element("through-check", HTMLElement).hidden = checks.length === 0;
    keep_focus(list, () => list.replaceChildren(...checks.map(({ slice, text }) => {
      const item = part("li", "", "");
      const jump = part("button", "", `${slice + 1}: ${text}`);
      jump.type = "button";
      jump.dataset.act = `check ${slice}`;
      jump.setAttribute("aria-label", `Go to slice ${slice + 1}: ${text}`);
      jump.addEventListener("click", () => dispatch({ do: "view_wanted", plane: structure?.plane, slice }));
      item.append(jump);
      return item;
    })));
  };
}
