// Shows unsaved work of earlier tabs, and the switch for storing it.

import { element, write } from "../../ui/element.js";
import { autosave_words, found_words } from "./words.js";

/** @type {(state: import("../../state/reduce.js").State) => void} */
export function show_unsaved(state) {
  const found = found_words(state);
  element("found-note", HTMLElement).hidden = !found;
  write("found-text", found);
  element("autosave", HTMLInputElement).checked = state.autosave.is_on;
  write("autosave-words", autosave_words(state));
}
