// Slices, windows and planes: which image the engine works on, and which objects are asked for on it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { next_request } from "../../web/engine/next.js";
import { facts_of } from "../../web/show/words.js";
import { mask_here } from "../../web/state/here.js";
import { has_other_window } from "../../web/features/window/model_window_state.js";
import { input_key_of } from "../../web/features/prompts/state.js";
import { MEMORY, open, page, ready, settled, shown } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").Action} Action */

/** @type {Action} */
const box = { do: "box_added", box: [0, 0, 1, 1] };
const lung = /** @type {const} */ ({ kind: "linear", level: -600, width: 1500 });

/** A volume of nine slices, the fifth of them shown and encoded; `since()` is what was asked after that.
 * @param {Record<string, (args: any[]) => any>} [script] */
async function volume(script) {
  const made = page(script, "auto", 9);
  made.dispatch(open(1));
  made.dispatch(ready("a"));
  await settled();
  const before = made.asked.length;
  return { ...made, since: () => made.asked.slice(before) };
}
const SETTLED = () => new Promise((resolve) => setTimeout(resolve, 300));

test("a volume opens in its middle; slices stay within it; a plane goes on where it was left", async () => {
  const { dispatch, state } = await volume();
  assert.deepEqual([state().image?.plane, state().image?.slice, state().image?.slices], ["axial", 4, 9]);
  dispatch({ do: "scrolled", by: 100 });
  assert.equal(state().rendering?.slice, 8);
  dispatch({ do: "rendering_wanted", slice: -3 });
  assert.equal(state().rendering?.slice, 0);
  dispatch({ do: "rendering_wanted", plane: "sagittal" });
  assert.deepEqual([state().rendering?.plane, state().rendering?.slice], ["sagittal", 2]);
  dispatch({ do: "rendering_wanted", plane: "axial" });
  assert.equal(state().rendering?.slice, 0);
  dispatch({ do: "rendering_wanted", plane: "stored" });
  assert.equal(state().rendering?.plane, "axial", "no such view");
});

test("fast scrolling shows only the last slice, and encodes it once the user stays", async () => {
  const { dispatch, since, state } = await volume();
  for (let i = 0; i < 4; i += 1) dispatch({ do: "scrolled", by: 1 });
  await settled();
  assert.deepEqual([since(), state().image?.slice], [["show", "show"], 8]);
  assert.equal(state().settled, false);
  await SETTLED();
  assert.deepEqual([since().slice(2), state().sessions.main.embedding.phase], [["embed"], "done"]);
});

test("a prompt does not wait for that", async () => {
  const { dispatch, since } = await volume();
  dispatch({ do: "scrolled", by: 1 });
  dispatch(box); // still on the slice that is shown
  await settled();
  assert.deepEqual(since(), ["show"], "its slice is gone");
  dispatch(box);
  await settled();
  assert.deepEqual(since(), ["show", "embed", "segment", "slice_masks", "object_mask"]);
});

test("another slice stops the encoding of the one before", async () => {
  let encodings = 0;
  const { dispatch, since, state } = await volume({
    /** @this {any} */
    embed() {
      encodings += 1;
      if (encodings !== 2) return { encode_ms: 12, memory: MEMORY };
      return new Promise((_, reject) => { this.on_cancel = () => reject({ code: "cancelled", message: "" }); });
    },
  });
  dispatch({ do: "scrolled", by: 1 });
  await SETTLED();
  assert.deepEqual(since(), ["show", "embed"]);
  dispatch({ do: "scrolled", by: 1 });
  await settled();
  assert.deepEqual([since(), state().image?.slice], [["show", "embed", "show"], 6]);
});

test("a slice that can't be shown leaves the one that is", async () => {
  const { dispatch, since, state } = await volume({ show: () => { throw { code: "device_failed", message: "No." }; } });
  dispatch({ do: "scrolled", by: 1 });
  await settled();
  assert.deepEqual([since(), state().rendering?.slice, state().image?.slice, state().message?.text], [
    ["show"], 4, 4, "No.",
  ]);
});

test("a slice that kills the worker is given up: the one before is shown again, by itself", async () => {
  const { dispatch, state } = await volume({
    show: ([, plane, slice, window]) => slice === 7 ? { fatal: { code: "worker_stopped", message: "trap" } }
      : { shown: shown("key 1", { plane, slice, window }), masks: null },
  });
  dispatch({ do: "rendering_wanted", slice: 7 });
  await settled();
  assert.deepEqual([state().engine.generation, state().engine.phase, state().rendering?.slice, state().image?.slice], [
    2, "ready", 4, 4,
  ]);
  assert.deepEqual([state().message?.text, state().sessions.main.embedding.phase], ["trap", "done"]);
});

test("an object is asked for on its slice only, and shows the slice's own mask on the others", async () => {
  const carried = {
    object: 1, mask: new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]), origin: "carried", iou: 0.8, doubts: ["drift"],
  };
  const { dispatch, state } = await volume({
    show: ([, plane, slice, window]) => ({
      shown: shown("key 1", { plane, slice, window }), masks: slice === 5 ? [carried] : [],
    }),
  });
  dispatch(box);
  await settled();
  const [object] = state().objects;
  assert.ok(object);
  assert.deepEqual([object.at, object.main.image_key], [{ plane: "axial", slice: 4 }, input_key_of(object)]);
  dispatch({ do: "scrolled", by: 1 });
  await settled();
  assert.deepEqual(mask_here(object, state())?.mask, carried.mask);
  assert.equal(facts_of(object, state(), "main"), "propagated, predicted IoU 0.800; review: centre drifts");
  dispatch({ do: "scrolled", by: 1 });
  await settled();
  assert.equal(mask_here(object, state()), null);
  // Another device: the object waits for its slice.
  dispatch({ do: "device_wanted", wanted: "cpu" });
  await settled();
  assert.equal(state().objects[0]?.main.phase, "waiting");
  dispatch({ do: "rendering_wanted", slice: 4 });
  await settled();
  assert.equal(state().objects[0]?.main.phase, "done");
});

test("the engine is told whose mask it is; the second model keeps none", async () => {
  /** @type {any[]} */
  const objects = [];
  const { dispatch, state } = await volume({
    segment: ([side, prompts]) => prompts.map((/** @type {any} */ { box, object }) => {
      objects.push([side, object]);
      return {
        key: state().image?.key, box, points: [], id: 1, mask: new Uint8Array(8), area_px: 1, bounds: box, decode_ms: 3,
        candidates: [1], chosen: 0, iou: 1,
      };
    }),
  });
  dispatch({ do: "comparison_wanted", id: "b" });
  dispatch(ready("b", "comparison"));
  dispatch(box);
  await settled();
  assert.deepEqual(objects, [["main", 1], ["comparison", null]]);
});

/** A volume whose engine keeps encodings, by what the model sees. */
async function encoding() {
  /** @type {string[]} */
  const encoded = [];
  /** @type {{ window: any, box: any }[]} */
  const asked = [];
  /** @type {any} */
  let own = null;
  let at = { slice: 4, window: /** @type {any} */ ({ kind: "stored" }) };
  const seen = () => own ?? at.window;
  const made = await volume({
    show: ([, plane, slice, window]) => {
      at = { slice, window };
      return { shown: shown("key 1", { plane, slice, window }), masks: [] };
    },
    model_window: ([, window]) => { own = window; },
    embed: () => {
      const key = JSON.stringify([at.slice, seen()]);
      const is_kept = encoded.includes(key);
      if (!is_kept) encoded.push(key);
      return { encode_ms: is_kept ? null : 12, memory: MEMORY };
    },
    segment: ([, prompts]) => prompts.map((/** @type {any} */ { box, points }) => {
      asked.push({ window: seen(), box });
      return {
        key: made.state().image?.key, box, points, id: asked.length, mask: new Uint8Array(8).fill(asked.length),
        area_px: 1, bounds: box, decode_ms: 3, candidates: [1], chosen: 0, iou: 1,
      };
    }),
  });
  return { ...made, encoded, asked };
}
const stays = () => new Promise((resolve) => setTimeout(resolve, 300));

test("the display's window is free: no mask is asked for anew, and nothing is encoded for it", async () => {
  const { dispatch, state, encoded, asked } = await encoding();
  dispatch(box);
  await stays();
  const [object] = state().objects;
  for (const window of [lung, /** @type {const} */ ({ kind: "percentiles" })]) {
    dispatch({ do: "rendering_wanted", window });
    await stays();
    assert.deepEqual([encoded.length, asked.length, state().sessions.main.embedding.phase, state().objects[0]], [
      1, 1, "done", object,
    ]);
    assert.deepEqual(state().image?.window, window);
  }
  // A point goes to the model in the object's own window, and so does what is carried.
  dispatch({ do: "point_added", point: [1, 1, 1] });
  await settled();
  assert.deepEqual([encoded.length, asked.map(({ window }) => window)], [1, [{ kind: "stored" }, { kind: "stored" }]]);
  assert.deepEqual(state().steps[1]?.map((step) => "window" in step && step.window), [{ kind: "stored" }]);
  // A new object has the display's.
  dispatch({ do: "object_selected", number: null });
  dispatch(box);
  await settled();
  assert.deepEqual([encoded.length, asked.at(-1)?.window, state().objects.map(({ window }) => window?.kind)], [
    2, { kind: "percentiles" }, ["stored", "percentiles"],
  ]);
});

test("an object takes the display's window, and is asked again in it; undo brings the former back", async () => {
  const { dispatch, state, asked } = await encoding();
  dispatch(box);
  await settled();
  dispatch({ do: "display_window_taken", number: 1 });
  assert.equal(state().history.length, 1, "it has it already");
  dispatch({ do: "rendering_wanted", window: lung });
  await settled();
  assert.equal(has_other_window(state().objects[0] ?? assert.fail(), state()), true);
  dispatch({ do: "display_window_taken", number: 1 });
  await settled();
  assert.deepEqual([asked.at(-1)?.window, state().objects[0]?.window, state().objects[0]?.main.phase], [
    lung, lung, "done",
  ]);
  assert.deepEqual(state().steps[1]?.map((step) => "window" in step && step.window), [lung]);
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual([asked.at(-1)?.window, state().objects[0]?.window, asked.length], [
    { kind: "stored" }, { kind: "stored" }, 3,
  ]);
});

test("a prompt on another slice corrects the object there, with a chain of its own; "
  + "undo brings the former back", async () => {
  const { dispatch, state } = await volume();
  dispatch(box);
  await settled();
  dispatch({ do: "scrolled", by: 2 });
  await settled();
  dispatch({ do: "point_added", point: [1, 1, 1] });
  await settled();
  const [object] = state().objects;
  assert.deepEqual(
    [state().objects.length, object?.at.slice, object?.prompts.map(({ box }) => box), object?.main.phase],
    [1, 6, [null], "done"],
  );
  dispatch({ do: "undone" });
  const [former] = state().objects;
  assert.deepEqual([former?.at.slice, former?.prompts[0]?.box, former?.main.phase], [4, [0, 0, 1, 1], "waiting"]);
  dispatch({ do: "rendering_wanted", slice: 4 });
  await settled();
  assert.equal(state().objects[0]?.main.phase, "done");
});

test("in another plane a prompt begins an object of its own", async () => {
  const { dispatch, state } = await volume();
  dispatch(box);
  await settled();
  dispatch({ do: "rendering_wanted", plane: "coronal" });
  await settled();
  dispatch({ do: "point_added", point: [1, 1, 1] });
  assert.deepEqual(state().objects.map(({ number, at }) => [number, at.plane]), [[1, "axial"], [2, "coronal"]]);
});

test("the engine forgets an object once it can't come back", async () => {
  const { dispatch, since, state } = await volume();
  dispatch(box);
  await settled();
  dispatch({ do: "object_removed", number: 1 });
  await settled();
  assert.equal(since().includes("remove_object"), false, "undo may bring it back");
  dispatch({ do: "undone" });
  dispatch({ do: "undone" });
  await settled();
  assert.equal(since().includes("remove_object"), false, "nor while redo may");
  dispatch(box);
  await settled();
  assert.deepEqual([since().filter((each) => each === "remove_object").length, state().sessions.main.numbers], [
    1, [2],
  ]);
});

test("a new scan takes everything of the old one with it", async () => {
  const { dispatch, state } = await volume();
  dispatch(box);
  dispatch({ do: "scrolled", by: 1 });
  await settled();
  dispatch(open(2));
  await settled();
  const { objects, object_masks, slice_masks, rendering, left_at, sessions } = state();
  assert.deepEqual([objects, object_masks, slice_masks, rendering?.slice, left_at, sessions.main.numbers], [
    [], {}, null, 4, {}, [],
  ]);
});

test("the budget of kept encodings goes to the engine", async () => {
  const { dispatch, since, state } = await volume();
  dispatch({ do: "budget_wanted", bytes: 16777216 });
  await settled();
  assert.deepEqual([since(), state().memory?.budget_bytes, next_request(state())], [["set_budget"], 16777216, null]);
});
