// Draws the path of a scribble or a polygon over the scan.

import { outlined } from "../../draw/outline.js";
import { screen_from_image } from "../../draw/screen_transform.js";

/** @typedef {import("../../draw/screen_transform.js").ScreenTransform} ScreenTransform */
/** A path in image space. @typedef {{ path: import("./paths.js").PathPoint[], is_closed: boolean }} DrawnPath */

/** `width` is in CSS pixels.
 * @type {(
 *   context: CanvasRenderingContext2D, transform: ScreenTransform, drawn: DrawnPath,
 *   line: { style: string, width: number, dashed: boolean },
 * ) => void} */
export function draw_path(context, transform, { path, is_closed }, { style, width, dashed }) {
  context.setLineDash(dashed ? [5, 4] : []);
  outlined(context, { halo: width + 2, width, style }, () => {
    for (const [i, [x, y]] of path.entries()) {
      const at = screen_from_image(transform, { x, y });
      if (i === 0) context.moveTo(at.x, at.y);
      else context.lineTo(at.x, at.y);
    }
    if (is_closed) context.closePath();
  });
}
