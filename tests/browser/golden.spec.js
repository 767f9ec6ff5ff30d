// The page's masks are the reference's, from every way to open a scan to the saved file.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { PNG } from "pngjs";

import { mask_iou, own_case, own_cases, shared_cases, union_of } from "./golden.js";
import {
  draw_box, drop, grey_of, mask_of, open_sample, paste, pick, saved_png, state_of, type_box, wait_for_image,
  wait_for_masks,
} from "./steps.js";
import { expect, test } from "./watch.js";

const MIN_IOU = 0.995; // with f16 weights

/** @typedef {import("@playwright/test").Page} Page */
/** @typedef {import("./golden.js").GoldenCase} GoldenCase */

/** Draws the case's boxes and compares each mask, and the saved ones.
 * @type {(
 *   page: Page, golden: GoldenCase, add: (page: Page, box: import("./golden.js").ImageBox) => Promise<void>,
 * ) => Promise<void>} */
async function compare(page, golden, add) {
  await wait_for_image(page, golden);
  for (const [i, expected] of golden.boxes.entries()) {
    await add(page, expected.box);
    await wait_for_masks(page, i + 1);
    const box = (await state_of(page)).boxes[i];
    expect(box?.box).toEqual(expected.box);
    const mask = await mask_of(page, box?.number ?? 0);
    expect(mask_iou(mask, expected.mask), `${golden.name} box ${i}`).toBeGreaterThanOrEqual(MIN_IOU);
    expect(Math.abs((box?.prediction?.iou ?? 0) - expected.iou)).toBeLessThan(0.01);
    expect(box?.prediction?.area_px).toBe(mask.reduce((sum, inside) => sum + inside, 0));
  }
  const all = union_of(golden.boxes);

  const mask = await saved_png(page, "#save-mask");
  expect([mask.name, mask.width, mask.height, mask.depth]).toEqual(["boxel-mask.png", golden.width, golden.height, 8]);
  expect(new Set(grey_of(mask))).toEqual(new Set([0, 255]));
  expect(mask_iou(grey_of(mask), all)).toBeGreaterThanOrEqual(MIN_IOU);

  const probability = await saved_png(page, "#save-probability");
  expect([probability.name, probability.width, probability.height, probability.depth])
    .toEqual(["boxel-probability.png", golden.width, golden.height, 16]);
  const above_half = grey_of(probability).map((value) => Number(value > 32767.5));
  expect(mask_iou(above_half, grey_of(mask))).toBeGreaterThan(0.999);
}

const [first, second, third] = own_cases;
if (!first || !second || !third) throw new Error("the goldens need three cases, one for each way to open a file");

/** @type {[string, GoldenCase, (page: Page, path: string) => Promise<void>][]} */
const ways = [["picked", first, pick], ["dropped", second, drop], ["pasted", third, paste]];
for (const [way, golden, open] of ways) {
  test(`${golden.name}, ${way}, boxes drawn with the pointer`, async ({ page }) => {
    await page.goto("");
    await open(page, golden.image);
    await compare(page, golden, draw_box);
  });
}

test("where the browser has no relaxed SIMD", async ({ page, context }) => {
  // Its module is the only small one: a browser that does not know its instructions refuses it.
  const refuse = `{
    const { Module } = WebAssembly;
    WebAssembly.Module = function (bytes) {
      if (bytes.byteLength < 4096) throw new WebAssembly.CompileError("invalid numeric opcode");
      return new Module(bytes);
    };
  }`;
  await context.route("**/engine/worker.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${refuse}\n${await response.text()}` });
  });
  await page.goto("");
  await pick(page, first.image);
  await compare(page, first, draw_box);
  expect((await state_of(page)).engine.name).toBe("CPU (Burn Flex)");
});

test("a sample, its box typed", async ({ page }) => {
  await page.goto("");
  await open_sample(page, basename(first.image));
  await compare(page, first, type_box);
});

for (const golden of shared_cases) {
  test(`${golden.name}, from the shared goldens`, async ({ page }) => {
    await page.goto("");
    await pick(page, golden.image);
    await compare(page, golden, draw_box);
  });
}

test("the article's figure: box at the left, mask and box at the right", async ({ page }) => {
  const golden = own_case("ct_abdomen");
  const [expected] = golden.boxes;
  if (!expected) throw new Error("no box");
  await page.goto("");
  await pick(page, golden.image);
  await wait_for_image(page, golden);
  await draw_box(page, expected.box);
  await wait_for_masks(page, 1);
  const figure = await saved_png(page, "#save-figure");
  expect(figure.name).toBe("boxel-figure.png");

  const { width, height } = golden;
  const margin = (figure.width - 2 * width) / 3;
  expect([Number.isInteger(margin), margin > 0]).toEqual([true, true]);
  const top = figure.height - margin - height;
  /** @type {(x: number, y: number) => number[]} */
  const pixel = (x, y) => [0, 1, 2].map((c) => figure.data[(y * figure.width + x) * 4 + c] ?? -1);
  // The whole of both panels, but for the strokes of the box.
  const source = PNG.sync.read(readFileSync(golden.image)).data;
  const mask = await mask_of(page, 1);
  const [x0, y0, x1, y1] = expected.box;
  let different = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if ([x - x0, x - x1, y - y0, y - y1].some((distance) => Math.abs(distance) <= 4)) continue;
      const at = y * width + x;
      [251, 252, 30].forEach((yellow, c) => {
        const image = source[at * 4 + c] ?? 0;
        const shown = mask[at] ? 0.4 * image + 0.6 * yellow : image;
        different += Number(Math.abs((pixel(margin + x, top + y)[c] ?? -1) - image) > 1);
        different += Number(Math.abs((pixel(2 * margin + width + x, top + y)[c] ?? -1) - shown) > 2);
      });
    }
  }
  expect(different).toBe(0);
  for (const left of [margin, 2 * margin + width]) {
    expect(pixel(left + x0, top + Math.round((y0 + y1) / 2))).toEqual([0, 0, 255]);
  }
  const title = Array.from({ length: top * figure.width }, (_, i) =>
    pixel(i % figure.width, Math.floor(i / figure.width))[0] ?? 255);
  expect(title.some((value) => value < 64), "the titles are there").toBe(true);
});
