// Draws the model's input on its own canvas: one pixel each, the padding hatched, the prompt on top.

import { outlined } from "../../draw/outline.js";
import { draw_marker } from "../prompts/markers.js";

/** @typedef {import("../../../boxel-bindings.js").ModelInput} Input */

const SHOWN_SIDE = 290; // CSS pixels, about: line widths scale with it, at 256 pixels as at 1024

/** @type {(canvas: HTMLCanvasElement, input: Input, colour: string) => void} */
export function draw_input(canvas, input, colour) {
  const { side, rgba, box, points } = input;
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext("2d");
  if (!context) return;
  context.putImageData(new ImageData(rgba, side, side), 0, 0);
  const size = side / SHOWN_SIDE;
  hatch(context, input, size);
  if (box) {
    const [x0, y0, x1, y1] = box;
    outlined(context, { halo: 3.5 * size, width: 1.5 * size, style: colour }, () =>
      context.rect(x0, y0, x1 - x0, y1 - y0));
  }
  for (const [x, y, label] of points) draw_marker(context, { x, y }, label, size * 0.8);
}

/** Padding is black like much of a scan: hatching distinguishes it.
 * @type {(context: CanvasRenderingContext2D, input: Input, size: number) => void} */
function hatch(context, { side, resized: [width, height] }, size) {
  if (width === side && height === side) return;
  context.save();
  context.beginPath();
  context.rect(width, 0, side - width, side);
  context.rect(0, height, width, side - height);
  context.clip();
  context.beginPath();
  for (let at = 0; at < 2 * side; at += 9 * size) {
    context.moveTo(at, 0);
    context.lineTo(at - side, side);
  }
  context.lineWidth = size;
  context.strokeStyle = "rgb(124 196 255 / 55%)";
  context.stroke();
  context.restore();
}
