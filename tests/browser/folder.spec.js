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

test("a folder with a series, by the browser's own picker, which does not speak of uploading", async ({ page }) => {
  const files = phantom_series().map((bytes, at) => ({ name: `IM${at}`, base64: bytes.toString("base64") }));
  // The dialogue itself belongs to the browser: a folder of its private file system stands for what is picked.
  await page.addInitScript(() => {
    /** @type {any} */ (window).showDirectoryPicker = async (/** @type {{ mode: string }} */ { mode }) => {
      if (mode !== "read") throw new Error(`asked for ${mode}`);
      return (await navigator.storage.getDirectory()).getDirectoryHandle("study");
    };
  });
  await page.goto("");
  await page.evaluate(async (series) => {
    const study = await (await navigator.storage.getDirectory()).getDirectoryHandle("study", { create: true });
    const more = await study.getDirectoryHandle("more", { create: true });
    for (const [at, { name, base64 }] of series.entries()) {
      const handle = await (at % 2 === 0 ? more : study).getFileHandle(name, { create: true });
      const writable = await handle.createWritable();
      await writable.write(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
      await writable.close();
    }
  }, files);
  await expect(page.locator("#upload-note")).toBeHidden();
  await page.getByText("Folder…", { exact: true }).click();
  await is_the_series(page);
});

test("a browser without that picker says what its own question means", async ({ page }) => {
  await page.addInitScript(() => { delete (/** @type {any} */ (window).showDirectoryPicker); });
  await page.goto("");
  await expect(page.locator("#upload-note")).toHaveText(/may say "upload" for a folder: nothing is uploaded/);
  const chooser = page.waitForEvent("filechooser");
  await page.getByText("Folder…", { exact: true }).click();
  await chooser;
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
