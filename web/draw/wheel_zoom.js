// Ctrl and the wheel zoom at the pointer, as does a touch pad's pinch, which comes as that; on a scan without slices
// the wheel alone does it.

import { screen_of } from "./gesture.js";

/** What makes the image e times as large, in CSS pixels of a wheel's way. */
const PIXELS = 100;
/** Of one event: a notch of a mouse's wheel is a quarter more, or a fifth less. */
const MAX_STEP = Math.log(1.25) * PIXELS;
const LINE = 34;

/** @type {(event: Pick<WheelEvent, "deltaY" | "deltaMode">) => number} */
export function zoom_factor({ deltaY, deltaMode }) {
  const pixels = deltaMode === 0 ? deltaY : deltaY * LINE;
  return Math.exp(-Math.min(Math.max(pixels, -MAX_STEP), MAX_STEP) / PIXELS);
}

/** @type {(canvas: HTMLCanvasElement, handlers: { has_slices: () => boolean, on_zoom: (at: import("./screen_transform.js").Point, factor: number) => void }) => void} */
export function listen_to_wheel_zoom(canvas, { has_slices, on_zoom }) {
  canvas.addEventListener("wheel", (event) => {
    if (has_slices() && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault(); // it is not the page that is zoomed or scrolled
    on_zoom(screen_of(canvas, event), zoom_factor(event));
  }, { passive: false });
}
