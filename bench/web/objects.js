// How long the page's thread is busy with many objects: select, hide, undo. Prints one JSON. Masks come from a session file,
// so no model is needed.
//
//   node objects.js --page dist [--objects 300] [--rounds 20]

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

import { nifti } from "../../tests/browser/nifti.js";
import { serve } from "../../tests/browser/server.js";

const { values: options } = parseArgs({ options: {
  page: { type: "string" }, objects: { type: "string", default: "300" }, rounds: { type: "string", default: "20" },
} });
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const [count, rounds] = [Number(options.objects), Number(options.rounds)];
/** @type {[number, number, number]} */
const SIZE = [256, 256, 40];
const SIDE = 12;
const hash = (/** @type {Uint8Array} */ bytes) => createHash("sha256").update(bytes).digest("hex");

/** A cube of voxels on five slices, and its prompt on the middle one. @param {number} i */
function object(i) {
  const [columns, rows, slices] = SIZE;
  const [x, y, z] = [(i * 13) % (columns - SIDE), Math.floor((i * 13) / (columns - SIDE)) * 13 % (rows - SIDE), 18];
  const mask = new Uint8Array(columns * rows * slices);
  const runs = [y * columns + x];
  for (let row = 0; row < SIDE; row += 1) {
    runs.push(SIDE, row < SIDE - 1 ? columns - SIDE : columns * rows - (y + SIDE - 1) * columns - x - SIDE);
    for (let slice = z; slice < z + 5; slice += 1) {
      mask.fill(1, slice * columns * rows + (y + row) * columns + x, slice * columns * rows + (y + row) * columns + x + SIDE);
    }
  }
  const window = { kind: "percentiles" };
  const at = z + 2;
  return {
    number: i + 1, name: `Lesion ${i + 1}`, colour: i % 8, hidden: false, locked: false, plane: "axial", at,
    steps: [{ do: "prompt", slice: at, window, prompts: [{ box: [x, y, x + SIDE, y + SIDE], points: [], multimask: false, candidate: null }] }],
    result: { voxels: 5 * SIDE * SIDE, sha256: hash(mask) },
    masks: { size: SIZE, slices: [0, 1, 2, 3, 4].map((each) => ({
      slice: z + each, origin: each === 2 ? "marked" : "propagated", iou: 0.9, review: [], box: null, runs,
    })) },
  };
}

const folder = mkdtempSync(join(tmpdir(), "boxel-objects-"));
const scan = nifti({ size: SIZE, spacing: [1, 1, 3] }, (x, y, z) => (x * y + z) % 400);
const session = {
  format: "boxel-session", version: 2, scan: { sha256: hash(scan) },
  model: { name: "LiteMedSAM", recipe: "litemedsam", sha256: "0".repeat(64) },
  view: { plane: "axial", slice: 20, window: { kind: "percentiles" } },
  objects: Array.from({ length: count }, (_, i) => object(i)),
};
const files = [join(folder, "scan.nii"), join(folder, "session.json")];
writeFileSync(/** @type {string} */ (files[0]), scan);
writeFileSync(/** @type {string} */ (files[1]), JSON.stringify(session));

/** In the page: the median and the longest time of a click and of the next frame, in ms.
 * @param {{ act: string, rounds: number }} about */
async function measured({ act, rounds }) {
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
  const times = [];
  const paints = [];
  for (let i = 0; i < rounds; i += 1) {
    const button = document.querySelector(act.replace("N", String(10 + i)));
    if (!(button instanceof HTMLElement)) throw new Error(`no ${act}`);
    const begun = performance.now();
    button.click();
    times.push(performance.now() - begun);
    await frame();
    paints.push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const of = (/** @type {number[]} */ list) => [...list].sort((a, b) => a - b);
  const round = (/** @type {number | undefined} */ ms) => Math.round(10 * (ms ?? NaN)) / 10;
  const [sorted, painted] = [of(times), of(paints)];
  return { median_ms: round(sorted[rounds >> 1]), longest_ms: round(sorted.at(-1)), with_frame_ms: round(painted[rounds >> 1]) };
}

const server = await serve(resolve(options.page ?? "dist"));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ serviceWorkers: "block" });
  await page.goto(server.url);
  await page.setInputFiles("#file", files);
  await page.waitForFunction((count) => {
    const { boxes, replay } = /** @type {any} */ (globalThis).boxel.state();
    return boxes.length === count && replay?.phase === "restored";
  }, count, { timeout: 300_000, polling: 1000 });
  await page.waitForTimeout(3000);
  /** @type {Record<string, object>} */
  const found = {};
  for (const [what, act] of [
    ["select", '[data-act="select N"]'], ["hide", '[data-act="hide N"]'], ["undo", "#undo"], ["redo", "#redo"],
  ]) found[String(what)] = await page.evaluate(measured, { act: String(act), rounds });
  console.log(JSON.stringify({ objects: count, rounds, ...found }));
} finally {
  await browser.close();
  server.close();
  rmSync(folder, { recursive: true });
}
