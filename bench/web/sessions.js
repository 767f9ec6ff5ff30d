// How long the page's thread is busy at a time with sessions at their limits: opened, saved, drawn on. Prints one JSON, with
// the longest tasks of each kind of session in ms. Masks come from the session files, so no model is needed.
//
//   node sessions.js --page dist [--only points]

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

import { session_of } from "../../tests/browser/made_session.js";
import { nifti } from "../../tests/browser/nifti.js";
import { serve } from "../../tests/browser/server.js";

const { values: options } = parseArgs({ options: { page: { type: "string" }, only: { type: "string" } } });
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
/** @type {[number, number, number]} */
const SIZE = [64, 64, 40];
const window = { kind: "percentiles" };
const prompt = { box: [8, 8, 24, 24], points: [], multimask: false, candidate: null };
/** @template T @param {number} count @param {(i: number) => T} make @returns {T[]} */
const times = (count, make) => Array.from({ length: count }, (_, i) => make(i));
/** Strokes of 1,000 points each, which change nothing: they lie outside the slice.
 * @param {number} slice @param {number} count */
const edit = (slice, count) => ({ do: "edit", slice, strokes: times(count, (i) => ({
  kind: "paint", radius_px: 0.5, path: times(1000, (k) => [-100 - ((k * 7 + i) % 1000) / 100, -50 - k % 100]),
})) });

/** Objects of each kind of session. @type {Record<string, () => any[]>} */
const KINDS = {
  objects: () => times(1000, (i) => cube(i)),
  points: () => [cube(0, times(38, (i) => edit(i + 1, 130)))],
  "points of one slice": () => [cube(0, [edit(4, 4900)])],
  steps: () => times(10, (i) => cube(i, times(9998, (k) => ({ do: "unmark", slice: k % 40 })))),
  edits: () => times(10, (i) => cube(i, times(9998, (k) => ({ do: "edit", slice: k % 40, strokes: [] })))),
  prompts: () => times(10, (i) => cube(i, times(19, (k) => ({ do: "prompt", slice: k % 40, window, prompts: times(500, () => prompt) })))),
  masks: () => times(20, (i) => ({ ...cube(i), padding: 3_000_000 })),
};

/** @param {number} i @param {object[]} steps */
const cube = (i, steps = []) =>
  ({ corner: /** @type {[number, number]} */ ([(i * 5) % 40, Math.floor(i / 8) % 40]), side: 16, slices: /** @type {[number, number]} */ ([4, 5]), steps });

/** A note in the masks, which is passed over, makes a file as large as one of finer masks. @param {any} session @param {any[]} cubes */
const padded = (session, cubes) => JSON.stringify({
  ...session,
  objects: session.objects.map((/** @type {any} */ object, /** @type {number} */ i) => cubes[i].padding
    ? { ...object, masks: { ...object.masks, note: times(cubes[i].padding / 4, (k) => k % 10) } } : object),
});

const folder = mkdtempSync(join(tmpdir(), "boxel-sessions-"));
const scan = nifti({ size: SIZE, spacing: [1, 1, 3] }, (x, y, z) => (x * y + z) % 400);
const scan_file = join(folder, "scan.nii");
writeFileSync(scan_file, scan);
const server = await serve(resolve(options.page ?? "dist"));
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
/** @type {Record<string, object>} */
const found = {};
try {
  for (const [kind, make] of Object.entries(KINDS)) {
    if (options.only && kind !== options.only) continue;
    const cubes = make();
    const file = join(folder, "session.json");
    writeFileSync(file, padded(session_of(scan, SIZE, cubes), cubes));
    const page = await browser.newPage({ serviceWorkers: "block" });
    await page.addInitScript(() => {
      /** @type {number[]} */
      const tasks = [];
      Object.assign(globalThis, { long_tasks: tasks });
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => Math.round(duration))))
        .observe({ type: "longtask", buffered: true });
    });
    const longest = async () => (await page.evaluate(async () => {
      await new Promise((resolve) => setTimeout(resolve, 500));
      return /** @type {any} */ (globalThis).long_tasks.splice(0);
    })).sort((/** @type {number} */ a, /** @type {number} */ b) => b - a).slice(0, 5);
    await page.goto(server.url);
    await page.waitForFunction(() => /** @type {any} */ (globalThis).boxel.state().engine.has_weights, null, { timeout: 60_000, polling: 500 });
    await longest();
    let begun = Date.now();
    await page.setInputFiles("#file", [scan_file, file]);
    const restored = await page.waitForFunction(() => !document.getElementById("session-check")?.hidden
      && document.getElementById("session-check")?.textContent, null, { timeout: 120_000, polling: 1000 }).then(() => true, () => false);
    const seconds = [(Date.now() - begun) / 1000];
    const open = await longest();
    const text = await page.locator("#message-text").innerText();
    begun = Date.now();
    const coming = page.waitForEvent("download", { timeout: 120_000 }).catch(() => null);
    await page.click("#save-session");
    const saved = await coming;
    seconds.push((Date.now() - begun) / 1000);
    await saved?.delete();
    const save = await longest();
    await page.fill("#box-x0", "3");
    for (const [id, value] of [["#box-y0", "3"], ["#box-x1", "20"], ["#box-y1", "20"]]) await page.fill(String(id), String(value));
    await page.click("#box-add");
    await page.waitForTimeout(4000);
    const box = await longest();
    found[kind] = { restored, seconds, open, save, box, text, after: await page.locator("#message-text").innerText() };
    console.error(kind, JSON.stringify(found[kind]));
    await page.close();
  }
  console.log(JSON.stringify(found));
} finally {
  await browser.close();
  server.close();
  rmSync(folder, { recursive: true });
}
