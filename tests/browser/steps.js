// What a user does on the page, and what the tests read from it.

import { readFileSync } from "node:fs";
import { PNG } from "pngjs";

import { place_in_window } from "./geometry.js";
import { expect } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */
/** @typedef {import("./golden.js").ImageBox} ImageBox */
/** @typedef {import("./geometry.js").Point} Point */

const SAMPLES = JSON.parse(readFileSync(new URL("../../samples/samples.json", import.meta.url), "utf8"));

/** @type {(page: Page) => Promise<import("../../web/show/inspect.js").Seen>} */
export const state_of = (page) => page.evaluate(() => /** @type {any} */ (window).boxel.state());

/** @type {(page: Page, number: number) => Promise<Uint8Array>} */
export async function mask_of(page, number) {
  // As text: a list of numbers takes Playwright 40 times as long.
  const mask = await page.evaluate((n) => {
    const found = /** @type {any} */ (window).boxel.mask(n);
    return found && new TextDecoder("latin1").decode(Uint8Array.from(found));
  }, number);
  expect(mask, `box ${number} has a mask`).not.toBeNull();
  return Uint8Array.from(Buffer.from(/** @type {string} */ (mask), "latin1"));
}

/** @type {(page: Page, path: string) => Promise<void>} */
export const pick = (page, path) => page.setInputFiles("#file", path);

/** Several files at once. @type {(page: Page, paths: string[]) => Promise<void>} */
export const pick_all = (page, paths) => page.setInputFiles("#file", paths);

/** Another scan, in the place of one with masks that are not saved.
 * @type {(page: Page, paths: string | string[]) => Promise<void>} */
export async function pick_anyway(page, paths) {
  await page.setInputFiles("#file", paths);
  await page.click("#unsaved-anyway");
}

/** A file in a DataTransfer, as the browser makes it for a drop or a paste.
 * @type {(page: Page, path: string, name?: string) => Promise<import("@playwright/test").JSHandle<DataTransfer>>} */
const transfer_of = (page, path, name = "a name.png") => page.evaluateHandle(({ base64, name }) => {
  const transfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  transfer.items.add(new File([bytes], name, name.endsWith(".png") ? { type: "image/png" } : {}));
  return transfer;
}, { base64: readFileSync(path).toString("base64"), name });

/** @type {(page: Page, path: string, name?: string) => Promise<void>} */
export async function drop(page, path, name) {
  const dataTransfer = await transfer_of(page, path, name);
  // Anywhere on the page will do, so not on the canvas.
  await page.dispatchEvent("header", "dragover", { dataTransfer });
  await expect(page.locator("body")).toHaveClass(/dropping/);
  await page.dispatchEvent("header", "drop", { dataTransfer });
  await expect(page.locator("body")).not.toHaveClass(/dropping/);
}

/** @type {(page: Page, path: string) => Promise<void>} */
export async function paste(page, path) {
  const transfer = await transfer_of(page, path);
  await page.evaluate((clipboardData) => {
    document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, transfer);
}

/** @type {(page: Page, file: string) => Promise<void>} */
export async function open_sample(page, file) {
  const sample = SAMPLES.find((/** @type {{ file: string }} */ each) => each.file === file);
  await page.selectOption("#sample", { label: sample.title });
}

/** @type {(page: Page, size: { width: number, height: number }) => Promise<void>} */
export async function wait_for_image(page, { width, height }) {
  await expect.poll(async () => {
    const { image, opening } = await state_of(page);
    return [image?.width, image?.height, opening];
  }).toEqual([width, height, null]);
}

/** @type {(page: Page) => Promise<void>} */
export const wait_for_encoding = (page) =>
  expect.poll(async () => (await state_of(page)).embedding.phase).toBe("done");

/** Until every box has its mask. @type {(page: Page, count: number, timeout?: number) => Promise<void>} */
export const wait_for_masks = (page, count, timeout) =>
  expect.poll(async () => (await state_of(page)).boxes.filter(({ phase }) => phase === "done").length, { timeout })
    .toBe(count);

/** Where a point of the image lies in the window. @type {(page: Page, point: Point) => Promise<Point>} */
export async function window_from_image(page, point) {
  const seen = await state_of(page);
  const canvas = await page.locator("#canvas").boundingBox();
  if (!canvas) throw new Error("there is no canvas");
  return place_in_window(seen, canvas, point);
}

/** @type {(page: Page, box: ImageBox) => Promise<void>} */
export async function begin_box(page, [x0, y0, x1, y1]) {
  const from = await window_from_image(page, { x: x0, y: y0 });
  const to = await window_from_image(page, { x: x1, y: y1 });
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 5 });
}

/** @type {(page: Page, box: ImageBox) => Promise<void>} */
export async function draw_box(page, box) {
  await begin_box(page, box);
  await page.mouse.up();
}

/** @type {(page: Page, box: ImageBox) => Promise<void>} */
export async function type_box(page, box) {
  for (const [i, id] of ["#box-x0", "#box-y0", "#box-x1", "#box-y1"].entries()) await page.fill(id, String(box[i]));
  await page.click("#box-add");
}

/** Sets a point with the tool that is chosen.
 * @type {(page: Page, point: Point, options?: { button?: "left" | "right" }) => Promise<void>} */
export async function click_point(page, point, { button = "left" } = {}) {
  const at = await window_from_image(page, point);
  await page.mouse.click(at.x, at.y, { button });
}

/** What the canvas shows at a point of the image. @type {(page: Page, point: Point) => Promise<number[]>} */
export async function colour_at(page, point) {
  const at = await window_from_image(page, point);
  return page.evaluate(({ x, y }) => {
    const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById("canvas"));
    const { left, top } = canvas.getBoundingClientRect();
    const [device_x, device_y] = [(x - left) * devicePixelRatio, (y - top) * devicePixelRatio];
    const pixel = canvas.getContext("2d")?.getImageData(Math.floor(device_x), Math.floor(device_y), 1, 1).data;
    return Array.from(pixel ?? []).slice(0, 3);
  }, at);
}

/** Clicks a save button; the file's name and pixels, 16 bit where the file has them.
 * @type {(
 *   page: Page, button: string,
 * ) => Promise<
 *   { name: string, width: number, height: number, depth: number, channels: number, data: ArrayLike<number> }
 * >} */
export async function saved_png(page, button) {
  const coming = page.waitForEvent("download");
  await page.click(button);
  const download = await coming;
  const bytes = readFileSync(await download.path());
  const { width, height, data } = PNG.sync.read(bytes, { skipRescale: true });
  const depth = bytes[24] ?? 0;
  return { name: download.suggestedFilename(), width, height, depth, channels: data.length / width / height, data };
}

/** The first channel. @type {(png: { channels: number, data: ArrayLike<number> }) => number[]} */
export const grey_of = ({ channels, data }) =>
  Array.from({ length: data.length / channels }, (_, i) => data[i * channels] ?? 0);

/** A golden image with a mask in its first box.
 * @type {(page: Page, golden: import("./golden.js").GoldenCase) => Promise<void>} */
export async function open_with_mask(page, golden) {
  const [first] = golden.boxes;
  if (!first) throw new Error(`${golden.name} has no box`);
  await page.goto("");
  await pick(page, golden.image);
  await wait_for_image(page, golden);
  await draw_box(page, first.box);
  await wait_for_masks(page, 1);
}
