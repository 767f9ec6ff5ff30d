// What lies on the canvas, at image resolution: the image as the model sees it, and the masks.

import { rgb_of } from "./colours.js";

/** @typedef {import("../state/image.js").Image} Image */
/** @typedef {import("../state/prompts.js").PromptedObject} PromptedObject */

/** @type {(width: number, height: number) => OffscreenCanvasRenderingContext2D} */
export function layer_context(width, height) {
  const context = new OffscreenCanvas(width, height).getContext("2d");
  if (!context) throw { code: "canvas", message: `The browser cannot draw an image of ${width} × ${height}.` };
  return context;
}

/** @type {(image: Image) => OffscreenCanvas} */
export function image_layer({ width, height, rgba }) {
  const context = layer_context(width, height);
  context.putImageData(new ImageData(rgba, width, height), 0, 0);
  return context.canvas;
}

/** Opaque; the canvas draws it with the opacity. Where masks overlap the later one is seen.
 * @type {(image: Image, objects: PromptedObject[], side: import("../state/sessions.js").Side) => OffscreenCanvas} */
export function mask_layer({ width, height }, objects, side) {
  const context = layer_context(width, height);
  const data = context.createImageData(width, height);
  const pixels = new Uint32Array(data.data.buffer);
  for (const { [side]: { segment }, colour } of objects) {
    if (!segment) continue;
    const rgba = new Uint32Array(new Uint8Array([...rgb_of(colour), 255]).buffer)[0] ?? 0;
    segment.mask.forEach((inside, i) => {
      if (inside) pixels[i] = rgba;
    });
  }
  context.putImageData(data, 0, 0);
  return context.canvas;
}
