// Labels: objects of one name have one colour, which is chosen by keyboard, seen everywhere, and undone.

import { readFileSync } from "node:fs";

import { faults_of } from "./axe.js";
import { own_case } from "./golden.js";
import { colour_at, draw_box, mask_of, open_with_mask, state_of, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */

const mr = own_case("mr_brain");
const [, other] = mr.boxes;
if (!other) throw new Error("the golden lacks a box");
const other_box = other.box;
const YELLOW = [251, 252, 30];
const BLUE = [0, 200, 255];
const VIOLET = [180, 140, 255];
const PHONE = { width: 390, height: 844 };

/** Two objects, their masks opaque, and for each a pixel of its mask alone, far from what is drawn besides.
 * @type {(page: Page) => Promise<{ x: number, y: number }[]>} */
async function open_two(page) {
  await open_with_mask(page, mr);
  await draw_box(page, other_box);
  await wait_for_masks(page, 2);
  await page.locator("#opacity").fill("1");
  const masks = [await mask_of(page, 1), await mask_of(page, 2)];
  return masks.map((mask, object) => {
    const others = masks.filter((_, i) => i !== object);
    const place = mask.findIndex((inside, i) => {
      const [x, y] = [i % mr.width, Math.floor(i / mr.width)];
      const near = [-2, -1, 0, 1, 2].flatMap((by) => [i + by, i + by * mr.width]);
      const is_far = mr.boxes.every(({ box: [x0, y0, x1, y1] }) =>
        [x - x0, x - x1].every((dx) => Math.abs(dx) > 5) && [y - y0, y - y1].every((dy) => Math.abs(dy) > 5));
      return inside === 1 && is_far
        && near.every((each) => mask[each] && others.every((mask_of_other) => !mask_of_other[each]));
    });
    expect(place, `a pixel of object ${object + 1} alone`).toBeGreaterThan(0);
    return { x: place % mr.width + 0.5, y: Math.floor(place / mr.width) + 0.5 };
  });
}

/** @type {(page: Page, number: number, name: string) => Promise<void>} */
async function rename(page, number, name) {
  await page.getByLabel(`Name of object ${number}`).fill(name);
  await page.keyboard.press("Enter");
  await expect.poll(async () => (await state_of(page)).boxes.find((box) => box.number === number)?.name)
    .toBe(name.trim());
}

/** @type {(page: Page) => Promise<[string, number][]>} */
const labels_of = async (page) => (await state_of(page)).boxes.map(({ name, colour }) => [name, colour]);

test("two objects of one name have one colour, on the scan and in files; it is undone", async ({ page }) => {
  const points = await open_two(page);
  const seen = () => Promise.all(points.map((point) => colour_at(page, point)));
  expect(await seen()).toEqual([YELLOW, BLUE]);
  await rename(page, 1, "node");
  await rename(page, 2, "  node ");
  expect(await labels_of(page)).toEqual([["node", 0], ["node", 0]]);
  expect(await seen()).toEqual([YELLOW, YELLOW]);
  await page.click("#undo");
  expect(await labels_of(page)).toEqual([["node", 0], ["Object 2", 1]]);
  expect(await seen()).toEqual([YELLOW, BLUE]);
  await page.click("#redo");

  await page.getByRole("button", { name: "Colour of node: yellow" }).last().click();
  const palette = page.getByRole("dialog", { name: "Colour of node" });
  await expect(palette).toContainText("Applies to all 2 objects of this name.");
  await palette.getByRole("button", { name: "Violet" }).click();
  await expect(palette).toBeHidden();
  expect(await seen()).toEqual([VIOLET, VIOLET]);
  const coming = page.waitForEvent("download");
  await page.click("#save-svg");
  const svg = readFileSync(await (await coming).path(), "utf8");
  expect(svg.match(/fill="#b48cff"/g), "the contours of both").toHaveLength(2);

  await rename(page, 2, "vessel");
  expect(await labels_of(page)).toEqual([["node", 5], ["vessel", 0]]);
  expect(await seen()).toEqual([VIOLET, YELLOW]);
});

test("a colour is chosen by keyboard, which comes back to where it was", async ({ page }) => {
  const points = await open_two(page);
  const [, point] = points;
  if (!point) throw new Error("no point");
  const opener = page.getByRole("button", { name: "Colour of Object 2" });
  await opener.focus();
  await page.keyboard.press("Enter");
  const palette = page.getByRole("dialog", { name: "Colour of Object 2" });
  await expect(palette).toBeVisible();
  await expect(palette.getByRole("button", { name: "Blue" })).toBeFocused();
  await expect(palette.locator('[aria-pressed="true"]')).toHaveText("Blue");
  expect(await faults_of(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(palette).toBeHidden();
  await expect(opener).toBeFocused();
  expect((await state_of(page)).selected, "Escape meant the palette").toBe(2);

  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  await expect(palette.getByRole("button", { name: "Pink" })).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(palette).toBeHidden();
  await expect(opener).toBeFocused();
  await expect(opener).toHaveAccessibleName("Colour of Object 2: yellow");
  expect(await colour_at(page, point)).toEqual(YELLOW);
  await page.keyboard.press("Control+z");
  expect(await labels_of(page)).toEqual([["Object 1", 0], ["Object 2", 1]]);
  expect(await colour_at(page, point)).toEqual(BLUE);
  await expect(opener).toBeFocused();

  await page.getByRole("button", { name: "Lock object 2" }).click();
  await expect(opener).toBeDisabled();
});

test("at phone width an object's name and buttons have one line, as large as fingertips", async ({ page }) => {
  await page.setViewportSize(PHONE);
  await open_with_mask(page, mr);
  await page.getByLabel("Name of object 1").fill("a name as long as DICOM allows one to be, which is 64 letters ..");
  await page.keyboard.press("Enter");
  for (const name of ["Hide object 1", "Lock object 1"]) {
    const mark = page.getByRole("button", { name });
    await expect(mark).toHaveAttribute("aria-pressed", "false");
    await mark.click();
    await expect(mark).toHaveAttribute("aria-pressed", "true");
  }
  await page.getByRole("button", { name: "Lock object 1" }).click();
  const head = await page.locator("#boxes li").first().locator(".colour, .name, .mark, .remove").evaluateAll((all) =>
    all.map((each) => each.getBoundingClientRect())
      .map(({ left, right, top, height }) => ({ left, right, top, height })));
  expect(head).toHaveLength(5);
  expect(new Set(head.map(({ top }) => Math.round(top))).size, "on one line").toBe(1);
  expect(head.every(({ left, right, height }) => left >= 0 && right <= PHONE.width && height >= 40)).toBe(true);
  const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(await overflow()).toBeLessThanOrEqual(0);
  expect(await faults_of(page)).toEqual([]);
  await page.getByRole("button", { name: "Colour of a name" }).click();
  await expect(page.getByRole("dialog", { name: "Colour of a name" })).toBeVisible();
  expect(await overflow()).toBeLessThanOrEqual(0);
  expect(await faults_of(page)).toEqual([]);
});
