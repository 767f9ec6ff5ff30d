// Side by side: the second model gets the same image and prompts, and goes without a trace.

import assert from "node:assert/strict";
import { test } from "node:test";

import { caption_of, comparison_facts, points_hint_of } from "../../web/show/words.js";
import { key_of, MEMORY, open, page, ready, settled } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").Action} Action */

/** @type {Action} */
const box = { do: "box_added", box: [0, 0, 1, 1] };

/** Image, one object, both models. @param {Record<string, (args: any[]) => any>} [script] */
async function compared(script) {
  const made = page(script);
  made.dispatch(open(1));
  made.dispatch(ready("a"));
  await settled();
  made.dispatch(box);
  await settled();
  const before = made.asked.length;
  made.dispatch({ do: "comparison_wanted", id: "b" });
  made.dispatch(ready("b", "comparison"));
  await settled();
  return { ...made, since: () => made.asked.slice(before) };
}

test("the second model sees the same image and prompts, and both masks are measured", async () => {
  const { since, state } = await compared();
  assert.deepEqual(since(), [
    "begin_comparison", "open_same comparison", "show comparison", "load_weights comparison", "embed comparison",
    "segment comparison", "dice",
  ]);
  const [object] = state().objects;
  assert.ok(object?.comparison.prediction);
  assert.deepEqual([object.main.phase, object.comparison.phase, object.dice], ["done", "done", 0.75]);
  assert.deepEqual(comparison_facts(object, state()), {
    main: "a: predicted IoU 1.000 · 1 px · 3 ms", comparison: "b: predicted IoU 1.000 · 1 px · 3 ms",
    dice: "Dice 0.750",
  });
  assert.deepEqual([caption_of(state(), "main"), caption_of(state(), "comparison")], [
    "a · encoded in 12 ms", "b · encoded in 12 ms",
  ]);
});

test("new prompts and a new image go through both, the main model first", async () => {
  const { since, dispatch, state } = await compared();
  const before = since().length;
  dispatch({ do: "point_added", point: [0, 0, 1] });
  await settled();
  assert.deepEqual(since().slice(before), ["segment", "remove", "segment comparison", "remove comparison", "dice"]);
  const after_point = since().length;
  dispatch(open(2));
  await settled();
  assert.deepEqual(since().slice(after_point), [
    "open", "embed", "open_same comparison", "show comparison", "embed comparison",
  ]);
  dispatch(box);
  await settled();
  assert.equal(state().objects[0]?.dice, 0.75);
});

test("switched off, the second engine is freed, and nothing of it stays", async () => {
  const { since, dispatch, state } = await compared();
  dispatch({ do: "comparison_wanted", id: null });
  await settled();
  assert.equal(since().at(-1), "end_comparison");
  const { comparison_weights: weights, sessions, objects, engine } = state();
  assert.deepEqual(
    [weights, sessions.comparison, engine.has_comparison, objects[0]?.comparison.prediction, objects[0]?.dice],
    [null, null, false, null, null],
  );
  assert.equal(objects[0]?.main.phase, "done");
  dispatch({ do: "undone" });
  dispatch(box);
  await settled();
  assert.equal(state().objects[0]?.main.phase, "done");
});

test("switched off while encoding, the encoding stops", async () => {
  const { since, dispatch, state } = await compared({
    /** @this {any} */
    embed([side]) {
      if (side === "main") return { encode_ms: 12, memory: MEMORY };
      return new Promise((_, reject) => { this.on_cancel = () => reject({ code: "cancelled", message: "" }); });
    },
  });
  assert.equal(since().at(-1), "embed comparison");
  dispatch({ do: "comparison_wanted", id: null });
  await settled();
  assert.deepEqual([since().at(-1), state().sessions.main.embedding.phase], ["end_comparison", "done"]);
});

test("another second model takes the place of the first", async () => {
  const { since, dispatch, state } = await compared();
  const before = since().length;
  dispatch({ do: "comparison_wanted", id: "a" });
  dispatch(ready("a", "comparison"));
  await settled();
  assert.deepEqual(since().slice(before), [
    "load_weights comparison", "embed comparison", "segment comparison", "dice",
  ]);
  assert.equal(state().sessions.comparison?.model?.name, "a");
});

test("a prompt that only the second model refuses stays with the first", async () => {
  const { state } = await compared({
    segment([side, prompts]) {
      if (side === "comparison") throw { code: "no", message: "Not this one." };
      return prompts.map((/** @type {any} */ { box, points }) => ({
        key: key_of("key 1"), box, points, id: 1, mask: new Uint8Array(1), area_px: 1, bounds: box, decode_ms: 3,
        candidates: [1], chosen: 0, iou: 1,
      }));
    },
  });
  assert.deepEqual(state().objects.map(({ main, comparison, dice }) => [main.phase, comparison.phase, dice]), [
    ["done", "refused", null],
  ]);
  assert.equal(state().message?.text, "Not this one.");
});

test("a second model that kills the worker is switched off, and the first goes on by itself", async () => {
  const { state } = await compared({ embed: ([side]) => side === "comparison"
    ? { fatal: { code: "device_failed", message: "Out of memory." } }
    : { encode_ms: 12, memory: MEMORY } });
  assert.deepEqual([state().comparison_weights, state().engine.phase, state().sessions.main.embedding.phase], [
    null, "ready", "done",
  ]);
  assert.equal(state().objects[0]?.main.phase, "done");
  assert.equal(state().message?.text, "Out of memory. The comparison is switched off.");
});

test("no place for a second engine: the comparison goes off with the reason", async () => {
  const { state } =
    await compared({ begin_comparison: () => { throw { code: "device_failed", message: "No memory." }; } });
  assert.deepEqual([state().comparison_weights, state().message?.text], [null, "No memory."]);
});

test("the hint on points names each model once", async () => {
  const { state, dispatch } = await compared();
  dispatch({ do: "tool_chosen", tool: "positive" });
  assert.match(points_hint_of(state()), /^a and b were trained on box prompts only/);
});
