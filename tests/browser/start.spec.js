// A first visit over a slow or broken line: what is said, what waits, and that a retry goes on with all of it.

import { statSync, writeFileSync } from "node:fs";

import { own_case } from "./golden.js";
import { DIST } from "./playwright.config.js";
import { serve } from "./server.js";
import { name_of, path_in } from "./site.js";
import { draw_box, pick, state_of, wait_for_image, wait_for_masks } from "./steps.js";
import { ellipsoid, MIDDLE_BOX } from "./volumes.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */

const MODULE = "boxel-bindings_bg.wasm";
const MODULE_BYTES = statSync(`${DIST}/${path_in(MODULE)}`).size;
const mr = own_case("mr_brain");
const [mr_box] = mr.boxes;
if (!mr_box) throw new Error("the golden lacks a box");

/** @type {(page: Page) => Promise<import("../../web/state/module.js").Module>} */
const module_of = async (page) => (await state_of(page)).module;

test("a module that takes ten minutes is a number of bytes, not a damaged file; "
  + "the scan opens when it is there", async ({ page, watch }) => {
  const seconds = 8;
  const site = await serve(DIST, { pace: (file) => name_of(file) === MODULE ? MODULE_BYTES / seconds : Infinity });
  watch.page_is_at(site.url);
  await page.clock.install();
  await page.goto(site.url);
  await pick(page, mr.image);
  const label = page.locator("#progress-label");
  await expect(label).toHaveText(/^Loading Boxel: \d+ of \d+ MB; the scan opens after \d+ MB$/);
  const [, loaded, total] = /: (\d+) of (\d+) MB/.exec(await label.textContent() ?? "") ?? [];
  expect(Number(loaded)).toBeLessThan(Number(total));
  // As long as a line of 40 KB/s would take: every limit on time of the page runs out.
  await page.clock.fastForward(600_000);
  const { phase, loaded: bytes, total: all } = await module_of(page);
  expect([phase, all]).toEqual(["loading", MODULE_BYTES]);
  expect(bytes).toBeLessThan(MODULE_BYTES);
  expect((await state_of(page)).message).toBeNull();
  // The module has the line for itself, and is asked for once.
  const asked = site.log.map(({ url }) => url);
  expect(asked.filter((url) => url.endsWith(".safetensors"))).toEqual([]);
  await wait_for_image(page, mr);
  expect((await state_of(page)).message).toBeNull();
  expect(site.log.filter(({ url }) => url.endsWith(MODULE)).length).toBe(1);
  site.close();
});

test("a scan opens, scrolls and is windowed before the model is there", async ({ page, context }, info) => {
  /** @type {() => void} */
  let release = () => {};
  const released = new Promise((resolve) => { release = () => resolve(undefined); });
  await context.route("**/*.safetensors", async (route) => {
    await released;
    await route.continue();
  });
  const path = info.outputPath("volume.nii");
  writeFileSync(path, ellipsoid());
  await page.goto("");
  await pick(page, path);
  await wait_for_image(page, { width: 128, height: 128 });
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect.poll(async () => (await state_of(page)).image?.slice).toBe(10);
  await page.fill("#window-level", "500");
  await page.fill("#window-width", "700");
  await page.press("#window-width", "Enter");
  await expect.poll(async () => (await state_of(page)).image?.window)
    .toEqual({ kind: "linear", level: 500, width: 700 });
  // Boxes wait for the model.
  await draw_box(page, MIDDLE_BOX);
  const seen = await state_of(page);
  expect([seen.engine.has_weights, seen.boxes.length, seen.message]).toEqual([false, 1, null]);
  await expect(page.locator("#progress-label")).toHaveText(/^Loading Boxel: \d+ of \d+ MB$/);
  release();
  await wait_for_masks(page, 1);
});

test("a module that breaks off says how much came, and the scan that "
  + "waits opens after a retry", async ({ page, context }) => {
  const module = `**/${MODULE}`;
  await context.route(module, async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    await route.fulfill({ response, body: body.subarray(0, body.length >> 1) });
  });
  await page.goto("");
  await pick(page, mr.image);
  await expect(page.getByRole("alert")).toHaveAttribute("data-code", "wasm_length");
  const half = ((MODULE_BYTES >> 1) / 1e6).toFixed(1);
  await expect(page.locator("#message-text"))
    .toContainText(`ended after ${half} of ${(MODULE_BYTES / 1e6).toFixed(1)} MB`);
  await expect(page.locator("#progress-label")).toHaveText("The scan opens once Boxel has loaded");
  await context.unroute(module);
  await page.getByRole("button", { name: "Retry" }).click();
  await wait_for_image(page, mr);
  await draw_box(page, mr_box.box);
  await wait_for_masks(page, 1);
  expect((await state_of(page)).message).toBeNull();
});

for (const file of [
  MODULE, "web/engine/worker.js", "web/open/parse_worker.js", "models/models.json", "models/litemedsam.safetensors",
  "samples/samples.json", "samples/mr-brain.png",
]) {
  test(`a demo whose ${file} does not come at first comes to its mask after a retry`, async (
    { page, context, watch },
  ) => {
    // Of a worker's script the console says nothing.
    if (!file.endsWith("worker.js")) watch.expect_error(/Failed to load resource|net::ERR_FAILED/);
    await context.route(`**/${file}`, (route) => route.abort());
    await page.goto(`#sample=mr-brain&box=${mr_box.box.join()}`);
    const retry = page.getByRole("button", { name: "Retry" });
    await expect(retry).toBeVisible();
    await context.unroute(`**/${file}`);
    await retry.click();
    await wait_for_masks(page, 1);
    expect((await state_of(page)).message).toBeNull();
  });
}
