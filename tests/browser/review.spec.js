// The review of a volume: slices to look at, ticks, a reference over the scan, and the curve over the slices.

import { readFileSync, writeFileSync } from "node:fs";

import { faults_of } from "./axe.js";
import { session_of } from "./made_session.js";
import { nifti } from "./nifti.js";
import { click_point, colour_at, pick_all, state_of, wait_for_image } from "./steps.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */

/** @type {[number, number, number]} */
const SIZE = [48, 40, 9];
/** Left and back as the file has them, so that the axial view shows it as it lies there. */
const GRID = { size: SIZE, spacing: /** @type {[number, number, number]} */ ([0.5, 2, 3]), signs: /** @type {any} */ ([-1, -1, 1]) };
const scan = nifti(GRID, (x, y, z) => (x * 7 + y * 13 + z * 5) % 97);
/** The object: on slices 2 to 7, counted from 1, the square of 10 pixels from (12, 14). */
const MASK = { corner: /** @type {[number, number]} */ ([12, 14]), side: 10, slices: /** @type {[number, number]} */ ([1, 6]) };
/** The reference: the same square four columns further on, on slices 3 to 8. */
const reference = nifti(GRID, (x, y, z) => Number(x >= 16 && x < 26 && y >= 14 && y < 24 && z >= 2 && z <= 7));

/** @type {(page: Page, button: string) => Promise<Buffer>} */
async function saved(page, button) {
  await expect(page.locator(button)).toBeEnabled();
  const coming = page.waitForEvent("download");
  await page.click(button);
  return readFileSync(await (await coming).path());
}

/** @type {(page: Page) => Promise<number | undefined>} */
const slice_of = async (page) => (await state_of(page)).image?.slice;

/** What the page draws at a place changes with the switch. @type {(page: Page, at: { x: number, y: number }) => Promise<void>} */
async function is_drawn_over(page, at) {
  const shown = page.locator("#reference-shown");
  await shown.check();
  // Patterns have gaps, so a few pixels around are compared.
  const colours = async () => JSON.stringify(await Promise.all([-0.3, 0, 0.3].map((by) =>
    colour_at(page, { x: at.x + by, y: at.y + by }))));
  let with_reference = "";
  await expect.poll(async () => {
    with_reference = await colours();
    await shown.uncheck();
    const without = await colours();
    await shown.check();
    return without !== with_reference;
  }).toBe(true);
}

test("doubtful slices are gone through by keys and ticked; a change takes a tick away; a session keeps the others; "
  + "a reference shows what is missed", async ({ page }, info) => {
  const [path, session_path, labels] = ["scan.nii", "session.json", "labels.nii"].map((name) => info.outputPath(name));
  if (!path || !session_path || !labels) throw new Error("no path");
  const made = session_of(scan, SIZE, [MASK]);
  for (const [slice, reason] of /** @type {const} */ ([[2, "drift"], [4, "area_jump"], [5, "low_iou"]])) {
    made.objects[0].masks.slices[slice - 1].review = [reason];
  }
  writeFileSync(path, scan);
  writeFileSync(session_path, JSON.stringify(made));
  writeFileSync(labels, reference);
  await page.goto("");
  await pick_all(page, [path, session_path]);
  await wait_for_image(page, { width: 48, height: 40 });
  const checks = page.locator("#propagation-checks button");
  await expect(checks).toHaveText(["3: centre drifts", "5: sudden change of area", "6: low predicted IoU"]);
  const table = await saved(page, "#save-csv");

  await page.keyboard.press("j");
  await expect.poll(() => slice_of(page)).toBe(2);
  await expect(page.locator("#curve-words")).toHaveText(
    "Area per slice, on 6 slices: 100 mm² on slice 2 to 100 mm² on slice 2. Slice 3: 100 mm².",
  );
  await page.keyboard.press("c");
  await expect(page.locator("#reviewed")).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("j");
  await expect.poll(() => slice_of(page)).toBe(4);
  await page.click("#reviewed");
  await page.keyboard.press("k");
  await expect.poll(() => slice_of(page), "before the first comes the last").toBe(5);
  await expect(checks).toHaveText(
    ["✓ 3: centre drifts, reviewed", "✓ 5: sudden change of area, reviewed", "6: low predicted IoU"],
  );
  await expect(page.locator("#review-facts")).toHaveText("2 slices reviewed, 1 left to review.");
  await expect(page.locator("#slice-strip .reviewed")).toHaveAttribute("d", /^M2\.1 .*M4\.1 /);
  expect(Buffer.compare(await saved(page, "#save-csv"), table), "no export has ticks").toBe(0);

  // A stroke on a slice that was reviewed.
  await page.click("#propagation-checks button:has-text('5:')");
  await expect.poll(() => slice_of(page)).toBe(4);
  await page.keyboard.press("d");
  await click_point(page, { x: 30.5, y: 30.5 });
  await expect(page.locator("#review-facts")).toContainText("The mask of slice 5 changed after its review: review it again.");
  await page.keyboard.press("Control+z");
  await expect(page.locator("#review-facts")).toHaveText("2 slices reviewed, 1 left to review.");
  await page.keyboard.press("Control+y");
  await expect(checks.nth(1)).toHaveText("5: sudden change of area, changed after its review");
  expect((await state_of(page)).unsaved).toBe(true);
  const text = await saved(page, "#save-session");
  expect(JSON.parse(text.toString()).objects[0].reviewed).toEqual([2]);
  await expect.poll(async () => (await state_of(page)).unsaved).toBe(false);

  writeFileSync(session_path, text);
  await page.reload();
  await pick_all(page, [path, session_path]);
  await expect(page.locator("#review-facts")).toHaveText("1 slice reviewed, 2 left to review.");
  await expect(checks.first()).toHaveText("✓ 3: centre drifts, reviewed");
  await page.click("#propagation-checks button:has-text('3:')");
  await expect.poll(() => slice_of(page)).toBe(2);

  // 60 common pixels of 100 and 100.
  await page.setInputFiles("#reference-file", labels);
  await expect(page.locator("#agreement")).toContainText("Dice 0.");
  const { object_masks, reference: held } = await state_of(page);
  // They meet on five slices.
  expect(held?.agreement?.dice).toBeCloseTo(2 * 5 * 60 / ((object_masks[1]?.voxels ?? 0) + 600), 6);
  await expect(page.locator("#curve-words")).toContainText("Dice per slice with the reference, on 7 slices: 0.000 on slice 2");
  await expect(page.locator("#curve-words")).toContainText("Slice 3: 0.600.");
  await expect(page.locator("#reference-legend li")).toHaveText([/Outline/, /Missed/, /Extra/]);
  await is_drawn_over(page, { x: 24, y: 18 }); // missed
  await is_drawn_over(page, { x: 14, y: 18 }); // extra
  await is_drawn_over(page, { x: 26, y: 20.5 }); // the outline
  expect(await faults_of(page)).toEqual([]);
  await page.locator("#curve .chart").click({ position: { x: 4, y: 30 } });
  await expect.poll(() => slice_of(page), "the first slice is at the left").toBe(0);
  await expect(page.locator("#curve-words")).toContainText("Slice 1: no mask.");

  // A coronal slice through both, whichever way they are counted.
  await page.getByText("Coronal", { exact: true }).click();
  await wait_for_image(page, { width: 48, height: 9 });
  await page.fill("#slice-number", "20");
  await page.press("#slice-number", "Enter");
  await expect(page.locator("#curve-words")).toContainText("on 11 slices"); // ten of the square, and that of the dab
  await is_drawn_over(page, { x: 24, y: 4.5 });
  await page.click("#reference-remove");
  await expect(page.locator("#reference-view")).toBeHidden();
  await expect(page.locator("#curve-words")).toContainText("Area per slice, on 1");
});
