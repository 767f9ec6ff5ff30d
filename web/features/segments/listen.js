// Wires the question what to do with a segmentation that is opened on a scan.

import { element, write } from "../../ui/element.js";
import { on_click } from "../../wire/listen.js";
import { question_words, resampling_words } from "./words.js";

/** What the user wants to do with a segmentation; null for nothing. @typedef {"load" | "compare" | "open" | null} Use */

const USES = /** @type {const} */ (["load", "compare", "open"]);

/** Asks the user. `count`: how many files are segmentations; `with_scan`: others are a scan to open first.
 * @type {() => (count: number, with_scan: boolean) => Promise<Use>} */
export function use_asker() {
  const dialog = element("segments", HTMLDialogElement);
  /** @type {(use: Use) => void} */
  let answer = () => {};
  /** @param {Use} use */
  const close = (use) => {
    answer(use);
    dialog.close();
  };
  // Escape closes it too; an answer that was given before stands.
  dialog.addEventListener("close", () => answer(null));
  for (const use of USES) on_click(`segments-${use}`, () => close(use));
  on_click("segments-cancel", () => close(null));
  return (count, with_scan) => {
    answer(null); // to an earlier question that was not answered
    return new Promise((resolve) => {
      answer = resolve;
      write("segments-text", question_words(count, with_scan));
      // A new scan has no reference yet.
      element("segments-compare", HTMLElement).hidden = with_scan;
      write("segments-open", with_scan ? "Open all as scans" : "Open as a scan");
      if (!dialog.open) dialog.showModal();
    });
  };
}

/** Asks whether to resample segments; the failure says how they lie.
 * @type {() => import("./loader.js").AskResampling} */
export function resampling_asker() {
  const dialog = element("resampling", HTMLDialogElement);
  /** @type {(is_wanted: boolean) => void} */
  let answer = () => {};
  /** @param {boolean} is_wanted */
  const close = (is_wanted) => {
    answer(is_wanted);
    dialog.close();
  };
  dialog.addEventListener("close", () => answer(false));
  on_click("resampling-do", () => close(true));
  on_click("resampling-cancel", () => close(false));
  return ({ message }) => {
    answer(false);
    return new Promise((resolve) => {
      answer = resolve;
      write("resampling-text", resampling_words(message));
      if (!dialog.open) dialog.showModal();
    });
  };
}
