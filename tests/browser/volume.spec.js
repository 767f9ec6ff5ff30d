// A volume: planes, slices, windows, and an object through all of them.

import { writeFileSync } from "node:fs";

import { mask_iou } from "./golden.js";
import {
  click_point, draw_box, mask_of, pick, pick_all, pick_anyway, state_of, wait_for_encoding, wait_for_image,
  wait_for_masks, window_from_image,
} from "./steps.js";
import { ellipsoid, FIRST_BODY, is_inside, LAST_BODY, MIDDLE_BOX, MIDDLE_SLICE, MILLILITRES } from "./volumes.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */

const AXIAL = { width: 128, height: 128 };
const one = ellipsoid();

/** @type {(info: import("@playwright/test").TestInfo, name: string, bytes: Buffer) => string} */
function written(info, name, bytes) {
  const path = info.outputPath(name);
  writeFileSync(path, bytes);
  return path;
}

/** @type {(page: Page, info: import("@playwright/test").TestInfo) => Promise<void>} */
async function open_volume(page, info) {
  await page.goto("");
  await pick(page, written(info, "volume.nii", one));
  await wait_for_image(page, AXIAL);
}

/** @type {(page: Page, slice: number) => Promise<void>} */
const wait_for_slice = (page, slice) => expect.poll(async () => (await state_of(page)).image?.slice).toBe(slice);

/** @type {(page: Page, number: number) => Promise<void>} */
async function go_to(page, number) {
  await page.fill("#slice-number", String(number));
  await page.press("#slice-number", "Enter");
  await wait_for_slice(page, number - 1);
}

/** @type {(page: Page) => Promise<Record<string, string | null>>} */
const letters_of = (page) => page.evaluate(() => Object.fromEntries(
  Array.from(document.querySelectorAll(".view:first-child .letter"), (span) => [
    /** @type {HTMLElement} */ (span).dataset.edge, span.textContent,
  ])));

test("planes with their letters, slices by wheel, keys and number, "
  + "and the value under the pointer", async ({ page }, info) => {
  await open_volume(page, info);
  await expect(page.locator("#scan-facts")).toHaveText("128 × 128, 24 slices · 1 × 1 × 3 mm · NIfTI-1, 16 bit");
  expect(await letters_of(page)).toEqual({ left: "R", right: "L", top: "A", bottom: "P" });
  const { image } = await state_of(page);
  expect([image?.plane, image?.slice, image?.slices, image?.pixel_aspect]).toEqual(["axial", 12, 24, 1]);

  const at = await window_from_image(page, { x: 67.5, y: 59.5 });
  await page.mouse.move(at.x, at.y);
  await expect(page.locator("#pointer")).toHaveText(/^x 67 y 59 slice 13 · [78]\d\d$/);
  await page.mouse.wheel(0, 100);
  await wait_for_slice(page, 13);
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await wait_for_slice(page, 11);
  await page.keyboard.press("PageDown");
  await wait_for_slice(page, 21);
  await page.keyboard.press("PageDown");
  await wait_for_slice(page, 23);
  await expect(page.locator("#slice-after")).toBeDisabled();
  await go_to(page, 3);
  await expect(page.getByRole("slider", { name: "Slice" })).toHaveAttribute("aria-valuetext", "Axial slice 3 of 24");

  await page.getByText("Coronal", { exact: true }).click();
  await wait_for_image(page, { width: 128, height: 24 });
  expect(await letters_of(page)).toEqual({ left: "R", right: "L", top: "H", bottom: "F" });
  expect((await state_of(page)).image?.pixel_aspect).toBe(3);
  // Three times as high as its pixels count: the point is where the steps, which know that, look for it.
  const low = await window_from_image(page, { x: 64.5, y: 20.5 });
  await page.mouse.move(low.x, low.y);
  await expect(page.locator("#pointer")).toHaveText(/^x 64 y 20 slice 65/);
  await page.getByText("Sagittal", { exact: true }).click();
  await expect.poll(() => letters_of(page)).toEqual({ left: "A", right: "P", top: "H", bottom: "F" });
  await page.getByText("Axial", { exact: true }).click();
  await wait_for_slice(page, 2);
});

test("fast scrolling skips slices, and the one that is stayed on is encoded", async ({ page }, info) => {
  await open_volume(page, info);
  await wait_for_encoding(page);
  const at = await window_from_image(page, { x: 64, y: 64 });
  await page.mouse.move(at.x, at.y);
  for (let i = 0; i < 8; i += 1) await page.mouse.wheel(0, 100);
  await wait_for_slice(page, 20);
  await wait_for_encoding(page);
  // Back where the encoding is kept.
  await go_to(page, 13);
  await wait_for_encoding(page);
  expect((await state_of(page)).embedding.encode_ms).toBeNull();
  await expect(page.locator("#memory")).toHaveText("2 slices cached, 8 of 64 MiB");
  await page.selectOption("#budget", { label: "16 MiB" });
  await expect(page.locator("#memory")).toHaveText("2 slices cached, 8 of 16 MiB");
});

test("windows: presets by button and key, typed, dragged; "
  + "an object keeps its own for the model", async ({ page }, info) => {
  await open_volume(page, info);
  await expect(page.getByRole("button", { name: "Automatic" })).toHaveAttribute("aria-pressed", "true");
  await draw_box(page, MIDDLE_BOX);
  await wait_for_masks(page, 1);
  await page.fill("#window-level", "600");
  await page.fill("#window-width", "400");
  await page.press("#window-width", "Enter");
  await expect.poll(async () => (await state_of(page)).image?.window)
    .toEqual({ kind: "linear", level: 600, width: 400 });
  const kept = (await state_of(page)).boxes[0];
  expect([kept?.phase, kept?.window]).toEqual(["done", { kind: "percentiles" }]);
  await expect(page.locator("#boxes li")).toContainText("Model input: Automatic");
  await page.getByRole("button", { name: "Use the display window for object 1" }).click();
  await expect.poll(async () => (await state_of(page)).boxes[0]?.window)
    .toEqual({ kind: "linear", level: 600, width: 400 });
  await wait_for_masks(page, 1);

  const from = await window_from_image(page, { x: 20, y: 20 });
  await page.mouse.move(from.x, from.y);
  await page.mouse.down({ button: "right" });
  await page.mouse.move(from.x + 100, from.y + 50, { steps: 5 });
  await page.mouse.up({ button: "right" });
  await expect.poll(async () => (await state_of(page)).image?.window)
    .toEqual({ kind: "linear", level: 700, width: 600 });
  await expect(page.locator("#window-level")).toHaveValue("700");
  await expect(page.locator("#window-width")).toHaveValue("600");
  expect((await state_of(page)).boxes).toHaveLength(1);
  await page.keyboard.press("1");
  await expect.poll(async () => (await state_of(page)).image?.window.kind).toBe("percentiles");
});

test("an object through the volume: its slices, its volume, why it ended; and back", async ({ page }, info) => {
  test.setTimeout(12 * 60_000); // an encoding for each of sixteen slices
  await open_volume(page, info);
  await draw_box(page, MIDDLE_BOX);
  await wait_for_masks(page, 1);
  await page.getByRole("button", { name: "Both ways" }).click();
  await expect(page.locator("#progress-label")).toContainText("Propagating: slice 14");
  // Meanwhile the slices can be looked at.
  await go_to(page, 1);
  await expect.poll(async () => (await state_of(page)).propagating, { timeout: 9 * 60_000 }).toBeNull();
  const { object_masks, stops, message } = await state_of(page);
  const slices = object_masks[1]?.slices ?? [];
  const about = JSON.stringify([slices, stops]);
  // The object is on all its slices; what the model finds beyond its ends is to be looked at.
  const [sure, beyond] = [true, false].map((wanted) =>
    slices.filter(({ slice }) => (Math.abs(slice - MIDDLE_SLICE) <= 6) === wanted));
  expect(sure?.map(({ slice }) => slice), about).toEqual(Array.from({ length: 13 }, (_, i) => MIDDLE_SLICE - 6 + i));
  expect(beyond?.filter(({ slice, doubts }) => Math.abs(slice - MIDDLE_SLICE) > 7 && !doubts.length), about)
    .toEqual([]);
  // Nothing is carried into the empty slices.
  const { up, down } = stops[1] ?? {};
  expect([up && up.slice <= LAST_BODY + 1, down && down.slice >= FIRST_BODY - 1], about).toEqual([true, true]);
  expect(message).toBeNull();
  const millilitres = object_masks[1]?.volume_ml ?? 0;
  expect(Math.abs(millilitres - MILLILITRES) / MILLILITRES, `${millilitres} mL`).toBeLessThan(0.15);
  await expect(page.locator("#propagation-facts")).toContainText(/^Slices \d+ to \d+ · \d+(\.\d)? mL$/);
  await expect(page.locator("#propagation-stops")).toContainText(/Stopped going up: .+ Stopped going down: /);

  await go_to(page, 16);
  const expected = Uint8Array.from({ length: 128 * 128 }, (_, i) =>
    Number(is_inside({ x: i % 128, y: Math.floor(i / 128), slice: 15 })));
  expect(mask_iou(await mask_of(page, 1), expected)).toBeGreaterThan(0.85);
  await expect(page.locator("#boxes li")).toContainText("propagated, predicted IoU");
  await page.getByText("Coronal", { exact: true }).click();
  await wait_for_image(page, { width: 128, height: 24 });
  expect((await mask_of(page, 1)).some(Boolean)).toBe(true);
  await page.getByRole("button", { name: /^Go to axial slice 13/ }).click();
  await wait_for_slice(page, MIDDLE_SLICE);

  await page.getByRole("button", { name: "Remove propagated slices" }).click();
  await expect.poll(async () => (await state_of(page)).object_masks[1]?.slices.length).toBe(1);
  await expect(page.locator("#propagation-facts")).toContainText("Slice 13 · ");
  // Taken back, carried and marked are three changes, each with its way back.
  await page.click("#undo");
  await expect.poll(async () => (await state_of(page)).object_masks[1])
    .toMatchObject({ volume_ml: millilitres, slices });
  await page.click("#undo");
  await expect.poll(async () => (await state_of(page)).object_masks[1]?.slices.length).toBe(1);
  await page.click("#redo");
  await expect.poll(async () => (await state_of(page)).object_masks[1])
    .toMatchObject({ volume_ml: millilitres, slices });
  await expect(page.locator("#propagation-stops")).toContainText(/Stopped going up: .+ Stopped going down: /);
});

test("cancelled, what was found stays; a prompt on another slice corrects the object", async ({ page }, info) => {
  await open_volume(page, info);
  await draw_box(page, MIDDLE_BOX);
  await wait_for_masks(page, 1);
  await page.getByRole("button", { name: "Up", exact: true }).click();
  await expect.poll(async () => (await state_of(page)).object_masks[1]?.slices.length, { timeout: 60_000 })
    .toBeGreaterThan(1);
  await page.click("#progress-cancel");
  await expect.poll(async () => (await state_of(page)).propagating).toBeNull();
  const found = (await state_of(page)).object_masks[1]?.slices.length ?? 0;
  expect(found).toBeGreaterThan(1);

  await go_to(page, 14);
  const before = await mask_of(page, 1);
  const [x0, y0, x1, y1] = MIDDLE_BOX;
  await page.keyboard.down("Shift");
  await draw_box(page, [x0 + 10, y0 + 8, x1 - 10, y1 - 8]);
  await page.keyboard.up("Shift");
  await expect.poll(async () => (await state_of(page)).boxes.map(({ at, phase }) => [at.slice, phase]))
    .toEqual([[13, "done"]]);
  expect(mask_iou(await mask_of(page, 1), before)).toBeLessThan(1);
  await expect.poll(async () => (await state_of(page)).object_masks[1]?.slices
    .filter(({ origin }) => origin === "marked").map(({ slice }) => slice))
    .toEqual([12, 13]);
  await page.click("#undo");
  await expect.poll(async () => (await state_of(page)).boxes.map(({ at }) => at.slice)).toEqual([12]);
  // What had been carried there is there again, and goes with the next undo.
  await expect.poll(async () => mask_iou(await mask_of(page, 1), before)).toBe(1);
  await page.click("#undo");
  await expect.poll(async () => (await state_of(page)).object_masks[1]?.slices.map(({ slice }) => slice)).toEqual([12]);
});

test("in another plane a prompt is an object of its own; each waits for its slice", async ({ page }, info) => {
  await open_volume(page, info);
  await draw_box(page, MIDDLE_BOX);
  await wait_for_masks(page, 1);
  await page.getByText("Coronal", { exact: true }).click();
  await wait_for_image(page, { width: 128, height: 24 });
  await page.keyboard.press("p");
  await click_point(page, { x: 67, y: 11 });
  await wait_for_masks(page, 2);
  expect((await state_of(page)).boxes.map(({ at }) => at.plane)).toEqual(["axial", "coronal"]);
});

test("several volumes in what is opened: one is chosen, or none", async ({ page }, info) => {
  const both = [written(info, "first.nii", one), written(info, "second.nii", ellipsoid(2))];
  await page.goto("");
  await pick_all(page, both);
  await expect(page.locator("#scan-choice")).toBeVisible();
  await expect(page.locator("#scan-answers button")).toHaveCount(3);
  await expect(page.locator("#scan-answers button").first()).toBeFocused();
  await page.locator("#scan-choice").getByRole("button", { name: "Cancel" }).click();
  await expect(page.locator("#scan-choice")).toBeHidden();
  expect([(await state_of(page)).opening, (await state_of(page)).scan]).toEqual([null, null]);

  await pick_all(page, both);
  await expect(page.locator("#scan-answers button").first()).toBeFocused();
  await page.locator("#scan-answers button").nth(2).focus();
  await page.keyboard.press("Enter");
  await wait_for_image(page, AXIAL);
  await expect(page.locator("#scan-choice")).toBeHidden();
  const { key } = (await state_of(page)).scan ?? {};
  await draw_box(page, MIDDLE_BOX);
  await wait_for_masks(page, 1);
  const before = await mask_of(page, 1);

  // In another worker the files are read again, with the same choice and no question.
  await page.selectOption("#device", "cpu");
  await expect(page.locator("#device-reason")).toHaveText("You chose the CPU.");
  await wait_for_masks(page, 1);
  const now = await state_of(page);
  expect([now.scan?.key, now.message]).toEqual([key, null]);
  expect(mask_iou(await mask_of(page, 1), before)).toBe(1);
});

test("a damaged file leaves what is on screen; beside a sound one it is passed over", async ({ page }, info) => {
  await open_volume(page, info);
  await draw_box(page, MIDDLE_BOX);
  await wait_for_masks(page, 1);
  const [before, { image }] = [await mask_of(page, 1), await state_of(page)];
  const damaged = written(info, "damaged.nii", one.subarray(0, 5000));
  await pick_anyway(page, damaged);
  await expect(page.getByRole("alert")).toHaveAttribute("data-code", /^image_/);
  const now = await state_of(page);
  expect([now.opening, now.image]).toEqual([null, image]);
  expect(await mask_of(page, 1)).toEqual(before);

  await page.click("#message-close");
  await pick_anyway(page, [
    written(info, "notes.txt", Buffer.from("No scan.\n")),
    written(info, "other.nii", ellipsoid(1).fill(7, 90_000, 90_004)),
  ]);
  await expect.poll(async () => (await state_of(page)).image?.key).not.toBe(image?.key);
  expect((await state_of(page)).boxes).toEqual([]);
});

test.describe("at phone width", () => {
  test.use({ viewport: { width: 390, height: 844 } });
  test("nothing is wider than the screen, and the slices can be gone through", async ({ page }, info) => {
    await open_volume(page, info);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await page.click("#slice-after");
    await wait_for_slice(page, MIDDLE_SLICE + 1);
  });
});
