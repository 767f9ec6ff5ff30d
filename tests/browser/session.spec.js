// Working on a scan: switching, undoing, cancelling, and never seeing what is not of this image.

import { mask_iou, own_case } from "./golden.js";
import {
  begin_box, colour_at, draw_box, mask_of, open_with_mask, pick, pick_anyway, state_of, wait_for_encoding,
  wait_for_image, wait_for_masks, window_from_image,
} from "./steps.js";
import { expect, test } from "./watch.js";

const ct = own_case("ct_abdomen");
const mr = own_case("mr_brain");
const [ct_box] = ct.boxes;
const [mr_box, mr_other_box] = mr.boxes;
if (!ct_box || !mr_box || !mr_other_box) throw new Error("the goldens lack a box");

/** A point well inside a mask. @type {(mask: Uint8Array, width: number) => { x: number, y: number }} */
function inside(mask, width) {
  const at = mask.findIndex((_, i) =>
    [0, 1, 2, 3, 4].every((dx) => [0, 1, 2, 3, 4].every((dy) => mask[i + dx + dy * width])));
  return { x: at % width + 2.5, y: Math.floor(at / width) + 2.5 };
}

/** @type {(colour: number[]) => boolean} */
const is_yellowish = ([r = 0, g = 0, b = 0]) => r > 120 && g > 120 && Math.min(r, g) - b > 60;

test.describe("at phone width, three device pixels for one", () => {
  test.use({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 3 });
  test("the box is where it was drawn and the mask where it is", async ({ page }) => {
    await page.goto("");
    await pick(page, mr.image);
    await wait_for_image(page, mr);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow, "nothing is wider than the screen").toBeLessThanOrEqual(0);
    await draw_box(page, mr_box.box);
    await wait_for_masks(page, 1);
    expect((await state_of(page)).boxes[0]?.box).toEqual(mr_box.box);
    const mask = await mask_of(page, 1);
    expect(is_yellowish(await colour_at(page, inside(mask, mr.width)))).toBe(true);
    expect(is_yellowish(await colour_at(page, { x: mr.width / 2, y: mr.height - 5 }))).toBe(false);
  });
});

test("a device switch keeps image and boxes, and the masks come again", async ({ page }) => {
  await page.goto("?device=cpu");
  await expect(page.locator("#device-reason")).toHaveText("You chose the CPU.");
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  await draw_box(page, mr_box.box);
  await wait_for_masks(page, 1);
  const before = await mask_of(page, 1);
  const { engine: { generation } } = await state_of(page);

  // This browser offers no adapter: the GPU is asked for, the CPU is what there is.
  await page.selectOption("#device", "gpu");
  await expect(page.locator("#device-reason")).toContainText("No GPU");
  await expect(page.locator("#device-name")).toContainText("CPU");
  const { boxes, image, engine } = await state_of(page);
  expect([boxes.length, image?.width, engine.generation]).toEqual([1, mr.width, generation + 1]);
  await wait_for_masks(page, 1);
  expect(mask_iou(await mask_of(page, 1), before)).toBe(1);
  await draw_box(page, mr_other_box.box);
  await wait_for_masks(page, 2);
});

test("undo, delete, clear and opacity", async ({ page }) => {
  await page.goto("");
  await expect(page.locator("#undo")).toBeDisabled();
  await expect(page.locator("#save-mask")).toHaveAttribute("title", "Open a scan first");
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  await draw_box(page, mr_box.box);
  await draw_box(page, mr_other_box.box);
  await wait_for_masks(page, 2);
  await expect(page.locator("#boxes li")).toHaveCount(2);
  await expect(page.locator("#boxes li").first()).toContainText(mr_box.box.join(", "));

  const point = inside(await mask_of(page, 1), mr.width);
  await page.locator("#opacity").fill("0");
  const bare = await colour_at(page, point);
  await page.locator("#opacity").fill("1");
  expect(await colour_at(page, point)).toEqual([251, 252, 30]);
  await page.locator("#opacity").fill("0.5");
  const half = await colour_at(page, point);
  [251, 252, 30].forEach((yellow, c) =>
    expect(Math.abs((half[c] ?? 0) - (yellow + (bare[c] ?? 0)) / 2)).toBeLessThanOrEqual(2));

  await page.getByRole("button", { name: "Delete box 1" }).click();
  await expect(page.locator("#boxes li")).toHaveCount(1);
  expect(await colour_at(page, point)).toEqual(bare);
  await page.click("#undo");
  await wait_for_masks(page, 2);
  expect(await colour_at(page, point)).toEqual(half);
  await page.click("#clear");
  await expect(page.locator("#boxes li")).toHaveCount(0);
  expect(await colour_at(page, point)).toEqual(bare);
  await page.keyboard.press("Control+z");
  await wait_for_masks(page, 2);
  await page.click("#undo"); // the second box
  await page.click("#undo"); // the first box
  await expect(page.locator("#boxes li")).toHaveCount(0);
  await expect(page.locator("#undo")).toBeDisabled();
});

test("Escape gives up the box that is being drawn", async ({ page }) => {
  await page.goto("");
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  await begin_box(page, mr_box.box);
  const edge = { x: mr_box.box[0] + 5, y: mr_box.box[1] };
  await page.keyboard.press("Escape");
  await page.mouse.up();
  expect((await state_of(page)).boxes).toEqual([]);
  // The next one is drawn as ever, and right after a press and release in one place.
  const at = await window_from_image(page, edge);
  await page.mouse.click(at.x, at.y);
  await expect(page.locator("#message-text")).toContainText("Drag");
  await draw_box(page, mr_box.box);
  expect((await state_of(page)).boxes.map(({ box }) => box)).toEqual([mr_box.box]);
});

test("a cancelled encoding goes on when asked, and the box drawn meanwhile gets its mask", async ({ page }) => {
  await page.goto("");
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  await expect.poll(async () => (await state_of(page)).embedding.phase).toBe("running");
  await page.click("#progress-cancel");
  await expect.poll(async () => (await state_of(page)).embedding.phase).toBe("cancelled");
  await draw_box(page, mr_box.box);
  expect((await state_of(page)).boxes[0]?.phase).toBe("waiting");
  await page.getByRole("button", { name: "Encode" }).click();
  await wait_for_masks(page, 1);
  expect(mask_iou(await mask_of(page, 1), mr_box.mask)).toBeGreaterThanOrEqual(0.995);
});

test("loading the model shows its bytes, can be cancelled, and goes on when asked", async ({ page, context }) => {
  const model = "**/models/litemedsam.safetensors";
  /** @type {(value?: unknown) => void} */
  let let_go = () => {};
  const held = new Promise((resolve) => { let_go = resolve; });
  await context.route(model, async (route) => {
    await held;
    await route.abort().catch(() => {});
  });
  await page.goto("");
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  await expect(page.locator("#progress-label")).toHaveText(/Loading Boxel: \d+ of \d+ MB/);
  await page.click("#progress-cancel");
  await expect.poll(async () => (await state_of(page)).weights.phase).toBe("cancelled");
  await draw_box(page, mr_box.box);
  expect((await state_of(page)).boxes[0]?.phase).toBe("waiting");
  let_go();
  await context.unroute(model);
  await page.getByRole("button", { name: "Load the model" }).click();
  await wait_for_masks(page, 1);
  await expect(page.locator("#model")).toContainText("SHA-256 checked");
});

test("a new image shows no mask of the old one, not in any frame", async ({ page }) => {
  await page.goto("");
  await pick(page, ct.image);
  await wait_for_image(page, ct);
  await draw_box(page, ct_box.box);
  await wait_for_masks(page, 1);
  const old_key = (await state_of(page)).image?.key;
  // A second box is on its way when the new image comes.
  await draw_box(page, [20, 20, 200, 200]);
  await page.evaluate(() => {
    /** @type {any} */
    const here = window;
    here.seen = [];
    const look = () => {
      here.seen.push([here.boxel.state().image.key, here.boxel.maskCount]);
      requestAnimationFrame(look);
    };
    look();
  });
  await pick_anyway(page, mr.image);
  await wait_for_image(page, mr);
  const point = { x: mr.width / 2, y: mr.height / 2 };
  const bare = await colour_at(page, point);
  await wait_for_encoding(page);
  expect(await colour_at(page, point)).toEqual(bare);
  const { image, boxes } = await state_of(page);
  expect([boxes, image?.key === old_key]).toEqual([[], false]);
  const seen = /** @type {[string, number][]} */ (await page.evaluate(() => /** @type {any} */ (window).seen));
  expect(seen.some(([key, count]) => key === old_key && count > 0)).toBe(true);
  expect(seen.filter(([key, count]) => key !== old_key && count > 0)).toEqual([]);
  await draw_box(page, mr_box.box);
  await wait_for_masks(page, 1);
  const [box] = (await state_of(page)).boxes;
  expect(mask_iou(await mask_of(page, box?.number ?? 0), mr_box.mask)).toBeGreaterThanOrEqual(0.995);
});

test("a worker that dies is replaced: image and masks stay, and retry goes on", async ({ page }) => {
  await open_with_mask(page, mr);
  const before = await mask_of(page, 1);
  await page.workers()[0]
    ?.evaluate(() => { setTimeout(() => { throw new WebAssembly.RuntimeError("unreachable"); }, 0); });
  await expect(page.locator("#message-text")).toContainText("The engine stopped unexpectedly (unreachable)");
  expect(await mask_of(page, 1)).toEqual(before);
  expect((await state_of(page)).image?.width).toBe(mr.width);
  await page.getByRole("button", { name: "Retry" }).click();
  await wait_for_masks(page, 1);
  await draw_box(page, mr_other_box.box);
  await wait_for_masks(page, 2);
  expect(mask_iou(await mask_of(page, 1), before)).toBe(1);
});
