// Workers that encode slices next to the engine's: the same masks with any number of them, and nothing lost with one.

import { readFileSync, writeFileSync } from "node:fs";

import { nifti } from "./nifti.js";
import { pick, state_of, type_box, wait_for_image, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */

const SIDE = 64;
const SLICES = 5;
const volume = nifti({ size: [SIDE, SIDE, SLICES], spacing: [1, 1, 2] }, (x, y, z) =>
  60 + (x * 7 + y * 3) % 11 + (Math.hypot(x - 30 - z, y - 32) < 12 ? 140 : 0));
/** Of the tube on the first slice; the axial view is turned. @type {[number, number, number, number]} */
const BOX = [19, 17, 48, 46];

/** @type {(page: Page) => import("@playwright/test").Worker[]} */
const encoders_of = (page) => page.workers().filter((worker) => worker.url().endsWith("/engine/slice_encoder.js"));

/** Propagates the tube upwards, with so many workers.
 * @type {(page: Page, path: string, workers: number, meanwhile?: () => Promise<void>) => Promise<object>} */
async function propagated(page, path, workers, meanwhile = async () => {}) {
  await page.goto("");
  await page.selectOption("#threads", String(workers));
  await pick(page, path);
  await wait_for_image(page, { width: SIDE, height: SIDE });
  await page.fill("#slice-number", "1");
  await page.press("#slice-number", "Enter");
  await expect.poll(async () => (await state_of(page)).image?.slice).toBe(0);
  await type_box(page, BOX);
  await wait_for_masks(page, 1);
  await expect.poll(async () => (await state_of(page)).slice_encoders.running).toBe(workers - 1);
  await page.click("#propagate-up");
  await meanwhile();
  await expect.poll(async () => (await state_of(page)).propagating).toBeNull();
  const coming = page.waitForEvent("download");
  await page.click("#save-session");
  const { objects: [object] } = JSON.parse(readFileSync(await (await coming).path(), "utf8"));
  expect(object.masks.slices.length).toBe(SLICES);
  return { result: object.result, masks: object.masks };
}

test("one worker, two and four give the same masks, also if one ends, one is out of memory and one hangs", async (
  { page }, info,
) => {
  const path = info.outputPath("tube.nii");
  writeFileSync(path, volume);
  const alone = await propagated(page, path, 1);
  expect(encoders_of(page)).toEqual([]);
  await expect(page.locator("#slice-encoders")).toHaveText("with one thread");

  expect(await propagated(page, path, 2)).toEqual(alone);
  await expect(page.locator("#slice-encoders")).toHaveText("with 2 threads");
  const left = await encoders_of(page)[0]?.evaluate(() =>
    ["fetch", "XMLHttpRequest", "WebSocket", "Worker", "importScripts", "caches"].filter((name) => name in self));
  expect(left, "ways out of the worker").toEqual([]);

  const with_faults = await propagated(page, path, 4, async () => {
    const [ends, fails, hangs] = encoders_of(page);
    await ends?.evaluate(() => self.close());
    await fails?.evaluate(() => { setTimeout(() => { throw new RangeError("Array buffer allocation failed"); }, 0); });
    await hangs?.evaluate(() => { setTimeout(() => { for (;;); }, 0); });
  });
  expect(with_faults).toEqual(alone);
  await expect(page.locator("#slice-encoders")).toContainText("A worker stopped, and the others did its part");
  expect((await state_of(page)).message).toBeNull();
});
