// Draws a box, a polygon or a scribble, or sets a point, with the pointer; Escape cancels what is drawn.

import { box_between, image_from_screen } from "../../draw/screen_transform.js";
import { polygon_of } from "./paths.js";

/** @typedef {import("../../draw/screen_transform.js").Point} Point */
/**
 * @typedef {object} PromptHandlers
 * @property {() => PromptTool | null} tool null while a tool that draws no prompts is active
 * @property {(box: import("./state.js").ImageBox, to_selected: boolean) => void} on_box
 * @property {(polygon: import("./paths.js").PathPoint[] | null, to_selected: boolean) => void} on_polygon null if it
 *   encloses nothing
 * @property {(point: import("./state.js").ImagePoint) => void} on_point
 * @property {(path: import("./paths.js").PathPoint[], label: 0 | 1) => void} on_scribble
 * @property {(at: Point) => void} on_click a click with the box or the polygon tool
 * @property {(at: (() => Point | null) | null) => void} on_hover gives the pointer's position in image space; a
 *   function, since the image may move under it
 */

/** The tools that draw prompts. @typedef {"box" | "positive" | "negative" | "polygon"} PromptTool */

/** Null for any other tool. @type {(tool: import("../../state/tools.js").Tool) => PromptTool | null} */
export const prompt_tool_of = (tool) =>
  tool === "box" || tool === "positive" || tool === "negative" || tool === "polygon" ? tool : null;

/** CSS pixels; a shorter drag is a click. A finger moves more. */
const CLICK_LENGTH = 3;
const TAP_LENGTH = 8;
/** A shorter drag sets a point where it ended, as by an unsteady hand. */
const SCRIBBLE_LENGTH = 12;

/** `path` is in image space, `farthest` is how far the pointer has been from where it was pressed, in CSS pixels.
 * @typedef {{ screen: Point, image: Point, path: import("./paths.js").PathPoint[], farthest: number }} Drag */

/** Rounded to a hundredth of an image pixel. @type {(value: number) => number} */
const rounded = (value) => Math.round(value * 100) / 100;

/** Shift or the right button turns a positive point into a negative one.
 * @type {(at: Point, tool: "positive" | "negative", event: PointerEvent) => import("./state.js").ImagePoint} */
export const point_of = ({ x, y }, tool, { button, shiftKey }) =>
  [rounded(x), rounded(y), tool === "negative" || shiftKey || button === 2 ? 0 : 1];

/** @type {(
 *   painted: import("../../draw/canvas.js").ImageCanvas, handlers: PromptHandlers,
 * ) => import("../../draw/gesture.js").Tool<Drag>} */
export function prompt_tool(painted, { tool, on_box, on_polygon, on_point, on_scribble, on_click, on_hover }) {
  /** @param {Point} at in screen space, as the image lies now */
  const image_at = (at) => painted.transform && image_from_screen(painted.transform, at);
  /** @param {import("./state.js").ImageBox | null} band @param {import("./draw_path.js").DrawnPath | null} path */
  const show = (band, path = null) => {
    [painted.band, painted.path] = [band, path];
    painted.paint();
  };
  /** @type {(drag: Drag, at: Point, image: Point) => void} */
  const go_to = (drag, at, { x, y }) => {
    drag.path.push([x, y]);
    drag.farthest = Math.max(drag.farthest, Math.hypot(at.x - drag.screen.x, at.y - drag.screen.y));
  };
  return {
    begin(event, at) {
      const image = image_at(at);
      // With Alt, and with the other button and the box tool, the window is dragged: window/tool.js.
      const draws = tool() !== null && !event.altKey
        && (event.button === 0 || (event.button === 2 && tool() !== "box" && tool() !== "polygon"));
      return image && draws && event.isPrimary ? { screen: at, image, path: [[image.x, image.y]], farthest: 0 } : null;
    },
    move(drag, _, at) {
      const [image, used] = [image_at(at), tool()];
      if (!image || !used) return;
      if (used === "box") return show(box_between(drag.image, image));
      go_to(drag, at, image);
      const is_closed = used === "polygon";
      show(null, is_closed || drag.farthest >= SCRIBBLE_LENGTH ? { path: drag.path, is_closed } : null);
    },
    end(drag, event, at) {
      const [image, used] = [image_at(at), tool()];
      show(null);
      if (!image || !used) return;
      const longest_click = event.pointerType === "touch" ? TAP_LENGTH : CLICK_LENGTH;
      go_to(drag, at, image);
      if (used === "box" || used === "polygon") {
        const length = used === "box" ? Math.hypot(at.x - drag.screen.x, at.y - drag.screen.y) : drag.farthest;
        if (length < longest_click) on_click(image);
        else if (used === "box") on_box(box_between(drag.image, image), event.shiftKey);
        else on_polygon(polygon_of(drag.path), event.shiftKey);
        return;
      }
      const point = point_of(image, used, event);
      if (drag.farthest < SCRIBBLE_LENGTH) on_point(point);
      else on_scribble(drag.path, point[2]);
    },
    cancel: () => show(null),
    hover: (_, at) => on_hover(() => image_at(at)),
    leave: () => on_hover(null),
  };
}
