import assert from "node:assert/strict";
import test from "node:test";
import { current_measure, measured_with_answer } from "../../web/features/measures/state.js";
import { open, page, ready, settled } from "./page.mjs";

const MASK = new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]);

/** @type {(object: number) => any} */
const updated = (object) => ({
  slice_mask: { object, mask: MASK, origin: "marked", iou: 0.9, doubts: [] },
  mask: {
    plane: "axial", voxels: object, volume_ml: 0.5, slices: [{ slice: 4, origin: "marked", iou: 0.9, doubts: [] }],
  },
  measured: { slice: null, volume: { voxels: object, volume_ml: 0.5, slices: 1, values: null } },
});

/** A volume with a box; `told` has the calls of the worker since it was opened, `measured` the objects that they measure.
 * @param {(object: number) => unknown} after */
async function with_box(after) {
  /** @type {string[]} */
  const told = [];
  let id = 0;
  /** @type {unknown[]} */
  const measured = [];
  /** @type {(method: string, value: unknown) => (args: any[]) => any} */
  const tell = (method, value) => () => {
    told.push(method);
    return value;
  };
  const made = page({
    segment: ([, prompts, measure]) => {
      told.push("segment");
      measured.push(measure);
      return prompts.map((/** @type {any} */ { box, object }) => ({
        key: made.state().image?.key, box, points: [], id: ++id, mask: MASK, area_px: 1, bounds: null, decode_ms: 3,
        candidates: [0.9],
        chosen: 0, iou: 0.9, offered: null, updated: after(object),
      }));
    },
    slice_masks: tell("slice_masks", []),
    object_mask: tell("object_mask", updated(1).mask),
    measure: tell("measure", updated(1).measured),
  }, "auto", 9);
  made.dispatch(open(1));
  made.dispatch(ready("a"));
  await settled();
  made.dispatch({ do: "box_added", box: [0, 0, 4, 1] });
  await settled();
  return { ...made, told: () => told.splice(0), measured: () => measured.splice(0) };
}

test("one box is one call: its answer has the masks and the measures too", async () => {
  const { dispatch, state, told } = await with_box(updated);
  assert.deepEqual(told(), ["segment"]);
  const { slice_masks, object_masks } = state();
  assert.deepEqual([slice_masks?.masks.map(({ object }) => object), object_masks[1]?.voxels], [[1], 1]);
  assert.equal(current_measure(state())?.volume.voxels, 1);

  dispatch({ do: "box_added", box: [1, 0, 3, 1] });
  await settled();
  assert.deepEqual(told(), ["segment"]);
  assert.deepEqual(state().slice_masks?.masks.map(({ object }) => object), [1, 2], "the first object's mask stays");
  assert.deepEqual([state().object_masks[2]?.voxels, current_measure(state())?.volume.voxels], [2, 2]);
});

test("a prompt's answer measures the object that the page shows, and none after measuring has killed a worker", async () => {
  const { dispatch, state, measured } = await with_box(updated);
  dispatch({ do: "box_added", box: [1, 0, 3, 1] });
  await settled();
  assert.deepEqual(measured(), [1, 2]);
  assert.equal(measured_with_answer(state(), "comparison"), undefined);
  assert.equal(measured_with_answer({ ...state(), measurement: { ...state().measurement, off: true } }, "main"), undefined);
});

test("measures that an answer lacks are asked for", async () => {
  const { told, state } = await with_box((object) => ({ ...updated(object), measured: null }));
  assert.deepEqual(told(), ["segment", "measure"]);
  assert.equal(current_measure(state())?.volume.voxels, 1);
});

test("an answer without them is followed by the calls that fetch them", async () => {
  const { told } = await with_box(() => undefined);
  assert.deepEqual(told(), ["segment", "slice_masks", "object_mask", "measure"]);
});
