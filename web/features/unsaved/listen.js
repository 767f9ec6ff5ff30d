// Wires the questions before unsaved work is lost with the page or to another scan, and the switch for storing it.

import { element, enable, write } from "../../ui/element.js";
import { on_click } from "../../wire/listen.js";
import { FORMATS, why_no_save, why_not } from "../exports/formats.js";
import { is_unsaved } from "./state.js";
import { question } from "./words.js";

/** @typedef {import("../../wire/listen.js").App} App */

const SESSION = FORMATS.find(({ format }) => format === "session");

/** @param {BeforeUnloadEvent} event */
const ask = (event) => event.preventDefault();

/** @type {(app: App) => void} */
export function listen_to_unsaved({ state, dispatch, autosave, after }) {
  let asks = false;
  // Only while something is unsaved: browsers do not cache a page that always listens to this event.
  after.push(() => {
    const is_needed = is_unsaved(state());
    if (is_needed === asks) return;
    asks = is_needed;
    if (asks) addEventListener("beforeunload", ask);
    else removeEventListener("beforeunload", ask);
  });
  const kept = element("autosave", HTMLInputElement);
  kept.addEventListener("change", () => void autosave.set(kept.checked));
  on_click("found-discard", () => {
    const [newest] = state().found;
    if (newest) void autosave.discard(newest.id);
  });
  on_click("session-check", () => dispatch({ do: "replay_wanted" }));
}

/** Lets the page be left without a question. */
export const leave_unasked = () => removeEventListener("beforeunload", ask);

/** Whether the scan may be replaced; asks if something is unsaved.
 * @type {(app: Pick<App, "state" | "save">) => () => Promise<boolean>} */
export function leaver({ state, save }) {
  const dialog = element("unsaved", HTMLDialogElement);
  /** @type {(may_leave: boolean) => void} */
  let answer = () => {};
  /** @param {boolean} may_leave */
  const close = (may_leave) => {
    answer(may_leave);
    dialog.close();
  };
  // Escape closes it too; an answer that was given before stands.
  dialog.addEventListener("close", () => answer(false));
  on_click("unsaved-cancel", () => close(false));
  on_click("unsaved-anyway", () => close(true));
  on_click("unsaved-save", async () => {
    if (SESSION && await save(SESSION)) close(true);
    else close(false);
  });
  return () => {
    if (!is_unsaved(state())) return Promise.resolve(true);
    answer(false); // to an earlier question that was not answered
    return new Promise((resolve) => {
      answer = resolve;
      const now = state();
      write("unsaved-text", question(now));
      const why = SESSION ? why_no_save(now) || why_not(SESSION, now) : "";
      enable(element("unsaved-save", HTMLButtonElement), why, "Saves a session file, then opens the other scan");
      if (!dialog.open) dialog.showModal();
    });
  };
}
