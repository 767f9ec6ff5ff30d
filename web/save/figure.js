// The article's figure: the image with its boxes at the left, with masks and boxes at the right.

import { image_layer, layer_context, mask_layer } from "../draw/layers.js";

/** @typedef {import("../state/reduce.js").State} State */

const BOX_COLOUR = "rgb(0 0 255)"; // the article's blue
const INPUT_TITLE = "Input image and bounding box";

/** Sizes in pixels of the image; the images themselves are drawn one to one.
 * @type {(width: number, height: number) => { margin: number, title: number, line: number }} */
const layout = (width, height) => ({
  margin: Math.max(12, Math.round(width / 32)),
  title: Math.max(13, Math.round(Math.min(width / 18, height / 8))),
  line: Math.max(2, Math.round(Math.max(width, height) / 250)),
});

/** @type {(context: OffscreenCanvasRenderingContext2D, text: string, x: number, y: number, size: number, width: number) => void} */
function write_title(context, text, x, y, size, width) {
  context.font = `${size}px sans-serif`;
  const fitting = Math.min(size, Math.floor(size * width / context.measureText(text).width));
  context.font = `${fitting}px sans-serif`;
  context.fillText(text, x + width / 2, y);
}

/** @type {(state: State, model: string) => Promise<Blob>} */
export async function figure_png({ image, boxes, opacity }, model) {
  if (!image) throw { code: "session_order", message: "No image is open." };
  const { width, height } = image;
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
  const panels = [{ x: margin, text: INPUT_TITLE }, { x: 2 * margin + width, text: `${model} segmentation` }];
  for (const [i, { x, text }] of panels.entries()) {
    write_title(context, text, x, (margin + top) / 2, title, width);
    context.drawImage(picture, x, top);
    if (i === 1) {
      context.globalAlpha = opacity;
      context.drawImage(mask_layer(image, boxes), x, top);
      context.globalAlpha = 1;
    }
    context.strokeStyle = BOX_COLOUR;
    context.lineWidth = line;
    for (const { box: [x0, y0, x1, y1] } of boxes) context.strokeRect(x + x0, top + y0, x1 - x0, y1 - y0);
  }
  return context.canvas.convertToBlob({ type: "image/png" });
}
