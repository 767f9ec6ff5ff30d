// Brush and eraser on a volume: what is drawn on the screen is what the masks and the files hold.

import { readFileSync, writeFileSync } from "node:fs";

import { read_nifti } from "./nifti.js";
import {
  draw_box, grey_of, mask_of, pick, saved_png, state_of, wait_for_image, wait_for_masks, window_from_image,
} from "./steps.js";
import { ellipsoid, MIDDLE_BOX, MIDDLE_SLICE } from "./volumes.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */
/** @typedef {import("./steps.js").Point} Point */
/** @typedef {import("../../web/features/brush/strokes_state.js").Stroke} Stroke */

const SIDE = 128; // of the axial slices

/** @type {(page: Page, from: Point, to: Point, button?: "left" | "right") => Promise<void>} */
async function drag(page, from, to, button = "left") {
  const [a, b] = [await window_from_image(page, from), await window_from_image(page, to)];
  await page.mouse.move(a.x, a.y);
  await page.mouse.down({ button });
  await page.mouse.move(b.x, b.y, { steps: 6 });
  await page.mouse.up({ button });
}

/** @type {(page: Page) => Promise<Stroke[]>} */
async function strokes_of(page) {
  const { boxes, image } = await state_of(page);
  return boxes[0]?.edits.find(({ slice }) => slice === image?.slice)?.strokes ?? [];
}

/** Whether the centre of a pixel is within the radius of the path: pixels are square here.
 * @type {(stroke: Stroke, x: number, y: number) => boolean} */
function is_covered({ path, radius_px }, x, y) {
  const [px, py] = [x + 0.5, y + 0.5];
  return path.some(([x0, y0], i) => {
    const [x1, y1] = path[i + 1] ?? [x0, y0];
    const [dx, dy] = [x1 - x0, y1 - y0];
    const part = Math.min(1, Math.max(0, ((px - x0) * dx + (py - y0) * dy) / (dx * dx + dy * dy || 1)));
    return Math.hypot(px - x0 - part * dx, py - y0 - part * dy) <= radius_px;
  });
}

/** @type {(mask: Uint8Array, strokes: Stroke[]) => number[]} */
const with_strokes = (mask, strokes) => Array.from(mask, (inside, i) => strokes.reduce((now, stroke) =>
  is_covered(stroke, i % SIDE, Math.floor(i / SIDE)) ? Number(stroke.kind === "paint") : now, inside));

/** Until the engine has all strokes of the slice, and the page its mask.
 * @type {(page: Page, count: number) => Promise<void>} */
async function wait_for_strokes(page, count) {
  await expect.poll(async () => {
    const { boxes, edited, image, object_masks_version, slice_version } = await state_of(page);
    const wanted = boxes[0]?.edits.find(({ slice }) => slice === image?.slice)?.strokes.length ?? 0;
    const known = edited[1]?.find(({ slice }) => slice === image?.slice)?.strokes.length ?? 0;
    return [wanted, known, slice_version === object_masks_version];
  }).toEqual([count, count, true]);
}

/** @type {(values: ArrayLike<number>) => number} */
const area_of = (values) => Array.from(values).filter((value) => value > 0).length;

test("brush and eraser change the mask as they are seen to, undo brings the model's back, and the "
  + "files hold what is drawn", async ({ page }, info) => {
  await page.goto("");
  const file = info.outputPath("volume.nii");
  writeFileSync(file, ellipsoid());
  await pick(page, file);
  await wait_for_image(page, { width: SIDE, height: SIDE });
  await page.keyboard.press("d");
  await expect(page.locator("#hint")).not.toHaveText("");
  await drag(page, { x: 20, y: 20 }, { x: 30, y: 20 });
  await expect(page.locator("#message-text")).toHaveText("Select an object first.");
  await page.keyboard.press("b");
  await draw_box(page, MIDDLE_BOX);
  await wait_for_masks(page, 1);
  const model = await mask_of(page, 1);

  await page.keyboard.press("d");
  await expect(page.locator("#brush-unit")).toHaveText("mm");
  const radius = page.locator("#brush-radius");
  await radius.fill("3");
  await radius.press("Enter");
  await radius.press("Escape"); // out of the field, the keys are the page's again
  await page.keyboard.press("]");
  await expect(radius).toHaveValue("3.6");
  await page.keyboard.press("[");
  await expect(radius).toHaveValue("3");

  await drag(page, { x: 14, y: 20 }, { x: 30, y: 20 });
  await wait_for_strokes(page, 1);
  const painted = await mask_of(page, 1);
  expect(area_of(painted)).toBeGreaterThan(area_of(model) + 80);
  expect(Array.from(painted)).toEqual(with_strokes(model, await strokes_of(page)));
  await expect(page.locator("#boxes .edited")).toHaveAttribute("title", /^1 stroke on 1 slice/);
  await expect(page.locator("#boxes .measured")).toContainText(`${area_of(painted).toLocaleString("en")} px`);

  await page.keyboard.press("e");
  await drag(page, { x: 50, y: 60 }, { x: 85, y: 60 });
  await wait_for_strokes(page, 2);
  const erased = await mask_of(page, 1);
  expect(area_of(erased)).toBeLessThan(area_of(painted) - 150);
  expect(Array.from(erased)).toEqual(with_strokes(model, await strokes_of(page)));

  await page.keyboard.press("Control+z");
  await wait_for_strokes(page, 1);
  expect(await mask_of(page, 1)).toEqual(painted);
  await page.keyboard.press("Control+z");
  await wait_for_strokes(page, 0);
  expect(await mask_of(page, 1)).toEqual(model);
  await expect(page.locator("#boxes .edited")).toHaveCount(0);

  // The other button turns the eraser into a brush, Shift the brush into an eraser.
  await drag(page, { x: 100, y: 100 }, { x: 110, y: 104 }, "right");
  await page.keyboard.press("d");
  await page.keyboard.down("Shift");
  await drag(page, { x: 60, y: 50 }, { x: 75, y: 70 });
  await page.keyboard.up("Shift");
  await wait_for_strokes(page, 2);
  expect((await strokes_of(page)).map(({ kind }) => kind)).toEqual(["paint", "erase"]);
  const middle = await mask_of(page, 1);
  expect(Array.from(middle)).toEqual(with_strokes(model, await strokes_of(page)));

  // A slice where nothing was found has what is drawn, and there is nothing to erase before.
  await page.click("#slice-after");
  await expect.poll(async () => (await state_of(page)).image?.slice).toBe(MIDDLE_SLICE + 1);
  await page.keyboard.press("e");
  await drag(page, { x: 60, y: 60 }, { x: 70, y: 60 });
  await expect(page.locator("#message-text")).toContainText("no mask on this slice to erase");
  await page.keyboard.press("d");
  await drag(page, { x: 60, y: 60 }, { x: 70, y: 66 });
  await wait_for_strokes(page, 1);
  const next = await mask_of(page, 1);
  expect(Array.from(next)).toEqual(with_strokes(new Uint8Array(SIDE * SIDE), await strokes_of(page)));
  expect(grey_of(await saved_png(page, "#save-labels"))).toEqual(Array.from(next));

  const coming = page.waitForEvent("download");
  await page.click("#save-nifti");
  const { values } = read_nifti(readFileSync(await (await coming).path()));
  /** Rows run to the patient's right in the file, and columns to the front. @type {(slice: number) => number[]} */
  const slice_of = (slice) => values.slice(slice * SIDE * SIDE, (slice + 1) * SIDE * SIDE).reverse();
  expect(slice_of(MIDDLE_SLICE)).toEqual(Array.from(middle));
  expect(slice_of(MIDDLE_SLICE + 1)).toEqual(Array.from(next));
  expect(area_of(values)).toBe(area_of(middle) + area_of(next));

  await page.getByRole("button", { name: "Remove strokes" }).click();
  await wait_for_strokes(page, 0);
  await page.click("#slice-before");
  await expect.poll(async () => (await state_of(page)).image?.slice).toBe(MIDDLE_SLICE);
  await wait_for_strokes(page, 2);
  expect(await mask_of(page, 1)).toEqual(middle);

  // Without a pointer: the crosshair begins in the middle. A locked object takes none.
  await page.keyboard.press("x");
  await page.keyboard.press("Shift+Enter");
  await wait_for_strokes(page, 3);
  expect((await strokes_of(page)).at(-1))
    .toEqual({ kind: "erase", radius_px: 3, path: [[SIDE / 2 + 0.5, SIDE / 2 + 0.5]] });
  expect(Array.from(await mask_of(page, 1))).toEqual(with_strokes(model, await strokes_of(page)));
  await page.getByRole("button", { name: /^Lock/ }).click();
  await drag(page, { x: 20, y: 90 }, { x: 30, y: 90 });
  await expect(page.locator("#message-text")).toHaveText("Object 1 is locked: unlock it in the list.");
  expect(await strokes_of(page)).toHaveLength(3);
});
