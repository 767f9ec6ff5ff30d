// The GPU goes away while it works.

import { own_case } from "./golden.js";
import { draw_box, pick, state_of, wait_for_image } from "./steps.js";
import { expect, test } from "./watch.js";
import { before_engine, engine_of } from "./faults.js";

const MINUTE = 60_000;

test("a lost GPU is named; image and box stay, and the CPU is offered", async ({ page, context }) => {
  const golden = own_case("ct_abdomen");
  const [expected] = golden.boxes;
  if (!expected) throw new Error("the golden lacks a box");
  await before_engine(context, () => {
    const request = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (descriptor) {
      const device = await request.call(this, descriptor);
      Object.assign(self, { device_to_lose: device });
      return device;
    };
  });
  await page.goto("?device=gpu");
  await expect(page.locator("#device-name")).toContainText("GPU", { timeout: 5 * MINUTE });
  await pick(page, golden.image);
  await wait_for_image(page, golden);
  await draw_box(page, expected.box);
  await expect.poll(async () => (await state_of(page)).embedding.phase, { timeout: 5 * MINUTE }).toBe("running");
  await engine_of(page).evaluate(() => /** @type {any} */ (self).device_to_lose.destroy());
  await expect(page.getByRole("alert")).toHaveAttribute("data-code", "device_lost", { timeout: 20_000 });
  await expect(page.locator("#message-text")).toContainText("The GPU was lost");
  await expect(page.getByRole("button", { name: "Retry" })).toBeVisible();
  const { image, boxes } = await state_of(page);
  expect([image?.width, boxes[0]?.box]).toEqual([golden.width, expected.box]);
  await page.getByRole("button", { name: "Use the CPU" }).click();
  await expect.poll(async () => (await state_of(page)).boxes[0]?.phase, { timeout: 5 * MINUTE }).toBe("done");
});
