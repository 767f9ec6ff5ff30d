// All shortcuts in one table, from which the listeners and the list of keys are made. They follow OHIF and 3D Slicer
// where those have them: arrows, Home and End, digits, Escape, Ctrl+Z and Ctrl+Y, and Slicer's Q and W.

/**
 * `keys` are named as by `combination_of`; `shown` replaces them in the list of keys.
 * @typedef {{ group: string, act: string, keys: readonly string[], shown?: string, what: string }} Shortcut
 */

/** Active anywhere on the page, except in text fields and dialogs. @satisfies {readonly Shortcut[]} */
export const SHORTCUTS = /** @type {const} */ ([
  { group: "Scan", act: "open", keys: ["o"], what: "Open a scan" },
  { group: "Scan", act: "slice_before", keys: ["ArrowUp", "ArrowLeft"], what: "Previous slice" },
  { group: "Scan", act: "slice_after", keys: ["ArrowDown", "ArrowRight"], what: "Next slice" },
  { group: "Scan", act: "ten_before", keys: ["PageUp"], what: "Back ten slices" },
  { group: "Scan", act: "ten_after", keys: ["PageDown"], what: "Forward ten slices" },
  { group: "Scan", act: "first_slice", keys: ["Home"], what: "First slice" },
  { group: "Scan", act: "last_slice", keys: ["End"], what: "Last slice" },
  {
    group: "Scan", act: "preset", keys: ["1", "2", "3", "4", "5", "6", "7", "8", "9"], shown: "1 to 9",
    what: "Window preset, in the order of the buttons",
  },
  { group: "Prompts", act: "tool_box", keys: ["b"], what: "Draw boxes" },
  { group: "Prompts", act: "tool_positive", keys: ["p"], what: "Positive points" },
  { group: "Prompts", act: "tool_negative", keys: ["n"], what: "Negative points" },
  { group: "Prompts", act: "tool_polygon", keys: ["y"], what: "Draw polygons around objects, as prompts" },
  { group: "Prompts", act: "tool_brush", keys: ["d"], what: "Paint on the selected object's mask" },
  { group: "Prompts", act: "tool_eraser", keys: ["e"], what: "Erase from the selected object's mask" },
  { group: "Edits", act: "tool_sphere", keys: ["t"], what: "3D brush: paint with a ball through the slices" },
  { group: "Edits", act: "tool_lasso", keys: ["a"], what: "Lasso: draw around what to add to the mask" },
  { group: "Edits", act: "tool_grow", keys: ["g"], what: "Grow from a click through values in a range" },
  { group: "Edits", act: "copy_before", keys: [","], what: "Copy the mask to the previous slice" },
  { group: "Edits", act: "copy_after", keys: ["."], what: "Copy the mask to the next slice" },
  { group: "Edits", act: "apply_edit", keys: ["Enter"], what: "Apply the edit that is previewed; Escape cancels it" },
  { group: "Prompts", act: "radius_down", keys: ["["], what: "Smaller brush" },
  { group: "Prompts", act: "radius_up", keys: ["]"], what: "Larger brush" },
  { group: "Prompts", act: "crosshair", keys: ["x"], what: "Draw with the keyboard: a crosshair on the scan" },
  { group: "Objects", act: "object_before", keys: ["q"], what: "Select the previous object" },
  { group: "Objects", act: "object_after", keys: ["w"], what: "Select the next object" },
  {
    group: "Objects", act: "deselect", keys: ["Escape"],
    what: "Leave a field; deselect, so that the next point starts a new object",
  },
  { group: "Objects", act: "remove", keys: ["Delete", "Backspace"], what: "Delete the selected object" },
  { group: "Objects", act: "masks", keys: ["m"], what: "Show or hide the masks" },
  {
    group: "Objects", act: "nudge", keys: ["Shift+ArrowUp", "Shift+ArrowDown", "Shift+ArrowLeft", "Shift+ArrowRight"],
    shown: "Shift arrow", what: "Move the selected box by a pixel",
  },
  {
    group: "Objects", act: "resize",
    keys: ["Ctrl+Shift+ArrowUp", "Ctrl+Shift+ArrowDown", "Ctrl+Shift+ArrowLeft", "Ctrl+Shift+ArrowRight"],
    shown: "Ctrl Shift arrow", what: "Move the far corner of the selected box by a pixel",
  },
  { group: "Objects", act: "undo", keys: ["Ctrl+z"], what: "Undo" },
  { group: "Objects", act: "redo", keys: ["Ctrl+y", "Ctrl+Shift+z"], what: "Redo" },
  { group: "Review", act: "review_before", keys: ["k"], what: "Previous slice to review" },
  { group: "Review", act: "review_after", keys: ["j"], what: "Next slice to review" },
  { group: "Review", act: "review_tick", keys: ["c"], what: "Tick the slice as reviewed, or remove its tick" },
  { group: "Page", act: "save", keys: ["s"], what: "Save the masks of this slice as a PNG" },
  { group: "Page", act: "sheet", keys: ["?"], what: "Show this list" },
]);

/** Active on the scan while the crosshair is shown; Enter shows it. @satisfies {readonly Shortcut[]} */
export const CROSSHAIR_KEYS = /** @type {const} */ ([
  {
    group: "With the crosshair", act: "move", keys: ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"],
    what: "Move the crosshair by a pixel",
  },
  {
    group: "With the crosshair", act: "leap",
    keys: ["Shift+ArrowUp", "Shift+ArrowDown", "Shift+ArrowLeft", "Shift+ArrowRight"],
    shown: "Shift arrow", what: "Move the crosshair by ten pixels",
  },
  {
    group: "With the crosshair", act: "set", keys: ["Enter", " "],
    what: "Set a corner of the box, polygon or lasso, a point, or a dab of the brush; grow",
  },
  {
    group: "With the crosshair", act: "set_other", keys: ["Shift+Enter", "Shift+ "],
    what: "Add the box to the selected object; close the polygon; set a negative point; erase; cut by lasso",
  },
  { group: "With the crosshair", act: "give_up", keys: ["Escape"], what: "Cancel the corners, then the crosshair" },
]);

/** @typedef {(typeof SHORTCUTS)[number]["act"]} Act */
/** @typedef {(typeof CROSSHAIR_KEYS)[number]["act"]} CrosshairAct */

/** A key with its modifiers. Ctrl includes the Mac's Command; Shift counts only where the key alone does not imply it.
 * Empty with Alt; AltGr is part of the key, as for "[" on many keyboards.
 * @type {(
 *   event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey" | "getModifierState">,
 * ) => string} */
export function combination_of(event) {
  const { key, ctrlKey, metaKey, shiftKey, altKey } = event;
  const alt_graph = event.getModifierState("AltGraph");
  if (altKey && !alt_graph) return "";
  const ctrl = (ctrlKey || metaKey) && !alt_graph;
  const shift = shiftKey && (ctrl || key.length > 1 || key === " ");
  return `${ctrl ? "Ctrl+" : ""}${shift ? "Shift+" : ""}${key.length === 1 ? key.toLowerCase() : key}`;
}

/** @template {Shortcut} S
 * @param {readonly S[]} table @param {KeyboardEvent} event @returns {S | undefined} */
export function shortcut_of(table, event) {
  const combination = combination_of(event);
  return table.find(({ keys }) => keys.includes(combination));
}

/** @type {Record<string, string>} */
const NAMES = {
  ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", PageUp: "Page up", PageDown: "Page down",
  Escape: "Esc", " ": "Space", "-": "−",
};

/** The keys as shown to people. @type {(shortcut: Shortcut) => string[]} */
export const names_of = ({ keys, shown }) => shown ? [shown] : keys.map((combination) => {
  const [, held = "", key = ""] = /^((?:Ctrl\+|Shift\+)*)(.+)$/.exec(combination) ?? [];
  return held.replaceAll("+", " ") + (NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key));
});
