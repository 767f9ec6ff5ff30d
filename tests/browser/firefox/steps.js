// What a user does on the page in Firefox. As ../steps.js, which is Playwright's.

import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";

import { place_in_window } from "../geometry.js";

/** @typedef {import("puppeteer-core").Page} Page */
/** @typedef {import("../geometry.js").Point} Point */
/** @typedef {import("../../../web/show/inspect.js").Seen} Seen */

const PATIENCE_MS = 120_000;

/** @type {(page: Page) => Promise<Seen>} */
export const state_of = (page) => page.evaluate(() => /** @type {any} */ (window).boxel.state());

/** @type {(page: Page, number: number) => Promise<number[]>} */
export const mask_of = (page, number) =>
  page.evaluate((n) => Array.from(/** @type {any} */ (window).boxel.mask(n) ?? []), number);

/** Until it is so. @type {(what: string, is_so: () => boolean | Promise<boolean>) => Promise<void>} */
export async function until(what, is_so) {
  for (const end = Date.now() + PATIENCE_MS; !(await is_so());) {
    assert.ok(Date.now() < end, `in vain waited for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** @type {(page: Page, ...paths: string[]) => Promise<void>} */
export async function pick(page, ...paths) {
  const input = await page.$("input#file");
  assert.ok(input, "there is no place to pick a file");
  await input.uploadFile(...paths);
}

/** @type {(page: Page, count: number) => Promise<void>} */
export const wait_for_masks = (page, count) => until(`${count} masks`, async () =>
  (await state_of(page)).boxes.filter(({ phase }) => phase === "done").length === count);

/** @type {(page: Page, point: Point) => Promise<Point>} */
async function window_from_image(page, point) {
  const canvas = await (await page.$("#canvas"))?.boundingBox();
  assert.ok(canvas, "there is no canvas");
  return place_in_window(await state_of(page), canvas, point);
}

/** @type {(page: Page, box: import("../golden.js").ImageBox) => Promise<void>} */
export async function draw_box(page, [x0, y0, x1, y1]) {
  const from = await window_from_image(page, { x: x0, y: y0 });
  const to = await window_from_image(page, { x: x1, y: y1 });
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 5 });
  await page.mouse.up();
}

/** @type {(page: Page, point: Point) => Promise<void>} */
export async function click_point(page, point) {
  const at = await window_from_image(page, point);
  await page.mouse.click(at.x, at.y);
}

/** The file that a button saves, once it is there as a whole.
 * @type {(page: Page, button: string, path: string) => Promise<void>} */
export async function save(page, button, path) {
  await page.click(button);
  await until(`the download ${path}`, () =>
    existsSync(path) && readdirSync(new URL(".", `file://${path}`)).every((name) => !name.endsWith(".part")));
}
