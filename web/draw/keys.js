// The keyboard, anywhere on the page. It yields to text fields, to dialogs, and to what has its own use for a key.

import { SHORTCUTS, shortcut_of } from "./shortcuts.js";

/** What an act does; false where there is nothing to do, and the key is left to the browser.
 * @typedef {Record<import("./shortcuts.js").Act, (key: string) => unknown>} KeyHandlers */

/** Inputs whose keys are not text. */
const SILENT = ["radio", "checkbox", "range", "button", "submit", "file"];
const MOVING = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End"];

/** @type {(target: EventTarget | null) => boolean} */
export const is_typing = (target) => target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement
  || (target instanceof HTMLInputElement && !SILENT.includes(target.type));

/** Inputs that the arrows change. @type {(target: EventTarget | null) => boolean} */
const uses_arrows = (target) => target instanceof HTMLInputElement && ["radio", "range"].includes(target.type);

/** Does what a table of keys says, once for each key that is pressed.
 * @template {import("./shortcuts.js").Shortcut} S
 * @param {Window} page @param {readonly S[]} table @param {Record<S["act"], (key: string) => unknown>} acts */
export function listen_to_table(page, table, acts) {
  page.addEventListener("keydown", (event) => {
    if (is_typing(event.target) || page.document.querySelector("dialog[open]")) return;
    if (MOVING.includes(event.key) && uses_arrows(event.target)) return;
    const shortcut = shortcut_of(table, event);
    if (shortcut && acts[/** @type {S["act"]} */ (shortcut.act)](event.key) !== false) event.preventDefault();
  });
}

/** @type {(page: Window, handlers: KeyHandlers) => void} */
export function listen_to_keys(page, handlers) {
  listen_to_table(page, SHORTCUTS, handlers);
  page.addEventListener("keydown", (event) => {
    // Out of a field: the keys are the page's again.
    if (event.key === "Escape" && is_typing(event.target) && event.target instanceof HTMLElement) event.target.blur();
  });
}
