// Shows the note about an opened session.

import { element, write } from "../../ui/element.js";
import { session_note } from "./words.js";

/** @type {() => (state: import("../../state/reduce.js").State) => void} */
export function session_shower() {
  return (state) => {
    const note = session_note(state);
    element("session-note", HTMLElement).hidden = !note;
    write("session-text", note?.text ?? "");
    for (const [id, text] of /** @type {const} */ ([
      ["session-load", note?.load?.text ?? ""], ["session-anyway", note?.anyway ?? ""],
      ["session-check", note?.check ?? ""], ["session-close", note?.close ?? ""],
    ])) {
      element(id, HTMLElement).hidden = !text;
      write(id, text);
    }
  };
}
