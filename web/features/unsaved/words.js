// Words for unsaved work: what would be lost, what earlier tabs have left, what is stored in this browser.

import { objects_of_user } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */

/** @type {(names: string[]) => string} */
function listed(names) {
  const distinct = [...new Set(names)];
  return distinct.length > 4
    ? `${distinct.slice(0, 3).join(", ")} and ${distinct.length - 3} more`
    : distinct.join(", ");
}

/** @type {(at_ms: number) => string} */
const time_words = (at_ms) => new Date(at_ms).toLocaleString("en-GB", {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
});

/** The question before another scan is opened. @type {(state: State) => string} */
export const question = (state) =>
  `Opening another scan or session removes ${listed(objects_of_user(state).map(({ name }) => name))}. `
    + "Save the session first to continue later. "
    + "Work saved as a session, NIfTI, DICOM SEG or .seg.nrrd counts as saved.";

/** The newest work that was found; empty if there is none. @type {(state: Pick<State, "found" | "scan">) => string} */
export function found_words({ found }) {
  const [newest] = found;
  if (!newest) return "";
  const more = found.length > 1 ? ` ${found.length - 1} more after it.` : "";
  return `Unsaved work from ${time_words(newest.at_ms)} found: ${listed(newest.names)}. `
    + `Open its scan to continue.${more}`;
}

/** @type {(state: Pick<State, "autosave">) => string} */
export function autosave_words({ autosave: { is_on, phase, at_ms, name, bytes, reason } }) {
  if (phase === "failed") return `Unsaved work cannot be stored: ${reason}.`;
  const what = "Stored like a session file: masks, prompts, strokes and object names; no pixels, no tags";
  if (!is_on) return `Off: unsaved work is lost with this tab. On: it survives a crash. ${what}.`;
  if (!at_ms) return `On: no unsaved work yet. ${what}.`;
  return `On: ${name}, ${Math.max(1, Math.round(bytes / 1000)).toLocaleString("en")} KB, `
    + `${time_words(at_ms)}. ${what}.`;
}
