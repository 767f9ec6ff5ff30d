// The self-test on this device, beside a scan that stays as it is; and one that fails.

import { readFileSync } from "node:fs";

import { own_case } from "./golden.js";
import { mask_of, open_with_mask, state_of } from "./steps.js";
import { expect, test } from "./watch.js";

const mr = own_case("mr_brain");
const answer = JSON.parse(readFileSync(new URL("../../samples/self-test.json", import.meta.url), "utf8"));

test("this device passes, the scan and its mask stay, and diagnostics say so", async ({ page }) => {
  await open_with_mask(page, mr);
  const [before, image] = [await mask_of(page, 1), (await state_of(page)).image];
  await page.click("#self-test");
  await expect(page.locator("#self-test-words")).toContainText(/^Passed on the CPU: Dice (1\.0000|0\.99\d\d)/);
  await expect(page.locator("#self-test-use-cpu")).toBeHidden();
  expect((await state_of(page)).image).toEqual(image);
  expect(await mask_of(page, 1)).toEqual(before);
  expect(page.workers().length, "its workers are gone").toBe(1);

  await page.click("#diagnostics");
  await expect(page.locator("#diagnostics-text")).toContainText("user_agent");
  const text = await page.locator("#diagnostics-text").innerText();
  const { self_test, engine, browser } = JSON.parse(text);
  expect([self_test.verdict.passed, engine.kind, browser.user_agent])
    .toEqual([true, "cpu", await page.evaluate(() => navigator.userAgent)]);
  expect(text).not.toContain(String(mr.width));
});

test("a device whose answer is not the reference's is not to be trusted; "
  + "a test can be given up", async ({ page, context }) => {
  // The same as a driver that moves the mask by some pixels.
  const [first, ...rest] = answer.runs;
  const moved = { ...answer, runs: [first - 8, ...rest.slice(0, -1), rest.at(-1) + 8] };
  await context.route("**/samples/self-test.json", (route) => route.fulfill({ json: moved }));
  await page.goto("");
  await expect(page.locator("#self-test")).toBeEnabled();
  await page.click("#self-test");
  await page.click("#self-test-cancel");
  await expect(page.locator("#self-test-words")).toHaveText("");
  await page.click("#self-test");
  await expect(page.locator("#self-test-words"))
    .toContainText(/^Failed on the CPU: .*Do not trust masks from this device/);
});
