// Screen and image space.

import assert from "node:assert/strict";
import { test } from "node:test";

import { box_between, fit_view, image_from_screen, screen_from_image } from "../../web/draw/view.js";

const image = { width: 775, height: 522 };

test("the image lies whole and centred within the margins", () => {
  const view = fit_view(image, { width: 400, height: 800 }, 12);
  assert.equal(view.screen_per_image, 376 / 775);
  assert.deepEqual(screen_from_image(view, { x: 0, y: 0 }), { x: 12, y: (800 - 522 * 376 / 775) / 2 });
  const corner = screen_from_image(view, { x: 775, y: 522 });
  assert.ok(Math.abs(corner.x - 388) < 1e-9);
});

test("going to the screen and back gives the same point, at any size", () => {
  for (const screen of [{ width: 31, height: 977 }, { width: 2560, height: 200 }, { width: 775, height: 522 }]) {
    const view = fit_view(image, screen, 0);
    for (const point of [{ x: 0, y: 0 }, { x: 380.5, y: 130.25 }, { x: -10, y: 600 }]) {
      const back = image_from_screen(view, screen_from_image(view, point));
      assert.ok(Math.hypot(back.x - point.x, back.y - point.y) < 1e-9, JSON.stringify({ screen, point, back }));
    }
  }
});

test("a view smaller than its margins still has a positive factor", () => {
  assert.ok(fit_view(image, { width: 10, height: 0 }, 12).screen_per_image > 0);
});

test("a box is ordered and whole, whichever way it was drawn", () => {
  assert.deepEqual(box_between({ x: 190.4, y: 349.6 }, { x: 94.5, y: 255.2 }), [95, 255, 190, 350]);
});
