// Scans as large as they come: they are opened, drawn on, propagated and saved. The longest tasks of the page's thread are
// printed, in ms.

import { readFileSync, writeFileSync } from "node:fs";
import { PNG } from "pngjs";

import { long_tasks_of, watch_long_tasks } from "./long_tasks.js";
import { session_of } from "./made_session.js";
import { nifti } from "./nifti.js";
import { draw_box, mask_of, pick, pick_all, state_of, wait_for_image, wait_for_masks, window_from_image } from "./steps.js";
import { expect, test } from "./watch.js";

const SIDE = 4000;
/** @type {[number, number, number]} */
const STACK = [64, 64, 2000];

test("an image of 4000 × 4000: a box, a stroke, a file", async ({ page }, info) => {
  const path = info.outputPath("large.png");
  const png = new PNG({ width: SIDE, height: SIDE, colorType: 0 });
  for (let y = 0; y < SIDE; y += 1) {
    const across = Math.sqrt(Math.max(0, 900 ** 2 - (y - 2000) ** 2));
    png.data.fill(30, 4 * y * SIDE, 4 * (y + 1) * SIDE);
    png.data.fill(180, 4 * Math.round(y * SIDE + 2000 - across), 4 * Math.round(y * SIDE + 2000 + across));
  }
  writeFileSync(path, PNG.sync.write(png, { colorType: 0, deflateLevel: 1 }));
  await watch_long_tasks(page);
  await page.goto("");
  await expect.poll(async () => (await state_of(page)).engine.has_weights).toBe(true);
  await long_tasks_of(page);
  await pick(page, path);
  await wait_for_image(page, { width: SIDE, height: SIDE });
  console.log("opened", await long_tasks_of(page));
  await draw_box(page, [1050, 1050, 2950, 2950]);
  await wait_for_masks(page, 1);
  const area = (await state_of(page)).boxes[0]?.prediction?.area_px ?? 0;
  expect(Math.abs(area / (Math.PI * 900 ** 2) - 1)).toBeLessThan(0.1);
  console.log("predicted", await long_tasks_of(page));
  await page.keyboard.press("d");
  const at = await window_from_image(page, { x: 2000, y: 1000 });
  await page.mouse.move(at.x, at.y);
  await page.mouse.down();
  for (let i = 0; i < 30; i += 1) await page.mouse.move(at.x + 4 * i, at.y - i);
  await page.mouse.up();
  await expect.poll(async () => Object.values((await state_of(page)).edited)[0]?.length).toBe(1);
  console.log("drawn", await long_tasks_of(page));
  const coming = page.waitForEvent("download");
  await page.click("#save-mask");
  expect((await coming).suggestedFilename()).toMatch(/\.png$/);
  console.log("saved", await long_tasks_of(page));
});

test("2,000 slices: a session with a mask on each, scrolled through, propagated on, saved", async ({ page }, info) => {
  const scan = nifti({ size: STACK, spacing: [1, 1, 1] }, (x, y, z) =>
    Math.hypot(x - 32, y - 32) < 12 ? 700 + z % 7 : 100 + (x * y) % 40);
  const session = session_of(scan, STACK, [{ corner: [20, 20], side: 24, slices: [0, 2000] }]);
  const files = ["stack.nii", "stack.json"].map((name) => info.outputPath(name));
  writeFileSync(files[0] ?? "", scan);
  writeFileSync(files[1] ?? "", JSON.stringify(session));
  await watch_long_tasks(page);
  await page.goto("");
  await expect.poll(async () => (await state_of(page)).engine.has_weights).toBe(true);
  await long_tasks_of(page);
  await pick_all(page, files);
  await expect.poll(async () => (await state_of(page)).replay?.phase).toBe("restored");
  const at = await window_from_image(page, { x: 32, y: 32 });
  await page.mouse.move(at.x, at.y);
  for (let i = 0; i < 100; i += 1) await page.mouse.wheel(0, 100);
  await expect.poll(async () => (await state_of(page)).image?.slice).toBe(100);
  console.log("opened and scrolled", await long_tasks_of(page));
  expect((await mask_of(page, 1)).reduce((sum, inside) => sum + inside, 0)).toBe(24 * 24);
  await draw_box(page, [18, 18, 46, 46]);
  await wait_for_masks(page, 2);
  await page.click("#propagate-up");
  await expect.poll(async () => (await state_of(page)).propagating?.done ?? 0).toBeGreaterThan(0);
  await page.click("#progress-cancel");
  await expect.poll(async () => (await state_of(page)).propagating).toBeNull();
  const coming = page.waitForEvent("download");
  await page.click("#save-session");
  const saved = JSON.parse(readFileSync(await (await coming).path(), "utf8"));
  expect(saved.objects[0].masks.slices).toHaveLength(2000);
  expect(saved.objects[1].masks.slices.length).toBeGreaterThan(1);
  console.log("propagated and saved", await long_tasks_of(page));
  expect((await state_of(page)).message).toBeNull();
});
