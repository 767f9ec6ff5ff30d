// What may happen while an object is propagated: the tab is hidden, the GPU is lost, another scan is opened.

import { writeFileSync } from "node:fs";

import { engine_of } from "./faults.js";
import { own_case } from "./golden.js";
import { LARGE_BOX, MIDDLE, phantom, SIZE } from "./phantom.js";
import { draw_box, mask_of, pick, pick_anyway, state_of, wait_for_image, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

const mr = own_case("mr_brain");
const [width, height] = SIZE;

test("a hidden tab propagates on, a lost GPU leaves the masks, and another scan ends it", async ({ page }, info) => {
  // As browsers treat a hidden tab: timers of a second at least, and no frames.
  await page.addInitScript(() => {
    const { setTimeout, requestAnimationFrame } = window;
    Object.assign(window, {
      setTimeout: (/** @type {() => void} */ call, /** @type {number} */ ms) =>
        setTimeout(call, document.hidden ? Math.max(ms, 1000) : ms),
      requestAnimationFrame: (/** @type {FrameRequestCallback} */ call) => document.hidden ? 0 : requestAnimationFrame(call),
      hide: (/** @type {boolean} */ hidden) => {
        Object.defineProperty(document, "hidden", { configurable: true, value: hidden });
        Object.defineProperty(document, "visibilityState", { configurable: true, value: hidden ? "hidden" : "visible" });
        document.dispatchEvent(new Event("visibilitychange"));
      },
    });
  });
  const path = info.outputPath("scan.nii");
  writeFileSync(path, phantom());
  await page.goto("");
  await pick(page, path);
  await wait_for_image(page, { width, height });
  await draw_box(page, LARGE_BOX);
  await wait_for_masks(page, 1);
  const before = await mask_of(page, 1);

  await page.click("#propagate-up");
  await page.evaluate(() => /** @type {any} */ (window).hide(true));
  await expect.poll(async () => (await state_of(page)).propagating?.done ?? 0).toBeGreaterThan(1);
  await page.click("#progress-cancel");
  await expect.poll(async () => (await state_of(page)).propagating).toBeNull();
  await expect.poll(async () => (await state_of(page)).unkept, "the copy on the page").toEqual([]);
  expect((await state_of(page)).message).toBeNull();
  await page.evaluate(() => /** @type {any} */ (window).hide(false));
  const slices = (await state_of(page)).object_masks[1]?.slices.length ?? 0;
  expect(slices).toBeGreaterThan(2);

  await page.click("#propagate-down");
  await expect.poll(async () => (await state_of(page)).propagating?.done ?? 0).toBeGreaterThan(0);
  // As the worker's own watch on its devices reports it.
  await engine_of(page).evaluate(() => dispatchEvent(new ErrorEvent("error", {
    error: { code: "device_lost", message: "The GPU was lost. The scan and the masks are kept: retry, or use the CPU." },
  })));
  await expect(page.getByRole("alert")).toHaveAttribute("data-code", "device_lost");
  expect((await state_of(page)).propagating).toBeNull();
  expect(await mask_of(page, 1)).toEqual(before);
  await page.getByRole("button", { name: "Retry" }).click();
  await expect.poll(async () => (await state_of(page)).object_masks[1]?.slices.length ?? 0).toBeGreaterThanOrEqual(slices);
  expect([(await state_of(page)).image?.slice, await mask_of(page, 1)]).toEqual([MIDDLE, before]);

  await page.click("#propagate-down");
  await expect.poll(async () => (await state_of(page)).propagating?.phase).toBe("running");
  await pick_anyway(page, mr.image);
  await wait_for_image(page, mr);
  const { propagating, boxes, message } = await state_of(page);
  expect([propagating, boxes, message]).toEqual([null, [], null]);
});
