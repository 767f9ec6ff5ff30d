// Session files of any size, as text.

import { KEY, window } from "./recording.mjs";

/** @template T @param {number} count @param {T} value @returns {T[]} */
export const times = (count, value) => new Array(count).fill(value);
export const prompt = { box: [0, 0, 1, 1], points: [], multimask: false, candidate: null };
export const stroke = { kind: "paint", radius_px: 2, path: [[1, 1]] };
export const first = { do: "prompt", slice: 0, window, prompts: [prompt] };
/** @type {(strokes: unknown[], slice?: number) => object} */
export const edit = (strokes, slice = 0) => ({ do: "edit", slice, strokes });
/** @type {(steps?: unknown[], more?: object) => object} */
export const object = (steps = [], more = {}) => ({
  number: 1, name: "n", colour: 0, plane: "axial", steps: [first, ...steps], result: { voxels: 1, sha256: KEY }, ...more,
});
/** @type {(objects: unknown[]) => string} */
export const text = (objects) => JSON.stringify({
  format: "boxel-session", version: 2, scan: { sha256: KEY }, model: { name: "m", recipe: "sam", sha256: KEY },
  view: { plane: "axial", slice: 0, window }, objects,
});
/** @type {(slices: unknown[]) => object} */
export const masks = (slices) => ({ masks: { size: [4, 2, 9], slices } });
