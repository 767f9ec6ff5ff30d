// Shows the display controls, and a note on the scan if it is flipped, turned or inverted.

import { element } from "../../ui/element.js";
import { placing_of } from "./state.js";
import { altered_words } from "./words.js";

/** @typedef {import("../../state/reduce.js").State} State */

/** @type {(state: State) => void} */
export function show_display(state) {
  const { inverted } = state.display;
  const words = state.image ? altered_words(inverted, placing_of(state).orientation) : "";
  for (const each of document.querySelectorAll(".altered")) {
    if (!(each instanceof HTMLElement)) continue;
    if (each.textContent !== words) each.textContent = words;
    each.hidden = words === "";
  }
  element("invert", HTMLElement).setAttribute("aria-pressed", String(inverted));
}
