// What the browser or the machine takes away: a message that says so, a way on, and image and masks kept.

import { before_engine, engine_of } from "./faults.js";
import { mask_iou, own_case } from "./golden.js";
import { draw_box, mask_of, open_with_mask, pick, state_of, wait_for_image, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

const mr = own_case("mr_brain");
const [box] = /** @type {[import("./golden.js").GoldenBox]} */ (mr.boxes);

/** @type {(page: import("@playwright/test").Page, code: string, text: string) => Promise<void>} */
async function says(page, code, text) {
  await expect(page.getByRole("alert")).toHaveAttribute("data-code", code);
  await expect(page.locator("#message-text")).toContainText(text);
}

test("memory runs out: said so, the masks stay, and retry goes on", async ({ page }) => {
  await open_with_mask(page, mr);
  const before = await mask_of(page, 1);
  await engine_of(page)
    .evaluate(() => { setTimeout(() => { throw new RangeError("Array buffer allocation failed"); }, 0); });
  await says(page, "out_of_memory", "ran out of memory");
  expect(await mask_of(page, 1)).toEqual(before);
  expect((await state_of(page)).image?.width).toBe(mr.width);
  await page.getByRole("button", { name: "Retry" }).click();
  await wait_for_masks(page, 1);
  expect(mask_iou(await mask_of(page, 1), before)).toBe(1);
});

test("an engine that ends without a word is replaced, and the masks come again", async ({ page }) => {
  await open_with_mask(page, mr);
  const before = await mask_of(page, 1);
  await engine_of(page).evaluate(() => self.close());
  await says(page, "worker_stopped", "the browser ended its worker");
  expect(await mask_of(page, 1)).toEqual(before);
  await page.getByRole("button", { name: "Retry" }).click();
  await wait_for_masks(page, 1);
  expect(mask_iou(await mask_of(page, 1), before)).toBe(1);
});

test("an engine that hangs is ended by choosing the device anew; the masks stay, and come again", async ({ page }) => {
  await open_with_mask(page, mr);
  const before = await mask_of(page, 1);
  // As in a driver that never returns: it hears of nothing more.
  await engine_of(page).evaluate(() => { setTimeout(() => { for (;;); }, 0); });
  await page.selectOption("#device", "cpu");
  expect(await mask_of(page, 1)).toEqual(before);
  await expect(page.locator("#device-reason")).toHaveText("You chose the CPU.");
  await wait_for_masks(page, 1);
  expect(mask_iou(await mask_of(page, 1), before)).toBe(1);
});

test("a tab that the browser freezes in the background goes on where it was", async ({ page, context }) => {
  await page.goto("");
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  await draw_box(page, box.box);
  await expect.poll(async () => (await state_of(page)).embedding.phase).toBe("running");
  const client = await context.newCDPSession(page);
  await client.send("Page.setWebLifecycleState", { state: "frozen" });
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await client.send("Page.setWebLifecycleState", { state: "active" });
  await wait_for_masks(page, 1);
  expect(mask_iou(await mask_of(page, 1), box.mask)).toBeGreaterThanOrEqual(0.995);
  expect((await state_of(page)).message).toBeNull();
});

test("a module that does not compile is named, and retry takes the right one", async ({ page, context }) => {
  const module = "**/boxel-bindings_bg.wasm";
  await context.route(module, async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    await route.fulfill({ response, body: body.fill(0, body.length >> 1) });
  });
  await page.goto("");
  await says(page, "wasm_refused", "could not be loaded");
  await context.unroute(module);
  await page.getByRole("button", { name: "Retry" }).click();
  await expect(page.locator("#device-name")).toContainText("CPU");
  await pick(page, mr.image);
  await wait_for_image(page, mr);
});

test("a browser without SIMD is told so", async ({ page }) => {
  await page.addInitScript(() => { WebAssembly.validate = () => false; });
  await page.goto("");
  await says(page, "wasm_refused", "has no SIMD");
});

test("an adapter without timestamp-query makes way for the CPU, with the reason", async ({ page, context }) => {
  await before_engine(context, () => {
    const limits = {
      maxStorageBufferBindingSize: 2 ** 30, maxBufferSize: 2 ** 30, maxComputeInvocationsPerWorkgroup: 256,
    };
    const adapter = { features: new Set(["shader-f16"]), limits, info: { description: "a card" } };
    Object.defineProperty(navigator, "gpu", { value: { requestAdapter: async () => adapter } });
  });
  await page.goto("");
  await expect(page.locator("#device-reason")).toContainText("lacks the feature timestamp-query");
  await expect(page.locator("#device-name")).toContainText("CPU");
});

for (const [where, name, code, text] of /** @type {const} */ ([
  ["file", "QuotaExceededError", "storage_full", "too little space"],
  ["file", "SecurityError", "storage", "does not let this page store files"],
  ["folder", "SecurityError", "storage", "does not let this page store files"],
])) {
  test(`storage that answers ${name} for a ${where}: the model is not kept, and works on`, async ({ page }) => {
    await page.addInitScript(([of_what, error]) => {
      const refuse = () => Promise.reject(new DOMException("refused", error));
      if (of_what === "folder") StorageManager.prototype.getDirectory = refuse;
      else FileSystemFileHandle.prototype.createWritable = refuse;
    }, [where, name]);
    await page.goto("");
    await expect.poll(async () => (await state_of(page)).engine.has_weights).toBe(true);
    await page.getByRole("button", { name: /^Store/ }).first().click();
    await says(page, code, text);
    await expect(page.locator("#models li").first()).not.toContainText("stored in this browser");
    if (where === "file" && name === "SecurityError") return;
    await pick(page, mr.image);
    await wait_for_image(page, mr);
    await draw_box(page, box.box);
    await wait_for_masks(page, 1);
  });
}
