// A box under the hands: its handles, keys and numbers; undo and redo come to the same masks.

import { mask_iou, own_case } from "./golden.js";
import { colour_at, mask_of, open_with_mask, state_of, wait_for_masks, window_from_image } from "./steps.js";
import { expect, test } from "./watch.js";

const mr = own_case("mr_brain");
const [golden] = mr.boxes;
if (!golden) throw new Error("the golden lacks a box");
const [x0, y0, x1, y1] = golden.box;

/** @typedef {import("@playwright/test").Page} Page */
/** @type {(page: Page) => Promise<number[] | null | undefined>} */
const box_of = async (page) => (await state_of(page)).boxes[0]?.box;
/** @type {(page: Page, box: number[]) => Promise<void>} */
async function answered(page, box) {
  await expect.poll(() => box_of(page)).toEqual(box);
  await wait_for_masks(page, 1);
}
/** @type {(page: Page, from: number[], by: number[]) => Promise<void>} */
async function drag(page, [x = 0, y = 0], [by_x = 0, by_y = 0]) {
  const from = await window_from_image(page, { x, y });
  const to = await window_from_image(page, { x: x + by_x, y: y + by_y });
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
}

test("a box is resized, moved, nudged and typed; its mask follows, back and forth", async ({ page }) => {
  await open_with_mask(page, mr);
  const masks = [await mask_of(page, 1)];
  const boxes = [[x0, y0, x1, y1]];
  /** @type {(box: number[]) => Promise<void>} */
  const changed = async (box) => {
    await answered(page, box);
    boxes.push(box);
    masks.push(await mask_of(page, 1));
  };
  await drag(page, [x1, y1], [-8, -6]);
  await changed([x0, y0, x1 - 8, y1 - 6]);
  await drag(page, [x0 + (x1 - x0) / 4, y0], [5, 3]); // an edge moves it
  await changed([x0 + 5, y0 + 3, x1 - 3, y1 - 3]);
  for (const key of ["ArrowRight", "ArrowRight", "ArrowDown"]) await page.keyboard.press(`Shift+${key}`);
  await page.keyboard.press("Control+Shift+ArrowLeft");
  await changed([x0 + 7, y0 + 4, x1 - 2, y1 - 2]);
  await expect(page.locator("#box-x1")).toHaveValue(String(x1 - 2));
  await page.fill("#box-x1", String(x1 + 4));
  await page.click("#box-change");
  await changed([x0 + 7, y0 + 4, x1 + 4, y1 - 2]);
  expect(mask_iou(masks[0] ?? new Uint8Array(), masks[1] ?? new Uint8Array())).toBeLessThan(1);
  for (let i = boxes.length - 2; i >= 0; i -= 1) {
    await page.keyboard.press("Control+z");
    await answered(page, boxes[i] ?? []);
    expect(await mask_of(page, 1)).toEqual(masks[i]);
  }
  for (const key of ["Control+y", "Control+Shift+z", "Control+y", "Control+y"]) await page.keyboard.press(key);
  await answered(page, boxes.at(-1) ?? []);
  expect(await mask_of(page, 1)).toEqual(masks.at(-1));
  await expect(page.locator("#redo")).toBeDisabled();
});

test("a hidden object is not drawn, a locked one not changed", async ({ page }) => {
  await open_with_mask(page, mr);
  const inside = { x: Math.round((x0 + x1) / 2), y: Math.round((y0 + y1) / 2) };
  const drawn = await colour_at(page, inside);
  await page.getByRole("button", { name: "Hide object 1" }).click();
  expect(await colour_at(page, inside)).not.toEqual(drawn);
  await page.click("#undo");
  expect(await colour_at(page, inside)).toEqual(drawn);
  await page.getByRole("button", { name: "Lock object 1" }).click();
  await page.keyboard.press("Delete");
  await page.keyboard.press("Shift+ArrowRight");
  await expect(page.locator("#message-text")).toContainText("is locked");
  await expect.poll(() => box_of(page)).toEqual(golden.box);
});
