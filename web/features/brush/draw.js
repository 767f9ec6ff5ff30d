// Draws strokes that are not in the masks yet, and the brush at the pointer. The brush is round in the patient and so
// on the screen, whatever the shape of a pixel.

import { outlined } from "../../draw/outline.js";
import { screen_from_image } from "../../draw/screen_transform.js";

/** @typedef {import("../../draw/screen_transform.js").Point} Point */
/** @typedef {import("../../draw/screen_transform.js").ScreenTransform} ScreenTransform */
/** @typedef {import("./strokes_state.js").Stroke} Stroke */

const ERASED = "rgb(0 0 0 / 55%)";

/** @type {(
 *   context: CanvasRenderingContext2D,
 *   transform: ScreenTransform,
 *   strokes: Stroke[],
 *   colour: string,
 *   opacity: number,
 * ) => void} */
export function draw_strokes(context, transform, strokes, colour, opacity) {
  context.setLineDash([]);
  context.save();
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const { kind, radius_px, path } of strokes) {
    const [first, ...rest] = path.map(([x, y]) => screen_from_image(transform, { x, y }));
    if (!first) continue;
    context.globalAlpha = kind === "paint" ? Math.max(opacity, 0.3) : 1;
    context.strokeStyle = kind === "paint" ? colour : ERASED;
    context.lineWidth = 2 * radius_px * transform.screen_per_image_x;
    context.beginPath();
    context.moveTo(first.x, first.y);
    // A path without length would have no caps.
    if (!rest.length) context.lineTo(first.x + 0.01, first.y);
    for (const { x, y } of rest) context.lineTo(x, y);
    context.stroke();
  }
  context.restore();
}

/** Draws the brush circle, dashed for the eraser.
 * @type {(
 *   context: CanvasRenderingContext2D, transform: ScreenTransform, at: Point, radius_px: number, erases: boolean,
 * ) => void} */
export function draw_brush(context, transform, { x, y }, radius_px, erases) {
  outlined(context, { halo: 3, width: 1.25, style: "white" }, (is_halo) => {
    context.setLineDash(erases && !is_halo ? [4, 3] : []);
    context.arc(x, y, Math.max(radius_px * transform.screen_per_image_x, 1), 0, 2 * Math.PI);
  });
  context.setLineDash([]);
}
