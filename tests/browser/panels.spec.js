// What stands beside the scan: measures, a reference mask, and what the model sees.

import { writeFileSync } from "node:fs";

import { own_case } from "./golden.js";
import { LARGE_BOX, large_area, MIDDLE, phantom, phantom_labels, SIZE, SPACING } from "./phantom.js";
import {
  colour_at, draw_box, mask_of, open_with_mask, pick, state_of, wait_for_image, wait_for_masks,
} from "./steps.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */
const [width, height] = SIZE;

/** @type {(page: Page, path: string) => Promise<void>} */
async function open_with_large(page, path) {
  writeFileSync(path, phantom());
  await page.goto("");
  await pick(page, path);
  await wait_for_image(page, { width, height });
  await draw_box(page, LARGE_BOX);
  await wait_for_masks(page, 1);
}

/** What stands beside a measure's name. @type {(page: Page, what: string) => import("@playwright/test").Locator} */
const measure = (page, what) =>
  page.locator("#measure-list dt", { hasText: what }).first().locator("xpath=following-sibling::dd[1]");

/** @type {(text: string) => number[]} */
const numbers_in = (text) => (text.replaceAll(",", "").match(/-?\d+(\.\d+)?/g) ?? []).map(Number);

test("measures are those of the mask, in mm, and the axes can be hidden", async ({ page }, info) => {
  await open_with_large(page, info.outputPath("scan.nii"));
  const mask = await mask_of(page, 1);
  const area_px = mask.reduce((sum, inside) => sum + inside, 0);
  await expect(measure(page, "Area")).toContainText("mm²");
  const [area] = numbers_in(await measure(page, "Area").innerText());
  expect(Math.abs((area ?? 0) - area_px * SPACING[0] * SPACING[1])).toBeLessThan(1);
  // 18 × 14 pixels of 0.8 mm, radii.
  const [long, short] = numbers_in(await measure(page, "Long × short axis").innerText());
  expect(Math.abs((long ?? 0) - 2 * 18 * 0.8)).toBeLessThan(4);
  expect(Math.abs((short ?? 0) - 2 * 14 * 0.8)).toBeLessThan(4);
  const [ml, slices] = numbers_in(await measure(page, "Volume").innerText());
  expect(ml).toBeCloseTo(area_px * SPACING[0] * SPACING[1] * SPACING[2] / 1000, 1);
  expect(slices).toBe(1);
  const [mean] = numbers_in(await measure(page, "Mean ± SD").innerText());
  expect(Math.abs((mean ?? 0) - 145)).toBeLessThan(15);

  const ends = (await state_of(page)).measurement.measured?.slice?.long_axis?.ends;
  if (!ends) throw new Error("no axis");
  const [[x0, y0], [x1, y1]] = ends;
  const on_axis = { x: (3 * x0 + x1) / 4, y: (3 * y0 + y1) / 4 };
  const with_axis = await colour_at(page, on_axis);
  await page.getByLabel("Show axes").uncheck();
  expect(await colour_at(page, on_axis)).not.toEqual(with_axis);
  await page.locator("#deselect").click();
  await expect(page.locator("#measure-hint")).toHaveText("Select an object to measure it.");
  await expect(page.locator("#measure-list dt")).toHaveCount(0);
});

test("values that look like those of a CT are treated so, until the user takes it back", async ({ page }, info) => {
  const path = info.outputPath("scan.nii");
  writeFileSync(path, phantom());
  await page.goto("");
  await pick(page, path);
  await wait_for_image(page, { width, height });
  const window = async () => (await state_of(page)).image?.window;
  expect(await window()).toEqual({ kind: "linear", level: 40, width: 400 });
  await expect(page.locator("#scan-notes")).toContainText("Hounsfield units");
  const as_ct = page.getByLabel("Values look like HU: treat as CT");
  await expect(as_ct).toBeChecked();
  await as_ct.uncheck();
  await expect.poll(window).toEqual({ kind: "percentiles" });
  await expect(page.getByRole("button", { name: "Lung", exact: true })).toHaveCount(0);
  await as_ct.check();
  await expect.poll(window).toEqual({ kind: "linear", level: 40, width: 400 });
});

test("without spacing, sizes are in pixels, and the page says why", async ({ page }) => {
  await open_with_mask(page, own_case("mr_brain"));
  const area_px = (await mask_of(page, 1)).reduce((sum, inside) => sum + inside, 0);
  await expect(measure(page, "Area")).toHaveText(`${area_px.toLocaleString("en")} pixels`);
  await expect(measure(page, "Long × short axis")).toContainText("px");
  await expect(page.locator("#measure-note")).toContainText("does not state its pixel size");
});

test("a reference mask: Dice and NSD of the selected object, by label, "
  + "and what does not fit", async ({ page }, info) => {
  await open_with_large(page, info.outputPath("scan.nii"));
  const mask = await mask_of(page, 1);
  const labels = info.outputPath("labels.nii");
  writeFileSync(labels, phantom_labels());
  await page.setInputFiles("#reference-file", labels);
  await expect(page.locator("#agreement")).toContainText(/Dice \d\.\d{3}, NSD \d\.\d{3} within 2 mm/);
  const [, dice = NaN] = numbers_in(await page.locator("#agreement").innerText());
  // The mask has one slice, the reference has them all.
  const reference = Array.from({ length: SIZE[2] }, (_, slice) => large_area(slice))
    .reduce((sum, area) => sum + area, 0);
  const area = mask.reduce((sum, inside) => sum + inside, 0);
  const most = 2 * Math.min(area, large_area(MIDDLE)) / (area + reference);
  expect(dice).toBeGreaterThan(0.9 * most);
  expect(dice).toBeLessThanOrEqual(most + 0.001);

  await page.selectOption("#reference-label", "2");
  await expect(page.locator("#agreement")).toContainText("Dice 0.000");
  await page.locator("#reference-remove").click();
  await expect(page.locator("#agreement")).toBeHidden();

  // A part of the scan is a reference: outside of it there is none of the label.
  const part = info.outputPath("part.nii");
  writeFileSync(part, phantom_labels([64, 60, 9]));
  await page.setInputFiles("#reference-file", part);
  await expect(page.locator("#agreement")).toContainText(/Dice \d\.\d{3}/);
  const [, of_part = NaN] = numbers_in(await page.locator("#agreement").innerText());
  expect(of_part).toBeCloseTo(dice, 3);
  await page.locator("#reference-remove").click();
  await expect(page.locator("#agreement")).toBeHidden();

  const finer = info.outputPath("finer.nii");
  writeFileSync(finer, phantom_labels(SIZE, [0.75, 0.8, 2.5]));
  await page.setInputFiles("#reference-file", finer);
  await expect(page.getByRole("alert")).toBeVisible();
  await expect(page.locator("#message-text")).toContainText("its columns");
  await expect(page.locator("#reference-remove")).toBeHidden();
  await wait_for_masks(page, 1);
});

test("what the model sees: its square, with the padding, and the prompt "
  + "in its own coordinates", async ({ page }, info) => {
  await open_with_large(page, info.outputPath("scan.nii"));
  expect((await state_of(page)).model_input.input).toBeNull();
  await page.getByText("What the model sees").click();
  await expect(page.locator("#input-facts")).toContainText("becomes 256 × 213 in a square of 256");
  await expect(page.locator("#input-facts")).toContainText("43 rows of padding below");
  const { input } = (await state_of(page)).model_input;
  const scale = 256 / width;
  LARGE_BOX.forEach((at, i) => expect(Math.abs((input?.box?.[i] ?? 0) - at * scale)).toBeLessThan(1));
  const side = await page.locator("#input-canvas")
    .evaluate((canvas) => /** @type {HTMLCanvasElement} */ (canvas).width);
  expect(side).toBe(256);

  await draw_box(page, [60, 30, 85, 60]);
  await wait_for_masks(page, 2);
  await expect(page.locator("#input-facts")).toContainText("Box 160, 80,");
  await page.getByText("What the model sees").click();
  await expect.poll(async () => (await state_of(page)).model_input.open).toBe(false);
});
