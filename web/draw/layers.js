// The layers of the canvas, at image resolution: the image and the masks.

import { rgb_of } from "../features/objects/colours.js";
import { open_offer } from "../features/prompts/state.js";
import { is_here, mask_here } from "../state/here.js";
import { each_run } from "../state/mask_runs.js";

/** @typedef {import("../state/rendering.js").Image} Image */
/** @typedef {import("../state/reduce.js").State} State */

/** @type {(width: number, height: number) => OffscreenCanvasRenderingContext2D} */
export function layer_context(width, height) {
  const context = new OffscreenCanvas(width, height).getContext("2d");
  if (!context) throw { code: "canvas", message: `The browser cannot draw an image of ${width} × ${height}.` };
  return context;
}

/** @type {(x: number, y: number) => boolean} */
const is_gap = (x, y) => (x + y) % HATCH >= HATCH / 2;

/** @type {(image: Image, inverted?: boolean) => OffscreenCanvas} */
export function image_layer({ width, height, rgba }, inverted = false) {
  const context = layer_context(width, height);
  context.putImageData(new ImageData(rgba, width, height), 0, 0);
  if (inverted) {
    context.globalCompositeOperation = "difference"; // from white
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
  }
  return context.canvas;
}

const HATCH = 6; // pixels of the image from stripe to stripe

/** Opaque; the canvas applies the opacity. Where masks overlap, the later one is visible. An offered mask is hatched.
 * @type {(
 *   image: Image,
 *   state: Pick<State, "image" | "slice_masks" | "objects">,
 *   side: import("../state/sessions.js").Side,
 * ) => OffscreenCanvas} */
export function mask_layer({ width, height }, state, side) {
  const context = layer_context(width, height);
  const data = context.createImageData(width, height);
  const pixels = new Uint32Array(data.data.buffer);
  for (const object of state.objects) {
    if (object.hidden) continue;
    const here = mask_here(object, state, side);
    const offer = side === "main" && is_here(object, state.image) ? open_offer(object) : null;
    if (!here && !offer) continue;
    const rgba = new Uint32Array(new Uint8Array([...rgb_of(object.colour), 255]).buffer)[0] ?? 0;
    if (here) each_run(here.mask, (start, end) => pixels.fill(rgba, start, end));
    offer?.prediction.mask.forEach((inside, i) => {
      if (inside && is_gap(i % width, Math.floor(i / width))) pixels[i] = rgba;
    });
  }
  context.putImageData(data, 0, 0);
  return context.canvas;
}
