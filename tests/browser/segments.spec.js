// A segmentation that is dropped with its scan, or on it: its segments are loaded, edited, saved and opened again.

import { readFileSync, writeFileSync } from "node:fs";

import { faults_of } from "./axe.js";
import { LARGE_BOX, large_area, phantom_labels, phantom_series, SIZE } from "./phantom.js";
import { mask_of, pick, pick_all, state_of, wait_for_image, window_from_image } from "./steps.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */

const [width, height] = SIZE;
const CENTRE = { x: (LARGE_BOX[0] + LARGE_BOX[2]) / 2, y: (LARGE_BOX[1] + LARGE_BOX[3]) / 2 };

/** @type {(page: Page, button: string, path: string) => Promise<Buffer>} */
async function save(page, button, path) {
  await expect(page.locator(button)).toBeEnabled();
  const coming = page.waitForEvent("download");
  await page.click(button);
  const bytes = readFileSync(await (await coming).path());
  writeFileSync(path, bytes);
  return bytes;
}

/** @type {(page: Page) => Promise<[string, string][]>} */
const names_of = async (page) => (await state_of(page)).boxes.map(({ name, phase }) => [name, phase]);

/** @type {(page: Page, number: number) => Promise<number>} */
async function voxels_of(page, number) {
  const { selected } = await state_of(page);
  if (selected !== number) await page.locator(`[data-act="select ${number}"]`).click();
  const voxels = async () => (await state_of(page)).object_masks[number]?.voxels ?? 0;
  await expect.poll(voxels).toBeGreaterThan(0);
  return voxels();
}

/** Loads a segmentation that is picked, whole. @type {(page: Page, path: string) => Promise<void>} */
async function load_all(page, path) {
  await pick(page, path);
  await page.click("#segments-load");
  await page.click("#segment-choice-load");
}

test("segments dropped with a CT are named, saved as SEG, loaded, chosen, edited and restored from a session; what lies elsewhere "
  + "is refused, and Cancel changes nothing", async ({ page }, info) => {
  const series = phantom_series().map((bytes, i) => {
    const path = info.outputPath(`${i}.dcm`);
    writeFileSync(path, bytes);
    return path;
  });
  const [labels, elsewhere, seg, again, session, image] =
    ["labels.nii", "elsewhere.nii", "a.dcm", "b.dcm", "session.json", "labels.png"].map((name) => info.outputPath(name));
  if (!labels || !elsewhere || !seg || !again || !session || !image) throw new Error("no paths");
  writeFileSync(labels, phantom_labels());
  writeFileSync(elsewhere, phantom_labels(SIZE, [0.75, 0.8, 2.5]));
  const dialog = page.locator("#segments");

  await page.goto("");
  await pick_all(page, [...series, labels]);
  await expect(dialog).toContainText("One file looks like a segmentation of the scan that comes with it");
  await expect(page.locator("#segments-compare")).toBeHidden();
  await page.keyboard.press("Enter");
  const choice = page.locator("#segment-choice");
  await expect(choice.getByRole("checkbox", { checked: true })).toHaveCount(2);
  expect(await faults_of(page)).toEqual([]);
  await expect(page.getByRole("button", { name: "Load all 2" })).toBeFocused();
  await page.keyboard.press("Enter");
  await wait_for_image(page, { width, height });
  await expect.poll(() => names_of(page)).toEqual([["Label 1", "done"], ["Label 2", "done"]]);
  const whole = await voxels_of(page, 1);
  expect(whole).toBe(Array.from({ length: SIZE[2] }, (_, z) => large_area(z)).reduce((sum, area) => sum + area, 0));
  await page.getByLabel("Name of object 1").fill("Liver");
  await page.keyboard.press("Enter");
  await page.getByLabel("De-identified").check();
  await save(page, "#save-seg", seg);

  // Cancel, and what does not fit, leave everything as it is.
  await pick(page, seg);
  await expect(dialog).toContainText("This file looks like a segmentation");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await pick(page, elsewhere);
  await page.click("#segments-load");
  await expect(page.locator("#resampling")).toContainText("its columns lie between the scan's columns");
  await page.keyboard.press("Enter");
  await expect(page.locator("#message")).toContainText("its columns lie between the scan's columns");
  expect(await names_of(page)).toEqual([["Liver", "done"], ["Label 2", "done"]]);

  // One of two, chosen with the keyboard; de-identified, it has a frame of reference of its own. And back.
  await pick(page, seg);
  await page.click("#segments-load");
  await choice.getByLabel("Label 2").focus();
  await page.keyboard.press("Space");
  await expect(page.locator("#segment-choice-load")).toHaveText("Load 1 of 2");
  await page.click("#segment-choice-load");
  await expect.poll(() => names_of(page)).toHaveLength(3);
  expect((await names_of(page)).at(2)).toEqual(["Liver", "done"]);
  await expect(page.locator("#message")).toContainText("Only geometry links the file to this scan");
  expect(await voxels_of(page, 3)).toBe(whole);
  await page.click("#undo");
  await expect.poll(() => names_of(page)).toHaveLength(2);

  // The masks of the slice that is shown, as an image.
  await save(page, "#save-labels", image);
  await load_all(page, image);
  await expect.poll(() => names_of(page)).toHaveLength(4);
  await expect(page.locator("#message")).toContainText("It was placed on the current slice");
  await page.click("#undo");
  await expect.poll(() => names_of(page)).toHaveLength(2);

  // The brush erases from the mask on the slice that is shown.
  const before = await mask_of(page, 1);
  await voxels_of(page, 1);
  await page.keyboard.press("e");
  const { x, y } = await window_from_image(page, CENTRE);
  await page.mouse.click(x, y);
  await expect.poll(async () => (await state_of(page)).object_masks[1]?.voxels).toBeLessThan(whole);
  const edited = await voxels_of(page, 1);
  expect(await mask_of(page, 1)).not.toEqual(before);
  const saved = await save(page, "#save-seg", again);
  expect(saved.includes("10200004"), "the liver's SNOMED code").toBe(true);
  const { objects } = JSON.parse((await save(page, "#save-session", session)).toString());
  expect(objects.map((/** @type {any} */ object) => object.steps.map((/** @type {any} */ step) => step.do))).toEqual([
    ["load", "edit"], ["load"],
  ]);
  expect(objects[0].result.voxels).toBe(edited);

  // The session with its scan, and then the edited SEG on it.
  await page.reload();
  await pick_all(page, [...series, session]);
  await expect(page.locator("#session-text")).toHaveText("The session is open: 2 objects with masks.");
  expect(await voxels_of(page, 1)).toBe(edited);
  await load_all(page, again);
  await expect.poll(() => names_of(page)).toHaveLength(4);
  expect(await voxels_of(page, 3)).toBe(edited);
});
