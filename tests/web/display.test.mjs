// How the image lies on the screen: zoom and pan, turns and flips, letters, inversion.

import assert from "node:assert/strict";
import { test } from "node:test";

import { held_framing, one_to_one, panned, pinched, zoomed } from "../../web/features/display/framing.js";
import {
  fit_transform, framed_transform, image_from_screen, screen_from_image,
} from "../../web/draw/screen_transform.js";
import { zoom_factor } from "../../web/features/display/wheel_zoom.js";
import { altered_words, zoom_words } from "../../web/features/display/words.js";
import {
  FIRST_DISPLAY, image_step, letters_on_screen, placing_of, turned, UPRIGHT,
} from "../../web/features/display/state.js";
import { open, page, scan_of, settled } from "./page.mjs";

/** @typedef {import("../../web/features/display/state.js").Turn} Turn */
/** @typedef {import("../../web/draw/screen_transform.js").Point} Point */

const image = { width: 512, height: 256, pixel_aspect: 2 };
const screen = { width: 900, height: 600 };

/** @type {(turns: Turn[], device_per_screen?: number) => import("../../web/features/display/framing.js").FitFrame} */
function frame_of(turns, device_per_screen = 1) {
  const orientation = turns.reduce(turned, UPRIGHT);
  return { image, screen, orientation, fit: fit_transform(image, screen, 12, orientation), device_per_screen };
}
/** @type {Turn[][]} */
const ways = [[], ["clockwise"], ["anticlockwise"], ["left_to_right"], ["clockwise", "top_to_bottom"]];

/** @type {(a: Point, b: Point) => void} */
const same_point = (a, b) => assert.ok(Math.hypot(a.x - b.x, a.y - b.y) < 1e-9, JSON.stringify({ a, b }));

test("zooming at the pointer keeps what is below it", () => {
  for (const turns of ways) {
    const frame = frame_of(turns);
    const at = { x: 430, y: 320 };
    let view = frame.fit;
    const below = image_from_screen(view, at);
    for (const factor of [1.25, 4, 1.1, 0.5, 100]) {
      view = framed_transform(frame, zoomed(frame, view, at, factor));
      same_point(image_from_screen(view, at), below);
    }
  }
});

test("two fingers keep what is below them, turned or not", () => {
  for (const turns of ways) {
    const frame = frame_of(turns);
    /** @type {[Point, Point]} */ const from = [{ x: 400, y: 300 }, { x: 460, y: 300 }];
    /** @type {[Point, Point]} */ const to = [{ x: 350, y: 280 }, { x: 530, y: 280 }];
    const below = from.map((point) => image_from_screen(frame.fit, point));
    const view = framed_transform(frame, pinched(frame, frame.fit, from, to));
    assert.ok(Math.abs(view.screen_per_image_x / frame.fit.screen_per_image_x - 3) < 1e-9);
    below.forEach((point, i) => same_point(screen_from_image(view, point), to[i] ?? { x: NaN, y: NaN }));
  }
});

test("a drag moves the image as far as the pointer, and back where it came from", () => {
  for (const turns of ways) {
    const frame = frame_of(turns);
    const near = framed_transform(frame, zoomed(frame, frame.fit, { x: 450, y: 300 }, 5));
    const there = framed_transform(frame, panned(frame, near, { x: 40, y: -25 }));
    const { x, y } = screen_from_image(near, { x: 250, y: 120 });
    same_point(screen_from_image(there, { x: 250, y: 120 }), { x: x + 40, y: y - 25 });
    const back = framed_transform(frame, panned(frame, there, { x: -40, y: 25 }));
    same_point(back.origin, near.origin);
  }
});

test("the image can't be lost, nor made smaller or larger than is of use", () => {
  const frame = frame_of(["clockwise"], 2);
  const far = panned(frame, frame.fit, { x: 1e6, y: -1e6 });
  assert.ok([0, image.width].includes(far.centre.x) && [0, image.height].includes(far.centre.y), JSON.stringify(far));
  assert.equal(zoomed(frame, frame.fit, { x: 0, y: 0 }, 1e9).screen_per_image_x, 32); // 64 of the screen's pixels
  const smallest = zoomed(frame, frame.fit, { x: 450, y: 300 }, 1e-9).screen_per_image_x;
  assert.ok(smallest <= frame.fit.screen_per_image_x / 2 && smallest > 0);
  // A picture that is small on the screen, or large: 1:1 can be had.
  for (const width of [4, 40_000]) {
    const other = { ...frame, image: { width, height: width, pixel_aspect: 1 } };
    const sized = { ...other, fit: fit_transform(other.image, screen, 12, other.orientation) };
    const held = { image: { x: 1, y: 1 }, screen: { x: 450, y: 300 }, screen_per_image_x: one_to_one(sized) };
    assert.equal(held_framing(sized, held).screen_per_image_x, 0.5);
  }
});

test("1:1 shows every row and every column", () => {
  const frame = frame_of([], 3);
  assert.equal(one_to_one(frame), 1 / 3);
  assert.equal(one_to_one({ ...frame, image: { ...image, pixel_aspect: 0.25 } }), 4 / 3);
});

test("a notch of a wheel and a touch pad's small steps zoom, neither by leaps", () => {
  assert.equal(zoom_factor({ deltaY: -100, deltaMode: 0 }), zoom_factor({ deltaY: -3, deltaMode: 1 }));
  assert.ok(Math.abs(zoom_factor({ deltaY: -120, deltaMode: 0 }) - 1.25) < 1e-9);
  assert.ok(
    Math.abs(zoom_factor({ deltaY: -120, deltaMode: 0 }) * zoom_factor({ deltaY: 120, deltaMode: 0 }) - 1) < 1e-9,
  );
  assert.ok(zoom_factor({ deltaY: -1, deltaMode: 0 }) < 1.02);
});

test("turns are of what is seen: four quarters are none, and the order of turn and flip matters", () => {
  for (const turn of /** @type {Turn[]} */ (["clockwise", "anticlockwise"])) {
    assert.deepEqual([turn, turn, turn, turn].reduce(turned, UPRIGHT), UPRIGHT);
  }
  for (const turn of /** @type {Turn[]} */ (["left_to_right", "top_to_bottom"])) {
    assert.deepEqual([turn, turn].reduce(turned, UPRIGHT), UPRIGHT);
  }
  /** @type {(turns: Turn[]) => import("../../web/features/display/state.js").Orientation} */
  const after = (turns) => turns.reduce(turned, UPRIGHT);
  assert.deepEqual(after(["clockwise", "anticlockwise"]), UPRIGHT);
  assert.notDeepEqual(after(["clockwise", "left_to_right"]), after(["left_to_right", "clockwise"]));
  assert.deepEqual(after(["left_to_right", "top_to_bottom"]), after(["clockwise", "clockwise"]));
});

test("clockwise: what was at the left is at the top; and the letters go with it", () => {
  const frame = frame_of(["clockwise"]);
  const left = screen_from_image(frame.fit, { x: 0, y: image.height / 2 });
  assert.ok(Math.abs(left.x - screen.width / 2) < 1e-9 && left.y < screen.height / 2);
  assert.deepEqual(image_step(frame.orientation, { x: 0, y: -1 }), { x: -1, y: 0 });

  const letters = { left: "R", right: "L", top: "A", bottom: "P" };
  /** @type {[Turn[], string][]} */
  const expected = [
    [[], "R L A P"], [["clockwise"], "P A R L"], [["anticlockwise"], "A P L R"], [["left_to_right"], "L R A P"],
    [["top_to_bottom"], "R L P A"], [["clockwise", "clockwise"], "L R P A"],
    [["clockwise", "left_to_right"], "A P R L"],
  ];
  for (const [turns, seen] of expected) {
    const { left: l, right, top, bottom } = letters_on_screen(turns.reduce(turned, UPRIGHT), letters);
    assert.equal([l, right, top, bottom].join(" "), seen, turns.join(", "));
  }
});

test("the page says what is not shown as it is", () => {
  /** @type {(turns: Turn[]) => string} */
  const words = (turns) => altered_words(false, turns.reduce(turned, UPRIGHT));
  assert.equal(words([]), "");
  assert.equal(altered_words(true, UPRIGHT), "Shown inverted");
  assert.equal(words(["clockwise"]), "Shown turned 90° clockwise");
  assert.equal(words(["anticlockwise"]), "Shown turned 90° anticlockwise");
  assert.equal(words(["clockwise", "clockwise"]), "Shown turned by 180°");
  assert.equal(words(["left_to_right"]), "Shown flipped left to right");
  assert.equal(words(["top_to_bottom"]), "Shown flipped top to bottom");
  assert.equal(words(["left_to_right", "clockwise"]), "Shown flipped left to right, turned 90° clockwise");
  assert.equal(words(["left_to_right", "anticlockwise"]), "Shown flipped left to right, turned 90° anticlockwise");
  assert.equal(zoom_words(true, 2.137), "Fit · 214 %");
  assert.equal(zoom_words(false, 0.0432), "4.3 %");
});

test("each plane keeps its place through its slices; inversion is one for all; a new scan starts fitted", async () => {
  const { dispatch, state } = page({}, "auto", 24);
  dispatch({ do: "turned", turn: "clockwise" }); // nothing is open
  assert.deepEqual(state().display, FIRST_DISPLAY);
  dispatch(open(1));
  await settled();
  const framing = { screen_per_image_x: 3, centre: { x: 1, y: 1 } };
  dispatch({ do: "framed", framing });
  dispatch({ do: "turned", turn: "clockwise" });
  dispatch({ do: "inverted_set", on: true });
  const placing = { framing, orientation: turned(UPRIGHT, "clockwise") };
  dispatch({ do: "scrolled", by: 2 });
  await settled();
  assert.deepEqual([state().image?.slice, placing_of(state())], [scan_of("", 24).shown.slice + 2, placing]);
  dispatch({ do: "rendering_wanted", plane: "coronal" });
  await settled();
  assert.deepEqual([state().image?.plane, placing_of(state())], ["coronal", { framing: null, orientation: UPRIGHT }]);
  assert.equal(state().display.inverted, true);
  dispatch({ do: "rendering_wanted", plane: "axial" });
  await settled();
  assert.deepEqual(placing_of(state()), placing);
  dispatch({ do: "display_reset" });
  assert.deepEqual([placing_of(state()), state().display.inverted], [{ framing: null, orientation: UPRIGHT }, false]);
  dispatch({ do: "inverted_set", on: true });
  dispatch({ do: "framed", framing });
  dispatch(open(2));
  await settled();
  assert.deepEqual(state().display, FIRST_DISPLAY);
});
