// Bad files, boxes and weights: each gives a clear message, and the image and masks already there stay.

import { readFileSync, writeFileSync } from "node:fs";
import { crc32 } from "node:zlib";

import { mask_iou, own_case } from "./golden.js";
import {
  draw_box, mask_of, open_with_mask, pick, pick_anyway, state_of, type_box, wait_for_image, wait_for_masks,
} from "./steps.js";
import { expect, test } from "./watch.js";

const mr = own_case("mr_brain");
const [mr_box] = mr.boxes;
if (!mr_box) throw new Error("the golden lacks a box");
const png = readFileSync(mr.image);

/** A PNG whose header, with the right checksum, claims a size. @type {(width: number, height: number) => Buffer} */
function claiming(width, height) {
  const claimed = Buffer.from(png);
  claimed.writeUInt32BE(width, 16);
  claimed.writeUInt32BE(height, 20);
  claimed.writeUInt32BE(crc32(claimed.subarray(12, 29)), 29);
  return claimed;
}

/** @type {[string, Buffer, string][]} */
const bad_files = [
  ["a text file named .png", Buffer.from("This is not a scan.\n".repeat(40)), "image_format"],
  ["a truncated PNG", png.subarray(0, Math.floor(png.length / 2)), "image_truncated"],
  ["a PNG of 60,000 × 60,000", claiming(60_000, 60_000), "image_too_large"],
  ["an empty file", Buffer.alloc(0), "image_empty"],
];
/** @type {[string, import("./golden.js").ImageBox, string][]} */
const bad_boxes = [
  ["a box outside the image", [mr.width + 10, 10, mr.width + 50, 50], "box_outside"],
  ["a box without area", [40, 40, 40, 80], "box_invalid"],
  ["a box that is inverted", [80, 80, 40, 40], "box_invalid"],
];

test("bad files and boxes: a message, and the image and mask stay", async ({ page }, info) => {
  await open_with_mask(page, mr);
  const before = await mask_of(page, 1);
  const image = (await state_of(page)).image;

  /** @type {(code: string) => Promise<void>} */
  const check = async (code) => {
    await expect(page.getByRole("alert")).toHaveAttribute("data-code", code);
    expect((await page.locator("#message-text").innerText()).length).toBeGreaterThan(15);
    const now = await state_of(page);
    expect(now.image).toEqual(image);
    expect(now.opening).toBeNull();
    expect(now.boxes.map(({ number }) => number)).toEqual([1]);
    await wait_for_masks(page, 1);
    expect(await mask_of(page, 1)).toEqual(before);
    await page.click("#message-close");
    await expect(page.getByRole("alert")).toBeHidden();
  };
  for (const [name, bytes, code] of bad_files) {
    await test.step(name, async () => {
      const path = info.outputPath("bad.png");
      writeFileSync(path, bytes);
      await pick_anyway(page, path);
      await check(code);
    });
  }
  for (const [name, box, code] of bad_boxes) {
    await test.step(name, async () => {
      await type_box(page, box);
      await check(code);
    });
  }
  await draw_box(page, [100, 100, 150, 150]);
  await wait_for_masks(page, 2);
});

test("weights with one flipped byte are refused, and the right ones are used on retry", async ({ page, context }) => {
  const path = "**/models/litemedsam.safetensors";
  await context.route(path, async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    body[body.length >> 1] = (body[body.length >> 1] ?? 0) ^ 1;
    await route.fulfill({ response, body });
  });
  await page.goto("");
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  await expect(page.getByRole("alert")).toHaveAttribute("data-code", "weights_checksum");
  await expect(page.locator("#message-text")).toContainText("SHA-256");
  await draw_box(page, mr_box.box);
  const { engine, boxes, image } = await state_of(page);
  expect([engine.has_weights, boxes[0]?.phase, image?.width]).toEqual([false, "waiting", mr.width]);

  await context.unroute(path);
  await page.getByRole("button", { name: "Load the model" }).click();
  await wait_for_masks(page, 1);
  expect(mask_iou(await mask_of(page, 1), mr_box.mask)).toBeGreaterThanOrEqual(0.995);
});
