// The pointer draws a stroke; Escape gives it up. Shift and the other button turn the brush into the eraser and
// back, and the far end of a pen erases.

import { image_from_screen } from "./view.js";
import { thinned } from "./stroke_path.js";

/** @typedef {import("./view.js").Point} Point */
/** @typedef {import("./stroke_path.js").PathPoint} PathPoint */
/** @typedef {import("../state/strokes.js").Stroke} Stroke */
/** What a stroke is drawn on, and with. @typedef {{ number: number, plane: string, slice: number, radius_px: number, pixel_aspect: number }} Ground */
/**
 * @typedef {object} BrushHandlers
 * @property {() => "brush" | "eraser" | null} tool null while another one is in hand
 * @property {(erases: boolean) => Ground | null} begin null where nothing can be drawn: the page says why
 * @property {(ground: Ground, stroke: Stroke) => void} on_stroke
 */

const PEN_ERASER = 5; // a button

/** @type {(tool: "brush" | "eraser", event: Pick<PointerEvent, "button" | "shiftKey">) => boolean} */
export const is_erasing = (tool, { button, shiftKey }) =>
  button === PEN_ERASER || (tool === "eraser") !== (shiftKey || button === 2);

/** @type {(canvas: HTMLCanvasElement, painted: import("./canvas.js").ImageCanvas, handlers: BrushHandlers) => void} */
export function listen_to_brush(canvas, painted, { tool, begin, on_stroke }) {
  /** @type {{ pointer: number, ground: Ground, kind: Stroke["kind"], path: PathPoint[] } | null} */
  let drawing = null;

  /** @type {(event: PointerEvent) => Point} */
  const screen_of = (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  /** @type {(event: PointerEvent) => PathPoint[]} */
  const path_of = (event) => {
    const { view } = painted;
    if (!view) return [];
    const events = event.getCoalescedEvents?.() ?? [];
    return (events.length ? events : [event]).map((each) => {
      const { x, y } = image_from_screen(view, screen_of(each));
      return [x, y];
    });
  };
  /** @type {(used: NonNullable<typeof drawing>) => Stroke} */
  const stroke_of = ({ kind, path, ground: { radius_px, pixel_aspect } }) =>
    ({ kind, radius_px, path: thinned(path, radius_px, pixel_aspect) });
  const show = () => {
    painted.stroke = drawing && { ...drawing.ground, stroke: stroke_of(drawing) };
    painted.paint();
  };
  const end = () => {
    if (drawing && canvas.hasPointerCapture(drawing.pointer)) canvas.releasePointerCapture(drawing.pointer);
    drawing = null;
    show();
  };

  canvas.addEventListener("pointerdown", (event) => {
    const used = tool();
    const is_ours = !event.altKey && [0, 2, PEN_ERASER].includes(event.button); // with Alt the window is dragged
    if (!used || drawing || !is_ours || !event.isPrimary || !painted.view) return;
    const erases = is_erasing(used, event);
    const ground = begin(erases);
    if (!ground) return;
    drawing = { pointer: event.pointerId, ground, kind: erases ? "erase" : "paint", path: path_of(event) };
    canvas.setPointerCapture(event.pointerId);
    painted.brush = { at: screen_of(event), erases };
    show();
  });
  canvas.addEventListener("pointermove", (event) => {
    const used = tool();
    if (drawing && event.pointerId === drawing.pointer) drawing.path.push(...path_of(event));
    else if (drawing || (!used && !painted.brush)) return;
    painted.brush = used && { at: screen_of(event), erases: drawing ? drawing.kind === "erase" : is_erasing(used, { button: 0, shiftKey: event.shiftKey }) };
    show();
  });
  canvas.addEventListener("pointerup", (event) => {
    if (!drawing || event.pointerId !== drawing.pointer) return;
    const { ground } = drawing;
    const stroke = stroke_of(drawing);
    end();
    on_stroke(ground, stroke);
  });
  canvas.addEventListener("pointercancel", (event) => {
    if (event.pointerId === drawing?.pointer) end();
  });
  canvas.addEventListener("pointerleave", () => {
    painted.brush = null;
    painted.paint();
  });
  window.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !drawing) return;
    end();
    event.stopImmediatePropagation(); // it means the stroke, not the selection
  });
}
