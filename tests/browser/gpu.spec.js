// WebGPU on a software adapter: one encoding, one decoding, against the reference and the CPU.

import { mask_iou, own_case } from "./golden.js";
import { draw_box, mask_of, pick, wait_for_image, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

const MINUTE = 60_000;
const WHY_NOT = process.env.BOXEL_WHOLE_GPU
  ? ""
  : "SKIPPED: a quarter of an hour on a software adapter, where tests/gpu.rs "
  + "compares the engine with the reference; BOXEL_WHOLE_GPU=1 runs it";

// Before the fixtures, which want a page; the title is what the list of tests shows.
test.skip(!!WHY_NOT, WHY_NOT);
test(`the GPU's mask is the reference's and the CPU's ${WHY_NOT}`.trimEnd(), async ({ page }) => {
  const golden = own_case("ct_abdomen");
  const [expected] = golden.boxes;
  if (!expected) throw new Error("the golden lacks a box");
  await page.goto("?device=gpu");
  await expect(page.locator("#device-name")).toContainText("GPU", { timeout: 5 * MINUTE });
  await expect(page.locator("#device-reason")).toContainText("software");
  await pick(page, golden.image);
  await wait_for_image(page, golden);
  await draw_box(page, expected.box);
  await wait_for_masks(page, 1, 30 * MINUTE);
  await expect(page.locator("#device-name")).toContainText("GPU");
  const on_gpu = await mask_of(page, 1);
  expect(mask_iou(on_gpu, expected.mask)).toBeGreaterThanOrEqual(0.995);

  await page.selectOption("#device", "cpu");
  await expect(page.locator("#device-name")).toContainText("CPU");
  await wait_for_masks(page, 1, 5 * MINUTE);
  expect(mask_iou(on_gpu, await mask_of(page, 1))).toBeGreaterThanOrEqual(0.999);
});
