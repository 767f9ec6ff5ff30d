// Unsaved work in words: what would be lost, what an earlier tab has left, what is kept in this browser.

import { objects_of_user } from "../state/unsaved.js";

/** @typedef {import("../state/reduce.js").State} State */

/** @type {(names: string[]) => string} */
function listed(names) {
  const distinct = [...new Set(names)];
  return distinct.length > 4 ? `${distinct.slice(0, 3).join(", ")} and ${distinct.length - 3} more` : distinct.join(", ");
}

/** @type {(at_ms: number) => string} */
const time_words = (at_ms) => new Date(at_ms).toLocaleString("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

/** The question before another scan is opened. @type {(state: State) => string} */
export const question = (state) =>
  `Opening another scan or session removes ${listed(objects_of_user(state).map(({ name }) => name))}. Save the session first, to go on later. A saved session, NIfTI or DICOM SEG counts as saved.`;

/** Of the newest work that was found; empty if there is none. @type {(state: Pick<State, "found" | "scan">) => string} */
export function found_words({ found }) {
  const [newest] = found;
  if (!newest) return "";
  const more = found.length > 1 ? ` ${found.length - 1} more wait after it.` : "";
  return `Unsaved work from ${time_words(newest.at_ms)} found: ${listed(newest.names)}. Open its scan to continue.${more}`;
}

/** @type {(state: Pick<State, "autosave">) => string} */
export function autosave_words({ autosave: { is_on, phase, at_ms, name, bytes, reason } }) {
  if (phase === "failed") return `It can't be kept: ${reason}.`;
  const what = "Masks, prompts, strokes and your names of objects, as in a session file: no pixels, no tags";
  if (!is_on) return `Off: unsaved work ends with this tab. On, it outlives a crash. ${what}.`;
  if (!at_ms) return `On: no unsaved work is kept yet. ${what}.`;
  return `On: ${name}, ${Math.max(1, Math.round(bytes / 1000)).toLocaleString("en")} KB, ${time_words(at_ms)}. ${what}.`;
}
