// A propagation through many slices in the tab: its time and the modules' memory with one worker, with several, and on
// another build of the page. Prints one JSON. The rounds alternate between them.
//
//   node propagation.js --page dist [--before OTHER_DIST] [--workers 1,2] [--slices 32] [--rounds 3]

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

import { nifti } from "../../tests/browser/nifti.js";
import { serve } from "../../tests/browser/server.js";
import { median, MINUTE, modules_mib, state_of, until } from "./page.js";

const { values: options } = parseArgs({ options: {
  page: { type: "string", default: "dist" }, before: { type: "string" }, workers: { type: "string", default: "1,2" },
  slices: { type: "string", default: "32" }, rounds: { type: "string", default: "3" },
} });
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const slices = Number(options.slices);
const SIDE = 256;

/** A tube in a body of noise, on the first slice and on `slices` more. */
const volume = () => nifti({ size: [SIDE, SIDE, slices + 1], spacing: [1, 1, 3] }, (x, y, z) => {
  const grain = ((x * 73 + y * 151 + z * 199) % 61);
  if (Math.hypot(x - 128, y - 128) > 118) return grain / 4;
  return 300 + grain + (Math.hypot((x - 120 - z / 4) / 40, (y - 130) / 30) < 1 ? 500 : 0);
});
const BOX = [94, 94, 178, 158]; // the axial view is turned

/** @param {string} url @param {string} file @param {number} workers 0 on a build without the choice */
async function propagated(url, file, workers) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage({ serviceWorkers: "block" });
    page.setDefaultTimeout(5 * MINUTE);
    await page.goto(url);
    if (workers) await page.selectOption("#threads", String(workers));
    await page.setInputFiles("#file", file);
    await until(page, (state) => state.image?.width > 0);
    await page.fill("#slice-number", "1");
    await page.press("#slice-number", "Enter");
    await until(page, (state) => state.image?.slice === 0);
    for (const [i, id] of ["#box-x0", "#box-y0", "#box-x1", "#box-y1"].entries()) await page.fill(id, String(BOX[i]));
    await page.click("#box-add");
    await until(page, (state) => state.boxes[0]?.phase === "done");
    if (workers > 1) {
      await until(page, (state) => state.slice_encoders.running === workers - 1);
    }
    const begun = performance.now();
    await page.click("#propagate-up");
    await until(page, (state) => state.propagating === null && (state.object_masks[1]?.slices.length ?? 0) > 1);
    const seconds = (performance.now() - begun) / 1000;
    const { object_masks: { 1: masks }, embedding: { encode_ms } } = await state_of(page);
    return {
      seconds, slices: masks.slices.length - 1, voxels: masks.voxels, encode_ms, modules_mib: await modules_mib(page),
      of_slices: JSON.stringify(masks.slices), load: loadavg()[0],
    };
  } finally {
    await browser.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), "boxel-propagation-"));
const file = join(folder, "volume.nii");
writeFileSync(file, volume());
const server = await serve(resolve(options.page));
const former = options.before ? await serve(resolve(options.before)) : null;
const arms = options.workers.split(",").map(Number).map((workers) => ({ name: `${workers}`, url: server.url, workers }));
if (former) arms.unshift({ name: "before", url: former.url, workers: 0 });
/** @type {Record<string, Awaited<ReturnType<typeof propagated>>[]>} */
const found = Object.fromEntries(arms.map(({ name }) => [name, []]));
try {
  for (let round = 0; round < Number(options.rounds); round += 1) {
    for (const { name, url, workers } of arms) {
      const run = await propagated(url, file, workers);
      found[name]?.push(run);
      console.error(name, run.seconds.toFixed(2), run.slices, run.modules_mib, `load ${run.load?.toFixed(2)}`);
    }
  }
} finally {
  server.close();
  former?.close();
  rmSync(folder, { recursive: true });
}
const all = Object.values(found).flat();
const medians = Object.fromEntries(Object.entries(found).map(([name, runs]) => [name, median(runs.map((run) => run.seconds))]));
const [first = NaN] = Object.values(medians);
console.log(JSON.stringify({
  slices, rounds: Number(options.rounds), seconds: medians,
  ratios: Object.fromEntries(Object.entries(medians).map(([name, seconds]) => [name, Math.round(1000 * seconds / first) / 1000])),
  modules_mib: Object.fromEntries(Object.entries(found).map(([name, runs]) => [name, runs.at(-1)?.modules_mib])),
  masks_are_equal: all.every(({ of_slices, voxels }) => of_slices === all[0]?.of_slices && voxels === all[0]?.voxels),
  loads: all.map(({ load }) => Math.round(10 * (load ?? 0)) / 10),
}));
