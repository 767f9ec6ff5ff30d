// The article's figure: the image with its prompts on the left, with masks and prompts on the right.

import { image_layer, layer_context, mask_layer, shown_masks } from "../../draw/layers.js";
import { is_here } from "../../state/here.js";
import { draw_marker } from "../prompts/markers.js";
import { last_prompt } from "../prompts/state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../prompts/state.js").Prompt} Prompt */

const BOX_COLOUR = "rgb(0 0 255)"; // the article's blue
/** The article's title if there are only boxes. @type {(prompts: Prompt[]) => string} */
const input_title = (prompts) =>
  prompts.some(({ points, polygon }) => points.length || polygon)
    ? "Input image and prompts" : "Input image and bounding box";

/** Sizes in image pixels. The images are drawn one to one, except that non-square pixels are stretched.
 * @type {(width: number, height: number) => { margin: number, title: number, line: number }} */
const layout = (width, height) => ({
  margin: Math.max(12, Math.round(width / 32)),
  title: Math.max(13, Math.round(Math.min(width / 18, height / 8))),
  line: Math.max(2, Math.round(Math.max(width, height) / 250)),
});

/** @type {(
 *   context: OffscreenCanvasRenderingContext2D, text: string, x: number, y: number, size: number, width: number,
 * ) => void} */
function write_title(context, text, x, y, size, width) {
  context.font = `${size}px sans-serif`;
  const fitting = Math.min(size, Math.floor(size * width / context.measureText(text).width));
  context.font = `${fitting}px sans-serif`;
  context.fillText(text, x + width / 2, y);
}

/** @type {(state: State, model: string) => Promise<Blob>} */
export async function figure_png(state, model) {
  const { image, objects, opacity } = state;
  if (!image) throw { code: "session_order", message: "No image is open." };
  const { pixel_aspect } = image;
  const [factor_x, factor_y] = pixel_aspect < 1 ? [1 / pixel_aspect, 1] : [1, pixel_aspect];
  const [width, height] = [Math.round(image.width * factor_x), Math.round(image.height * factor_y)];
  const { margin, title, line } = layout(width, height);
  const top = margin + Math.round(title * 1.6);
  const context = layer_context(2 * width + 3 * margin, top + height + margin);
  context.fillStyle = "white";
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.fillStyle = "black";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.imageSmoothingEnabled = false;

  const picture = image_layer(image);
  const prompts = objects.filter((object) => is_here(object, image)).map(last_prompt);
  const panels = [{ x: margin, text: input_title(prompts) }, { x: 2 * margin + width, text: `${model} segmentation` }];
  for (const [i, { x, text }] of panels.entries()) {
    write_title(context, text, x, (margin + top) / 2, title, width);
    context.drawImage(picture, x, top, width, height);
    if (i === 1) {
      context.globalAlpha = opacity;
      const masks = mask_layer(image, shown_masks(state, "main"));
      const [across, down] = [width / image.width, height / image.height];
      if (masks) {
        const { canvas } = masks;
        context.drawImage(
          canvas, x + masks.x * across, top + masks.y * down, canvas.width * across, canvas.height * down,
        );
      }
      context.globalAlpha = 1;
    }
    for (const prompt of prompts) draw_prompt(context, prompt, { x, y: top, factor_x, factor_y }, line);
  }
  return context.canvas.convertToBlob({ type: "image/png" });
}

/** @type {(
 *   context: OffscreenCanvasRenderingContext2D,
 *   prompt: Prompt,
 *   corner: { x: number, y: number, factor_x: number, factor_y: number },
 *   line: number,
 * ) => void} */
function draw_prompt(context, { box, points, polygon = [] }, { x, y, factor_x, factor_y }, line) {
  context.strokeStyle = BOX_COLOUR;
  context.lineWidth = line;
  if (box) {
    const [x0, y0, x1, y1] = box;
    context.strokeRect(x + x0 * factor_x, y + y0 * factor_y, (x1 - x0) * factor_x, (y1 - y0) * factor_y);
  }
  if (polygon.length) {
    context.beginPath();
    for (const [px, py] of polygon) context.lineTo(x + px * factor_x, y + py * factor_y);
    context.closePath();
    context.stroke();
  }
  for (const point of points) {
    draw_marker(context, { x: x + point[0] * factor_x, y: y + point[1] * factor_y }, point[2], line / 2);
  }
}
