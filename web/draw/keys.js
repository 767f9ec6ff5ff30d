// The keyboard: B, P and N choose a tool, Delete removes the selected object, Escape lets it go.

/** @typedef {import("../state/tools.js").Tool} Tool */
/** @typedef {{ on_tool: (tool: Tool) => void, on_remove: () => void, on_deselect: () => void, on_undo: () => void }} KeyHandlers */

/** @type {Record<string, Tool>} */
const TOOL_OF_KEY = { b: "box", p: "positive", n: "negative" };
/** Inputs whose keys are not text. */
const SILENT = ["radio", "checkbox", "range", "button", "submit", "file"];

/** @type {(target: EventTarget | null) => boolean} */
const is_typing = (target) => target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement
  || (target instanceof HTMLInputElement && !SILENT.includes(target.type));

/** @type {(page: Window, handlers: KeyHandlers) => void} */
export function listen_to_keys(page, { on_tool, on_remove, on_deselect, on_undo }) {
  page.addEventListener("keydown", (event) => {
    if (is_typing(event.target)) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key === "z" && !event.altKey) on_undo();
      return;
    }
    if (event.altKey) return;
    const tool = TOOL_OF_KEY[event.key.toLowerCase()];
    if (tool) on_tool(tool);
    else if (event.key === "Delete" || event.key === "Backspace") on_remove();
    else if (event.key === "Escape") on_deselect();
  });
}
