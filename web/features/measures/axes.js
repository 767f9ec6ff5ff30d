// The long and the short axis of an object: thin lines with a bar at each end.

import { outlined } from "../../draw/outline.js";
import { screen_from_image } from "../../draw/screen_transform.js";

/** @typedef {import("../../draw/screen_transform.js").ScreenTransform} ScreenTransform */
/** @typedef {import("../../../boxel-bindings.js").Axis} Axis */

const BAR = 4; // CSS pixels, to either side

/** @type {(context: CanvasRenderingContext2D, transform: ScreenTransform, axis: Axis) => void} */
function trace(context, transform, { ends: [[x0, y0], [x1, y1]] }) {
  const from = screen_from_image(transform, { x: x0, y: y0 });
  const to = screen_from_image(transform, { x: x1, y: y1 });
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const across = { x: -(to.y - from.y) / length * BAR, y: (to.x - from.x) / length * BAR };
  context.moveTo(from.x, from.y);
  context.lineTo(to.x, to.y);
  for (const { x, y } of [from, to]) {
    context.moveTo(x - across.x, y - across.y);
    context.lineTo(x + across.x, y + across.y);
  }
}

/** @type {(context: CanvasRenderingContext2D, transform: ScreenTransform, axes: Axis[]) => void} */
export function draw_axes(context, transform, axes) {
  context.setLineDash([]);
  outlined(context, { halo: 3, width: 1, style: "white" }, () => {
    for (const axis of axes) trace(context, transform, axis);
  });
}
