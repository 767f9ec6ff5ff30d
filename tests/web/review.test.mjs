// Ticks of reviewed slices: while they hold, what takes them away, and that sessions have them and exports do not.

import assert from "node:assert/strict";
import { test } from "node:test";

import { exported_objects } from "../../web/features/exports/exporter.js";
import { is_reviewed_here, next_to_review, slices_in_review } from "../../web/features/review/state.js";
import { marks_of } from "../../web/features/review/show.js";
import { reasons_text, review_facts, why_no_next, why_no_tick } from "../../web/features/review/words.js";
import { text_of, session_of } from "../../web/features/sessions/write.js";
import { is_unsaved, work_of } from "../../web/features/unsaved/state.js";
import { open, page, ready, settled } from "./page.mjs";
import { a, b, engine, KEY, session_of_text } from "./recording.mjs";

/** @typedef {import("../../web/state/reduce.js").Action} Action */
/** @typedef {import("../../boxel-bindings.js").Doubt} Doubt */

/** Doubts by slice. @type {Record<number, Doubt[]>} */
const DOUBTS = { 3: ["drift"], 4: [], 6: ["low_iou", "area_jump"] };

/** A page whose object has masks on slices 3, 4 and 6; a stroke changes the fingerprint of its slice. */
async function reviewing() {
  /** @type {Record<number, number>} */
  const prints = { 3: 33, 4: 44, 6: 66 };
  const script = engine();
  const slices = () => Object.entries(DOUBTS).map(([slice, doubts]) =>
    ({ slice: Number(slice), fingerprint: prints[Number(slice)] ?? 0, origin: "carried", iou: 0.9, doubts }));
  const made = page({
    ...script,
    object_mask: () => ({ plane: "axial", voxels: 9, volume_ml: 1, slices: slices() }),
    saved_masks: (args) => ({ ...script.saved_masks?.(args), slices: slices() }),
    edit: (args) => {
      const [, slice, strokes] = args;
      prints[slice] = 10 * slice + slice + 100 * strokes.length;
      script.edit?.(args);
    },
  }, "cpu", 9, () => KEY);
  made.dispatch({ do: "models_listed", faults: [], entries: [a, b] });
  made.dispatch(open(1));
  made.dispatch(ready("a"));
  await settled();
  made.dispatch({ do: "box_added", box: [0, 0, 2, 2] });
  await settled();
  const { state } = made;
  // The engine tells a box without its measures: the page asks for the mask.
  assert.equal(state().object_masks[1]?.slices.length, 3);
  return { ...made, prints };
}

/** @type {(slice: number, on?: boolean) => Action} */
const tick = (slice, on = true) => ({ do: "slice_reviewed", number: 1, slice, on });
/** @type {(slice: number) => Action} */
const stroke = (slice) =>
  ({ do: "stroke_drawn", number: 1, slice, stroke: { kind: "paint", radius_px: 1, path: [[1, 1]] } });
/** @type {(state: import("../../web/state/reduce.js").State) => [number, string][]} */
const phases = ({ object_masks, reviewed }) => object_masks[1]
  ? slices_in_review(object_masks[1], reviewed[1]).map(({ slice, phase }) => [slice, phase]) : [];

test("a tick holds until the slice's mask changes, and comes back with an undo of that", async () => {
  const { dispatch, state } = await reviewing();
  assert.deepEqual(phases(state()), [[3, "open"], [6, "open"]]);
  dispatch(tick(6));
  dispatch(tick(4));
  dispatch(tick(8)); // a slice without a mask may be right so
  assert.deepEqual(phases(state()), [[3, "open"], [6, "reviewed"]]);
  assert.equal(review_facts(state()), "3 slices reviewed, 1 left to review.");
  dispatch({ do: "rendering_wanted", slice: 4 });
  await settled();
  assert.equal(is_reviewed_here(state()), true);

  dispatch(stroke(4));
  assert.equal(why_no_tick({ ...state(), reviewed: {} }), "Wait for the mask of the object", "the stroke is pending");
  assert.equal((dispatch(tick(3)), state().reviewed[1]?.length), 3, "nothing is ticked that is about to change");
  await settled();
  assert.equal(is_reviewed_here(state()), false);
  assert.deepEqual(phases(state()), [[3, "open"], [4, "changed"], [6, "reviewed"]]);
  assert.equal(review_facts(state()), "2 slices reviewed, 2 left to review. The mask of slice 5 changed after its review: "
    + "review it again.");
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual(phases(state()), [[3, "open"], [6, "reviewed"]]);
  dispatch({ do: "redone" });
  await settled();
  dispatch(tick(4));
  assert.deepEqual(phases(state()), [[3, "open"], [6, "reviewed"]], "reviewed again");
  dispatch(tick(6, false));
  assert.deepEqual(phases(state()), [[3, "open"], [6, "open"]]);
  assert.deepEqual(slices_in_review(/** @type {any} */ (state().object_masks[1]), state().reviewed[1]).map(reasons_text),
    ["centre drifts", "low predicted IoU, sudden change of area"]);
});

test("keys go to what is left to review, round and round, also from another plane", async () => {
  const { dispatch, state } = await reviewing();
  const at = () => state().rendering?.slice;
  assert.equal(at(), 4);
  dispatch({ do: "review_stepped", by: 1 });
  assert.equal(at(), 6);
  await settled();
  dispatch({ do: "review_stepped", by: 1 });
  assert.equal(at(), 3, "after the last comes the first");
  await settled();
  dispatch({ do: "review_stepped", by: -1 });
  assert.equal(at(), 6);
  await settled();
  dispatch(tick(6));
  const elsewhere = { ...state(), image: { .../** @type {any} */ (state().image), plane: "coronal" } };
  assert.deepEqual([next_to_review(elsewhere, 1), next_to_review(elsewhere, -1)], [3, 3]);
  assert.equal(why_no_tick(elsewhere), "The object is reviewed on axial slices: go there first");
  dispatch(tick(3));
  assert.equal(why_no_next(state()), "No slice of Object 1 is left to review");
  dispatch({ do: "review_stepped", by: 1 });
  assert.equal(at(), 6);
  dispatch({ do: "object_selected", number: null });
  assert.deepEqual([why_no_next(state()), why_no_tick(state())], ["Select an object first", "Select an object first"]);
});

test("a session has the ticks that hold, and no export has any", async () => {
  const { dispatch, state, driver, prints } = await reviewing();
  const exported = JSON.stringify(exported_objects(state()));
  const before = work_of(state());
  dispatch({ do: "work_saved", work: before });
  for (const slice of [6, 3, 8]) dispatch(tick(slice));
  assert.equal(JSON.stringify(exported_objects(state())), exported);
  assert.equal(is_unsaved(state()), true);
  prints[3] = 1; // by something that the page does not know of yet
  const results = [await driver.saved_masks(1)];
  prints[3] = 33;
  const session = await session_of_text(text_of(session_of(state(), results)));
  assert.deepEqual(session.objects[0]?.reviewed, [6, 8]);
  const without = await session_of_text(text_of(session_of({ ...state(), reviewed: {} }, results)));
  assert.equal("reviewed" in (without.objects[0] ?? {}), false);

  dispatch({ do: "session_opened", session });
  await settled();
  const [number = 0] = state().objects.map((object) => object.number);
  assert.deepEqual(state().reviewed[number], [{ slice: 6, fingerprint: 66 }, { slice: 8, fingerprint: 0 }]);
  assert.equal(is_unsaved(state()), false);
  dispatch(open(2));
  await settled();
  assert.deepEqual(state().reviewed, {}, "another scan has none");
});

test("ticks of a file are checked before they are believed", async () => {
  const { state, driver } = await reviewing();
  const text = text_of(session_of(state(), [await driver.saved_masks(1)]));
  /** @type {(reviewed: unknown) => Promise<unknown>} */
  const read = (reviewed) => session_of_text(text.replace('"result"', `"reviewed":${JSON.stringify(reviewed)},"result"`));
  for (const wrong of [[4, 3], [3, 3], [-1], [1.5], ["1"], 7, null]) {
    await assert.rejects(read(wrong), { code: "session_invalid", message: /objects\[0\]\.reviewed/ }, JSON.stringify(wrong));
  }
  await assert.rejects(read(Array.from({ length: 10_001 }, (_, i) => i)), { message: /10,001 reviewed slices/ });
  const session = await read([3, 99]);
  const { dispatch, state: now } = await reviewing();
  dispatch({ do: "session_opened", session: /** @type {any} */ (session) });
  await settled();
  assert.match(now().message?.text ?? "", /a tick on axial slice 100, which this scan does not have/);
});

test("marks along the slider are a bar for each slice", () => {
  assert.equal(marks_of([0, 7], 0, 4), "M0.1 0h.8V4h-.8ZM7.1 0h.8V4h-.8Z");
});
