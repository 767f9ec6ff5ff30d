// Edits of the whole mask as a person makes them: previewed, cancelled, applied, undone, by tools on the scan, before the
// model is there and after it, saved and opened again.

import { readFileSync, writeFileSync } from "node:fs";

import { faults_of } from "./axe.js";
import { large_area, LARGE_BOX, phantom_labels, phantom_series, SIZE, SMALL_BOX } from "./phantom.js";
import { colour_at, draw_box, mask_of, pick_all, state_of, wait_for_image, window_from_image } from "./steps.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */
/** @typedef {import("./steps.js").Point} Point */

const [width, height, slices] = SIZE;
const WEIGHTS = "**/models/litemedsam.safetensors";
const WHOLE = Array.from({ length: slices }, (_, z) => large_area(z)).reduce((sum, area) => sum + area, 0);
const CENTRE = { x: (LARGE_BOX[0] + LARGE_BOX[2]) / 2, y: (LARGE_BOX[1] + LARGE_BOX[3]) / 2 };
const MINUTES = 60_000;

/** @type {(page: Page, number: number) => Promise<number>} */
async function voxels_of(page, number) {
  const { selected } = await state_of(page);
  if (selected !== number) await page.locator(`[data-act="select ${number}"]`).click();
  await expect.poll(async () => {
    const { applying, object_masks, object_masks_version } = await state_of(page);
    return applying.length === 0 && object_masks[number]?.version === object_masks_version;
  }).toBe(true);
  return (await state_of(page)).object_masks[number]?.voxels ?? 0;
}

/** Drags along points, to the last one. @type {(page: Page, points: Point[], button?: "left" | "right") => Promise<void>} */
async function drag(page, points, button = "left") {
  for (const [i, point] of points.entries()) {
    const { x, y } = await window_from_image(page, point);
    await page.mouse.move(x, y, { steps: i ? 4 : 1 });
    if (i === 0) await page.mouse.down({ button });
  }
  await page.mouse.up({ button });
}

/** A rectangle around a box. @type {(box: readonly number[]) => Point[]} */
const around = ([x0 = 0, y0 = 0, x1 = 0, y1 = 0]) =>
  [{ x: x0, y: y0 }, { x: x1, y: y0 }, { x: x1, y: y1 }, { x: x0, y: y1 }];

/** @type {(page: Page, mask: Uint8Array) => Promise<void>} */
const wait_for_mask = (page, mask) => expect.poll(async () => Buffer.from(await mask_of(page, 1)).equals(mask)).toBe(true);

/** @type {(page: Page, path: string) => Promise<any>} */
async function save_session(page, path) {
  await expect(page.locator("#save-session")).toBeEnabled();
  const coming = page.waitForEvent("download");
  await page.click("#save-session");
  const text = readFileSync(await (await coming).path(), "utf8");
  writeFileSync(path, text);
  return JSON.parse(text);
}

test("edits are previewed, applied and undone without a model and with one, drawn by tools, and opened again", async ({
  page, context,
}, info) => {
  test.setTimeout(10 * MINUTES);
  const series = phantom_series().map((bytes, i) => {
    const path = info.outputPath(`${i}.dcm`);
    writeFileSync(path, bytes);
    return path;
  });
  const [labels, session] = ["labels.nii", "session.json"].map((name) => info.outputPath(name));
  if (!labels || !session) throw new Error("no paths");
  writeFileSync(labels, phantom_labels());
  /** @type {() => void} */
  let let_model_in = () => {};
  const held = new Promise((resolve) => { let_model_in = () => resolve(null); });
  await context.route(WEIGHTS, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto("");
  await pick_all(page, [...series, labels]);
  await expect(page.locator("#segments")).toBeVisible();
  await page.keyboard.press("Enter");
  await page.click("#segment-choice-load");
  await wait_for_image(page, { width, height });
  expect(await voxels_of(page, 1)).toBe(WHOLE);

  // A margin is previewed on every slice and plane, cancelled, and applied as it was shown.
  const facts = page.locator("#edit-facts");
  await page.selectOption("#edit-kind", "margin");
  await page.fill("#edit-distance", "2");
  await expect(facts).toHaveText(/^Adds [\d,]+ voxels: [\d.]+ mL instead of [\d.]+ mL, on \d slices\.$/);
  const edge = { x: LARGE_BOX[2] - 0.5, y: CENTRE.y };
  const stripes = async () => {
    const seen = [];
    for (let i = 0; i < 4; i += 1) seen.push((await colour_at(page, { ...edge, y: edge.y + i - 1.5 })).join());
    return seen.includes("255,255,255");
  };
  await expect.poll(stripes, { message: "white stripes outside the mask" }).toBe(true);
  expect(await faults_of(page)).toEqual([]);
  await page.getByText("Coronal", { exact: true }).click();
  await expect.poll(async () => (await state_of(page)).editing?.mask?.plane).toBe("coronal");
  await page.getByText("Axial", { exact: true }).click();
  await page.locator("#edit-distance").press("Escape");
  await expect(page.locator("#edit-buttons")).toBeHidden();
  await expect.poll(async () => (await state_of(page)).previewed).toBe("");
  expect(await voxels_of(page, 1)).toBe(WHOLE);

  await page.selectOption("#edit-kind", "margin");
  await page.fill("#edit-distance", "-1");
  await expect(facts).toHaveText(/^Removes [\d,]+ voxels/);
  await page.fill("#edit-distance", "2");
  await expect(facts).toHaveText(/^Adds [\d,]+ voxels/);
  const wider = (await state_of(page)).editing?.found?.edit.voxels ?? 0;
  expect(wider).toBeGreaterThan(WHOLE);
  await page.locator("#edit-distance").press("Enter");
  await expect(page.locator("#edit-buttons")).toBeHidden();
  expect(await voxels_of(page, 1)).toBe(wider);
  await page.keyboard.press("Control+z");
  await expect.poll(() => voxels_of(page, 1)).toBe(WHOLE);

  // The model that comes now has made nothing: redo and undo go on.
  expect((await state_of(page)).engine.has_weights).toBe(false);
  let_model_in();
  await expect.poll(async () => (await state_of(page)).engine.has_weights).toBe(true);
  await page.locator("#canvas").focus();
  await page.keyboard.press("Control+y");
  await expect.poll(() => voxels_of(page, 1)).toBe(wider);

  // A dab of the 3D brush goes through slices, and the largest part goes on without it.
  await page.keyboard.press("t");
  await page.fill("#brush-radius", "3");
  await page.locator("#brush-radius").press("Enter");
  await page.locator("#canvas").focus();
  const corner = { x: 8, y: 8 };
  await drag(page, [corner]);
  await expect.poll(() => voxels_of(page, 1)).toBeGreaterThan(wider);
  expect((await state_of(page)).object_masks[1]?.slices.some(({ origin }) => origin === "edited")).toBe(true);
  await page.selectOption("#edit-kind", "largest");
  await expect(facts).toHaveText(/^Removes \d+ voxels: /);
  await page.click("#edit-apply");
  await expect.poll(() => voxels_of(page, 1)).toBe(wider);

  // The lasso cuts a whole slice, and the slices around it fill it again.
  await page.locator("#canvas").focus();
  await page.keyboard.press("a");
  const here = await mask_of(page, 1);
  await drag(page, around([2, 2, LARGE_BOX[2] + 4, height - 2]), "right");
  const area = here.reduce((sum, inside) => sum + inside, 0);
  await expect.poll(() => voxels_of(page, 1)).toBe(wider - area);
  await page.selectOption("#edit-kind", "interpolate");
  await expect(facts).toHaveText(/^Adds [\d,]+ voxels: .*, on 1 slice\.$/);
  await page.locator("#edit-kind").press("Enter");
  await expect.poll(() => voxels_of(page, 1)).toBeGreaterThan(wider - area);
  expect((await mask_of(page, 1)).filter((inside, i) => inside !== here[i]).length).toBeLessThan(100);
  await page.locator("#canvas").focus();
  await drag(page, around([1, 1, 9, 9]));
  await expect.poll(async () => (await mask_of(page, 1))[5 * width + 5]).toBe(1);
  const drawn = await mask_of(page, 1);
  await page.keyboard.press(".");
  await expect.poll(async () => (await state_of(page)).image?.slice).toBe(5);
  await wait_for_mask(page, Buffer.from(drawn));

  // A click grows a new object through the values of the range; it takes them from what lies there.
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.fill("#edit-tool-low", "130");
  await page.fill("#edit-tool-high", "160");
  await page.check("#overwriting");
  await page.locator("#canvas").focus();
  const before = (await state_of(page)).object_masks[1]?.voxels ?? 0;
  await drag(page, [CENTRE]);
  await expect.poll(async () => (await state_of(page)).boxes.length).toBe(3);
  expect(await voxels_of(page, 3)).toBe(WHOLE);
  expect(await voxels_of(page, 1)).toBeLessThan(before);
  await page.uncheck("#overwriting");

  // A mask of the model: its box is part of the edit, and comes back with an undo.
  await page.locator("#canvas").focus();
  await page.keyboard.press("b");
  await draw_box(page, SMALL_BOX);
  await expect.poll(async () => (await state_of(page)).boxes.at(3)?.phase).toBe("done");
  const found = await voxels_of(page, 4);
  await page.selectOption("#edit-kind", "margin");
  await expect(facts).toHaveText(/^Adds [\d,]+ voxels/);
  await page.click("#edit-apply");
  await expect.poll(() => voxels_of(page, 4)).toBeGreaterThan(found);
  expect((await state_of(page)).boxes.at(3)?.box).toBeNull();
  await page.locator("#canvas").focus();
  await page.keyboard.press("Control+z");
  await expect.poll(() => voxels_of(page, 4)).toBe(found);
  expect((await state_of(page)).boxes.at(3)?.box).toEqual(SMALL_BOX);
  await page.keyboard.press("Control+y");
  await expect.poll(() => voxels_of(page, 4)).toBeGreaterThan(found);
  await page.selectOption("#edit-kind", "subtract");
  await page.selectOption("#edit-other", { label: "Label 2" });
  await expect(facts).toHaveText(/^Removes [\d,]+ voxels/);
  await page.click("#edit-apply");
  await expect(page.locator("#edit-buttons")).toBeHidden();

  // Saved, opened again and replayed, the masks are the same.
  const all = [];
  for (const number of [1, 2, 3, 4]) all.push(await voxels_of(page, number));
  const { objects } = await save_session(page, session);
  expect(objects.map((/** @type {any} */ object) => object.result.voxels)).toEqual(all);
  expect(objects[2].steps).toEqual([{
    do: "edit_volume", edit: { grow_v1: { voxel: expect.anything(), range: { low: 130, high: 160 } } },
  }]);
  await page.reload();
  await pick_all(page, [...series, session]);
  await expect(page.locator("#session-text")).toHaveText("The session is open: 4 objects with masks.");
  const again = [];
  for (const number of [1, 2, 3, 4]) again.push(await voxels_of(page, number));
  expect(again).toEqual(all);
  await expect(page.locator("#boxes")).toContainText("Edited mask");
  await page.click("#session-check");
  await expect(page.locator("#session-text")).toContainText("same, voxel for voxel", { timeout: 3 * MINUTES });
  await context.unroute(WEIGHTS);
});
