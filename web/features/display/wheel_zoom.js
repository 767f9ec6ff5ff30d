// Ctrl and the mouse wheel zoom at the pointer, as does pinching a touch pad, which sends the same events. On a scan
// without slices the wheel alone zooms.

import { screen_of } from "../../draw/gesture.js";

/** Wheel distance that zooms by a factor of e, in CSS pixels. */
const PIXELS = 100;
/** Limit for one event: a notch of a mouse wheel zooms by 1.25. */
const MAX_STEP = Math.log(1.25) * PIXELS;
const LINE = 34;

/** @type {(event: Pick<WheelEvent, "deltaY" | "deltaMode">) => number} */
export function zoom_factor({ deltaY, deltaMode }) {
  const pixels = deltaMode === 0 ? deltaY : deltaY * LINE;
  return Math.exp(-Math.min(Math.max(pixels, -MAX_STEP), MAX_STEP) / PIXELS);
}

/** @type {(
 *   canvas: HTMLCanvasElement,
 *   handlers: {
 *     has_slices: () => boolean,
 *     on_zoom: (at: import("../../draw/screen_transform.js").Point, factor: number) => void,
 *   },
 * ) => void} */
export function listen_to_wheel_zoom(canvas, { has_slices, on_zoom }) {
  canvas.addEventListener("wheel", (event) => {
    if (has_slices() && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault(); // do not zoom or scroll the page
    on_zoom(screen_of(canvas, event), zoom_factor(event));
  }, { passive: false });
}
