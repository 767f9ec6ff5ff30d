// The mouse wheel over the scan changes the slice. With Ctrl it zooms: wheel_zoom.js.

/** One notch of a wheel, in CSS pixels; a touch pad sends many small parts of it. */
const NOTCH = 100;
const LINE = 34;

/** How many slices the wheel has moved, and the rest of a notch.
 * @type {(rest: number, event: Pick<WheelEvent, "deltaY" | "deltaMode">) => { slices: number, rest: number }} */
export function turned(rest, { deltaY, deltaMode }) {
  const pixels = deltaMode === 0 ? deltaY : deltaY * (deltaMode === 1 ? LINE : 3 * NOTCH);
  // A change of direction starts from zero.
  const total = (Math.sign(rest) === -Math.sign(pixels) ? 0 : rest) + pixels;
  const slices = Math.trunc(total / NOTCH) + 0;
  return { slices, rest: total - slices * NOTCH };
}

/** @type {(
 *   canvas: HTMLCanvasElement, handlers: { has_slices: () => boolean, on_scroll: (by: number) => void },
 * ) => void} */
export function listen_to_wheel(canvas, { has_slices, on_scroll }) {
  let rest = 0;
  canvas.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey || !has_slices()) return;
    event.preventDefault();
    const { slices, rest: left } = turned(rest, event);
    rest = left;
    if (slices) on_scroll(slices);
  }, { passive: false });
}
