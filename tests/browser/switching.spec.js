// A user who cannot decide: models, one after the other.

import { readFileSync } from "node:fs";

import { mask_iou, own_case } from "./golden.js";
import { mask_of, open_with_mask, state_of, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

const mr = own_case("mr_brain");
const [box] = mr.boxes;
if (!box) throw new Error("the golden lacks a box");
const [first] = JSON.parse(readFileSync(new URL("../../models/models.json", import.meta.url), "utf8"));

test("ten models in a second: the last one wins, and masks are its own", async ({ page, context, watch }) => {
  const twin = { ...first, name: "Twin", file: "twin.safetensors" };
  await context.route("**/models/models.json", (route) => route.fulfill({ json: [first, twin] }));
  await context.route("**/models/twin.safetensors", async (route) => {
    await route.fulfill({ response: await route.fetch({ url: route.request().url().replace("twin", "litemedsam") }) });
  });
  watch.expect_fault(/twin\.safetensors/);
  await open_with_mask(page, mr);
  await page.evaluate(async () => {
    for (let i = 1; i < 10; i += 1) {
      // The list is made anew after each choice.
      /** @type {HTMLInputElement | undefined} */ ([...document.querySelectorAll('#models input[type="radio"]')][i % 2])?.click();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
  await expect.poll(async () => (await state_of(page)).engine.model?.name).toBe("Twin");
  await wait_for_masks(page, 1);
  const { weights, engine, message, boxes } = await state_of(page);
  expect([weights.model, weights.phase, engine.model?.name, message, boxes.length]).toEqual(["Twin", "ready", "Twin", null, 1]);
  expect(mask_iou(await mask_of(page, 1), box.mask)).toBeGreaterThanOrEqual(0.995);
});
