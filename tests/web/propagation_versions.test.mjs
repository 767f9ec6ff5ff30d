// What was carried through the slices, undone and redone: what the engine is told, and in which order.

import assert from "node:assert/strict";
import { test } from "node:test";

import { why_no_save } from "../../web/features/exports/formats.js";
import { MEMORY, open, page, ready, settled } from "./page.mjs";

/** @typedef {import("../../boxel-bindings.js").PropagationStep} Step */

/** The steps of one propagation, which goes one slice up. @type {Step[]} */
const STEPS = [
  { step: "carried", slice: 5, iou: 0.9, area_px: 4, doubts: [] },
  { step: "stopped", direction: "up", slice: 6, reason: "area_jump" },
  { step: "finished" },
];

/** A volume with an object on slice 4, whose mask can be carried one slice up.
 * @param {() => Promise<unknown>} [before_step] */
async function volume(before_step = async () => {}) {
  let at = 0;
  /** @type {any[]} */
  const told = [];
  const tell = (/** @type {string} */ method) => (/** @type {any[]} */ args) => void told.push([method, ...args]);
  const made = page({
    propagation_step: async () => {
      await before_step();
      return { step: STEPS[at++ % STEPS.length], memory: MEMORY };
    },
    begin_propagation: ([number, from, , keep]) => void told.push(["begin", number, from, keep]),
    discard_propagation: tell("discard_propagation"), restore_propagation: tell("restore"), unmark: tell("unmark"),
    segment: ([, prompts]) => {
      told.push(["segment"]);
      return prompts.map((/** @type {any} */ { box, points }) => ({
        key: made.state().image?.key, box, points, id: ++made_id, mask: new Uint8Array(8), area_px: 1, bounds: box,
        decode_ms: 3, candidates: [1], chosen: 0, iou: 1,
      }));
    },
  }, "auto", 9);
  let made_id = 0;
  made.dispatch(open(1));
  made.dispatch(ready("a"));
  await settled();
  made.dispatch({ do: "box_added", box: [0, 0, 1, 1] });
  await settled();
  told.length = 0;
  const carry = () => made.dispatch({ do: "propagation_wanted", number: 1, directions: ["up"] });
  return { ...made, carry, told: () => told.splice(0) };
}

test("a propagation is undone and redone without computing", async () => {
  const { dispatch, state, carry, told } = await volume();
  carry();
  await settled();
  const version = state().objects[0]?.propagation_version ?? 0;
  assert.ok(version > 0);
  assert.deepEqual(told(), [["begin", 1, 4, 0]]);
  assert.deepEqual([state().stops[1]?.up?.reason, state().history.length], ["area_jump", 2]);
  dispatch({ do: "undone" });
  assert.match(why_no_save(state()), /slices/);
  await settled();
  assert.deepEqual(told(), [["restore", 1, version, 0]]);
  assert.deepEqual([state().stops[1], state().objects.length], [{}, 1]);
  dispatch({ do: "redone" });
  await settled();
  assert.deepEqual(told(), [["restore", 1, 0, version]]);
  assert.deepEqual([state().stops[1]?.up?.reason, why_no_save(state())], ["area_jump", ""]);
});

test("what was taken back comes back", async () => {
  const { dispatch, state, carry, told } = await volume();
  carry();
  await settled();
  const carried = state().objects[0]?.propagation_version;
  dispatch({ do: "discard_wanted", number: 1 });
  await settled();
  const taken = state().objects[0]?.propagation_version;
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual(told(), [["begin", 1, 4, 0], ["discard_propagation", 1, carried], ["restore", 1, taken, carried]]);
});

test("undone while it is on its way, it ends, and what was there before comes back", async () => {
  /** @type {() => void} */
  let let_go = () => {};
  const { dispatch, state, asked, carry, told } = await volume(() =>
    new Promise((resolve) => { let_go = () => resolve(undefined); }));
  carry();
  await settled();
  const version = state().objects[0]?.propagation_version;
  dispatch({ do: "undone" });
  let_go();
  await settled();
  assert.deepEqual([state().propagating, asked.includes("abandon_propagation")], [null, true]);
  assert.deepEqual(told(), [["begin", 1, 4, 0], ["restore", 1, version, 0]]);
});

test("a correction keeps what was carried to its slice, for an undo", async () => {
  const { dispatch, state, carry, told } = await volume();
  carry();
  await settled();
  const carried = state().objects[0]?.propagation_version;
  told();
  dispatch({ do: "scrolled", by: 1 });
  await settled();
  dispatch({ do: "box_added", box: [1, 0, 3, 2], to_selected: true });
  await settled();
  const corrected = state().objects[0]?.propagation_version;
  assert.deepEqual(told(), [["restore", 1, carried, corrected], ["segment"]]);
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual(told(), [["restore", 1, corrected, carried]]);
});

test("a mask that is carried anew after an undo begins from what was there before the first", async () => {
  const { dispatch, state, carry, told } = await volume();
  carry();
  await settled();
  const first = state().objects[0]?.propagation_version;
  dispatch({ do: "undone" });
  carry(); // before the engine has heard of the undo
  await settled();
  assert.deepEqual(told(), [["begin", 1, 4, 0], ["restore", 1, first, 0], ["begin", 1, 4, 0]]);
});

test("another worker has no versions, and is asked for none that there was", async () => {
  const { dispatch, state, carry, told } = await volume();
  carry();
  await settled();
  const version = state().objects[0]?.propagation_version;
  told();
  dispatch({ do: "device_wanted", wanted: "cpu" });
  await settled();
  assert.deepEqual([told().filter(([method]) => method !== "segment"), state().propagation_versions[1]], [
    [], { version, kept: {} },
  ]);
});
