// Shows the scan's facts and notes, and asks which of several scans to open.

import { element, part, write } from "../ui/element.js";
import { scan_facts } from "./scan_words.js";

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../state/reduce.js").Dispatch} Dispatch */

/** Asks for one of several scans. @type {(state: State, dispatch: Dispatch) => void} */
function show_choice({ opening }, dispatch) {
  const asked = element("scan-choice", HTMLElement);
  const is_asked = opening?.phase === "asking";
  const was_hidden = asked.hidden;
  asked.hidden = !is_asked;
  if (!is_asked || asked.dataset.of === String(opening.serial)) {
    if (!is_asked) delete asked.dataset.of;
    return;
  }
  asked.dataset.of = String(opening.serial);
  write("scan-question", `${opening.choices.length} scans found. Choose one.`);
  element("scan-answers", HTMLElement).replaceChildren(...opening.choices.map((choice, i) => {
    const answer = part("button", "", choice);
    answer.type = "button";
    answer.addEventListener("click", () => dispatch({ do: "scan_chosen", choice: i }));
    return answer;
  }));
  if (was_hidden) asked.querySelector("button")?.focus();
}

/** @type {(dispatch: Dispatch) => (state: State) => void} */
export function scan_shower(dispatch) {
  /** @type {unknown} */
  let shown = null;
  return (state) => {
    const { scan } = state;
    show_choice(state, dispatch);
    if (shown === scan) return;
    shown = scan;
    element("scan-facts", HTMLElement).hidden = !scan;
    write("scan-facts", scan ? scan_facts(scan) : "");
    const notes = element("scan-notes", HTMLElement);
    notes.hidden = !scan?.notes.length;
    notes.replaceChildren(...(scan?.notes ?? []).map(({ code, text }) => {
      const note = part("li", "", text.charAt(0).toUpperCase() + text.slice(1));
      note.dataset.code = code;
      return note;
    }));
  };
}
