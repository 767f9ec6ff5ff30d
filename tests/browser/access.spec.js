// For everyone: what axe-core finds, focus that is seen, and a whole session without a pointer.

import { readFileSync, writeFileSync } from "node:fs";

import { faults_of } from "./axe.js";
import { mask_iou, own_case } from "./golden.js";
import {
  grey_of, mask_of, open_with_mask, pick, saved_png, state_of, wait_for_encoding, wait_for_image, wait_for_masks,
  window_from_image,
} from "./steps.js";
import { ellipsoid } from "./volumes.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */

const ct = own_case("ct_abdomen");
const mr = own_case("mr_brain");
const PHONE = { width: 390, height: 844 };

/** Where the keyboard is: what it is called, and whether it is seen to be there.
 * @type {(page: Page) => Promise<{ id: string, name: string, is_seen: boolean }>} */
const focus_of = (page) => page.evaluate(() => {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || focused === document.body) return { id: "", name: "", is_seen: true };
  const { labels } = /** @type {{ labels?: NodeListOf<HTMLElement> }} */ (focused);
  // What is unseen itself shows its focus on its label.
  const shown = focused.classList.contains("unseen") ? [...labels ?? []] : [focused];
  const is_seen = shown.some((each) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(each);
    const { width, height } = each.getBoundingClientRect();
    return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && width > 1 && height > 1;
  });
  const name = focused.getAttribute("aria-label")
    ?? [...labels ?? []].map((label) => label.textContent).join(" ") + focused.textContent;
  return { id: focused.id, name: name.trim(), is_seen };
});

/** Presses Tab until the keyboard is there. @type {(page: Page, selector: string) => Promise<void>} */
async function tab_to(page, selector) {
  for (let i = 0; i < 120; i += 1) {
    await page.keyboard.press("Tab");
    if (await page.locator(selector).evaluate((found) => found === document.activeElement)) return;
  }
  throw new Error(`Tab never comes to ${selector}`);
}

/** Moves the crosshair by keys. @type {(page: Page, dx: number, dy: number) => Promise<void>} */
async function move(page, dx, dy) {
  for (const [by, forth, back] of /** @type {const} */ ([
    [dx, "ArrowRight", "ArrowLeft"], [dy, "ArrowDown", "ArrowUp"],
  ])) {
    const key = by > 0 ? forth : back;
    for (let i = 0; i < Math.floor(Math.abs(by) / 10); i += 1) await page.keyboard.press(`Shift+${key}`);
    for (let i = 0; i < Math.abs(by) % 10; i += 1) await page.keyboard.press(key);
  }
}

for (const [where, viewport] of /** @type {const} */ ([
  ["on a desk", { width: 1280, height: 900 }], ["at phone width", PHONE],
])) {
  test.describe(where, () => {
    test.use({ viewport });

    test("axe-core finds nothing on the empty page, on the sheet of keys and on a message", async ({ page }, info) => {
      await page.goto("");
      await expect(page.locator("#sample option")).not.toHaveCount(1);
      expect(await faults_of(page)).toEqual([]);
      await page.click("#keys-open");
      expect(await faults_of(page)).toEqual([]);
      await page.keyboard.press("Escape");
      const path = info.outputPath("notes.txt");
      writeFileSync(path, "no scan");
      await pick(page, path);
      await expect(page.locator("#message")).toBeVisible();
      expect(await faults_of(page)).toEqual([]);
    });

    test("axe-core finds nothing on a volume with all its panels", async ({ page }, info) => {
      const path = info.outputPath("volume.nii");
      writeFileSync(path, ellipsoid());
      await page.goto("");
      await pick(page, path);
      await wait_for_image(page, { width: 128, height: 128 });
      await page.locator("details").evaluateAll((all) => all.forEach((each) => each.setAttribute("open", "")));
      await wait_for_encoding(page);
      await page.locator("#canvas").focus();
      await page.keyboard.press("Enter");
      expect(await faults_of(page)).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, "nothing is wider than the screen").toBeLessThanOrEqual(0);
    });
  });
}

test("axe-core finds nothing on objects with masks, hints and a choice of three", async ({ page }) => {
  await open_with_mask(page, mr);
  await page.check("#multimask");
  await expect(page.locator("#boxes .candidate")).toHaveCount(3);
  const { width, height } = mr;
  for (const [i, value] of [2, 2, width - 2, height - 2].entries()) {
    await page.fill(["#box-x0", "#box-y0", "#box-x1", "#box-y1"][i] ?? "", String(value));
  }
  await page.click("#box-add");
  await wait_for_masks(page, 2);
  await expect(page.locator("#boxes [role=note]", { hasText: "The box covers most of the image" })).toBeVisible();
  await page.click("#input-panel summary");
  await page.keyboard.press("p");
  await expect(page.locator("#points-hint")).toBeVisible();
  await page.getByRole("button", { name: "Automatic", exact: true }).click();
  await expect(page.locator("#boxes li").first()).toContainText("Model input");
  expect(await faults_of(page)).toEqual([]);
  await page.setViewportSize(PHONE);
  expect(await faults_of(page)).toEqual([]);
});

test("a whole session without a pointer: a sample, a box, its mask, a name, a file", async ({ page }) => {
  const [golden] = ct.boxes;
  if (!golden) throw new Error("the golden lacks a box");
  const [x0, y0, x1, y1] = golden.box;
  await page.goto("");
  await expect(page.locator("#sample option")).not.toHaveCount(1);
  await tab_to(page, "#sample");
  await page.keyboard.press("ArrowDown");
  await wait_for_image(page, ct);

  await page.keyboard.press("Escape"); // out of the list, which has the letters for itself
  await page.keyboard.press("x");
  await expect(page.locator("#crosshair-words")).toContainText("Arrows move it, with Shift by ten");
  await move(page, x0 - Math.floor(ct.width / 2), y0 - Math.floor(ct.height / 2));
  await expect(page.locator("#crosshair-words")).toContainText(`x ${x0} y ${y0}`);
  await page.keyboard.press("Enter");
  await move(page, x1 - x0, y1 - y0);
  await expect(page.locator("#crosshair-words")).toContainText(`${x1 - x0} × ${y1 - y0} pixels`);
  await page.keyboard.press("Enter");
  expect((await state_of(page)).boxes.map(({ box }) => box)).toEqual([golden.box]);
  await wait_for_masks(page, 1);
  expect(mask_iou(await mask_of(page, 1), golden.mask)).toBeGreaterThanOrEqual(0.995);
  await expect(page.locator("#state-line"))
    .toContainText(/LiteMedSAM · CPU · .*1 mask up to date · encoded in .* · decoded in/);

  await tab_to(page, "#boxes .name");
  await page.keyboard.type("kidney"); // over the name that is selected, and no shortcut of it
  await page.keyboard.press("Enter");
  await expect.poll(async () => (await state_of(page)).boxes[0]?.name).toBe("kidney");
  const coming = page.waitForEvent("download");
  await page.keyboard.press("s");
  expect((await coming).suggestedFilename()).toMatch(/\.png$/);
});

test("every stop of the Tab key has a name and is seen", async ({ page }) => {
  await page.goto("");
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  /** @type {{ id: string, name: string, is_seen: boolean }[]} */
  const stops = [];
  for (let i = 0; i < 80; i += 1) {
    await page.keyboard.press("Tab");
    const stop = await focus_of(page);
    if (!stop.id && stops.some(({ id }) => id === "budget")) break;
    stops.push(stop);
  }
  expect(stops.filter(({ name, is_seen }) => !name || !is_seen)).toEqual([]);
  const ids = stops.map(({ id }) => id)
    .filter((id) => ["keys-open", "canvas", "file", "tool-box", "save-mask", "device", "budget"].includes(id));
  expect(ids, "in the order of the work").toEqual(["keys-open", "canvas", "file", "tool-box", "device", "budget"]);
});

test("the sheet lists the keys, holds the keyboard, and gives it back", async ({ page }) => {
  await page.goto("");
  await tab_to(page, "#keys-open");
  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keys" });
  await expect(sheet).toBeVisible();
  await expect(sheet).toContainText("Show or hide the masks");
  await page.keyboard.press("n");
  expect((await state_of(page)).tools.tool, "a dialog has the keys for itself").toBe("box");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  const outside = await page.evaluate(() =>
    document.activeElement !== document.body && !document.activeElement?.closest("dialog"));
  expect(outside).toBe(false);
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
  await expect(page.locator("#keys-open")).toBeFocused();
  await page.keyboard.press("n");
  expect((await state_of(page)).tools.tool).toBe("negative");
});

test("points by keys, Escape step by step, and the crosshair goes when the pointer comes", async ({ page }) => {
  await page.goto("");
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  await page.keyboard.press("p");
  await page.keyboard.press("x");
  await move(page, 7, -12);
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.press("Enter");
  const at = [mr.width / 2 + 7.5, mr.height / 2 - 11.5];
  await expect.poll(async () => (await state_of(page)).boxes[0]?.points).toEqual([[...at, 0], [...at, 1]]);
  expect((await state_of(page)).selected).toBe(1);
  await page.keyboard.press("Escape");
  await expect(page.locator("#crosshair-words")).toHaveText("");
  expect((await state_of(page)).selected, "Escape meant the crosshair").toBe(1);
  await page.keyboard.press("Escape");
  expect((await state_of(page)).selected).toBe(null);
  await page.keyboard.press("Enter");
  await expect(page.locator("#crosshair-words")).toContainText("Enter sets a point");
  const { x, y } = await window_from_image(page, { x: 10, y: 10 });
  await page.mouse.move(x, y);
  await page.mouse.down();
  await expect(page.locator("#crosshair-words")).toHaveText("");
  await page.mouse.up();
});

test("with less motion asked for, no bar runs to and fro", async ({ page }) => {
  await page.goto("");
  const bar = page.locator("#progress-bar");
  await bar.evaluate((found) => found.removeAttribute("value"));
  await expect(bar).toHaveCSS("visibility", "visible");
  await page.emulateMedia({ reducedMotion: "reduce" });
  await expect(bar).toHaveCSS("visibility", "hidden");
});

test("a mask saved by the S key is the one that the button saves", async ({ page }) => {
  await open_with_mask(page, mr);
  const { data } = await saved_png(page, "#save-mask");
  const coming = page.waitForEvent("download");
  await page.keyboard.press("s");
  const { PNG } = await import("pngjs");
  const by_key = PNG.sync.read(readFileSync(await (await coming).path()));
  expect(grey_of({ channels: 4, data: by_key.data })).toEqual(grey_of({ channels: 4, data }));
});
