// Prompts that are drawn: a scribble, a polygon; and a loaded mask that is refined, and that a propagation starts from.

import { readFileSync, writeFileSync } from "node:fs";

import { mask_iou } from "./golden.js";
import { label_on_slice, LARGE_BOX, large_area, MIDDLE, phantom, SIZE, SMALL_BOX } from "./phantom.js";
import {
  click_point, mask_of, pick, pick_all, state_of, wait_for_encoding, wait_for_image, wait_for_masks, window_from_image,
} from "./steps.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */
/** @typedef {import("./geometry.js").Point} Point */

const [width, height] = SIZE;
const MINUTES = 60_000;

/** @type {(box: import("./golden.js").ImageBox) => { centre: Point, radii: Point }} */
const ellipse_in = ([x0, y0, x1, y1]) =>
  ({ centre: { x: (x0 + x1) / 2, y: (y0 + y1) / 2 }, radii: { x: (x1 - x0) / 2, y: (y1 - y0) / 2 } });
const [LARGE, SMALL] = [ellipse_in(LARGE_BOX), ellipse_in(SMALL_BOX)];
/** The pixels of the ellipse, around which its box has a margin of one. */
const LARGE_MASK = Uint8Array.from({ length: width * height }, (_, i) => {
  const { centre, radii } = LARGE;
  const [x, y] = [i % width + 0.5, Math.floor(i / width) + 0.5];
  return Number(((x - centre.x) / (radii.x - 1)) ** 2 + ((y - centre.y) / (radii.y - 1)) ** 2 <= 1);
});

/** @type {(page: Page, path: Point[]) => Promise<void>} */
async function drag(page, [first, ...rest]) {
  const from = await window_from_image(page, first ?? { x: 0, y: 0 });
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  for (const point of rest) {
    const { x, y } = await window_from_image(page, point);
    await page.mouse.move(x, y);
  }
  await page.mouse.up();
}

/** @type {(page: Page) => Promise<any>} */
async function saved_session(page) {
  await expect(page.locator("#save-session")).toBeEnabled();
  const coming = page.waitForEvent("download");
  await page.click("#save-session");
  return JSON.parse(readFileSync(await (await coming).path(), "utf8"));
}

test("a polygon and a scribble are prompts, a loaded mask is refined and propagated, all objects of a slice go in one "
  + "run, and a replay comes to the same masks", async ({ page }, info) => {
  test.setTimeout(5 * MINUTES);
  const [scan, label, session] = ["scan.nii", "label.nii", "session.json"].map((name) => info.outputPath(name));
  if (!scan || !label || !session) throw new Error("no paths");
  writeFileSync(scan, phantom());
  writeFileSync(label, label_on_slice(MIDDLE));
  await page.goto("");
  await pick(page, scan);
  await wait_for_image(page, { width, height });
  await wait_for_encoding(page);
  expect((await state_of(page)).image?.slice).toBe(MIDDLE);

  // A click with the tool draws nothing; a drag around the large ellipse is its prompt.
  await page.keyboard.press("y");
  await click_point(page, { x: 4, y: 4 });
  await expect(page.getByRole("alert")).toContainText("Drag around an object.");
  const around = Array.from({ length: 25 }, (_, i) => {
    const { centre, radii } = LARGE;
    const angle = i / 24 * 2 * Math.PI;
    return { x: centre.x + 1.05 * radii.x * Math.cos(angle), y: centre.y + 1.05 * radii.y * Math.sin(angle) };
  });
  await drag(page, around);
  await wait_for_masks(page, 1);
  const [drawn] = (await state_of(page)).boxes;
  expect([drawn?.box, (drawn?.polygon?.length ?? 0) > 8]).toEqual([null, true]);
  await expect(page.locator("#boxes li")).toContainText(/Polygon of \d+ corners/);
  expect(mask_iou(await mask_of(page, 1), LARGE_MASK)).toBeGreaterThan(0.7);

  // A scribble through the small one begins an object, with points along it, and is undone in one step.
  await page.keyboard.press("Escape");
  await page.keyboard.press("p");
  const { centre } = SMALL;
  await drag(page, [-6, -2, 2, 6].map((dx) => ({ x: centre.x + dx, y: centre.y })));
  await wait_for_masks(page, 2);
  const scribble = (await state_of(page)).boxes[1]?.points ?? [];
  expect(scribble.map(([, , sign]) => sign)).toEqual(scribble.map(() => 1));
  expect(scribble.length).toBeGreaterThan(2);
  await page.click("#undo");
  expect((await state_of(page)).boxes).toHaveLength(1);
  await page.click("#redo");
  await wait_for_masks(page, 2);
  expect((await state_of(page)).boxes[1]?.points).toEqual(scribble);

  // A mask that was loaded: a point refines it, and undo brings it back.
  await pick(page, label);
  await page.click("#segments-load");
  await expect.poll(async () => (await state_of(page)).boxes).toHaveLength(3);
  await expect.poll(async () => (await state_of(page)).object_masks[3]?.voxels).toBe(large_area(MIDDLE));
  const loaded = await mask_of(page, 3);
  await click_point(page, LARGE.centre);
  await expect.poll(async () => {
    const { points = [], phase } = (await state_of(page)).boxes[2] ?? {};
    return points.length === 1 && phase !== "waiting";
  }).toBe(true);
  const take = page.getByRole("button", { name: "Use the new mask" });
  if (await take.isVisible()) await take.click();
  await expect.poll(async () => (await state_of(page)).boxes[2]?.prediction).not.toBeNull();
  const refined = await mask_of(page, 3);
  expect(refined, "the model's answer").not.toEqual(loaded);
  expect(mask_iou(refined, loaded), "begins with the loaded mask").toBeGreaterThan(0.7);
  await page.click("#undo");
  await expect.poll(async () => (await state_of(page)).object_masks[3]?.voxels).toBe(large_area(MIDDLE));
  expect(await mask_of(page, 3)).toEqual(loaded);

  // It is propagated as the others are, together with the polygon's; the scribble's is hidden, and stays as it is.
  await page.getByLabel("Hide object 2").click();
  await expect(page.locator("#propagate-all")).toHaveText("All 2 objects");
  await page.click("#propagate-all");
  await expect(page.locator("#progress-label")).toContainText("Propagating object 1, 1 more after it");
  await expect.poll(async () => (await state_of(page)).propagating, { timeout: 4 * MINUTES }).toBeNull();
  /** Once the page has the mask as it is now. */
  const voxels_of = async () => {
    const { object_masks: { 3: mask }, object_masks_version } = await state_of(page);
    return mask?.version === object_masks_version ? mask.voxels : 0;
  };
  await expect.poll(voxels_of).toBeGreaterThan(large_area(MIDDLE));
  const voxels = await voxels_of();
  // One step back: both objects are as before the run, and one forward.
  await page.click("#undo");
  await expect.poll(voxels_of).toBe(large_area(MIDDLE));
  await page.click("#redo");
  await expect.poll(voxels_of).toBe(voxels);

  const saved = await saved_session(page);
  const origins = saved.objects.map((/** @type {any} */ { masks }) =>
    masks.slices.map((/** @type {any} */ { origin }) => origin));
  for (const of of [origins[0], origins[2]]) {
    expect(of.filter((/** @type {string} */ origin) => origin === "propagated").length).toBeGreaterThan(2);
  }
  expect(origins[1]).toEqual(["marked"]);
  expect(origins[2]).toContain("loaded");
  expect(await mask_of(page, 3)).toEqual(loaded);
  expect(saved.objects.map((/** @type {any} */ { steps }) => steps.map((/** @type {any} */ step) => step.do)))
    .toEqual([["prompt", "propagate"], ["prompt"], ["load", "propagate"]]);
  expect(saved.objects[0].steps[0].prompts[0]).toMatchObject({ box: null, points: [], polygon: drawn?.polygon });

  writeFileSync(session, JSON.stringify(saved));
  await page.reload();
  await pick_all(page, [scan, session]);
  await expect(page.locator("#session-text")).toHaveText("The session is open: 3 objects with masks.");
  await page.getByRole("button", { name: "Check by replay" }).click();
  await expect(page.locator("#session-text")).toContainText("voxel for voxel", { timeout: 4 * MINUTES });
});
