// Work that is not saved: the questions before it is lost, and the copy in this browser that the user may switch on.

import { readFileSync } from "node:fs";

import { faults_of } from "./axe.js";
import { own_case } from "./golden.js";
import { draw_box, open_with_mask, pick, state_of, wait_for_image, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */

const mr = own_case("mr_brain");
const ct = own_case("ct_abdomen");
const [, other_box] = mr.boxes;
if (!other_box) throw new Error("the golden lacks a box");

/** What the origin's private file system holds, by folder. @type {(page: Page) => Promise<Record<string, string>>} */
const stored = (page) => page.evaluate(async () => {
  /** @type {Record<string, string>} */
  const files = {};
  /** @type {(folder: FileSystemDirectoryHandle, path: string) => Promise<void>} */
  const look = async (folder, path) => {
    for await (const handle of folder.values()) {
      if (handle instanceof FileSystemDirectoryHandle) {
        files[`${path}${handle.name}/`] = "";
        await look(handle, `${path}${handle.name}/`);
      } else if (handle instanceof FileSystemFileHandle) {
        files[`${path}${handle.name}`] = await (await handle.getFile()).text();
      }
    }
  };
  await look(await navigator.storage.getDirectory(), "");
  return files;
});

/** How the browser's own question is answered, and how often it came. @param {Page} page @param {boolean} leaves */
function answer_browser(page, leaves) {
  /** @type {string[]} */
  const asked = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    void (leaves ? dialog.accept() : dialog.dismiss());
  });
  return asked;
}

test("the browser asks before a tab with unsaved masks goes, and only then", async ({ page }) => {
  const asked = answer_browser(page, false);
  await page.goto("");
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  await page.reload();
  expect(asked, "nothing to lose").toEqual([]);
  await open_with_mask(page, mr);
  expect(asked).toEqual([]);
  await page.evaluate(() => { location.reload(); });
  await expect.poll(() => asked).toEqual(["beforeunload"]);
  expect((await state_of(page)).boxes, "the user stays").toHaveLength(1);
  const coming = page.waitForEvent("download");
  await page.click("#save-session");
  await coming;
  await expect.poll(async () => (await state_of(page)).unsaved).toBe(false);
  await page.reload();
  expect(asked, "saved").toHaveLength(1);
});

test("another scan asks first: cancel by Escape and by button, save, "
  + "open anyway, all by keyboard", async ({ page }) => {
  await open_with_mask(page, mr);
  const dialog = page.locator("#unsaved");
  for (const cancel of [() => page.keyboard.press("Escape"), () => page.click("#unsaved-cancel")]) {
    await pick(page, ct.image);
    await expect(dialog).toBeVisible();
    await expect(page.locator("#unsaved-text")).toContainText("Opening another scan or session removes Object 1.");
    await expect(page.locator("#unsaved-cancel")).toBeFocused();
    expect(await faults_of(page)).toEqual([]);
    await cancel();
    await expect(dialog).toBeHidden();
    const { boxes, image, opening } = await state_of(page);
    expect([boxes.length, image?.width, opening]).toEqual([1, mr.width, null]);
  }

  await pick(page, ct.image);
  await expect(dialog).toBeVisible();
  const coming = page.waitForEvent("download");
  await page.locator("#unsaved-save").focus();
  await page.keyboard.press("Enter");
  const saved = JSON.parse(readFileSync(await (await coming).path(), "utf8"));
  expect([saved.format, saved.objects.length]).toEqual(["boxel-session", 1]);
  await wait_for_image(page, ct);
  expect((await state_of(page)).boxes).toEqual([]);

  // Nothing is asked without objects; then a second scan is opened for good.
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  await draw_box(page, other_box.box);
  await wait_for_masks(page, 1);
  await page.selectOption("#sample", { index: 1 });
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Shift+Tab");
  await expect(page.locator("#unsaved-anyway")).toBeFocused();
  await page.keyboard.press("Enter");
  await expect.poll(async () => (await state_of(page)).scan?.title).not.toBe("");
  expect((await state_of(page)).boxes).toEqual([]);
});

test("unsaved work is kept in this browser only where that is on, survives "
  + "the tab, and is wiped", async ({ page, context }) => {
  await open_with_mask(page, mr);
  await page.check("#autosave");
  await expect(page.locator("#autosave-words"))
    .toContainText(/^On: autosave\/[0-9a-f-]{36}\.json, /, { timeout: 30_000 });
  const files = await stored(page);
  const [name = ""] = Object.keys(files).filter((path) => path.endsWith(".json"));
  expect(Object.keys(files).sort()).toEqual(["autosave/", name]);
  const kept = JSON.parse(files[name] ?? "");
  expect(Object.keys(kept).sort()).toEqual(["format", "model", "objects", "scan", "version", "view"]);
  expect(kept.objects[0].masks.slices).toHaveLength(1);
  expect(files[name]).not.toContain("golden");

  // The tab goes without a word, as in a crash. Another one lives meanwhile, and is not offered what this one has.
  const second = await context.newPage();
  await second.goto("");
  await expect(second.locator("#autosave")).toBeChecked();
  expect((await state_of(second)).found).toEqual([]);
  await page.close({ runBeforeUnload: false });
  await second.reload();
  await expect(second.locator("#found-text"))
    .toHaveText(/^Unsaved work from .* found: Object 1\. Open its scan to continue\.$/);
  await pick(second, mr.image);
  await expect(second.locator("#session-text")).toHaveText("Your unsaved work is back: 1 object with masks. Save it.");
  await wait_for_masks(second, 1);
  expect([(await state_of(second)).unsaved, (await state_of(second)).found]).toEqual([true, []]);

  // It is this tab's now, and gone once it is saved.
  await expect.poll(async () =>
    Object.keys(await stored(second)).filter((path) => path !== name && path.endsWith(".json")).length).toBe(1);
  await expect.poll(async () => Object.keys(await stored(second)).includes(name)).toBe(false);
  const coming = second.waitForEvent("download");
  await second.click("#save-session");
  await coming;
  await expect.poll(async () => Object.keys(await stored(second))).toEqual(["autosave/"]);

  // A change is kept again; wiping leaves nothing, and asks once.
  await draw_box(second, other_box.box);
  await wait_for_masks(second, 2);
  await expect.poll(async () => Object.keys(await stored(second)).length).toBe(2);
  const asked = answer_browser(second, true);
  await second.click("#wipe");
  await expect(second.locator("body")).toContainText("Everything that Boxel stored in this browser is removed");
  expect(asked).toEqual(["confirm"]);
  expect(await stored(second)).toEqual({});
});

test("work that was found can be discarded, and the switch takes all of it along", async ({ page, context }) => {
  await open_with_mask(page, mr);
  await page.check("#autosave");
  await expect.poll(async () => Object.keys(await stored(page)).length, { timeout: 30_000 }).toBe(2);
  await page.close({ runBeforeUnload: false });
  const second = await context.newPage();
  await second.goto("");
  await second.click("#found-discard");
  await expect(second.locator("#found-note")).toBeHidden();
  await expect.poll(async () => Object.keys(await stored(second))).toEqual(["autosave/"]);
  await second.uncheck("#autosave");
  await expect.poll(() => stored(second)).toEqual({});
  await expect(second.locator("#autosave-words")).toContainText("Off: unsaved work is lost with this tab.");
});

test("a scan whose reader did not come asks again before it takes the "
  + "place of unsaved work", async ({ page, context }) => {
  await open_with_mask(page, mr);
  const reader = "**/web/open/parse_worker.js";
  await context.route(reader, (route) => route.abort());
  await pick(page, ct.image);
  await page.click("#unsaved-anyway");
  await expect(page.getByRole("alert")).toContainText("The file reader could not be loaded", { timeout: 90_000 });
  expect((await state_of(page)).boxes).toHaveLength(1);
  await context.unroute(reader);

  const dialog = page.locator("#unsaved");
  await page.click("#message-retry");
  await expect(dialog).toBeVisible();
  await page.click("#unsaved-cancel");
  expect([(await state_of(page)).boxes.length, (await state_of(page)).image?.width]).toEqual([1, mr.width]);
  await page.click("#message-retry");
  await page.click("#unsaved-anyway");
  await wait_for_image(page, ct);
  expect((await state_of(page)).boxes).toEqual([]);
});
