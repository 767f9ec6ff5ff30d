// The reference's masks: the project's own cases, and those of ../shared where it is present.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { read_safetensors } from "./safetensors.js";

/** @typedef {[number, number, number, number]} ImageBox */
/** @typedef {{ box: ImageBox, mask: Uint8Array, iou: number }} GoldenBox */
/** @typedef {{ name: string, image: string, width: number, height: number, boxes: GoldenBox[] }} GoldenCase */

/** @type {(path: string) => string} */
const in_repo = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** @type {(folder: string, image_of: (entry: any) => string) => GoldenCase[]} */
function read_cases(folder, image_of) {
  /** @type {any[]} */
  const report = JSON.parse(readFileSync(`${folder}/report.json`, "utf8"));
  return report.map((entry) => {
    const tensors = read_safetensors(`${folder}/${entry.name}.safetensors`);
    const [width, height] = entry.size;
    const boxes = entry.boxes.map((/** @type {any} */ { box, iou_pred }, /** @type {number} */ i) => {
      const mask = tensors[`box${i}.mask`];
      assert.ok(mask && mask.dtype === "U8" && mask.bytes.length === width * height, `${entry.name}: box${i}.mask`);
      return { box, mask: mask.bytes, iou: iou_pred };
    });
    return { name: entry.name, image: image_of(entry), width, height, boxes };
  });
}

export const own_cases = read_cases(in_repo("tests/goldens/litemedsam"), (entry) => in_repo(entry.image));

const shared = in_repo("../shared/goldens/litemedsam");
export const shared_cases = existsSync(`${shared}/report.json`)
  ? read_cases(shared, (entry) => in_repo(`../shared/data/${entry.name}.png`))
  : [];

/** @type {(name: string) => GoldenCase} */
export function own_case(name) {
  const found = own_cases.find((each) => each.name === name);
  assert.ok(found, `no golden case ${name}`);
  return found;
}

/** Intersection over union; two empty masks are no agreement.
 * @type {(a: ArrayLike<number>, b: ArrayLike<number>) => number} */
export function mask_iou(a, b) {
  assert.equal(a.length, b.length);
  let both = 0;
  let either = 0;
  for (let i = 0; i < a.length; i += 1) {
    both += Number(Boolean(a[i]) && Boolean(b[i]));
    either += Number(Boolean(a[i]) || Boolean(b[i]));
  }
  return either === 0 ? 0 : both / either;
}

/** @type {(boxes: GoldenBox[]) => Uint8Array} */
export const union_of = (boxes) =>
  Uint8Array.from(boxes[0]?.mask ?? [], (_, i) => Number(boxes.some(({ mask }) => mask[i])));
