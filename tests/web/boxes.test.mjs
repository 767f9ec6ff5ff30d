// The selected object's box, changed by handles, keys and numbers.

import assert from "node:assert/strict";
import { test } from "node:test";

import { cursor_of, dragged, grip_at } from "../../web/features/prompts/handles.js";
import { changeable_box } from "../../web/features/prompts/boxes_state.js";
import { reduce } from "../../web/state/reduce.js";
import { masked, object } from "./masked.mjs";

/** @typedef {import("../../web/draw/screen_transform.js").ScreenTransform} View */
/** @typedef {import("../../web/state/reduce.js").Action} Action */

/** @type {View} */
const upright = {
  orientation: { xx: 1, xy: 0, yx: 0, yy: 1 }, screen_per_image_x: 10, screen_per_image_y: 10, origin: { x: 0, y: 0 },
};
/** @type {View} A quarter turn */
const turned = { ...upright, orientation: { xx: 0, xy: -1, yx: 1, yy: 0 }, origin: { x: 500, y: 0 } };
const size = { width: 50, height: 40 };

test("corners and sides are handles, the rest of the edge moves, inside and outside nothing is held", () => {
  /** @type {(x: number, y: number) => object | null} */
  const at = (x, y) => grip_at(upright, [10, 10, 30, 30], { x, y });
  assert.deepEqual([at(103, 98), at(200, 302), at(150, 100)], [{ x: -1, y: -1 }, { x: 0, y: 1 }, { x: 0, y: 0 }]);
  assert.deepEqual([at(150, 150), at(150, 80), at(80, 100)], [null, null, null]);
  assert.deepEqual(grip_at(upright, [10, 10, 30, 30], { x: 85, y: 100 }, 18), { x: -1, y: -1 }, "a finger covers more");
  const near_corner = grip_at(upright, [10, 10, 12, 12], { x: 110, y: 100 }, 4);
  assert.deepEqual(near_corner, { x: 0, y: 0 }, "a small box has its corners only");
});

test("on a turned image the cursor says what the eye sees", () => {
  assert.deepEqual([cursor_of(upright, { x: 1, y: 0 }), cursor_of(turned, { x: 1, y: 0 })], ["ew-resize", "ns-resize"]);
  assert.deepEqual([cursor_of(upright, { x: 1, y: 1 }), cursor_of(turned, { x: 1, y: 1 })], [
    "nwse-resize", "nesw-resize",
  ]);
  assert.equal(cursor_of(turned, { x: 0, y: 0 }), "move");
  assert.deepEqual(grip_at(turned, [10, 10, 30, 30], { x: 400, y: 100 }), { x: -1, y: -1 });
});

test("a dragged box stays in the image, and keeps at least a pixel", () => {
  const from = { x: 0, y: 0 };
  assert.deepEqual(dragged([10, 10, 30, 30], { x: 1, y: 1 }, from, { x: 100, y: -100 }, size), [10, 10, 50, 11]);
  assert.deepEqual(dragged([10, 10, 30, 30], { x: 0, y: 0 }, from, { x: 100, y: -4.4 }, size), [30, 6, 50, 26]);
  assert.deepEqual(dragged([10, 10, 30, 30], { x: -1, y: 0 }, from, { x: 100, y: 7 }, size), [29, 10, 30, 30]);
});

test("a changed box is asked anew, with the points that refined its mask on top", () => {
  const { prompts: [first] } = object(1);
  assert.ok(first);
  const chain = object(1, {}, {
    prompts: [first, { ...first, serial: 2, points: [[1, 1, 0]] }], main: { ...object(1).main, decoded: 2 },
  });
  const state = { ...masked(), objects: [chain], next_serial: 3 };
  const next = reduce(state, { do: "box_changed", number: 1, box: [1, 0, 3, 2] });
  const [changed] = next.objects;
  assert.deepEqual(changed?.prompts.map(({ serial, box, points }) => [serial, box, points.length]), [
    [3, [1, 0, 3, 2], 0], [4, [1, 0, 3, 2], 1],
  ]);
  assert.deepEqual([changed?.main.decoded, changed?.main.phase, next.next_serial], [0, "waiting", 5]);
  assert.equal(
    reduce(state, { do: "box_changed", number: 1, box: [0, 0, 2, 2] }).objects,
    state.objects,
    "the same box is no change",
  );
});

test("nudges are drawn at once, and are one question and one step to undo", () => {
  /** @type {Action} */
  const right = { do: "box_nudged", edges: [1, 0, 1, 0] };
  const state = masked();
  const nudged = [right, right, right].reduce(reduce, state);
  assert.deepEqual(
    [changeable_box(nudged), nudged.objects], [[2, 0, 4, 2], state.objects], "and it stays in the image",
  );
  const settled = reduce(nudged, { do: "nudge_settled" });
  assert.deepEqual([settled.objects[0]?.prompts[0]?.box, settled.history.length, settled.nudged], [
    [2, 0, 4, 2], 1, null,
  ]);
  assert.deepEqual(reduce(settled, { do: "undone" }).objects[0]?.prompts[0]?.box, [0, 0, 2, 2]);
  const dropped = reduce(nudged, { do: "undone" });
  assert.deepEqual([dropped.nudged, dropped.objects], [null, state.objects], "an undo before that takes the way back");
  assert.deepEqual(changeable_box(reduce(state, { do: "box_nudged", edges: [0, 0, -1, 0] })), [0, 0, 1, 2], "resized");
});
