// Draws the lasso.

import { outlined } from "../../draw/outline.js";
import { screen_from_image } from "../../draw/screen_transform.js";

/** Dashed if it cuts.
 * @type {(
 *   context: CanvasRenderingContext2D, transform: import("../../draw/screen_transform.js").ScreenTransform,
 *   path: [number, number][], cuts: boolean,
 * ) => void} */
export function draw_lasso(context, transform, path, cuts) {
  const points = path.map(([x, y]) => screen_from_image(transform, { x, y }));
  outlined(context, { halo: 3, width: 1.5, style: "white" }, (is_halo) => {
    context.setLineDash(cuts && !is_halo ? [4, 3] : []);
    points.forEach(({ x, y }, i) => i ? context.lineTo(x, y) : context.moveTo(x, y));
    if (points.length > 2) context.closePath();
  });
  context.setLineDash([]);
}
