// Draws a box or sets a point with the pointer; Escape cancels the box.

import { box_between, image_from_screen } from "../../draw/screen_transform.js";

/** @typedef {import("../../draw/screen_transform.js").Point} Point */
/**
 * @typedef {object} PromptHandlers
 * @property {() => "box" | "positive" | "negative" | null} tool null while the brush or eraser is active
 * @property {(box: import("./state.js").ImageBox, to_selected: boolean) => void} on_box
 * @property {(point: import("./state.js").ImagePoint) => void} on_point
 * @property {(at: Point) => void} on_click a click with the box tool
 * @property {(at: (() => Point | null) | null) => void} on_hover gives the pointer's position in image space; a
 *   function, since the image may move under it
 */

/** CSS pixels; a shorter drag is a click, not a box. A finger moves more. */
const CLICK_LENGTH = 3;
const TAP_LENGTH = 8;

/** Rounded to a hundredth of an image pixel. @type {(value: number) => number} */
const rounded = (value) => Math.round(value * 100) / 100;

/** Shift or the right button turns a positive point into a negative one.
 * @type {(at: Point, tool: "positive" | "negative", event: PointerEvent) => import("./state.js").ImagePoint} */
export const point_of = ({ x, y }, tool, { button, shiftKey }) =>
  [rounded(x), rounded(y), tool === "negative" || shiftKey || button === 2 ? 0 : 1];

/** @type {(
 *   painted: import("../../draw/canvas.js").ImageCanvas, handlers: PromptHandlers,
 * ) => import("../../draw/gesture.js").Tool<{ screen: Point, image: Point }>} */
export function prompt_tool(painted, { tool, on_box, on_point, on_click, on_hover }) {
  /** @param {Point} at in screen space, as the image lies now */
  const image_at = (at) => painted.transform && image_from_screen(painted.transform, at);
  /** @param {import("./state.js").ImageBox | null} band */
  const show = (band) => {
    painted.band = band;
    painted.paint();
  };
  return {
    begin(event, at) {
      const image = image_at(at);
      // With Alt, and with the other button and the box tool, the window is dragged: window/tool.js.
      const draws = tool() !== null && !event.altKey
        && (event.button === 0 || (event.button === 2 && tool() !== "box"));
      return image && draws && event.isPrimary ? { screen: at, image } : null;
    },
    move(start, _, at) {
      const image = image_at(at);
      if (image && tool() === "box") show(box_between(start.image, image));
    },
    end({ screen, image: from }, event, at) {
      const [image, used] = [image_at(at), tool()];
      show(null);
      if (!image || !used) return;
      const longest_click = event.pointerType === "touch" ? TAP_LENGTH : CLICK_LENGTH;
      if (used !== "box") on_point(point_of(image, used, event));
      else if (Math.hypot(at.x - screen.x, at.y - screen.y) < longest_click) on_click(image);
      else on_box(box_between(from, image), event.shiftKey);
    },
    cancel: () => show(null),
    hover: (_, at) => on_hover(() => image_at(at)),
    leave: () => on_hover(null),
  };
}
