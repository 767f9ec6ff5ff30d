// Weights that are not a published file, damaged ones, and values that no model has: none goes unnoticed.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { own_case } from "./golden.js";
import { LARGE_BOX, phantom_series, SIZE } from "./phantom.js";
import { safetensors_of } from "./safetensors.js";
import { draw_box, mask_of, open_with_mask, pick_all, state_of, wait_for_image, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */

const NONE = "not a published file";
const mr = own_case("mr_brain");
const bundled = readFileSync(fileURLToPath(new URL("../../models/litemedsam.safetensors", import.meta.url)));
const BUFFER = 8 + Number(bundled.readBigUInt64LE(0));
/** @type {Record<string, { data_offsets: [number, number] }>} */
const header = JSON.parse(bundled.toString("utf8", 8, BUFFER));
const KERNEL = "mask_decoder.output_upscaling.0.weight";

/** The bundled weights with the lowest bit of a value flipped: the model works, and its masks may be others. */
function flipped() {
  const bytes = Buffer.from(bundled);
  const [start] = header[KERNEL]?.data_offsets ?? [0];
  bytes.writeUInt8(bytes.readUInt8(BUFFER + start) ^ 1, BUFFER + start);
  return bytes;
}

/** The bundled weights with every value of a tensor replaced, as f16. @type {(key: string, value: number) => Buffer} */
function filled(key, value) {
  const bytes = Buffer.from(bundled);
  const [start, end] = header[key]?.data_offsets ?? [0, 0];
  for (let at = BUFFER + start; at < BUFFER + end; at += 2) bytes.writeUInt16LE(value, at);
  return bytes;
}

/** As `boxel convert` writes them: with a checksum of all bytes after the header. */
function converted() {
  const buffer = bundled.subarray(BUFFER);
  const sha256 = createHash("sha256").update(buffer).digest("hex");
  return safetensors_of({ ...header, __metadata__: { "boxel.sha256": sha256, format: "pt" } }, buffer);
}

/** @type {(page: Page) => Promise<any>} */
async function saved_session(page) {
  const coming = page.waitForEvent("download");
  await page.click("#save-session");
  return JSON.parse(readFileSync(await (await coming).path(), "utf8"));
}

/** Loads a file as the main model. @type {(page: Page, path: string) => Promise<void>} */
async function load(page, path) {
  await page.setInputFiles("#weights-file", path);
  await expect.poll(async () => (await state_of(page)).engine.model?.id, { timeout: 60_000 }).toMatch(/^own:/);
  await wait_for_masks(page, 1);
}

test("one flipped bit: the model's name, the masks, the session and a DICOM SEG say that it is not a published file",
  async ({ page }, info) => {
    const paths = phantom_series().map((bytes, i) => {
      const path = info.outputPath(`${i}.dcm`);
      writeFileSync(path, bytes);
      return path;
    });
    const [width, height] = SIZE;
    await page.goto("");
    await pick_all(page, paths);
    await wait_for_image(page, { width, height });
    await draw_box(page, LARGE_BOX);
    await wait_for_masks(page, 1);
    await expect(page.locator("#weights-hint")).toBeHidden();
    await expect(page.locator("#model")).toContainText("SHA-256 checked");
    expect((await saved_session(page)).model.published).toBeUndefined();

    const path = info.outputPath("flipped.safetensors");
    writeFileSync(path, flipped());
    await load(page, path);
    await expect(page.locator("#models li").nth(1)).toContainText(NONE);
    await expect(page.locator("#model")).toContainText(NONE);
    await expect(page.locator("#weights-hint")).toContainText("TinyViT at 256, ");
    await expect(page.locator("#weights-hint")).toContainText(NONE);
    expect((await saved_session(page)).model.published).toBe(false);
    await page.getByLabel("De-identified").check();
    const coming = page.waitForEvent("download");
    await page.click("#save-seg");
    expect(readFileSync(await (await coming).path()).includes(`LiteMedSAM (${NONE})`)).toBe(true);
  });

test("a converted file is used if its checksum is right, and with a flipped bit it is refused", async (
  { page }, info,
) => {
  await open_with_mask(page, mr);
  const good = converted();
  const path = info.outputPath("converted.safetensors");
  writeFileSync(path, good);
  await load(page, path);
  const { engine: { model } } = await state_of(page);
  const mask = await mask_of(page, 1);

  const bad = Buffer.from(good);
  bad.writeUInt8(bad.readUInt8(bad.length - 1) ^ 1, bad.length - 1);
  const damaged = info.outputPath("damaged.safetensors");
  writeFileSync(damaged, bad);
  await page.setInputFiles("#weights-file", damaged);
  await expect(page.getByRole("alert")).toHaveAttribute("data-code", "weights_checksum");
  await expect(page.locator("#message-text")).toContainText("the file is damaged");
  expect((await state_of(page)).engine.model).toEqual(model);
  expect(await mask_of(page, 1)).toEqual(mask);
});

test("NaN, infinity and zeros are refused by the tensor's name, and the device is not blamed", async (
  { page }, info,
) => {
  await open_with_mask(page, mr);
  const before = (await state_of(page)).engine;
  const [start, end] = header[KERNEL]?.data_offsets ?? [0, 0];
  const count = (end - start) / 2;
  for (const [name, value, words] of /** @type {const} */ ([
    ["nan", 0x7e00, `has ${count} NaN and 0 infinite values among ${count}`],
    ["infinite", 0xfc00, `has 0 NaN and ${count} infinite values among ${count}`],
    ["zero", 0, `all ${count} values of`],
  ])) {
    const path = info.outputPath(`${name}.safetensors`);
    writeFileSync(path, filled(KERNEL, value));
    await page.setInputFiles("#weights-file", path);
    await expect(page.getByRole("alert")).toHaveAttribute("data-code", "weights_values");
    await expect(page.locator("#message-text")).toContainText(KERNEL);
    await expect(page.locator("#message-text")).toContainText(words);
    expect((await state_of(page)).engine).toEqual(before);
    await page.click("#message-close");
  }
});
