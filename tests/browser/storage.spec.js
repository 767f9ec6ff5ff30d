// What the browser does to stored work and stored models: no room, gone, damaged, held by another tab.

import { own_case } from "./golden.js";
import { open_with_mask, pick, state_of, wait_for_image, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */

const mr = own_case("mr_brain");

/** The names of the stored sessions. @type {(page: Page) => Promise<string[]>} */
const stored = (page) => page.evaluate(async () => {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("autosave", { create: true });
  const names = [];
  for await (const name of folder.keys()) names.push(name);
  return names;
});

test("stored work: its folder goes under the page, the browser has no room, a file is damaged", async ({ page, context }) => {
  await open_with_mask(page, mr);
  const words = page.locator("#autosave-words");
  await page.check("#autosave");
  await expect(words).toContainText(/^On: autosave\/[0-9a-f-]{36}\.json/);
  await page.evaluate(async () =>
    (await navigator.storage.getDirectory()).removeEntry("autosave", { recursive: true }));
  const name = page.locator('[data-act="name 1"]');
  await name.fill("brain");
  await name.press("Enter");
  await expect.poll(() => stored(page), "it is written again").toHaveLength(1);

  await page.evaluate(() => {
    const { createWritable } = FileSystemFileHandle.prototype;
    FileSystemFileHandle.prototype.createWritable = async function (options) {
      const writable = await createWritable.call(this, options);
      writable.write = () => Promise.reject(new DOMException("full", "QuotaExceededError"));
      return writable;
    };
  });
  await name.fill("head");
  await name.press("Enter");
  await expect.poll(async () => (await state_of(page)).boxes[0]?.name).toBe("head");
  await expect(words).toHaveText("Unsaved work cannot be stored: the browser has no room left.");
  await wait_for_masks(page, 1);
  expect((await state_of(page)).unsaved).toBe(true);

  await page.close({ runBeforeUnload: false });
  // The file from before is whole; others are damaged, or not ours.
  const second = await context.newPage();
  await second.goto("");
  await second.evaluate(async () => {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("autosave");
    for (const [name, text] of [["a", '{"format":"boxel-session","vers'], ["b", "[1,2]"], ["c", ""]]) {
      const writable = await (await folder.getFileHandle(`${name}.json`, { create: true })).createWritable();
      await writable.write(text ?? "");
      await writable.close();
    }
  });
  await second.reload();
  await expect(second.locator("#found-text")).toContainText("Unsaved work from");
  await expect(second.locator("#found-text")).toContainText("brain");
  await pick(second, mr.image);
  await wait_for_image(second, mr);
  await expect(second.locator("#session-text")).toContainText("Your unsaved work is back");
  await wait_for_masks(second, 1);
});

/** @type {(page: Page) => Promise<void>} */
const has_model = (page) => expect.poll(async () => (await state_of(page)).engine.has_weights).toBe(true);

test("stored models in a database: no room, damaged rows, deleted under the page, held by another tab", async (
  { page, context },
) => {
  await context.addInitScript(() => { delete /** @type {any} */ (globalThis.FileSystemFileHandle?.prototype)?.createWritable; });
  await page.goto("");
  await has_model(page);
  const item = page.locator("#models li").first();
  const store = page.getByRole("button", { name: /^Store/ });
  await page.evaluate(() => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function () {
      IDBObjectStore.prototype.put = put;
      throw new DOMException("full", "QuotaExceededError");
    };
  });
  await store.click();
  await expect(page.getByRole("alert")).toHaveAttribute("data-code", "storage_full");
  await expect(page.locator("#message-text")).toContainText("too little space");
  await page.click("#message-close");
  await store.click();
  await expect(item).toContainText("stored in this browser");

  // Rows as another program or a fault of the browser might leave them.
  await page.evaluate(() => new Promise((resolve, reject) => {
    const request = indexedDB.open("boxel");
    request.onsuccess = () => {
      const transaction = request.result.transaction("models", "readwrite");
      const rows = transaction.objectStore("models");
      [null, 7, {}, { entry: { source: "kept", recipe: "sam" } }].forEach((row, i) => rows.put(row, `x${i}`));
      transaction.oncomplete = () => resolve(request.result.close());
      transaction.onabort = reject;
    };
  }));
  await page.reload();
  await has_model(page);
  await expect(page.locator("#models li")).toHaveCount(1);
  await expect(item).toContainText("stored in this browser");

  const other = await context.newPage();
  await other.goto("");
  await other.evaluate(() => new Promise((resolve) => {
    const request = indexedDB.open("boxel");
    request.onsuccess = () => resolve(Object.assign(window, { held: request.result }));
  }).then(() => {}));
  page.on("dialog", (dialog) => void dialog.accept());
  await page.click("#wipe");
  await expect(page.locator("#message-text"))
    .toContainText("Not everything could be removed (another tab uses the stored models; close it).");
  await other.close();

  // Now it is gone under the page.
  await expect.poll(() => page.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
  await page.getByRole("button", { name: /^Remove/ }).click();
  await expect(item).not.toContainText("stored in this browser");
  await store.click();
  await expect(item).toContainText("stored in this browser");
  await page.click("#wipe");
  await expect(page.locator("body")).toContainText("Everything that Boxel stored in this browser is removed");
});
