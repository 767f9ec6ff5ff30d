// The list of keys, made from the tables that the listeners use.

import { part } from "../../ui/element.js";
import { DISPLAY_KEYS } from "../display/keys.js";
import { CROSSHAIR_KEYS, names_of, SHORTCUTS } from "./shortcuts.js";

/** @typedef {import("./shortcuts.js").Shortcut} Shortcut */

/** All shortcuts of the page. @type {readonly Shortcut[]} */
export const ALL_KEYS = [...SHORTCUTS, ...DISPLAY_KEYS, ...CROSSHAIR_KEYS];

/** Grouped, in order of first appearance. @type {(shortcuts: readonly Shortcut[]) => [group: string, Shortcut[]][]} */
export const grouped = (shortcuts) => [...new Set(shortcuts.map(({ group }) => group))]
  .map((group) => [group, shortcuts.filter((each) => each.group === group)]);

/** @type {(shortcut: Shortcut) => HTMLElement[]} */
function row(shortcut) {
  const keys = part("dt", "", "");
  keys.append(...names_of(shortcut).flatMap((name, i) => [...(i ? [" "] : []), part("kbd", "", name)]));
  return [keys, part("dd", "", shortcut.what)];
}

/** @type {(list: HTMLElement) => void} */
export const fill_sheet = (list) => list.replaceChildren(...grouped(ALL_KEYS).map(([group, shortcuts]) => {
  const made = part("section", "", "");
  const rows = part("dl", "", "");
  rows.append(...shortcuts.flatMap(row));
  made.append(part("h3", "", group), rows);
  return made;
}));
