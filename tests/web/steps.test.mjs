// What led to a mask: as short as it can be, and in the order that counts.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  steps_of, with_slice_reached, with_direction_begun, with_edited, with_prompted, with_stopped, with_discarded,
  with_unmarked,
} from "../../web/state/steps.js";
import { open, page, MEMORY, ready, settled } from "./page.mjs";

/** @typedef {import("../../web/state/steps.js").Steps} Steps */
/** @typedef {(steps: Steps) => Steps} Change */

/** @type {import("../../boxel-bindings.js").Window} */
const window = { kind: "linear", level: 40, width: 400 };
/** @type {(...serials: number[]) => import("../../web/features/prompts/state.js").Prompt[]} */
const chain = (...serials) =>
  serials.map((serial) => ({ serial, box: [0, 0, 1, 1], points: [], multimask: false, candidate: null }));
/** @type {(slice: number, ...serials: number[]) => Change} */
const prompt = (slice, ...serials) => (steps) => with_prompted(steps, 1, { slice, window, prompts: chain(...serials) });
/** @type {(slice: number, ...xs: number[]) => Change} */
const edit = (slice, ...xs) => (steps) =>
  with_edited(steps, 1, { slice, strokes: xs.map((x) => ({ kind: "paint", radius_px: 1, path: [[x, 0]] })) });
/** @type {(
 *   from: number, direction: "up" | "down", reached: number, stop?: import("../../boxel-bindings.js").Stop,
 * ) => Change} */
const carry = (from, direction, reached, stop) => (steps) => {
  const begun = with_direction_begun(steps, 1, { from, window, direction, rule: 2 });
  const carried = reached === from ? begun : with_slice_reached(begun, 1, reached);
  return stop ? with_stopped(carried, 1, stop) : carried;
};
/** @type {Change} */
const take_back = (steps) => with_discarded(steps, 1);
/** @type {(slice: number) => Change} */
const unmark = (slice) => (steps) => with_unmarked(steps, 1, slice);

/** The steps in short. @type {(...changes: Change[]) => string[]} */
const after = (...changes) =>
  steps_of(changes.reduce((steps, change) => change(steps), /** @type {Steps} */ ({})), 1).map((step) => {
  switch (step.do) {
    case "prompt": return `prompt ${step.slice}: ${step.prompts.map(({ serial }) => serial).join(" ")}`;
    case "propagate": return `${step.direction} ${step.from}${step.until === null ? "" : ` until ${step.until}`}`;
    case "edit": return `edit ${step.slice}: ${step.strokes.map(({ path: [at] }) => at?.[0]).join(" ")}`;
    case "edit_volume": return `edit volume: ${Object.keys(step.edit)}`;
    case "unmark": return `unmark ${step.slice}`;
    case "load": return "load";
    case "take_back": return "take back";
  }
});

test("a slice's last chain and last strokes count, unless a propagation went out from those before", () => {
  assert.deepEqual(after(prompt(4, 1), prompt(4, 1, 2), prompt(6, 3), prompt(4, 1)), ["prompt 4: 1", "prompt 6: 3"]);
  assert.deepEqual(after(prompt(4, 1), edit(4, 1), edit(4, 1, 2), prompt(4, 1, 2)), ["prompt 4: 1 2", "edit 4: 1 2"]);
  assert.deepEqual(after(prompt(4, 1), edit(5, 1), carry(4, "up", 7, "end"), edit(5, 2), prompt(4, 2)),
    ["prompt 4: 1", "edit 5: 1", "up 4", "edit 5: 2", "prompt 4: 2"]);
  assert.deepEqual(after(prompt(4, 1), edit(4)), ["prompt 4: 1"]);
  assert.deepEqual(after(prompt(4, 1), edit(4, 1), edit(4)), ["prompt 4: 1", "edit 4: "]);
});

test("a direction that was cut off says how far it got; one that got nowhere is none", () => {
  assert.deepEqual(after(prompt(4, 1), carry(4, "up", 7, "empty"), carry(4, "down", 2)), [
    "prompt 4: 1", "up 4", "down 4 until 2",
  ]);
  assert.deepEqual(after(prompt(4, 1), carry(4, "up", 4), carry(4, "down", 4, "marked")), ["prompt 4: 1"]);
  // It ends at a prompt that came while it was on its way.
  /** @type {Change} */
  const stopped_before_7 = (steps) => with_stopped(with_slice_reached(steps, 1, 6), 1, "marked");
  assert.deepEqual(after(prompt(4, 1), carry(4, "up", 5), prompt(7, 2), stopped_before_7), [
    "prompt 4: 1", "prompt 7: 2", "up 4 until 6",
  ]);
  // So do strokes there, that were or were not there before; on a slice that it has passed they come after it.
  /** @type {(slice: number, reached: number) => Change} */
  const goes_on = (slice, reached) =>
    (steps) => with_stopped(with_slice_reached(steps, 1, reached), 1, reached < slice ? "marked" : "end");
  assert.deepEqual(after(prompt(4, 1), edit(6, 1), carry(4, "up", 5), edit(6), edit(5, 1), goes_on(6, 8)), [
    "prompt 4: 1", "edit 6: ", "up 4", "edit 5: 1",
  ]);
  // What an earlier one had carried further is taken back by one that ends at once.
  assert.deepEqual(after(prompt(4, 1), carry(4, "up", 7, "end"), prompt(4, 2), carry(4, "up", 4, "empty")),
    ["prompt 4: 1", "up 4", "prompt 4: 2", "up 4"]);
});

test("taken back, only what was marked and drawn counts", () => {
  assert.deepEqual(after(prompt(4, 1), carry(4, "up", 7, "end"), edit(3, 1), edit(8, 1), prompt(4, 2), take_back), [
    "prompt 4: 2", "edit 3: 1", "edit 8: 1",
  ]);
  assert.deepEqual(after(prompt(4, 1), carry(4, "up", 7, "end"), edit(6, 1), edit(6), take_back, take_back), [
    "prompt 4: 1", "edit 6: ",
  ]);
});

test("taken back, what strokes and refinements lie on counts too", () => {
  const carried = ["prompt 4: 1", "up 4"];
  assert.deepEqual(after(prompt(4, 1), carry(4, "up", 7, "end"), edit(6, 1), take_back, take_back), [
    ...carried, "edit 6: 1", "take back",
  ]);
  assert.deepEqual(after(prompt(4, 1), carry(4, "up", 7, "end"), edit(6, 1), take_back, edit(6)), [
    ...carried, "edit 6: 1", "take back", "edit 6: ",
  ]);
  /** @type {(refine_carried: boolean) => Change} */
  const refined = (refine_carried) => (steps) =>
    with_prompted(steps, 1, { slice: 6, window, prompts: chain(2).map((each) => ({ ...each, refine_carried })) });
  assert.deepEqual(after(prompt(4, 1), carry(4, "up", 7, "end"), refined(true), take_back), [
    ...carried, "prompt 6: 2", "take back",
  ]);
  assert.deepEqual(after(prompt(4, 1), carry(4, "up", 7, "end"), refined(false), take_back), [
    "prompt 4: 1", "prompt 6: 2",
  ]);
});

test("a slice without its prompt is as if there had been none, or the steps say so", () => {
  assert.deepEqual(after(prompt(4, 1), prompt(6, 2), edit(6, 1), unmark(6)), ["prompt 4: 1", "edit 6: 1"]);
  assert.deepEqual(after(prompt(4, 1), carry(4, "up", 7, "end"), prompt(6, 2), unmark(6)), [
    "prompt 4: 1", "up 4", "prompt 6: 2", "unmark 6",
  ]);
  assert.deepEqual(after(prompt(4, 1), carry(4, "up", 7, "end"), prompt(6, 2), unmark(6), prompt(6, 3)),
    ["prompt 4: 1", "up 4", "prompt 6: 2", "unmark 6", "prompt 6: 3"]);
});

test("the steps follow what the engine answers, and are gone with its worker", async () => {
  /** @type {import("../../boxel-bindings.js").PropagationStep[]} */
  const coming = [
    { step: "carried", slice: 5, iou: 0.9, area_px: 4, doubts: [] },
    { step: "stopped", direction: "up", slice: 6, reason: "empty" },
    { step: "carried", slice: 3, iou: 0.9, area_px: 4, doubts: [] },
    { step: "stopped", direction: "down", slice: 2, reason: "marked" },
    { step: "finished" },
  ];
  const { dispatch, state } = page({ propagation_step: () => ({ step: coming.shift(), memory: MEMORY }) }, "auto", 9);
  dispatch(open(1));
  dispatch(ready("a"));
  await settled();
  dispatch({ do: "rendering_wanted", window });
  dispatch({ do: "box_added", box: [0, 0, 1, 1] });
  await settled();
  dispatch({ do: "point_added", point: [1, 1, 0] });
  await settled();
  dispatch({ do: "propagation_wanted", number: 1, directions: ["up", "down"] });
  await settled();
  const prompts = state().objects[0]?.prompts;
  assert.equal(prompts?.length, 2);
  assert.deepEqual(steps_of(state().steps, 1), [
    { do: "prompt", slice: 4, window, prompts },
    { do: "propagate", from: 4, window, direction: "up", rule: 3, until: null, reached: 5 },
    { do: "propagate", from: 4, window, direction: "down", rule: 3, until: 3, reached: 3 },
  ]);
  dispatch({ do: "discard_wanted", number: 1 });
  await settled();
  assert.deepEqual(steps_of(state().steps, 1).map((step) => step.do), ["prompt"]);
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual(steps_of(state().steps, 1).map((step) => step.do), ["prompt", "propagate", "propagate"]);
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual(steps_of(state().steps, 1).map((step) => step.do), ["prompt"]);
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual(steps_of(state().steps, 1), [{ do: "prompt", slice: 4, window, prompts: prompts?.slice(0, 1) }]);
  dispatch({ do: "device_wanted", wanted: "cpu" });
  assert.deepEqual(state().steps, {});
});
