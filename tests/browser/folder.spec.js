// A DICOM series as it lies on a disk: a folder, its files named in no order, with others among them.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { phantom_series, SIZE } from "./phantom.js";
import { state_of, wait_for_image } from "./steps.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */

/** @type {(info: import("@playwright/test").TestInfo) => string} */
function folder_of(info) {
  const folder = info.outputPath("study");
  phantom_series().forEach((bytes, at) => {
    // Those of even places in a folder below, all in the reverse order by name.
    const below = at % 2 === 0 ? join(folder, "more") : folder;
    mkdirSync(below, { recursive: true });
    writeFileSync(join(below, `IM${String(999 - at)}`), bytes);
  });
  writeFileSync(join(folder, "readme.txt"), "No scan.\n");
  return folder;
}

/** @type {(page: Page) => Promise<void>} */
async function is_the_series(page) {
  await wait_for_image(page, { width: SIZE[0], height: SIZE[1] });
  const { scan, image, message } = await state_of(page);
  expect([scan?.format, image?.slices, message]).toEqual(["DICOM", SIZE[2], null]);
}

test("a folder with a series, picked", async ({ page }, info) => {
  await page.goto("");
  await page.setInputFiles("#folder", folder_of(info));
  await is_the_series(page);
});

test("a folder with a series, dropped", async ({ page }, info) => {
  await page.goto("");
  await expect(page.locator("#device-name")).not.toBeEmpty();
  // The browser's own drop, which alone can hold a folder.
  const client = await page.context().newCDPSession(page);
  const data = { items: [], files: [folder_of(info)], dragOperationsMask: 1 };
  for (const type of /** @type {const} */ (["dragEnter", "dragOver", "drop"])) {
    await client.send("Input.dispatchDragEvent", { type, x: 300, y: 300, data });
  }
  await is_the_series(page);
});
