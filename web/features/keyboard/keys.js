// Shortcuts anywhere on the page, except in text fields, in dialogs and in controls that use the key themselves.

import { SHORTCUTS, shortcut_of } from "./shortcuts.js";

/** What each act does; false if there is nothing to do, so that the browser gets the key.
 * @typedef {Record<import("./shortcuts.js").Act, (key: string) => unknown>} KeyHandlers */

/** Inputs whose keys are not text. */
const SILENT = ["radio", "checkbox", "range", "button", "submit", "file"];
const MOVING = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "PageUp", "PageDown", "Home", "End"];

/** @type {(target: EventTarget | null) => boolean} */
export const is_typing = (target) => target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement
  || (target instanceof HTMLInputElement && !SILENT.includes(target.type));

/** Inputs that the arrow keys change. @type {(target: EventTarget | null) => boolean} */
const uses_arrows = (target) => target instanceof HTMLInputElement && ["radio", "range"].includes(target.type);

/** Runs the act of a shortcut table for each key press.
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
    // Escape leaves a field, so that the shortcuts work again.
    if (event.key === "Escape" && is_typing(event.target) && event.target instanceof HTMLElement) event.target.blur();
  });
}
