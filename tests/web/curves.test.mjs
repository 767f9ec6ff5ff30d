// The curve over the slices, and the reference over the scan.

import assert from "node:assert/strict";
import { test } from "node:test";

import { curve_words, line_of, points_of, top_of } from "../../web/features/measures/curve_words.js";
import { current_curve } from "../../web/features/measures/curve_state.js";
import { edges_of } from "../../web/features/measures/overlay.js";
import { current_overlay, wanted_overlay } from "../../web/features/measures/overlay_state.js";
import { slice_at } from "../../web/features/measures/show_curve.js";
import { reduce } from "../../web/state/reduce.js";
import { masked } from "./masked.mjs";

/** @typedef {import("../../web/state/reduce.js").State} State */
/** @type {(state: State, ...actions: import("../../web/state/reduce.js").Action[]) => State} */
const after = (state, ...actions) => actions.reduce(reduce, state);

test("areas in mm² or in pixels, with the current slice; an empty slice leaves a gap", () => {
  const values = { areas: { areas: [0, 12.5, 50, 0, 25], in_mm2: true } };
  assert.deepEqual([points_of(values), top_of(values)], [[null, 12.5, 50, null, 25], 50]);
  assert.equal(
    curve_words(values, 2), "Area per slice, on 3 slices: 12.5 mm² on slice 2 to 50 mm² on slice 3. Slice 3: 50 mm².",
  );
  assert.match(curve_words({ areas: { ...values.areas, in_mm2: false } }, 0), /to 50 px on slice 3\. Slice 1: no mask\.$/);
  assert.equal(curve_words({ areas: { areas: [0, 0], in_mm2: true } }, 0), "Area per slice: no slice has a mask.");
  // From the bottom up; the last slice stands alone, as a dot.
  assert.equal(line_of(points_of(values), 50), "M1.5 0.7500L2.5 0.0000M4.5 0.5000h0");
});

test("Dice per slice leaves a gap where both are empty, and none where one of them is", () => {
  const values = { dice: [null, 0, 0.5, 0.9614, null] };
  assert.equal(top_of(values), 1);
  assert.equal(line_of(points_of(values), 1), "M1.5 1.0000L2.5 0.5000L3.5 0.0386");
  assert.equal(curve_words(values, 3), "Dice per slice with the reference, on 3 slices: 0.000 on slice 2 to 0.961 on "
    + "slice 4. Slice 4: 0.961.");
});

test("a click is on the slice below it, and the ends hold", () => {
  assert.deepEqual([-0.1, 0, 0.19, 0.2, 0.999, 1].map((part) => slice_at(part, 5)), [0, 0, 0, 1, 4, 4]);
});

test("an outline goes around pixels, joined along rows and columns", () => {
  const values = Uint8Array.from([
    0, 1, 3, 2,
    0, 1, 0, 0,
  ]);
  assert.deepEqual(edges_of(values, 4).sort(), [
    [1, 0, 3, 0], [2, 1, 3, 1], [1, 2, 2, 2], [1, 0, 1, 2], [2, 1, 2, 2], [3, 0, 3, 1],
  ].sort());
  assert.deepEqual(edges_of(Uint8Array.from([2, 0]), 2), [], "the mask alone has none");
});

test("an overlay and a curve are of the slice, mask and label that are shown, or not shown at all", () => {
  const found = { do: /** @type {const} */ ("overlay_found"), generation: 1, serial: 5, values: new Uint8Array([1, 2]) };
  let state = after(
    masked(), { do: "reference_wanted", serial: 5, files: [] }, { do: "reference_read", serial: 5, scan: new Uint8Array(1) },
    { do: "reference_taken", generation: 1, serial: 5, labels: [1, 4] },
  );
  const wanted = wanted_overlay(state);
  assert.deepEqual([wanted?.label, wanted?.number], [1, 1]);
  state = after(state, { ...found, of: wanted?.of ?? "" });
  assert.equal(current_overlay(state), found.values);
  for (const other of [
    after(state, { do: "reference_shown", on: false }), after(state, { do: "reference_label_chosen", label: 4 }),
    { ...state, object_masks_version: 9 }, { ...state, selected: null },
    { ...state, image: state.image && { ...state.image, slice: state.image.slice + 1 } },
    { ...state, objects: state.objects.map((object) => ({ ...object, hidden: true })) },
    after(state, { do: "reference_removed" }),
  ]) assert.equal(current_overlay(other), null);
  assert.equal(wanted_overlay({ ...state, selected: null })?.number, undefined, "the outline alone");
  const values = { dice: [0.5] };
  const with_curve = { ...state, curve: { ...state.curve, of: "another", values } };
  assert.equal(current_curve(with_curve), null);
  // A reference that replaces it is shown as the user has set it.
  const next = after(state, { do: "reference_shown", on: false }, { do: "reference_wanted", serial: 6, files: [] });
  assert.equal(next.reference?.shown, false);
});
