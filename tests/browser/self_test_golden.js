// What the page's self-test expects: the reference's mask of a bundled sample, as the original PyTorch code
// gave it. `node self_test_golden.js > ../../samples/self-test.json` writes it anew.

import { pathToFileURL } from "node:url";

import { own_case } from "./golden.js";

/** Lengths of the runs of 0 and 1 in turn, row by row, beginning with 0. @type {(mask: Uint8Array) => number[]} */
function runs_of(mask) {
  const runs = [0];
  let value = 0;
  for (const inside of mask) {
    if (inside !== value) runs.push(0);
    value = inside;
    runs[runs.length - 1] = (runs.at(-1) ?? 0) + 1;
  }
  return runs;
}

/** @type {() => import("../../web/features/self_test/run.js").Expected} */
export function expected_answer() {
  const { width, height, boxes: [first] } = own_case("ct_abdomen");
  if (!first) throw new Error("the golden lacks a box");
  return { sample: "ct-abdomen.png", width, height, box: first.box, iou: first.iou, runs: runs_of(first.mask) };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.log(JSON.stringify(expected_answer()));
