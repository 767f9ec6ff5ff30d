// Side by side: the second model gets the same image and prompts, and goes without a trace.

import assert from "node:assert/strict";
import { test } from "node:test";

import { caption_of, compared_facts, points_hint_of } from "../../web/show/words.js";
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
  made.dispatch({ do: "compare_wanted", id: "b" });
  made.dispatch(ready("b", "other"));
  await settled();
  return { ...made, since: () => made.asked.slice(before) };
}

test("the second model sees the same image and prompts, and both masks are measured", async () => {
  const { since, state } = await compared();
  assert.deepEqual(since(), ["begin_beside", "open_same other", "show other", "load_weights other", "embed other", "segment other", "dice"]);
  const [object] = state().objects;
  assert.ok(object?.other.segment);
  assert.deepEqual([object.main.phase, object.other.phase, object.dice], ["done", "done", 0.75]);
  assert.deepEqual(compared_facts(object, state()), {
    main: "a: predicted IoU 1.000 · 1 px · 3 ms", other: "b: predicted IoU 1.000 · 1 px · 3 ms", dice: "Dice 0.750",
  });
  assert.deepEqual([caption_of(state(), "main"), caption_of(state(), "other")], ["a · encoded in 12 ms", "b · encoded in 12 ms"]);
});

test("new prompts and a new image go through both, the main model first", async () => {
  const { since, dispatch, state } = await compared();
  const before = since().length;
  dispatch({ do: "point_added", point: [0, 0, 1] });
  await settled();
  assert.deepEqual(since().slice(before), ["segment", "remove", "segment other", "remove other", "dice"]);
  const after_point = since().length;
  dispatch(open(2));
  await settled();
  assert.deepEqual(since().slice(after_point), ["open", "embed", "open_same other", "show other", "embed other"]);
  dispatch(box);
  await settled();
  assert.equal(state().objects[0]?.dice, 0.75);
});

test("switched off, the second engine is freed, and nothing of it stays", async () => {
  const { since, dispatch, state } = await compared();
  dispatch({ do: "compare_wanted", id: null });
  await settled();
  assert.equal(since().at(-1), "end_beside");
  const { compared: weights, sessions, objects, engine } = state();
  assert.deepEqual([weights, sessions.other, engine.beside, objects[0]?.other.segment, objects[0]?.dice], [null, null, false, null, null]);
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
  assert.equal(since().at(-1), "embed other");
  dispatch({ do: "compare_wanted", id: null });
  await settled();
  assert.deepEqual([since().at(-1), state().sessions.main.embedding.phase], ["end_beside", "done"]);
});

test("another second model takes the place of the first", async () => {
  const { since, dispatch, state } = await compared();
  const before = since().length;
  dispatch({ do: "compare_wanted", id: "a" });
  dispatch(ready("a", "other"));
  await settled();
  assert.deepEqual(since().slice(before), ["load_weights other", "embed other", "segment other", "dice"]);
  assert.equal(state().sessions.other?.model?.name, "a");
});

test("a prompt that only the second model refuses stays with the first", async () => {
  const { state } = await compared({
    segment([side, prompts]) {
      if (side === "other") throw { code: "no", message: "Not this one." };
      return prompts.map((/** @type {any} */ { box, points }) => ({
        key: key_of("key 1"), box, points, id: 1, mask: new Uint8Array(1), area_px: 1, bounds: box, decode_ms: 3, candidates: [1], chosen: 0, iou: 1,
      }));
    },
  });
  assert.deepEqual(state().objects.map(({ main, other, dice }) => [main.phase, other.phase, dice]), [["done", "refused", null]]);
  assert.equal(state().message?.text, "Not this one.");
});

test("a second model that kills the worker is switched off, and the first goes on by itself", async () => {
  const { state } = await compared({ embed: ([side]) => side === "other" ? { fatal: { code: "device_failed", message: "Out of memory." } } : { encode_ms: 12, memory: MEMORY } });
  assert.deepEqual([state().compared, state().engine.phase, state().sessions.main.embedding.phase], [null, "ready", "done"]);
  assert.equal(state().objects[0]?.main.phase, "done");
  assert.equal(state().message?.text, "Out of memory. The comparison is switched off.");
});

test("no place for a second engine: the comparison goes off with the reason", async () => {
  const { state } = await compared({ begin_beside: () => { throw { code: "device_failed", message: "No memory." }; } });
  assert.deepEqual([state().compared, state().message?.text], [null, "No memory."]);
});

test("the hint on points names each model once", async () => {
  const { state, dispatch } = await compared();
  dispatch({ do: "tool_chosen", tool: "positive" });
  assert.match(points_hint_of(state()), /^a and b learned from boxes/);
});
