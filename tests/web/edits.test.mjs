// Strokes over the model's masks: the object has them, and the engine is told what it has not.

import assert from "node:assert/strict";
import { test } from "node:test";

import { why_no_save } from "../../web/features/exports/formats.js";
import { mask_here } from "../../web/state/here.js";
import { coming_strokes, wanted_edit } from "../../web/features/brush/strokes_state.js";
import { MEMORY, open, page, ready, settled, shown } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").Action} Action */
/** @typedef {import("../../boxel-bindings.js").Stroke} Stroke */

/** @type {Action} */
const box = { do: "box_added", box: [0, 0, 1, 1] };
const BY_MODEL = [1, 0, 0, 0, 0, 0, 0, 0];
/** A dab on one pixel of the 4 × 2. @type {(x: number, kind?: Stroke["kind"]) => Stroke} */
const dab = (x, kind = "paint") => ({ kind, radius_px: 0.6, path: [[x + 0.5, 0.5]] });
/** @type {(stroke: Stroke, slice?: number) => Action} */
const drawn = (stroke, slice = 0) => ({ do: "stroke_drawn", number: 1, slice, stroke });

/** A worker whose masks have the strokes in them, as the engine's have. `edits()` is what it was told.
 * @param {number} [slices] @param {Record<string, (args: any[]) => any>} [script] */
async function drawable(slices = 1, script = {}) {
  /** What the model found, by slice, and the strokes on it.
   * @type {Map<number, { found: number[] | null, strokes: Stroke[] }>} */
  let kept = new Map();
  /** @type {[number, number, Stroke[]][]} */
  const edits = [];
  const part_of = (/** @type {number} */ slice) => kept.get(slice) ?? { found: null, strokes: [] };
  const masks_of = (/** @type {number} */ slice) => {
    const { found, strokes } = part_of(slice);
    const mask = Uint8Array.from(found ?? Array(8).fill(0));
    for (const { kind, path: [[x] = [0]] } of strokes) mask[Math.floor(x)] = kind === "paint" ? 1 : 0;
    return mask.includes(1) ? [{ object: 1, mask, origin: "marked", iou: found ? 0.9 : null, doubts: [] }] : [];
  };
  const made = page({
    create: ([kind]) => {
      kept = new Map();
      return { kind, name: kind };
    },
    load_weights: () => {
      // Prompts are to be asked again; strokes stay.
      kept = new Map([...kept].map(([slice, { strokes }]) => [slice, { found: null, strokes }]));
      return { name: "M", recipe: "litemedsam", trained_on_points: false };
    },
    show: ([, plane, slice, window, with_masks]) =>
      ({
        shown: shown(made.state().scan?.key ?? "", { plane, slice, window }),
        masks: with_masks ? masks_of(slice) : null,
      }),
    segment: ([, prompts]) => prompts.map((/** @type {any} */ { box, points }) => {
      const slice = made.state().image?.slice ?? 0;
      if (points[0]?.[0] < 0) throw { code: "point_outside", message: "It lies outside." };
      kept.set(slice, { ...part_of(slice), found: points.length ? [1, 1, 0, 0, 0, 0, 0, 0] : BY_MODEL });
      return {
        key: made.state().image?.key, box, points, id: made.asked.length,
        mask: new Uint8Array(part_of(slice).found ?? []), area_px: 1, bounds: box,
        decode_ms: 3, candidates: [0.9], chosen: 0, iou: 0.9,
      };
    }),
    edit: ([number, slice, strokes]) => {
      edits.push([number, slice, strokes]);
      kept.set(slice, { ...part_of(slice), strokes });
    },
    slice_masks: ([, slice]) => masks_of(slice),
    ...script,
  }, "auto", slices);
  made.dispatch(open(1));
  made.dispatch(ready("a"));
  await settled();
  made.dispatch(box);
  await settled();
  const before = made.asked.length;
  const mask = () => {
    const [object] = made.state().objects;
    return object && Array.from(mask_here(object, made.state())?.mask ?? []);
  };
  return { ...made, edits, mask, since: () => made.asked.slice(before) };
}

test("a stroke goes to the engine with all before it on the slice, and its mask is shown; "
  + "undo gives the model's", async () => {
  const { dispatch, state, edits, mask, since } = await drawable();
  assert.deepEqual(mask(), BY_MODEL);
  const [paint, erase] = [dab(2), dab(0, "erase")];
  const version = state().object_masks_version;
  dispatch(drawn(paint));
  assert.equal(why_no_save(state()), "Wait until your strokes are part of the mask");
  await settled();
  assert.deepEqual([mask(), since(), state().object_masks_version], [
    [1, 0, 1, 0, 0, 0, 0, 0], ["edit", "slice_masks"], version + 1,
  ]);
  assert.equal(why_no_save(state()), "");
  dispatch(drawn(erase));
  await settled();
  assert.deepEqual(mask(), [0, 0, 1, 0, 0, 0, 0, 0]);
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual(mask(), [1, 0, 1, 0, 0, 0, 0, 0]);
  dispatch({ do: "undone" });
  assert.deepEqual(mask(), BY_MODEL, "the page has that itself");
  await settled();
  assert.deepEqual(mask(), BY_MODEL);
  assert.deepEqual(edits, [[1, 0, [paint]], [1, 0, [paint, erase]], [1, 0, [paint]], [1, 0, []]]);
  assert.deepEqual([state().objects[0]?.edits, wanted_edit(state())], [[], null]);
});

test("until its mask comes a stroke is still to come, and the mask before it is shown", async () => {
  const { dispatch, state, mask } = await drawable();
  const [first, second] = [dab(2), dab(3)];
  const coming = () => state().objects.flatMap((object) => coming_strokes(object, state()));
  dispatch(drawn(first));
  assert.deepEqual([coming(), mask()], [[first], BY_MODEL]);
  await settled();
  assert.deepEqual(coming(), []);
  dispatch(drawn(second));
  assert.deepEqual([coming(), mask()], [[second], [1, 0, 1, 0, 0, 0, 0, 0]]);
  await settled();
  dispatch({ do: "undone" });
  assert.deepEqual([coming(), mask()], [[], [1, 0, 1, 1, 0, 0, 0, 0]]);
});

test("where all of it is erased there is no mask", async () => {
  const { dispatch, mask } = await drawable();
  dispatch(drawn(dab(0, "erase")));
  await settled();
  assert.deepEqual(mask(), []);
});

test("strokes stay over the next answer, another model's and another worker's", async () => {
  const { dispatch, state, edits, mask } = await drawable();
  dispatch(drawn(dab(3)));
  await settled();
  dispatch({ do: "point_added", point: [1, 0, 1] });
  await settled();
  assert.deepEqual([mask(), edits.length], [[1, 1, 0, 1, 0, 0, 0, 0], 1]);
  for (const [i, change] of /** @type {Action[]} */ ([
    { do: "model_wanted", id: "b" }, { do: "device_wanted", wanted: "cpu" },
  ]).entries()) {
    dispatch(change);
    if (change.do === "model_wanted") dispatch(ready("b"));
    await settled();
    // Only another worker has to be told of them again.
    assert.deepEqual([mask(), edits.length, state().objects[0]?.main.phase], [[1, 1, 0, 1, 0, 0, 0, 0], i + 1, "done"]);
  }
});

test("an object that is deleted and brought back has its strokes, and the engine is not told twice", async () => {
  const { dispatch, edits, mask } = await drawable();
  dispatch(drawn(dab(3)));
  await settled();
  dispatch({ do: "object_removed", number: 1 });
  await settled();
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual([mask(), edits.length], [[1, 0, 0, 1, 0, 0, 0, 0], 1]);
});

test("strokes on a slice where the object was not marked, and on several", async () => {
  const { dispatch, state, edits, mask } = await drawable(9);
  dispatch({ do: "scrolled", by: 1 });
  await settled();
  dispatch(drawn(dab(1), 5));
  await settled();
  assert.deepEqual(mask(), [0, 1, 0, 0, 0, 0, 0, 0]);
  dispatch({ do: "scrolled", by: -1 });
  dispatch(drawn(dab(2), 4));
  await settled();
  assert.deepEqual(mask(), [1, 0, 1, 0, 0, 0, 0, 0]);
  assert.deepEqual(state().objects[0]?.edits.map(({ slice }) => slice), [5, 4]);
  dispatch({ do: "undone" });
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual(edits.map(([, slice, strokes]) => [slice, strokes.length]), [[5, 1], [4, 1], [4, 0], [5, 0]]);
});

test("all strokes of a slice are taken back in one step, those of another slice stay", async () => {
  const { dispatch, state, edits, mask } = await drawable(9);
  for (const [x, slice] of /** @type {const} */ ([[1, 4], [2, 4], [3, 6]])) dispatch(drawn(dab(x), slice));
  await settled();
  dispatch({ do: "strokes_taken_back", number: 1, slice: 4 });
  await settled();
  assert.deepEqual([mask(), state().objects[0]?.edits.map(({ slice }) => slice), edits.at(-1)], [
    BY_MODEL, [6], [1, 4, []],
  ]);
  const { history } = state();
  dispatch({ do: "strokes_taken_back", number: 1, slice: 4 });
  assert.equal(state().history, history, "nothing was left");
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual(mask(), [1, 1, 1, 0, 0, 0, 0, 0]);
});

test("what the engine refuses is taken off, told, and not asked again", async () => {
  const { dispatch, state, mask, since } =
    await drawable(1, { edit: () => { throw { code: "stroke_invalid", message: "No such stroke." }; } });
  dispatch(drawn(dab(3)));
  await settled();
  assert.deepEqual([state().objects[0]?.edits, state().message?.text, since(), mask()], [
    [], "No such stroke.", ["edit"], BY_MODEL,
  ]);
});

test("a stroke that is drawn before the object has its mask comes over it", async () => {
  const { dispatch, edits, mask } = await drawable();
  dispatch({ do: "device_wanted", wanted: "cpu" });
  dispatch(drawn(dab(3)));
  await settled();
  assert.deepEqual([mask(), edits.length], [[1, 0, 0, 1, 0, 0, 0, 0], 1]);
});

test("a refused prompt takes no strokes with it", async () => {
  const { dispatch, state, mask } = await drawable();
  dispatch(drawn(dab(3)));
  await settled();
  dispatch({ do: "point_added", point: [-9, 0, 1] });
  dispatch(drawn(dab(2)));
  assert.equal(state().objects[0]?.prompts.length, 2);
  await settled();
  assert.deepEqual([state().message?.code, state().objects[0]?.prompts.length, mask()], [
    "point_outside", 1, [1, 0, 1, 1, 0, 0, 0, 0],
  ]);
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual(mask(), [1, 0, 0, 1, 0, 0, 0, 0]);
});

test("with the brush in hand a slice is not encoded only because it is shown; "
  + "a stroke ends an encoding that nothing waits for", async () => {
  let encodings = 0;
  const { dispatch, state, since, mask } = await drawable(9, {
    /** @this {any} */
    embed() {
      encodings += 1;
      if (encodings !== 2) return { encode_ms: 12, memory: MEMORY };
      return new Promise((_, reject) => { this.on_cancel = () => reject({ code: "cancelled", message: "" }); });
    },
  });
  const stays = () => new Promise((resolve) => setTimeout(resolve, 300));
  dispatch({ do: "scrolled", by: 1 });
  await stays();
  assert.equal(since().at(-1), "embed");
  dispatch({ do: "tool_chosen", tool: "brush" });
  dispatch(drawn(dab(1), 5));
  await stays();
  assert.deepEqual([since().slice(-3), mask(), state().sessions.main.embedding.phase], [
    ["edit", "slice_masks", "object_mask"], [0, 1, 0, 0, 0, 0, 0, 0], "none",
  ]);
  dispatch({ do: "tool_chosen", tool: "box" });
  await settled();
  assert.deepEqual([since().at(-1), state().sessions.main.embedding.phase], ["embed", "done"]);
});
