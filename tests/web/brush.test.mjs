// The brush: its size, its path, its words.

import assert from "node:assert/strict";
import { test } from "node:test";

import { is_erasing } from "../../web/features/brush/tool.js";
import { reaches, thinned } from "../../web/features/brush/stroke_path.js";
import { brush_hint, strokes_title, why_no_strokes_back, why_not_draw } from "../../web/features/brush/words.js";
import { facts_of, points_hint_of } from "../../web/show/words.js";
import { brush_of } from "../../web/features/brush/state.js";
import { reduce } from "../../web/state/reduce.js";
import { warnings_of } from "../../web/features/exports/formats.js";
import { masked, object } from "./masked.mjs";

/** @typedef {import("../../web/state/reduce.js").State} State */
/** @typedef {import("../../boxel-bindings.js").Stroke} Stroke */
/** @typedef {[number, number]} PathPoint */

/** @type {Stroke} */
const stroke = { kind: "paint", radius_px: 1, path: [[0.5, 0.5]] };

/** @type {import("../../boxel-bindings.js").View["voxel_axes"]} */
const AXES = [[0, false], [1, false], [2, false]];

/** With pixels of this width on the axial slices, which are 100 pixels wide. @type {(mm: number | null) => State} */
function with_spacing(mm) {
  const state = masked();
  const { scan, image } = state;
  assert.ok(scan && image);
  const view = /** @type {const} */ ({
    plane: "axial", width: 100, height: 200, slices: 9, pixel_aspect: 1, letters: null,
    voxel_axes: AXES,
  });
  return {
    ...state, scan: { ...scan, views: [{ ...view, spacing_mm: [mm, mm, 3] }] },
    image: { ...image, width: 100, height: 200 },
  };
}

test("the radius is in millimetres where the size of a pixel is known, and begins with a fiftieth of the scan", () => {
  assert.deepEqual(brush_of(with_spacing(0.5)), { radius: 1, unit: "mm", radius_px: 2 });
  assert.deepEqual(brush_of(with_spacing(null)), { radius: 2, unit: "px", radius_px: 2 });
  const tiny = with_spacing(3);
  assert.ok(tiny.image);
  assert.deepEqual(
    brush_of({ ...tiny, image: { ...tiny.image, width: 8, height: 8 } })?.radius, 2, "a pixel and a half",
  );
  const typed = reduce(with_spacing(0.5), { do: "radius_set", radius: 7.5 });
  assert.deepEqual(brush_of(typed), { radius: 7.5, unit: "mm", radius_px: 15 });
  // The next scan, in pixels, has its own.
  assert.equal(brush_of({ ...with_spacing(null), tools: typed.tools })?.radius, 2);
});

test("] makes it larger and [ smaller, to the same sizes; it stays above half a pixel and within the scan", () => {
  let state = with_spacing(0.5);
  /** @type {(number | undefined)[]} */
  const radii = [];
  for (const by of /** @type {const} */ ([1, 1, 1, -1, -1, -1])) {
    state = reduce(state, { do: "radius_stepped", by });
    radii.push(brush_of(state)?.radius);
  }
  assert.deepEqual(radii, [1.2, 1.4, 1.7, 1.4, 1.2, 1]);
  for (let i = 0; i < 60; i += 1) state = reduce(state, { do: "radius_stepped", by: 1 });
  assert.deepEqual(brush_of(state), { radius: 100, unit: "mm", radius_px: 200 });
  for (let i = 0; i < 60; i += 1) state = reduce(state, { do: "radius_stepped", by: -1 });
  assert.equal(brush_of(state)?.radius_px, 0.5);
  for (const radius of [0, -1, NaN, Infinity]) assert.equal(reduce(state, { do: "radius_set", radius }), state);
});

test("a path keeps its ends and its course, and not the points between that nobody sees", () => {
  /** @type {PathPoint[]} */
  const circle = Array.from({ length: 2000 }, (_, i) => [100 + 50 * Math.cos(i / 300), 100 + 50 * Math.sin(i / 300)]);
  const thin = thinned(circle, 8, 1);
  assert.ok(thin.length < 400 && thin.length > 200, `${thin.length}`);
  assert.deepEqual(thin[0], [150, 100]);
  const [x = 0, y = 0] = circle.at(-1) ?? [];
  assert.ok(Math.hypot((thin.at(-1)?.[0] ?? 0) - x, (thin.at(-1)?.[1] ?? 0) - y) < 0.01);
  for (const [x, y] of thin) assert.ok(Math.abs(Math.hypot(x - 100, y - 100) - 50) < 0.01);
  // A click that trembles is one point.
  assert.deepEqual(thinned([[3, 3], [3.05, 3], [3, 3.1]], 1, 1), [[3, 3]]);
  // Rows that are twice as high as columns are wide are twice as far from each other.
  assert.deepEqual(thinned([[0, 0], [0, 0.6], [0, 9]], 8, 1), [[0, 0], [0, 9]]);
  assert.deepEqual(thinned([[0, 0], [0, 0.6], [0, 9]], 8, 2), [[0, 0], [0, 0.6], [0, 9]]);
});

test("however long it is drawn, a path has at most a thousand points, from its beginning to its end", () => {
  /** @type {PathPoint[]} */
  const path = Array.from({ length: 20_000 }, (_, i) => [i % 200, Math.floor(i / 200)]);
  const thin = thinned(path, 0.5, 1);
  assert.ok(thin.length <= 1000 && thin.length > 300, `${thin.length}`);
  assert.deepEqual([thin[0], thin.at(-1)], [[0, 0], [199, 99]]);
});

test("a stroke beside the scan reaches none of it", () => {
  const image = { width: 10, height: 10, pixel_aspect: 2 };
  assert.equal(reaches([[-3, 5]], 2, image), false);
  assert.equal(reaches([[-3, 5]], 4, image), true);
  assert.equal(reaches([[5, 12]], 3, image), false, "three columns are one and a half rows");
  assert.equal(reaches([[5, 12]], 5, image), true);
  assert.equal(reaches([[-3, 5], [5, 5]], 1, image), true);
});

test("Shift or the other button changes brush and eraser; the far end of a pen erases", () => {
  const plain = { button: 0, shiftKey: false };
  assert.deepEqual([is_erasing("brush", plain), is_erasing("eraser", plain)], [false, true]);
  for (const other of [{ button: 0, shiftKey: true }, { button: 2, shiftKey: false }]) {
    assert.deepEqual([is_erasing("brush", other), is_erasing("eraser", other)], [true, false]);
  }
  assert.equal(is_erasing("brush", { button: 5, shiftKey: false }), true);
});

test("why nothing can be drawn, in words", () => {
  const state = { ...masked(), tools: { ...masked().tools, tool: /** @type {const} */ ("brush") } };
  assert.equal(why_not_draw(state, false), "");
  assert.match(brush_hint(state), /^Drag to paint on the mask/);
  const none = { ...state, selected: null };
  assert.equal(brush_hint(none), "Select an object first.");
  const coronal = { ...state, objects: [object(1, {}, { at: { plane: "coronal", slice: 0 } })] };
  assert.equal(why_not_draw(coronal, false), "Object 1 has its prompts on coronal slices: go there first");
  for (const [changes, words] of /** @type {const} */ ([
    [{ locked: true }, "is locked"], [{ hidden: true }, "is hidden"],
  ])) {
    assert.match(brush_hint({ ...state, objects: [object(1, {}, changes)] }), new RegExp(`^Object 1 ${words}: `));
  }
  // On a slice of its plane where nothing was found it can be drawn, and there is nothing to erase.
  const elsewhere = { ...state, objects: [object(1, {}, { at: { plane: "axial", slice: 7 } })] };
  assert.equal(why_not_draw(elsewhere, false), "");
  assert.match(why_not_draw(elsewhere, true), /no mask on this slice to erase/);
  assert.equal(points_hint_of(state), "", "a brush is not a point");
});

test("an object with strokes says so, with the area that they leave", () => {
  const edits = [{ slice: 2, strokes: [stroke, stroke] }, { slice: 3, strokes: [stroke] }];
  const edited = object(1, {}, { edits });
  assert.equal(strokes_title(edited), "3 strokes on 2 slices, on top of what the model found");
  assert.equal(strokes_title(object(1)), "");
  const mask = new Uint8Array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  const slice_masks = /** @type {const} */ ({
    plane: "axial", slice: 2, version: 0, edited: { 1: edits },
    masks: [{ object: 1, mask, origin: "marked", iou: 0.9, doubts: [] }],
  });
  const state = {
    ...masked(), objects: [edited],
    slice_masks: { ...slice_masks, masks: [...slice_masks.masks.map((each) => ({ ...each, doubts: [] }))] },
  };
  assert.equal(facts_of(edited, state, "main"), "predicted IoU 0.900 · 3 px");
  assert.equal(why_no_strokes_back(state), "");
  assert.match(warnings_of(state).join(), /without your strokes: Object 1/);
  assert.deepEqual(warnings_of(masked()), []);
});
