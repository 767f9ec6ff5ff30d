// The pointer draws a box or sets a point; Escape gives the box up.

import { box_between, image_from_screen } from "./view.js";

/** @typedef {import("./view.js").Point} Point */
/**
 * @typedef {object} PromptHandlers
 * @property {() => "box" | "positive" | "negative" | null} tool null while the brush is in hand
 * @property {(box: import("../state/prompts.js").ImageBox, to_selected: boolean) => void} on_box
 * @property {(point: import("../state/prompts.js").ImagePoint) => void} on_point
 * @property {(at: Point) => void} on_click the pointer went down and up in one place, with the box tool
 * @property {(at: (() => Point | null) | null) => void} on_hover what tells where the pointer is, in image space: the image may move below it
 */

/** CSS pixels; a shorter way is a click, not a box. A finger rolls. */
const CLICK_LENGTH = 3;
const TAP_LENGTH = 8;

/** Half a pixel of a screen is no more than a hundredth of a scan's pixel. @type {(value: number) => number} */
const rounded = (value) => Math.round(value * 100) / 100;

/** The Shift key or the other button turns a positive point into a negative one.
 * @type {(at: Point, tool: "positive" | "negative", event: PointerEvent) => import("../state/prompts.js").ImagePoint} */
export const point_of = ({ x, y }, tool, { button, shiftKey }) =>
  [rounded(x), rounded(y), tool === "negative" || shiftKey || button === 2 ? 0 : 1];

/** @type {(canvas: HTMLCanvasElement, painted: import("./canvas.js").ImageCanvas, handlers: PromptHandlers) => void} */
export function listen_to_prompts(canvas, painted, { tool, on_box, on_point, on_click, on_hover }) {
  /** @type {{ pointer: number, screen: Point, image: Point } | null} */
  let start = null;

  /** @type {(event: PointerEvent) => Point} */
  const screen_of = (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  /** @type {(event: PointerEvent) => Point | null} */
  const image_of = (event) => painted.view && image_from_screen(painted.view, screen_of(event));

  const give_up = () => {
    if (start && canvas.hasPointerCapture(start.pointer)) canvas.releasePointerCapture(start.pointer);
    start = null;
    painted.band = null;
    painted.paint();
  };

  canvas.addEventListener("pointerdown", (event) => {
    const image = image_of(event);
    // With Alt, and with the other button and the box tool, the window is dragged: window_drag.js.
    const drawing = tool() !== null && !event.altKey && (event.button === 0 || (event.button === 2 && tool() !== "box"));
    if (!image || start || !drawing || !event.isPrimary) return;
    start = { pointer: event.pointerId, screen: screen_of(event), image };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const image = image_of(event);
    const screen = screen_of(event);
    on_hover(() => painted.view && image_from_screen(painted.view, screen));
    if (!start || !image || event.pointerId !== start.pointer || tool() !== "box") return;
    painted.band = box_between(start.image, image);
    painted.paint();
  });
  canvas.addEventListener("pointerup", (event) => {
    const image = image_of(event);
    if (!start || !image || event.pointerId !== start.pointer) return;
    const { screen, image: from } = start;
    const to = screen_of(event);
    const used = tool();
    give_up();
    if (!used) return;
    if (used !== "box") on_point(point_of(image, used, event));
    else if (Math.hypot(to.x - screen.x, to.y - screen.y) < (event.pointerType === "touch" ? TAP_LENGTH : CLICK_LENGTH)) on_click(image);
    else on_box(box_between(from, image), event.shiftKey);
  });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("pointercancel", give_up);
  canvas.addEventListener("pointerleave", () => on_hover(null));
  window.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !start) return;
    give_up();
    event.stopImmediatePropagation(); // it means the box, not the selection
  });
}
