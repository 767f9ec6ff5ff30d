// Screen and image space: fitted, framed, turned and flipped.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  box_between, device_from_image, fit_transform, framed_transform, image_from_screen, screen_from_image,
} from "../../web/draw/screen_transform.js";
import { turned, UPRIGHT } from "../../web/features/display/state.js";

/** @typedef {import("../../web/draw/screen_transform.js").Point} Point */

const image = { width: 775, height: 522, pixel_aspect: 1 };

/** All eight. */
const orientations = [UPRIGHT, turned(UPRIGHT, "left_to_right")].flatMap((first) => {
  const quarter = turned(first, "clockwise");
  const half = turned(quarter, "clockwise");
  return [first, quarter, half, turned(half, "clockwise")];
});

/** @type {(a: Point, b: Point, about: unknown) => void} */
const same_point = (a, b, about) => assert.ok(Math.hypot(a.x - b.x, a.y - b.y) < 1e-9, JSON.stringify({ a, b, about }));

test("the image lies whole and centred within the margins", () => {
  const view = fit_transform(image, { width: 400, height: 800 }, 12);
  assert.equal(view.screen_per_image_x, 376 / 775);
  same_point(screen_from_image(view, { x: 0, y: 0 }), { x: 12, y: (800 - 522 * 376 / 775) / 2 }, view);
  same_point(screen_from_image(view, { x: 775, y: 522 }), { x: 388, y: (800 + 522 * 376 / 775) / 2 }, view);
});

test("pixels that are not square are shown in their true shape", () => {
  const view = fit_transform({ width: 100, height: 20, pixel_aspect: 5 }, { width: 424, height: 224 }, 12);
  assert.deepEqual([view.screen_per_image_x, view.screen_per_image_y], [2, 10]);
  assert.deepEqual(screen_from_image(view, { x: 0, y: 20 }), { x: 112, y: 212 });
});

test("going to the screen and back gives the same point: any size, all ways to lie, any zoom", () => {
  assert.equal(new Set(orientations.map((each) => JSON.stringify(each))).size, 8);
  const screens = [{ width: 31, height: 977 }, { width: 2560, height: 200 }, { width: 775, height: 522 }];
  for (const screen of screens) {
    const oblong = { ...image, pixel_aspect: screen.width / 500 };
    for (const orientation of orientations) {
      const views = [null, 0.01, 1 / 3, 1, 64].map((screen_per_image_x) => screen_per_image_x === null
        ? fit_transform(oblong, screen, 0, orientation)
        : framed_transform({ image: oblong, screen, orientation }, { screen_per_image_x, centre: { x: 700.5, y: 3 } }));
      for (const view of views) {
        for (const point of [{ x: 0, y: 0 }, { x: 380.5, y: 130.25 }, { x: -10, y: 600 }]) {
          same_point(image_from_screen(view, screen_from_image(view, point)), point, view);
        }
      }
    }
  }
});

test("however it lies, the fitted image is centred and touches its margins, and nothing is cut off", () => {
  const screen = { width: 424, height: 224 };
  for (const orientation of orientations) {
    const view = fit_transform({ width: 100, height: 20, pixel_aspect: 2.5 }, screen, 12, orientation);
    same_point(screen_from_image(view, { x: 50, y: 10 }), { x: 212, y: 112 }, view);
    const corners = [{ x: 0, y: 0 }, { x: 100, y: 20 }].map((corner) => screen_from_image(view, corner));
    const [left, right] = corners.map(({ x }) => x).sort((a, b) => a - b);
    const [top, bottom] = corners.map(({ y }) => y).sort((a, b) => a - b);
    const lying = [left, right, top, bottom].map((edge) => Math.round((edge ?? NaN) * 1e6) / 1e6);
    assert.deepEqual(
      lying, orientation.xx === 0 ? [162, 262, 12, 212] : [12, 412, 12, 212], JSON.stringify(orientation),
    );
  }
});

test("a framed image has its centre in the middle of the screen", () => {
  for (const orientation of orientations) {
    const frame = { image, screen: { width: 300, height: 200 }, orientation };
    const view = framed_transform(frame, { screen_per_image_x: 3, centre: { x: 12.5, y: 400 } });
    same_point(screen_from_image(view, { x: 12.5, y: 400 }), { x: 150, y: 100 }, orientation);
  }
});

test("what the canvas draws by is the same transform, in the screen's own pixels", () => {
  for (const orientation of orientations) {
    const frame = { image: { ...image, pixel_aspect: 1.5 }, screen: { width: 300, height: 200 }, orientation };
    const view = framed_transform(frame, { screen_per_image_x: 2, centre: { x: 40, y: 30 } });
    const [a, b, c, d, e, f] = device_from_image(view, 3);
    const { x, y } = screen_from_image(view, { x: 7, y: 11 });
    same_point({ x: a * 7 + c * 11 + e, y: b * 7 + d * 11 + f }, { x: x * 3, y: y * 3 }, orientation);
  }
});

test("a view smaller than its margins still has a positive factor", () => {
  assert.ok(fit_transform(image, { width: 10, height: 0 }, 12).screen_per_image_x > 0);
});

test("a box is ordered and whole, whichever way it was drawn", () => {
  assert.deepEqual(box_between({ x: 190.4, y: 349.6 }, { x: 94.5, y: 255.2 }), [95, 255, 190, 350]);
});
