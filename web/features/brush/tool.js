// Draws strokes with the pointer; Escape cancels a stroke. Shift and the right button swap brush and eraser, and the
// far end of a pen erases.

import { screen_of } from "../../draw/gesture.js";
import { image_from_screen } from "../../draw/screen_transform.js";
import { thinned } from "./stroke_path.js";

/** @typedef {import("../../draw/screen_transform.js").Point} Point */
/** @typedef {import("./stroke_path.js").PathPoint} PathPoint */
/** @typedef {import("./strokes_state.js").Stroke} Stroke */
/** The slice that a stroke is drawn on, and its brush.
 * @typedef {{ number: number, plane: string, slice: number, radius_px: number, pixel_aspect: number }} Ground */
/**
 * @typedef {object} BrushHandlers
 * @property {() => "brush" | "eraser" | null} tool null while another tool is active
 * @property {(erases: boolean) => Ground | null} begin null if nothing can be drawn; the page says why
 * @property {(ground: Ground, stroke: Stroke) => void} on_stroke
 */

const PEN_ERASER = 5; // a button

/** Whether a press begins a stroke; with Alt the window is dragged. @type {(event: PointerEvent) => boolean} */
export const begins_stroke = ({ altKey, button, isPrimary }) =>
  !altKey && [0, 2, PEN_ERASER].includes(button) && isPrimary;

/** Where the pointer was since the last event, in image space.
 * @type {(
 *   canvas: HTMLCanvasElement, painted: import("../../draw/canvas.js").ImageCanvas, event: PointerEvent,
 * ) => PathPoint[]} */
export function path_of(canvas, { transform }, event) {
  if (!transform) return [];
  const events = event.getCoalescedEvents?.() ?? [];
  return (events.length ? events : [event]).map((each) => {
    const { x, y } = image_from_screen(transform, screen_of(canvas, each));
    return [x, y];
  });
}

/** @type {(tool: "brush" | "eraser", event: Pick<PointerEvent, "button" | "shiftKey">) => boolean} */
export const is_erasing = (tool, { button, shiftKey }) =>
  button === PEN_ERASER || (tool === "eraser") !== (shiftKey || button === 2);

/** A stroke that is being drawn. @typedef {{ ground: Ground, kind: Stroke["kind"], path: PathPoint[] }} Drawing */

/** @type {(
 *   canvas: HTMLCanvasElement, painted: import("../../draw/canvas.js").ImageCanvas, handlers: BrushHandlers,
 * ) => import("../../draw/gesture.js").Tool<Drawing>} */
export function brush_tool(canvas, painted, { tool, begin, on_stroke }) {
  /** @type {(drawing: Drawing) => Stroke} */
  const stroke_of = ({ kind, path, ground: { radius_px, pixel_aspect } }) =>
    ({ kind, radius_px, path: thinned(path, radius_px, pixel_aspect) });
  /** @param {Drawing | null} drawing */
  const show = (drawing) => {
    painted.stroke = drawing && { ...drawing.ground, stroke: stroke_of(drawing) };
    painted.paint();
  };
  return {
    begin(event, at) {
      const used = tool();
      if (!used || !begins_stroke(event) || !painted.transform) return null;
      const erases = is_erasing(used, event);
      const ground = begin(erases);
      if (!ground) return null;
      /** @type {Drawing} */
      const drawing = { ground, kind: erases ? "erase" : "paint", path: path_of(canvas, painted, event) };
      painted.brush = { at, erases };
      show(drawing);
      return drawing;
    },
    move: (drawing, event) => { drawing.path.push(...path_of(canvas, painted, event)); },
    end(drawing) {
      show(null);
      on_stroke(drawing.ground, stroke_of(drawing));
    },
    cancel: () => show(null),
    hover({ shiftKey }, at, drawing) {
      const used = tool();
      if (!used && !painted.brush) return;
      painted.brush = used
        && { at, erases: drawing ? drawing.kind === "erase" : is_erasing(used, { button: 0, shiftKey }) };
      show(drawing);
    },
    leave() {
      painted.brush = null;
      painted.paint();
    },
  };
}
