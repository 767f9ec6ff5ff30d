// Draws the reference over the scan: its outline, what the mask misses of it, and what is extra in the mask. Missed and
// extra differ in pattern as well as in colour.

import { layer_context } from "../../draw/layers.js";
import { outlined } from "../../draw/outline.js";
import { device_from_image, screen_from_image } from "../../draw/screen_transform.js";

/** @typedef {import("../../draw/screen_transform.js").ScreenTransform} ScreenTransform */
/** @typedef {{ of: Uint8Array, edges: number[][], regions: { layer: OffscreenCanvas, pattern: CanvasPattern }[] }} Drawn */

/** The engine's values: the bit of the reference, the reference alone, the mask alone. */
const REFERENCE = 1;
const MISSED = 1;
const EXTRA = 2;
// Orange and sky blue of Okabe and Ito, which people with any colour vision tell apart; panels.css has them too.
const MISSED_COLOUR = "#e69f00";
const EXTRA_COLOUR = "#56b4e9";
const TILE = 8; // CSS pixels

/** The sides of pixels between inside and outside, [x0, y0, x1, y1] in image space, joined along rows and columns.
 * @type {(values: Uint8Array, width: number) => number[][]} */
export function edges_of(values, width) {
  const height = values.length / width;
  /** @type {(x: number, y: number) => boolean} */
  const inside = (x, y) => x >= 0 && y >= 0 && x < width && y < height && ((values[y * width + x] ?? 0) & REFERENCE) !== 0;
  /** @type {number[][]} */
  const edges = [];
  /** @type {(length: number, is_edge: (at: number) => boolean, put: (from: number, to: number) => void) => void} */
  const joined = (length, is_edge, put) => {
    let from = -1;
    for (let at = 0; at <= length; at += 1) {
      const here = at < length && is_edge(at);
      if (here && from < 0) from = at;
      if (!here && from >= 0) {
        put(from, at);
        from = -1;
      }
    }
  };
  for (let y = 0; y <= height; y += 1) {
    joined(width, (x) => inside(x, y) !== inside(x, y - 1), (from, to) => edges.push([from, y, to, y]));
  }
  for (let x = 0; x <= width; x += 1) {
    joined(height, (y) => inside(x, y) !== inside(x - 1, y), (from, to) => edges.push([x, from, x, to]));
  }
  return edges;
}

/** Stripes for what is missed, dots for what is extra, on a dark ground that can be seen over any mask.
 * @type {(kind: number) => CanvasPattern} */
function pattern_of(kind) {
  const tile = layer_context(TILE, TILE);
  tile.fillStyle = "rgb(0 0 0 / 55%)";
  tile.fillRect(0, 0, TILE, TILE);
  tile.fillStyle = tile.strokeStyle = kind === MISSED ? MISSED_COLOUR : EXTRA_COLOUR;
  if (kind === EXTRA) {
    for (const at of [1, 5]) tile.fillRect(at, at, 3, 3);
  } else {
    tile.lineWidth = 2.5;
    for (const from of [-TILE, 0, TILE]) {
      tile.moveTo(from, TILE);
      tile.lineTo(from + TILE, 0);
    }
    tile.stroke();
  }
  const pattern = tile.createPattern(tile.canvas, "repeat");
  if (!pattern) throw { code: "canvas", message: "The browser cannot draw a pattern." };
  return pattern;
}

/** @type {(values: Uint8Array, width: number, kind: number) => OffscreenCanvas} */
function region_of(values, width, kind) {
  const context = layer_context(width, values.length / width);
  const data = context.createImageData(width, values.length / width);
  for (let at = values.indexOf(kind); at >= 0; at = values.indexOf(kind, at + 1)) data.data[4 * at + 3] = 255;
  context.putImageData(data, 0, 0);
  return context.canvas;
}

/** @type {(values: Uint8Array, width: number) => Drawn} */
export const drawn_of = (values, width) => ({
  of: values, edges: edges_of(values, width),
  regions: [MISSED, EXTRA].filter((kind) => values.includes(kind))
    .map((kind) => ({ layer: region_of(values, width, kind), pattern: pattern_of(kind) })),
});

/** `has_regions`: without an object, everything would be missed.
 * @type {(
 *   context: CanvasRenderingContext2D, transform: ScreenTransform, device_per_screen: number, drawn: Drawn,
 *   has_regions: boolean,
 * ) => void} */
export function draw_overlay(context, transform, device_per_screen, { edges, regions }, has_regions) {
  const { width, height } = context.canvas;
  for (const { layer, pattern } of has_regions ? regions : []) {
    const cover = layer_context(width, height);
    cover.imageSmoothingEnabled = false;
    cover.setTransform(...device_from_image(transform, device_per_screen));
    cover.drawImage(layer, 0, 0);
    cover.globalCompositeOperation = "source-in";
    cover.setTransform(device_per_screen, 0, 0, device_per_screen, 0, 0);
    cover.fillStyle = pattern;
    cover.fillRect(0, 0, width, height);
    context.drawImage(cover.canvas, 0, 0, width / device_per_screen, height / device_per_screen);
  }
  context.setLineDash([]);
  outlined(context, { halo: 4, width: 2, style: "white" }, () => {
    for (const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] of edges) {
      const from = screen_from_image(transform, { x: x0, y: y0 });
      const to = screen_from_image(transform, { x: x1, y: y1 });
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
    }
  });
}
