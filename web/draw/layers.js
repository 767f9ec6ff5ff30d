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

/** The masks of the image, as far as they reach: `x` and `y` are the place of the canvas in the image.
 * @typedef {{ canvas: OffscreenCanvas, x: number, y: number }} MaskLayer */
/** @typedef {{ mask: Uint8Array, rgba: number, is_hatched: boolean }} Shown */

/** Opaque; the canvas applies the opacity. Where masks overlap, the later one is visible. An offered mask is hatched.
 * Null without a mask. @type {(image: Image, shown: readonly Shown[]) => MaskLayer | null} */
export function mask_layer({ width }, shown) {
  const bounds = bounds_of(shown, width);
  if (!bounds) return null;
  const { x, y } = bounds;
  const context = layer_context(bounds.width, bounds.height);
  const data = context.createImageData(bounds.width, bounds.height);
  const pixels = new Uint32Array(data.data.buffer);
  for (const { mask, rgba, is_hatched } of shown) {
    // A run of several rows has made the bounds as wide as the image.
    each_run(mask, (start, end) => {
      const [row, column] = [Math.floor(start / width), start % width];
      const at = (row - y) * bounds.width + column - x;
      if (!is_hatched) return pixels.fill(rgba, at, at + end - start);
      for (let i = start; i < end; i += 1) if (is_gap(i % width, Math.floor(i / width))) pixels[at + i - start] = rgba;
    });
  }
  context.putImageData(data, 0, 0);
  return { canvas: context.canvas, x, y };
}

const [WHITE, BLACK] = [0xffffffff, 0xff000000]; // opaque
const STRIPES = 4; // pixels of the image from stripe to stripe

/** What an edit adds, in white stripes, and what it removes, in black stripes across them; null if it changes nothing
 * here.
 * @type {(image: Image, before: Uint8Array | undefined, after: Uint8Array) => MaskLayer | null} */
export function preview_layer({ width }, before, after) {
  const changed = after.map((value, i) => value === (before?.[i] ?? 0) ? 0 : 1);
  const bounds = bounds_of([{ mask: changed, rgba: 0, is_hatched: false }], width);
  if (!bounds) return null;
  const context = layer_context(bounds.width, bounds.height);
  const data = context.createImageData(bounds.width, bounds.height);
  const pixels = new Uint32Array(data.data.buffer);
  each_run(changed, (start, end) => {
    for (let i = start; i < end; i += 1) {
      const [x, y] = [i % width, Math.floor(i / width)];
      const is_stripe = (after[i] ? x + y : x - y + STRIPES * y) % STRIPES < STRIPES / 2;
      if (is_stripe) pixels[(y - bounds.y) * bounds.width + x - bounds.x] = after[i] ? WHITE : BLACK;
    }
  });
  context.putImageData(data, 0, 0);
  return { canvas: context.canvas, x: bounds.x, y: bounds.y };
}

/** @type {(state: Pick<State, "image" | "slice_masks" | "objects">, side: import("../state/sessions.js").Side) => Shown[]} */
export const shown_masks = (state, side) => state.objects.filter(({ hidden }) => !hidden).flatMap((object) => {
  const here = mask_here(object, state, side);
  const offer = side === "main" && is_here(object, state.image) ? open_offer(object) : null;
  const rgba = new Uint32Array(new Uint8Array([...rgb_of(object.colour), 255]).buffer)[0] ?? 0;
  return [
    ...(here ? [{ mask: here.mask, rgba, is_hatched: false }] : []),
    ...(offer ? [{ mask: offer.prediction.mask, rgba, is_hatched: true }] : []),
  ];
});

/** Whether both look the same. @type {(a: readonly Shown[], b: readonly Shown[]) => boolean} */
export const same_masks = (a, b) => a.length === b.length && a.every(({ mask, rgba, is_hatched }, i) =>
  mask === b[i]?.mask && rgba === b[i].rgba && is_hatched === b[i].is_hatched);

/** @type {(shown: readonly Shown[], width: number) => { x: number, y: number, width: number, height: number } | null} */
function bounds_of(shown, width) {
  let [left, right, first, last] = [width, 0, Infinity, -1];
  for (const { mask } of shown) {
    each_run(mask, (start, end) => {
      const [row, last_row] = [Math.floor(start / width), Math.floor((end - 1) / width)];
      left = row === last_row ? Math.min(left, start % width) : 0;
      right = row === last_row ? Math.max(right, (end - 1) % width + 1) : width;
      first = Math.min(first, row);
      last = Math.max(last, last_row);
    });
  }
  return last < 0 ? null : { x: left, y: first, width: right - left, height: last - first + 1 };
}
