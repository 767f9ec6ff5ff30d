// Weights of SAM 2.1's smallest size with seeded values: the file has the names and shapes of the published one
// (tests/goldens/sam_keys), and its masks mean nothing.

import { readFileSync } from "node:fs";

import { safetensors_of } from "./safetensors.js";

const KEYS = readFileSync(new URL("../goldens/sam_keys/sam2.1_hiera_t.tsv", import.meta.url), "utf8");
const BYTES = 2;
/** So that every slice has an object, with a mask that the model is sure of. */
const BIASES = new Map([
  ["sam_mask_decoder.pred_obj_score_head.layers.2.bias", 10],
  ["sam_mask_decoder.iou_prediction_head.layers.2.bias", 3],
]);

/** @type {(sides: number[]) => number} */
const product = (sides) => sides.reduce((so_far, side) => so_far * side, 1);

/** Values spread evenly around 0. @type {(seed: number) => () => number} */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** How a tensor is filled: norms near 1, biases small, matrices by their inputs.
 * @type {(key: string, shape: number[], next: () => number) => () => number} */
function filling(key, shape, next) {
  const bias = BIASES.get(key);
  if (bias !== undefined) return () => bias;
  if (shape.length <= 1) return key.endsWith(".weight") ? () => 1 + 0.1 * next() : () => 0.05 * next();
  const most = Math.sqrt(3 / product(shape.slice(1)));
  return () => most * next();
}

/** A safetensors file in bf16. */
export function seeded_sam2() {
  const tensors = KEYS.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => {
    const [key = "", , sides = ""] = line.split("\t");
    const shape = sides.split("x").filter(Boolean).map(Number);
    return { key, shape, count: product(shape) };
  });
  /** @type {Record<string, object>} */
  const header = {};
  let end = 0;
  for (const { key, shape, count } of tensors) {
    const start = end;
    end += BYTES * count;
    header[key] = { dtype: "BF16", shape, data_offsets: [start, end] };
  }
  const values = new Uint16Array(end / BYTES);
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  const next = random(18);
  let at = 0;
  for (const { key, shape, count } of tensors) {
    const fill = filling(key, shape, next);
    for (let i = 0; i < count; i += 1) {
      float[0] = fill();
      values[at] = (bits[0] ?? 0) >>> 16;
      at += 1;
    }
  }
  return safetensors_of(header, new Uint8Array(values.buffer));
}
