// A session file holds the masks: they are back before the model is, and a check by replay changes nothing.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

import { nifti } from "./nifti.js";
import { LARGE_BOX, phantom_series, SIZE as PHANTOM_SIZE } from "./phantom.js";
import { click_point, draw_box, mask_of, pick, pick_all, state_of, wait_for_image, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */

const SIZE = { width: 64, height: 64 };
/** A bright disc in a body of texture on the three slices in the middle, of five. */
const volume = nifti({ size: [64, 64, 5], spacing: [1, 1, 2] }, (x, y, z) => {
  if (z === 0 || z === 4) return 0;
  return 300 + ((x * 7 + y * 13) % 17) * 4 + (Math.hypot(x - 30, y - 34) < 12 ? 500 : 0);
});
/** Of the disc in the axial view, whose left is the patient's right. @type {[number, number, number, number]} */
const BOX = [20, 16, 46, 42];
const MINUTES = 60_000;
const WEIGHTS = "**/models/litemedsam.safetensors";

/** @type {(page: Page, path: string) => Promise<void>} */
async function work_on(page, path) {
  await page.goto("");
  await pick(page, path);
  await wait_for_image(page, SIZE);
  await draw_box(page, BOX);
  await wait_for_masks(page, 1);
  await page.getByRole("button", { name: "Both ways" }).click();
  await expect.poll(async () => (await state_of(page)).propagating, { timeout: 3 * MINUTES }).toBeNull();
  await page.keyboard.press("e");
  const { voxels } = (await state_of(page)).object_masks[1] ?? { voxels: 0 };
  await click_point(page, { x: 33, y: 29 });
  await expect.poll(async () => (await state_of(page)).object_masks[1]?.voxels).toBeLessThan(voxels);
}

/** @type {(page: Page) => Promise<any>} */
async function saved_session(page) {
  await expect(page.locator("#save-session")).toBeEnabled();
  const coming = page.waitForEvent("download");
  await page.click("#save-session");
  return JSON.parse(readFileSync(await (await coming).path(), "utf8"));
}

/** The voxels of an axial object, as docs/session-file.md has them. @type {(object: any) => Buffer} */
function voxels_of({ masks: { size: [columns, rows, slices], slices: stored } }) {
  const voxels = Buffer.alloc(columns * rows * slices);
  for (const { slice, runs } of stored) {
    let at = slice * columns * rows;
    runs.forEach((/** @type {number} */ run, /** @type {number} */ i) => {
      voxels.fill(i % 2, at, at + run);
      at += run;
    });
    expect(at, "the runs add up").toBe((slice + 1) * columns * rows);
  }
  return voxels;
}

test("masks are in the file on the scan's grid, and come back before the model, with strokes and what "
  + "is known of each slice", async ({ page, context }, info) => {
  const path = info.outputPath("a name of a patient.nii");
  writeFileSync(path, volume);
  await work_on(page, path);
  const [before, mask] = [await state_of(page), await mask_of(page, 1)];
  const session = await saved_session(page);
  expect((await state_of(page)).unsaved, "a saved session is saved work").toBe(false);
  expect(JSON.stringify(session)).not.toContain("patient");
  const [object] = session.objects;
  const voxels = voxels_of(object);
  expect([voxels.filter((voxel) => voxel === 1).length, createHash("sha256").update(voxels).digest("hex")])
    .toEqual([object.result.voxels, object.result.sha256]);
  const origins = { marked: "marked", carried: "propagated", loaded: "loaded", edited: "edited" };
  expect(object.masks.slices.map((/** @type {any} */ each) => each.origin))
    .toEqual(before.object_masks[1]?.slices.map(({ origin }) => origins[origin]));

  const session_path = info.outputPath("session.json");
  writeFileSync(session_path, JSON.stringify(session));
  /** @type {(value?: unknown) => void} */
  let let_go = () => {};
  const held = new Promise((resolve) => { let_go = resolve; });
  await context.route(WEIGHTS, async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  await page.reload();
  await pick_all(page, [path, session_path]);
  await expect(page.locator("#session-text")).toHaveText("The session is open: 1 object with masks.");
  await expect.poll(async () => (await state_of(page)).object_masks[1]?.voxels).toBe(object.result.voxels);
  const now = await state_of(page);
  expect([now.engine.has_weights, now.unsaved, now.message]).toEqual([false, false, null]);
  expect([now.rendering, now.object_masks[1]?.slices, now.boxes[0]?.edits, now.boxes[0]?.box])
    .toEqual([before.rendering, before.object_masks[1]?.slices, before.boxes[0]?.edits, before.boxes[0]?.box]);
  await expect.poll(() => mask_of(page, 1)).toEqual(mask);

  // The model comes, and changes nothing; a point goes on from there.
  let_go();
  await expect.poll(async () => (await state_of(page)).engine.has_weights, { timeout: 2 * MINUTES }).toBe(true);
  expect((await state_of(page)).object_masks[1]?.voxels).toBe(object.result.voxels);
  await page.click("#session-check");
  await expect(page.locator("#session-text"))
    .toHaveText("Checked: the object is the same, voxel for voxel.", { timeout: 3 * MINUTES });
  const checked = await state_of(page);
  expect([checked.boxes.map(({ number }) => number), checked.unsaved]).toEqual([[1], false]);
  expect(await mask_of(page, 1)).toEqual(mask);
  await page.keyboard.press("p");
  await click_point(page, { x: 33, y: 24 });
  await expect.poll(async () => (await state_of(page)).boxes[0]?.rounds).toBe(2);
  await wait_for_masks(page, 1);
  expect([(await state_of(page)).unsaved, (await state_of(page)).message]).toEqual([true, null]);
});

test("masks that are not of this scan are refused with the number, "
  + "and made again from the prompts", async ({ page }, info) => {
  const path = info.outputPath("volume.nii");
  writeFileSync(path, volume);
  await work_on(page, path);
  const session = await saved_session(page);
  for (const [what, change, words] of /** @type {[string, (object: any) => void, RegExp][]} */ ([
    [
      "grid", (object) => { object.masks.size = [64, 64, 50]; },
      /its masks have a grid of 64 × 64 × 50 voxels, but the scan has 64 × 64 × 5/,
    ],
    [
      "runs", (object) => { object.masks.slices[0].runs = [4294967295, 4294967295]; },
      /add up to 8589934590 voxels, but the slice has 4096/,
    ],
    ["hash", (object) => { object.masks.slices[0].runs = [4096]; }, /its masks have the SHA-256/],
  ])) {
    await test.step(what, async () => {
      const changed = structuredClone(session);
      change(changed.objects[0]);
      const changed_path = info.outputPath(`${what}.json`);
      writeFileSync(changed_path, JSON.stringify(changed));
      await pick(page, changed_path);
      await expect(page.getByRole("alert")).toContainText(words);
      await page.click("#message-close");
      await wait_for_masks(page, 1);
      await page.click("#session-close");
    });
  }
});

test("masks survive the engine's worker: the propagated slices come back without computing", async ({ page }, info) => {
  const path = info.outputPath("volume.nii");
  writeFileSync(path, volume);
  await work_on(page, path);
  const before = await state_of(page);
  // The copy has the propagated slices and the stroke.
  await expect.poll(async () => {
    const { kept, unkept } = await state_of(page);
    return { kept, unkept };
  }).toEqual({ kept: [1], unkept: [] });
  await page.workers()[0]
    ?.evaluate(() => { setTimeout(() => { throw new WebAssembly.RuntimeError("unreachable"); }, 0); });
  await expect(page.locator("#message-text")).toContainText("The engine stopped unexpectedly");
  await expect.poll(async () => {
    const { object_masks, engine } = await state_of(page);
    return [engine.phase, object_masks[1]?.voxels, object_masks[1]?.slices];
  }).toEqual(["ready", before.object_masks[1]?.voxels, before.object_masks[1]?.slices]);
});

test("a session of another model keeps its masks through an undo, and a DICOM SEG names that model until this "
  + "one has worked on them", async ({ page }, info) => {
  const paths = phantom_series().map((bytes, i) => {
    const path = info.outputPath(`${i}.dcm`);
    writeFileSync(path, bytes);
    return path;
  });
  const [width, height] = PHANTOM_SIZE;
  await page.goto("");
  await pick_all(page, paths);
  await wait_for_image(page, { width, height });
  await draw_box(page, LARGE_BOX);
  await wait_for_masks(page, 1);
  const session = await saved_session(page);
  // The first model marked other pixels: a row at the top of them is missing.
  const [object] = session.objects;
  const [slice] = object.masks.slices;
  slice.runs = [slice.runs[0] + slice.runs[1] + slice.runs[2], ...slice.runs.slice(3)];
  object.result.voxels = voxels_of(object).filter((voxel) => voxel === 1).length;
  object.result.sha256 = createHash("sha256").update(voxels_of(object)).digest("hex");
  session.model = { ...session.model, name: "Some other model", sha256: "0".repeat(64) };
  const path = info.outputPath("session.json");
  writeFileSync(path, JSON.stringify(session));
  await pick(page, path);
  await expect(page.locator("#session-text")).toHaveText("The session is open: 1 object with masks.");
  const number = (await state_of(page)).boxes[0]?.number ?? 0;
  await expect.poll(async () => (await state_of(page)).object_masks[number]?.voxels).toBe(object.result.voxels);
  const mask = await mask_of(page, number);
  await page.getByLabel("De-identified").check();
  const segmentation = async () => {
    const coming = page.waitForEvent("download");
    await page.click("#save-seg");
    return readFileSync(await (await coming).path());
  };
  expect((await segmentation()).includes("Some other model")).toBe(true);

  await page.keyboard.press("p");
  await click_point(page, { x: (LARGE_BOX[0] + LARGE_BOX[2]) / 2, y: (LARGE_BOX[1] + LARGE_BOX[3]) / 2 });
  await expect.poll(async () => (await state_of(page)).boxes[0]?.rounds).toBe(2);
  await wait_for_masks(page, 1);
  expect((await segmentation()).includes("Some other model"), "this one has answered").toBe(false);
  await page.keyboard.press("Control+z");
  await expect.poll(async () => (await state_of(page)).object_masks[number]?.voxels).toBe(object.result.voxels);
  expect(await mask_of(page, number)).toEqual(mask);
  expect((await segmentation()).includes("Some other model")).toBe(true);
  expect((await saved_session(page)).model).toEqual(session.model);
});
