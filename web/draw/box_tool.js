// The pointer draws a box; Escape gives it up.

import { box_between, image_from_screen } from "./view.js";

/** @typedef {import("./view.js").Point} Point */
/**
 * @typedef {object} BoxHandlers
 * @property {(box: import("../state/boxes.js").ImageBox) => void} on_box
 * @property {() => void} on_click the pointer went down and up in one place
 * @property {(point: Point | null) => void} on_point where the pointer is, in image space
 */

const CLICK_LENGTH = 3; // CSS pixels; a shorter way is a click, not a box

/** @type {(canvas: HTMLCanvasElement, painted: import("./canvas.js").ImageCanvas, handlers: BoxHandlers) => void} */
export function listen_to_boxes(canvas, painted, { on_box, on_click, on_point }) {
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
    if (!image || start || event.button !== 0 || !event.isPrimary) return;
    start = { pointer: event.pointerId, screen: screen_of(event), image };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const image = image_of(event);
    on_point(image);
    if (!start || !image || event.pointerId !== start.pointer) return;
    painted.band = box_between(start.image, image);
    painted.paint();
  });
  canvas.addEventListener("pointerup", (event) => {
    const image = image_of(event);
    if (!start || !image || event.pointerId !== start.pointer) return;
    const { screen, image: from } = start;
    const to = screen_of(event);
    give_up();
    if (Math.hypot(to.x - screen.x, to.y - screen.y) < CLICK_LENGTH) on_click();
    else on_box(box_between(from, image));
  });
  canvas.addEventListener("pointercancel", give_up);
  canvas.addEventListener("pointerleave", () => on_point(null));
  window.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && start) give_up();
  });
}
