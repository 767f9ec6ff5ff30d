// The list of models, downloads that break, own weights, and what is kept.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { mask_iou, own_case } from "./golden.js";
import { drop, mask_of, open_with_mask, state_of, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

const mr = own_case("mr_brain");
const [box] = mr.boxes;
if (!box) throw new Error("the golden lacks a box");
const weights = fileURLToPath(new URL("../../models/litemedsam.safetensors", import.meta.url));
const list = JSON.parse(readFileSync(new URL("../../models/models.json", import.meta.url), "utf8"));
const SITE = `site:${list[0].file}`;

test("the list shows size and licence; a broken entry is named and takes nothing with it", async (
  { page, context },
) => {
  await context.route("**/models/models.json", (route) =>
    route.fulfill({ json: [{ ...list[0], name: "Elsewhere", file: "../elsewhere" }, list[0]] }));
  await open_with_mask(page, mr);
  await expect(page.locator("#model-faults")).toContainText("entry 1 (Elsewhere)");
  await expect(page.locator("#models li")).toHaveCount(1);
  await expect(page.locator("#models li")).toContainText(`${(list[0].bytes / 1e6).toFixed(1)} MB · ${list[0].licence}`);
});

test("a download that breaks off goes on by itself, and no piece is asked for twice", async (
  { page, context, watch },
) => {
  watch.expect_error(/ERR_CONNECTION_RESET/);
  /** @type {string[]} */
  const ranges = [];
  let broken = false;
  await context.route("**/models/litemedsam.safetensors", async (route) => {
    const range = route.request().headers().range ?? "";
    if (!broken && !range.startsWith("bytes=0-")) {
      broken = true;
      await route.abort("connectionreset");
      return;
    }
    ranges.push(range);
    await route.continue();
  });
  await open_with_mask(page, mr);
  expect(broken).toBe(true);
  expect(ranges).toEqual(["bytes=0-16777215", `bytes=16777216-${list[0].bytes - 1}`]);
});

test("own weights: what they are is shown, and the masks come again", async ({ page }) => {
  await open_with_mask(page, mr);
  const before = await mask_of(page, 1);
  await page.setInputFiles("#weights-file", weights);
  await expect.poll(async () => (await state_of(page)).weights.id, { timeout: 60_000 }).toMatch(/^own:/);
  await expect.poll(async () => (await state_of(page)).engine.model?.id).toMatch(/^own:/);
  await wait_for_masks(page, 1);
  expect(mask_iou(await mask_of(page, 1), before)).toBe(1);
  const item = page.locator("#models li").nth(1);
  await expect(item).toContainText("million parameters");
  await expect(item).toContainText("f16 · safetensors · original names");
  await expect(item.locator("code")).toHaveAttribute("title", list[0].sha256);
});

test("dropped weights are taken for weights, by their first bytes too", async ({ page }) => {
  await open_with_mask(page, mr);
  await drop(page, weights, "a download without extension");
  await expect.poll(async () => (await state_of(page)).engine.model?.id, { timeout: 60_000 }).toMatch(/^own:/);
  await wait_for_masks(page, 1);
});

test("a file that is no weights says so; model, image and mask stay", async ({ page }, info) => {
  await open_with_mask(page, mr);
  const before = await mask_of(page, 1);
  const truncated = readFileSync(weights).subarray(0, 100_000);
  for (const [name, bytes] of /** @type {[string, Buffer][]} */ ([
    ["text.pth", Buffer.from("no weights\n".repeat(50))], ["empty.safetensors", Buffer.alloc(0)],
    ["cut.safetensors", truncated],
  ])) {
    const path = info.outputPath(name);
    writeFileSync(path, bytes);
    await page.setInputFiles("#weights-file", path);
    await expect(page.getByRole("alert")).toHaveAttribute("data-code", /^weights_/);
    expect((await state_of(page)).engine.model?.id).toBe(SITE);
    expect(await mask_of(page, 1)).toEqual(before);
    await page.click("#message-close");
  }
});

test("kept only when asked; offered on the next visit, loaded when chosen, gone when removed", async ({ page }) => {
  await open_with_mask(page, mr);
  await page.setInputFiles("#weights-file", weights);
  await expect.poll(async () => (await state_of(page)).engine.model?.id, { timeout: 60_000 }).toMatch(/^own:/);
  /** @type {() => Promise<string[]>} */
  const stored = () => page.evaluate(async () => {
    /** @type {string[]} */
    const names = [];
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle("models").catch(() => null);
    for await (const handle of folder?.values() ?? []) names.push(handle.name);
    return names;
  });
  expect(await stored()).toEqual([]);
  await page.locator("#models li").nth(1).getByRole("button", { name: /^Store/ }).click();
  await page.locator("#models li").nth(1).getByRole("button", { name: /^Remove/ }).waitFor();
  expect((await stored()).sort())
    .toEqual([`${list[0].sha256}.litemedsam.json`, `${list[0].sha256}.litemedsam.weights`]);

  await open_with_mask(page, mr);
  expect((await state_of(page)).engine.model?.id).toBe(SITE);
  // It is the site's own file: listed as one, with its Remove button.
  await expect(page.locator("#models li")).toHaveCount(1);
  await expect(page.locator("#models li")).toContainText("stored in this browser");
  await page.getByRole("button", { name: /^Remove/ }).click();
  await expect(page.locator("#models li")).not.toContainText("stored in this browser");
  expect(await stored()).toEqual([]);
});

test("a browser without a private file system keeps models in a database", async ({ page, watch }) => {
  // The built page has it in a bundle.
  const script = readFileSync(new URL("../../web/models/shelf_database.js", import.meta.url), "utf8");
  await page.route("**/web/models/shelf_database.js", (route) =>
    route.fulfill({ contentType: "text/javascript", body: script }));
  watch.expect_fault(/web\/models\/shelf_database\.js: not in the list of files/);
  await page.goto("");
  const seen = await page.evaluate(async () => {
    const { DatabaseShelf } = await import(new URL("web/models/shelf_database.js", location.href).href);
    const shelf = new DatabaseShelf();
    const before = await shelf.list();
    await shelf.put("x", { id: "kept:x" }, new Blob(["weights"]));
    const names = (await shelf.list()).map((/** @type {any} */ { id }) => id);
    const text = await (await shelf.read("x")).text();
    await shelf.remove("x");
    return [before, names, text, await shelf.list(), await shelf.read("x").catch(() => "gone")];
  });
  expect(seen).toEqual([[], ["kept:x"], "weights", [], "gone"]);
});
