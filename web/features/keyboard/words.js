// Words for the keyboard's crosshair, shown over the scan and read by screen readers.

import { box_between } from "../../draw/screen_transform.js";
import { pointer_words } from "../../show/scan_words.js";
import { place_of } from "./crosshair.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("./crosshair.js").Crosshair} Crosshair */
/** @typedef {import("./crosshair.js").CrosshairNews} CrosshairNews */

/** What Enter does with each tool, and the message afterwards.
 * @type {Record<import("../../state/tools.js").Tool, { enter: string, done: string }>} */
const TOOL_WORDS = {
  box: { enter: "sets the first corner", done: "The box is drawn. Enter begins the next one, Escape ends." },
  positive: { enter: "sets a point on the object", done: "The point is set. Escape ends." },
  negative: { enter: "sets a point outside the object", done: "The point is set. Escape ends." },
  polygon: { enter: "sets the first corner", done: "The polygon is drawn. Enter begins the next one, Escape ends." },
  brush: { enter: "paints; with Shift it erases", done: "Painted. Escape ends." },
  sphere: { enter: "paints with a ball; with Shift it erases", done: "Painted. Escape ends." },
  lasso: {
    enter: "sets a corner; pressed twice in one place, it adds what the corners enclose; with Shift, it cuts that",
    done: "Done. Escape ends.",
  },
  grow: { enter: "grows from here", done: "Grown. Escape ends." },
  eraser: { enter: "erases; with Shift it paints", done: "Erased. Escape ends." },
};

/** @type {(state: State, crosshair: Crosshair | null, news: CrosshairNews) => string} */
export function crosshair_words(state, crosshair, news) {
  if (!crosshair) return "";
  const { at, from, corners } = crosshair;
  const { tools: { tool } } = state;
  if (news === "flat") return tool === "polygon" ? "A polygon needs three corners or more, and must enclose an area."
    : "A box needs a width and a height: move the crosshair, then press Enter.";
  if (news === "set") return TOOL_WORDS[tool].done;
  const place = pointer_words(state, place_of(at, tool));
  if (from) {
    const [x0, y0, x1, y1] = box_between(from, at);
    return `${place}. From ${from.x}, ${from.y}: ${x1 - x0} × ${y1 - y0} pixels. Enter draws the box.`;
  }
  if (corners.length) {
    const count = corners.length === 1 ? "1 corner" : `${corners.length} corners`;
    return `${place}. ${count}. Enter sets the next one, Shift and Enter closes the polygon.`;
  }
  const { enter } = TOOL_WORDS[tool];
  const how = news === "begun" ? " Arrows move it, with Shift by ten; Escape ends." : "";
  return `${place}. Enter ${enter}.${how}`;
}
