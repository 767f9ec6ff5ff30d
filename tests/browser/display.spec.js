// How the scan lies on the screen: zoomed, moved, turned, flipped, inverted, by mouse, keys and fingers. What is drawn
// is drawn in image space all the same.

import { readFileSync } from "node:fs";
import { PNG } from "pngjs";

import { mask_iou, own_case } from "./golden.js";
import {
  colour_at, draw_box, mask_of, pick, state_of, wait_for_image, wait_for_masks, window_from_image,
} from "./steps.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */
/** @typedef {import("./steps.js").Point} Point */

const mr = own_case("mr_brain");
const [box] = mr.boxes;
if (!box) throw new Error("the golden lacks a box");
const [x0, y0, x1, y1] = box.box;
const centre = { x: (x0 + x1) / 2, y: (y0 + y1) / 2 };
const png = PNG.sync.read(readFileSync(mr.image));

/** @type {(page: Page) => Promise<import("../../web/features/display/state.js").Placing>} */
async function placing(page) {
  const { display, image } = await state_of(page);
  const found = image && display.planes[image.plane];
  if (!found) throw new Error("the scan is as it was opened");
  return found;
}

/** @type {(page: Page) => Promise<void>} */
async function open_scan(page) {
  await page.goto("");
  await pick(page, mr.image);
  await wait_for_image(page, mr);
}

/** The middle of a pixel, as the canvas shows it, where pixels are large enough.
 * @type {(page: Page, at: Point, inverted: boolean) => Promise<void>} */
async function expect_pixel(page, { x, y }, inverted) {
  const [red = 0] = await colour_at(page, { x: x + 0.5, y: y + 0.5 });
  const grey = png.data[(y * png.width + x) * 4] ?? NaN;
  expect(Math.abs(red - (inverted ? 255 - grey : grey)), `${x}, ${y}: ${red}`).toBeLessThanOrEqual(1);
}

test("zoomed, moved, turned and flipped, a box is where it is drawn, and so is its mask", async ({ page }) => {
  await open_scan(page);
  await expect(page.locator("#zoom")).toHaveText(/^Fit · \d+ %$/);
  const at = await window_from_image(page, { x: Math.floor(centre.x) + 0.5, y: Math.floor(centre.y) + 0.5 });
  await page.mouse.move(at.x, at.y);
  const below = await page.locator("#pointer").textContent();
  await page.keyboard.down("Control");
  for (let i = 0; i < 3; i += 1) await page.mouse.wheel(0, -120);
  await page.keyboard.up("Control");
  // Without slices the wheel alone does it too.
  for (let i = 0; i < 4; i += 1) await page.mouse.wheel(0, -120);
  await expect(page.locator("#zoom")).not.toContainText("Fit");
  await page.mouse.move(at.x + 1, at.y);
  await page.mouse.move(at.x, at.y);
  await expect(page.locator("#pointer")).toHaveText(below ?? "");
  const near = await placing(page);

  // The middle button moves the scan, and so does the left one with Space held, which draws nothing meanwhile.
  await page.mouse.down({ button: "middle" });
  await page.mouse.move(at.x + 60, at.y - 30, { steps: 3 });
  await page.mouse.up({ button: "middle" });
  await page.keyboard.down(" ");
  await page.mouse.down();
  await page.mouse.move(at.x + 90, at.y - 10, { steps: 3 });
  await page.mouse.up();
  await page.keyboard.up(" ");
  const moved = await placing(page);
  const scale = near.framing?.screen_per_image_x ?? NaN;
  expect(moved.framing?.centre.x).toBeCloseTo((near.framing?.centre.x ?? NaN) - 90 / scale, 6);
  expect(moved.framing?.centre.y).toBeCloseTo((near.framing?.centre.y ?? NaN) + 10 / scale, 6);
  await page.keyboard.press("Control+ArrowRight");
  await expect.poll(async () => (await placing(page)).framing?.centre.x)
    .toBeGreaterThan(moved.framing?.centre.x ?? Infinity);
  expect((await state_of(page)).boxes).toEqual([]);

  for (const key of ["0", "f"]) await page.keyboard.press(key);
  await expect(page.getByRole("button", { name: "Fit" })).toHaveAttribute("aria-pressed", "true");
  await page.getByRole("button", { name: "Rotate" }).click();
  await page.keyboard.press("h");
  await page.getByRole("button", { name: "Zoom in" }).click();
  await page.keyboard.press("Control+ArrowUp");
  await page.getByRole("button", { name: "Invert" }).click();
  await expect(page.locator(".altered").first())
    .toHaveText("Shown inverted, flipped left to right, turned 90° anticlockwise");
  await draw_box(page, box.box);
  await wait_for_masks(page, 1);
  expect((await state_of(page)).boxes[0]?.box).toEqual(box.box);
  // The model has seen the scan upright and not inverted.
  const mask = await mask_of(page, 1);
  expect(mask_iou(mask, box.mask)).toBeGreaterThanOrEqual(0.995);

  await page.uncheck("#axes");
  await page.evaluate(() => /** @type {HTMLInputElement} */ (document.getElementById("opacity")).value = "1");
  await page.dispatchEvent("#opacity", "input");
  let [inside, outside] = [0, 0];
  for (let y = y0 + 2; y < y1 - 2; y += 5) {
    for (let x = x0 + 2; x < x1 - 2; x += 5) {
      const [red = 0, , blue = 0] = await colour_at(page, { x: x + 0.5, y: y + 0.5 });
      const is_in = mask[y * mr.width + x] === 1;
      expect(red - blue > 100, `${x}, ${y}`).toBe(is_in);
      if (is_in) inside += 1;
      else outside += 1;
    }
  }
  expect(Math.min(inside, outside)).toBeGreaterThan(0);
});

test("the image's own pixels are where they should be, however it lies", async ({ page }) => {
  await open_scan(page);
  for (let i = 0; i < 9; i += 1) await page.keyboard.press("+");
  const points =
    [[2, 3], [-4, 1], [0, -5], [5, 5]].map(([x = 0, y = 0]) => ({ x: (mr.width >> 1) + x, y: (mr.height >> 1) + y }));
  expect(new Set(points.map(({ x, y }) => png.data[(y * png.width + x) * 4])).size, "they tell each other apart")
    .toBe(4);
  const near = await window_from_image(page, centre);
  for (const key of ["", "r", "h", "l", "v", "r", "r", "v"]) {
    if (key) await page.keyboard.press(key);
    for (const point of points) await expect_pixel(page, point, false);
  }
  await page.keyboard.press("i");
  for (const point of points) await expect_pixel(page, point, true);
  await page.keyboard.press("u");
  await expect(page.locator(".altered").first()).toBeHidden();
  expect(await window_from_image(page, centre)).not.toEqual(near);
  await page.getByRole("button", { name: "1:1" }).click();
  await expect(page.locator("#zoom")).toHaveText("100 %");
  await expect(page.getByRole("button", { name: "1:1" })).toHaveAttribute("aria-pressed", "true");
});

test("two models beside each other: both canvases follow", async ({ page }) => {
  await open_scan(page);
  await page.selectOption("#compare", { index: 1 });
  const other = await page.locator("#canvas-comparison").boundingBox();
  if (!other) throw new Error("no second canvas");
  await page.mouse.move(other.x + 100, other.y + 200);
  for (let i = 0; i < 6; i += 1) await page.mouse.wheel(0, -120);
  await page.keyboard.press("r");
  await expect.poll(() => page.evaluate(() => {
    const [first, second] = ["canvas", "canvas-comparison"].map((id) => {
      const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById(id));
      return canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? new Uint8ClampedArray();
    });
    return first?.length && second && first.every((value, i) => value === second[i])
      && first.some((value, i) => i % 4 !== 3 && value > 0);
  })).toBe(true);
});

test.describe("with a pen", () => {
  test.use({ hasTouch: true });
  test("it draws, its barrel button is the right one, and the hand that holds it does nothing", async ({ page }) => {
    await open_scan(page);
    const session = await page.context().newCDPSession(page);
    /** @type {(
     *   type: "mousePressed" | "mouseMoved" | "mouseReleased", at: Point, button?: "left" | "right",
     * ) => Promise<void>} */
    const pen = async (type, { x, y }, button = "left") => {
      await session.send("Input.dispatchMouseEvent", {
        type, x, y, button, buttons: button === "left" ? 1 : 2, clickCount: 1, pointerType: "pen",
      });
    };
    const [from, to] = [
      await window_from_image(page, { x: x0, y: y0 }), await window_from_image(page, { x: x1, y: y1 }),
    ];
    await pen("mouseMoved", from);
    await pen("mousePressed", from);
    await session.send("Input.dispatchTouchEvent", {
      type: "touchStart", touchPoints: [{ x: 300, y: 500, id: 0 }, { x: 380, y: 560, id: 1 }],
    });
    await session.send("Input.dispatchTouchEvent", {
      type: "touchMove", touchPoints: [{ x: 250, y: 500, id: 0 }, { x: 480, y: 560, id: 1 }],
    });
    await pen("mouseMoved", to);
    await pen("mouseReleased", to);
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await expect.poll(async () => (await state_of(page)).boxes.map((each) => each.box)).toEqual([box.box]);
    expect((await state_of(page)).display.planes).toEqual({});

    await page.keyboard.press("p");
    const at = await window_from_image(page, centre);
    await pen("mousePressed", at, "right");
    await pen("mouseReleased", at, "right");
    await expect.poll(async () => (await state_of(page)).boxes.map(({ points }) => points.map(([, , label]) => label)))
      .toEqual([[0]]);
  });
});

test.describe("with fingers, at phone width", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 3 });

  /** @type {(
   *   page: Page,
   * ) => Promise<(type: "touchStart" | "touchMove" | "touchEnd", points: Point[]) => Promise<void>>} */
  async function fingers_on(page) {
    const session = await page.context().newCDPSession(page);
    return async (type, points) => {
      await session.send("Input.dispatchTouchEvent", {
        type, touchPoints: points.map(({ x, y }, id) => ({ x, y, id })),
      });
    };
  }

  test("one draws, two zoom and move and give up what one has begun; the page stays where it is", async ({ page }) => {
    await open_scan(page);
    const touch = await fingers_on(page);
    const [from, to] = [
      await window_from_image(page, { x: x0, y: y0 }), await window_from_image(page, { x: x1, y: y1 }),
    ];
    const image = [{ x: centre.x - 20, y: centre.y }, { x: centre.x + 20, y: centre.y }];
    const [a, b] = [await window_from_image(page, image[0] ?? from), await window_from_image(page, image[1] ?? from)];
    if (!a || !b) throw new Error("no points");

    await touch("touchStart", [a]);
    await touch("touchMove", [{ x: a.x + 3, y: a.y + 12 }]);
    await touch("touchMove", [a]);
    await touch("touchStart", [a, b]);
    for (const part of [0.25, 0.5, 0.75, 1]) {
      await touch("touchMove", [
        { x: a.x - 40 * part, y: a.y + 20 * part }, { x: b.x + 40 * part, y: b.y + 20 * part },
      ]);
    }
    await expect.poll(async () => (await window_from_image(page, image[0] ?? from)).x).toBeCloseTo(a.x - 40, 1);
    await touch("touchEnd", [{ x: a.x - 40, y: a.y + 20 }]); // the one that is left draws nothing
    await touch("touchMove", [{ x: a.x + 30, y: a.y - 30 }]);
    await touch("touchEnd", []);
    for (const [i, wanted] of [{ x: a.x - 40, y: a.y + 20 }, { x: b.x + 40, y: b.y + 20 }].entries()) {
      const lies = await window_from_image(page, image[i] ?? from);
      expect(Math.hypot(lies.x - wanted.x, lies.y - wanted.y)).toBeLessThan(0.5);
    }
    expect((await state_of(page)).boxes).toEqual([]);

    await page.getByRole("button", { name: "Fit" }).tap();
    await touch("touchStart", [from]);
    for (const part of [0.3, 0.6, 1]) {
      await touch("touchMove", [{ x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }]);
    }
    await touch("touchEnd", []);
    await expect.poll(async () => (await state_of(page)).boxes.length).toBe(1);
    const drawn = (await state_of(page)).boxes[0]?.box ?? [];
    // A finger's place is told in whole pixels of the screen.
    drawn.forEach((value, i) => expect(Math.abs(value - (box.box[i] ?? NaN)), String(drawn)).toBeLessThanOrEqual(1));
    expect(await page.evaluate(() => [scrollY, visualViewport?.scale])).toEqual([0, 1]);
  });

  test("controls are as large as finger tips, and nothing is wider than the screen", async ({ page }) => {
    await open_scan(page);
    await draw_box(page, box.box);
    const controls = "button, .button, select, summary, .check, .tools label, input:not(.unseen)";
    const small = await page.evaluate((selector) => Array.from(document.querySelectorAll(selector))
      .filter((each) => each.checkVisibility() && !each.matches(".check input, label input[type=radio]"))
      .map((each) => ({ each, box: each.getBoundingClientRect() }))
      .filter(({ box: { width, height } }) => width < 40 || height < 40)
      .map(({ each, box: { width, height } }) =>
        `${each.id || each.className || each.textContent} ${width} × ${height}`), controls);
    expect(small).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
});
