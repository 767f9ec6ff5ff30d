// Display shortcuts, as in OHIF where it has them: = and F fit, + and − zoom, R and L rotate, H and V flip, I inverts.

import { listen_to_table } from "../keyboard/keys.js";

/** @satisfies {readonly import("../keyboard/shortcuts.js").Shortcut[]} */
export const DISPLAY_KEYS = /** @type {const} */ ([
  { group: "Display", act: "fit", keys: ["f", "="], what: "Fit the whole scan" },
  { group: "Display", act: "one_to_one", keys: ["0"], what: "Actual size" },
  { group: "Display", act: "larger", keys: ["+"], what: "Zoom in; Ctrl and the wheel zoom at the pointer" },
  { group: "Display", act: "smaller", keys: ["-"], what: "Zoom out" },
  {
    group: "Display", act: "pan", keys: ["Ctrl+ArrowLeft", "Ctrl+ArrowRight", "Ctrl+ArrowUp", "Ctrl+ArrowDown"],
    shown: "Ctrl arrow", what: "Pan; or drag with Space held or with the middle button",
  },
  { group: "Display", act: "clockwise", keys: ["r"], what: "Rotate by 90° clockwise" },
  { group: "Display", act: "anticlockwise", keys: ["l"], what: "Rotate by 90° anticlockwise" },
  { group: "Display", act: "left_to_right", keys: ["h"], what: "Flip left to right" },
  { group: "Display", act: "top_to_bottom", keys: ["v"], what: "Flip top to bottom" },
  { group: "Display", act: "invert", keys: ["i"], what: "Invert" },
  { group: "Display", act: "reset", keys: ["u"], what: "Reset the view" },
]);

/** @typedef {(typeof DISPLAY_KEYS)[number]["act"]} DisplayAct */

/** @type {(page: Window, acts: Record<DisplayAct, (key: string) => void>) => void} */
export const listen_to_display_keys = (page, acts) => listen_to_table(page, DISPLAY_KEYS, acts);
