// Session files that the tests write themselves: objects with masks, so that no model is needed.

import { createHash } from "node:crypto";

/** @typedef {[number, number, number]} Triple */
/** `slices`: the first, and how many. `edits`: strokes by slice.
 * @typedef {{ corner: [number, number], side: number, slices: [number, number], name?: string, steps?: object[] }} Cube */

const window = { kind: "percentiles" };

/** @type {(bytes: Uint8Array) => string} */
export const sha256_of = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** A cube of voxels, whose prompt is a box on its first slice. The view of a plane is turned as its file is: masks are on the
 * scan's grid.
 * @type {(size: Triple, number: number, cube: Cube) => object} */
function object_of(size, number, { corner: [x, y], side, slices: [first, count], name = `Object ${number}`, steps = [] }) {
  const [columns, rows, slices] = size;
  const row = Buffer.alloc(columns);
  row.fill(1, x, x + side);
  const [filled, empty] = [Buffer.alloc(columns * rows), Buffer.alloc(columns * rows)];
  for (let i = y; i < y + side; i += 1) row.copy(filled, i * columns);
  const hash = createHash("sha256");
  for (let z = 0; z < slices; z += 1) hash.update(z >= first && z < first + count ? filled : empty);
  const gap = columns - side;
  const runs = [
    y * columns + x, ...Array.from({ length: 2 * side - 1 }, (_, i) => i % 2 ? gap : side),
    columns * rows - (y + side - 1) * columns - x - side,
  ];
  const prompt = { box: [x, y, x + side, y + side], points: [], multimask: false, candidate: null };
  return {
    number, name, colour: number % 8, hidden: false, locked: false, plane: "axial", at: first,
    steps: [{ do: "prompt", slice: first, window, prompts: [prompt] }, ...steps],
    result: { voxels: side * side * count, sha256: hash.digest("hex") },
    masks: { size, slices: Array.from({ length: count }, (_, i) => ({
      slice: first + i, origin: i === 0 ? "marked" : "propagated", iou: 0.9, review: [], box: null, runs,
    })) },
  };
}

/** @type {(scan: Uint8Array, size: Triple, cubes: Cube[], plane?: string) => any} */
export const session_of = (scan, size, cubes, plane = "axial") => ({
  format: "boxel-session", version: 2, scan: { sha256: sha256_of(scan) },
  model: { name: "LiteMedSAM", recipe: "litemedsam", sha256: "0".repeat(64) },
  view: { plane, slice: cubes[0]?.slices[0] ?? 0, window },
  objects: cubes.map((cube, i) => object_of(size, i + 1, cube)),
});
