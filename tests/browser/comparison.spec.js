// Side by side: two models, one image, the same prompts.

import { mask_iou, own_case } from "./golden.js";
import { draw_box, mask_of, open_with_mask, pick, state_of, wait_for_image, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

const mr = own_case("mr_brain");
const [box, other_box] = mr.boxes;
if (!box || !other_box) throw new Error("the golden lacks a box");

/** @type {(page: import("@playwright/test").Page, count: number) => Promise<void>} */
const wait_for_dice = (page, count) =>
  expect.poll(async () => (await state_of(page)).boxes.filter(({ dice }) => dice !== null).length).toBe(count);

test("a model beside itself finds the same masks: Dice 1, with both times; off, it is gone", async ({ page }) => {
  await open_with_mask(page, mr);
  await page.selectOption("#compare", { index: 1 });
  await expect(page.locator("#canvas-comparison")).toBeVisible();
  await wait_for_dice(page, 1);
  const [object] = (await state_of(page)).boxes;
  expect([object?.dice, object?.comparison.prediction?.iou]).toEqual([1, object?.prediction?.iou]);
  const other = Uint8Array.from(await page.evaluate(() =>
    Array.from(/** @type {any} */ (window).boxel.comparison_mask(1))));
  expect(mask_iou(other, await mask_of(page, 1))).toBe(1);
  await expect(page.locator("#caption-main")).toContainText(/encoded in [\d.]+ m?s/);
  await expect(page.locator("#caption-comparison")).toContainText(/encoded in [\d.]+ m?s/);
  await expect(page.locator("#boxes li")).toContainText("Dice 1.000");

  await draw_box(page, other_box.box);
  await wait_for_dice(page, 2);
  await page.selectOption("#compare", "");
  await expect(page.locator("#view-comparison")).toBeHidden();
  const after = await state_of(page);
  expect([after.comparison, after.boxes.map(({ comparison }) => comparison.prediction)]).toEqual([null, [null, null]]);
  await wait_for_masks(page, 2);
  await draw_box(page, box.box);
  await wait_for_masks(page, 3);
});

test.describe("at phone width", () => {
  test.use({ viewport: { width: 390, height: 844 } });
  test("the two canvases stack, and nothing is wider than the screen", async ({ page }) => {
    await page.goto("");
    await pick(page, mr.image);
    await wait_for_image(page, mr);
    await page.selectOption("#compare", { index: 1 });
    const [first, second] = [
      await page.locator("#canvas").boundingBox(), await page.locator("#canvas-comparison").boundingBox(),
    ];
    expect(second?.y).toBeGreaterThanOrEqual((first?.y ?? 0) + (first?.height ?? 0));
    expect([second?.width, second?.height]).toEqual([first?.width, first?.height]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
});
