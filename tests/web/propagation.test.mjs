// A mask on its way through the volume.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  stop_lines, object_mask_facts, propagated_together, propagation_progress, why_not_propagate,
} from "../../web/features/propagation/words.js";
import { slices_in_review } from "../../web/features/review/state.js";
import { reasons_text } from "../../web/features/review/words.js";
import { has_memory } from "../../web/features/models/recipes_state.js";
import { state_parts } from "../../web/show/state_words.js";
import { open, page, MEMORY, ready, settled } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").Action} Action */
/** @typedef {import("../../boxel-bindings.js").PropagationStep} Step */

/** @type {Action} */
const box = { do: "box_added", box: [0, 0, 1, 1] };
/** @type {Action} */
const up_and_down = { do: "propagation_wanted", number: 1, directions: ["up", "down"] };
/** @type {Step[]} */
const steps = [
  { step: "encoding", slice: 5, stage: "neck", done: 1, total: 2 },
  { step: "carried", slice: 5, iou: 0.9, area_px: 4, doubts: [] },
  { step: "stopped", direction: "up", slice: 6, reason: "area_jump" },
  { step: "encoding", slice: 3, stage: "neck", done: 2, total: 2 },
  { step: "carried", slice: 3, iou: 0.7, area_px: 4, doubts: ["low_iou"] },
  { step: "stopped", direction: "down", slice: 2, reason: "end" },
  { step: "finished" },
];

/** A volume with an object, and steps that the test lets go one by one. */
async function volume() {
  let done = 0;
  /** @type {() => void} */
  let let_go = () => {};
  const made = page({
    propagation_step: () => new Promise((resolve) => {
      let_go = () => resolve({ step: steps[done++], memory: MEMORY });
    }),
  }, "auto", 9);
  made.dispatch(open(1));
  made.dispatch(ready("a"));
  await settled();
  made.dispatch(box);
  await settled();
  const before = made.asked.length;
  const step = async () => {
    let_go();
    await settled();
  };
  return { ...made, step, since: () => made.asked.slice(before) };
}

test("up, then down, with progress; each direction says why it ended", async () => {
  const { dispatch, state, step, since } = await volume();
  assert.equal(why_not_propagate(state()), "");
  dispatch(up_and_down);
  await settled();
  assert.deepEqual(since(), ["begin_propagation", "propagation_step"]);
  assert.equal(why_not_propagate(state()), "A propagation is already running");
  await step();
  assert.match(propagation_progress(state())?.label ?? "", /slice 6, 0 done, up to 7 left$/);
  await step();
  assert.match(propagation_progress(state())?.label ?? "", /slice 6, 1 done, up to 7 left, at most \d+ s$/);
  await step();
  assert.deepEqual([state().propagating?.directions, state().propagating?.slice], [["down"], 4]);
  for (let i = 0; i < 4; i += 1) await step();
  assert.equal(state().propagating, null);
  assert.deepEqual(stop_lines(state().stops[1]), [
    "Stopped going up: the area changes too much on slice 7.", "Stopped going down: reached the end of the scan.",
  ]);
  assert.equal(since().at(-1), "propagation_step");
});

test("scrolling and prompts come between the steps; the slice that is shown is not encoded without one", async () => {
  const { dispatch, state, step, since } = await volume();
  dispatch(up_and_down);
  await settled();
  dispatch({ do: "scrolled", by: 3 });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await step();
  assert.deepEqual(since(), ["begin_propagation", "propagation_step", "show", "propagation_step"]);
  dispatch({ do: "object_selected", number: null });
  dispatch(box);
  await step();
  assert.deepEqual(since().slice(4, 7), ["embed", "segment", "slice_masks"]);
  assert.deepEqual([since().at(-1), state().objects.length], ["propagation_step", 2]);
});

test("cancelled, it ends with what was found", async () => {
  const { dispatch, state, step, since } = await volume();
  dispatch(up_and_down);
  await settled();
  await step();
  await step();
  const { object_masks } = state();
  dispatch({ do: "propagation_cancelled" });
  assert.equal(state().propagating?.phase, "ending");
  await step();
  assert.deepEqual([since().includes("abandon_propagation"), state().propagating], [true, null]);
  assert.deepEqual(Object.keys(state().object_masks), Object.keys(object_masks));
});

test("all objects of a slice are propagated in one run, one after the other, and undone in one step", async () => {
  const { dispatch, state, step, since } = await volume();
  dispatch(box);
  dispatch(box);
  dispatch({ do: "object_hidden", number: 3, on: true });
  await settled();
  assert.deepEqual(propagated_together(state()), [1, 2], "what is hidden stays as it is");
  const { length } = state().history;
  dispatch({ do: "propagation_wanted", number: 1, others: [2], directions: ["up", "down"] });
  await settled();
  assert.match(propagation_progress(state())?.label ?? "", /^Propagating object 1, 1 more after it: /);
  for (let i = 0; i < 7; i += 1) await step();
  const { propagating } = state();
  assert.deepEqual([propagating?.number, propagating?.others, propagating?.directions], [2, [], ["up", "down"]]);
  assert.equal(since().filter((each) => each === "begin_propagation").length, 2);
  assert.deepEqual(state().steps[1]?.filter((each) => each.do === "propagate").length, 2);
  const versions = state().objects.map(({ propagation_version }) => propagation_version);
  assert.ok(versions[0] && versions[1] && !versions[2], `${versions}`);
  assert.equal(state().history.length, length + 1);
  // Cancelled, the first object keeps its masks; undone, both are as before the run.
  dispatch({ do: "propagation_cancelled" });
  await step();
  assert.equal(state().propagating, null);
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual(state().objects.map(({ propagation_version }) => propagation_version), [0, 0, 0]);
  assert.ok(since().includes("restore_propagation"));
});

test("an undo ends the whole run; a waiting object that is locked or discarded is left out", async () => {
  const { dispatch, state, step } = await volume();
  dispatch(box);
  dispatch(box);
  await settled();
  /** @type {Action} */
  const run = { do: "propagation_wanted", number: 1, others: [2, 3], directions: ["up", "down"] };
  dispatch(run);
  await settled();
  dispatch({ do: "undone" });
  assert.deepEqual([state().propagating?.phase, state().propagating?.others], ["ending", []]);
  await step();
  assert.equal(state().propagating, null);
  dispatch(run);
  await settled();
  dispatch({ do: "object_locked", number: 2, on: true });
  dispatch({ do: "discard_wanted", number: 3 });
  await settled();
  for (let i = 0; i < 9 && state().propagating; i += 1) await step();
  assert.deepEqual([state().propagating, state().steps[2]?.length], [null, 1]);
});

test("it ends with its object, its model and its worker", async () => {
  for (const end of /** @type {Action[]} */ ([{ do: "object_removed", number: 1 }, { do: "objects_cleared" }])) {
    const { dispatch, state, step } = await volume();
    dispatch(up_and_down);
    await settled();
    dispatch(end);
    await step();
    assert.equal(state().propagating, null);
  }
  const { dispatch, state } = await volume();
  dispatch(up_and_down);
  dispatch({ do: "device_wanted", wanted: "cpu" });
  assert.deepEqual([state().propagating, state().object_masks], [null, {}]);
});

test("an error of a step is told, and ends it", async () => {
  const { dispatch, state } =
    page({ propagation_step: () => { throw { code: "device_failed_once", message: "No." }; } }, "auto", 9);
  dispatch(open(1));
  dispatch(ready("a"));
  await settled();
  dispatch(box);
  await settled();
  dispatch(up_and_down);
  await settled();
  assert.deepEqual([state().propagating, state().message?.text], [null, "No."]);
});

test("taken back, the engine is told once and the stops are forgotten", async () => {
  const { dispatch, state, since } = await volume();
  dispatch({ do: "discard_wanted", number: 1 });
  await settled();
  assert.deepEqual([since(), state().discarding, state().stops[1]], [
    ["discard_propagation", "slice_masks", "object_mask"], null, {},
  ]);
});

test("a model with a memory goes as far as the page says, and another has no range", async () => {
  const { dispatch, state, step } = await volume();
  dispatch({ do: "range_wanted", slices: 2 });
  for (const slices of [0, -1, 1.5, NaN]) dispatch({ do: "range_wanted", slices });
  assert.equal(state().propagation_range, 2);
  dispatch(up_and_down);
  assert.equal(state().propagating?.range, null);
  dispatch({ do: "propagation_cancelled" });
  await settled();
  await step();
  const entries = state().models.entries.map((entry) => ({ ...entry, recipe: /** @type {const} */ ("medsam2") }));
  dispatch({ do: "models_listed", faults: [], entries });
  assert.equal(has_memory(state()), true);
  assert.match(state_parts(state())[0]?.text ?? "", /, for research and education only$/);
  dispatch(up_and_down);
  await settled();
  assert.deepEqual([state().propagating?.range, state().propagating?.phase], [2, "running"]);
  assert.match(propagation_progress(state())?.label ?? "", /up to 4 left/);
});

test("what it comes to, in words", () => {
  /** @type {(
   *   slice: number, doubts?: import("../../boxel-bindings.js").Doubt[],
   * ) => import("../../boxel-bindings.js").ObjectMask["slices"][number]} */
  const slice = (slice, doubts = []) => ({ slice, fingerprint: 1, origin: "carried", iou: 0.9, doubts });
  const structure = /** @type {const} */ ({ plane: "axial", voxels: 1234, volume_ml: 2.345, version: 0 });
  assert.equal(
    object_mask_facts({ ...structure, slices: [slice(4), slice(5), slice(7)] }),
    "Slices 5 to 8, 1 without a mask · 2.35 mL",
  );
  assert.equal(object_mask_facts({ ...structure, volume_ml: null, slices: [slice(4)] }), "Slice 5 · 1,234 voxels");
  assert.deepEqual(
    slices_in_review({ ...structure, slices: [slice(4), slice(5, ["low_iou", "drift"])] }).map((each) =>
      [each.slice, reasons_text(each)]),
    [[5, "low predicted IoU, centre drifts"]],
  );
});

test("why it can't begin, in words", async () => {
  const { dispatch, state } = await volume();
  dispatch({ do: "object_selected", number: null });
  assert.equal(why_not_propagate(state()), "Select an object first");
  dispatch({ do: "object_selected", number: 1 });
  dispatch({ do: "scrolled", by: 1 });
  await settled();
  assert.equal(why_not_propagate(state()), "The object has no mask on this slice to start from");
  dispatch({ do: "rendering_wanted", plane: "coronal" });
  await settled();
  assert.match(why_not_propagate(state()), /^Its prompts are on axial slices/);
});
