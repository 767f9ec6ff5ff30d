// Points on the scan: a plus on green is inside the object, a minus on red is outside. The sign alone tells them apart.

/** @typedef {import("../../draw/screen_transform.js").Point} Point */

const RADIUS = 7; // CSS pixels
const ARM = 4;
const GREEN = "rgb(20 130 60)";
const RED = "rgb(190 30 50)";

/** @type {(
 *   context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D, at: Point, label: 0 | 1, size?: number,
 * ) => void} */
export function draw_marker(context, { x, y }, label, size = 1) {
  context.setLineDash([]);
  context.beginPath();
  context.arc(x, y, RADIUS * size, 0, 2 * Math.PI);
  context.fillStyle = label === 1 ? GREEN : RED;
  context.fill();
  context.strokeStyle = "white";
  context.lineWidth = 1.5 * size;
  context.stroke();
  context.lineWidth = 2 * size;
  context.beginPath();
  context.moveTo(x - ARM * size, y);
  context.lineTo(x + ARM * size, y);
  if (label === 1) {
    context.moveTo(x, y - ARM * size);
    context.lineTo(x, y + ARM * size);
  }
  context.stroke();
}
