// A refinement that loses the mask, or misses a point, is offered: what the page shows, asks and writes down.

import assert from "node:assert/strict";
import { test } from "node:test";

import { is_complete, is_settled, why_no_save, why_not } from "../../web/features/exports/formats.js";
import { session_of } from "../../web/features/sessions/write.js";
import { facts_of } from "../../web/show/words.js";
import { offer_text } from "../../web/features/prompts/offer_words.js";
import { why_not_propagate } from "../../web/features/propagation/words.js";
import { mask_here } from "../../web/state/here.js";
import { open_offer } from "../../web/features/prompts/state.js";
import { steps_of } from "../../web/state/steps.js";
import { work_of } from "../../web/features/unsaved/state.js";
import { open, page, ready, settled, shown } from "./page.mjs";

const PRESENT = [1, 1, 1, 1, 0, 0, 0, 0];
const OFFERED = [0, 0, 0, 0, 0, 0, 0, 1];
const SESSION = /** @type {const} */ ({ format: "session", id: "", name: "", about: "", of: "all" });

/** A volume with an object that has a box on slice 4, and a propagated mask on slice 5. Refinements are offered unless
 * they are to be taken. */
async function offering() {
  /** @type {any[]} */
  const told = [];
  let made_id = 0;
  /** @type {any} */
  let last = null;
  const made = page({
    segment: ([, prompts]) => prompts.map((/** @type {any} */ prompt) => {
      told.push(["segment", prompt]);
      const refines = prompt.points.length > 0 && (prompt.refine !== null || prompt.refine_carried);
      const mask = Uint8Array.from(refines ? OFFERED : PRESENT);
      last = {
        key: made.state().image?.key, box: prompt.box, points: prompt.points, id: ++made_id, mask,
        area_px: refines ? 1 : 4, bounds: null, decode_ms: 3,
        candidates: [0.9], chosen: 0, iou: 0.9,
        offered: refines && !prompt.take
          ? { lost_fraction: 1, point_outside: prompt.points[0][0] === 3, point_inside: false }
          : null,
      };
      return last;
    }),
    accept: ([side, id]) => {
      told.push(["accept", side, id]);
      return { ...last, key: made.state().image?.key, offered: null };
    },
    remove: ([, id]) => void told.push(["remove", id]),
    show: ([, plane, slice, window]) => ({
      shown: shown(made.state().scan?.key ?? "", { plane, slice, window }), masks: null,
    }),
    slice_masks: ([, slice]) =>
      slice === 5 ? [{ object: 1, mask: Uint8Array.from(PRESENT), origin: "carried", iou: 0.8, doubts: [] }] : [],
  }, "auto", 9);
  made.dispatch(open(1));
  made.dispatch(ready("a"));
  await settled();
  made.dispatch({ do: "box_added", box: [0, 0, 4, 1] });
  await settled();
  told.length = 0;
  const object = () => {
    const [first] = made.state().objects;
    assert.ok(first);
    return first;
  };
  return {
    ...made, object, mask: () => Array.from(mask_here(object(), made.state())?.mask ?? []), told: () => told.splice(0),
  };
}

test("after a box: the mask stays, and declined the point leaves no trace", async () => {
  const { dispatch, state, object, mask, told } = await offering();
  const [{ history, steps }, before] = [state(), object()];
  dispatch({ do: "point_added", point: [3, 0, 1] });
  await settled();
  assert.deepEqual([object().main.phase, mask(), object().main.prediction?.id], ["offered", PRESENT, 1]);
  assert.equal(offer_text(state()),
    "Object 1: the refined mask (hatched) loses 100 % of the current mask and leaves out a point of the object. "
      + "The current mask stays until you accept the new one.");
  assert.equal(facts_of(object(), state(), "main"), "a refined mask awaits your decision");
  assert.equal(why_not_propagate(state()), "First use the new mask or keep the current one");
  assert.deepEqual([why_no_save(state()), why_not(SESSION, state()), state().steps], ["", "", steps]);
  told();
  dispatch({ do: "offer_declined", number: 1 });
  assert.deepEqual([object().prompts, object().main, state().history, offer_text(state())], [
    before.prompts, before.main, history, "",
  ]);
  await settled();
  assert.deepEqual([told(), state().steps, mask()], [[["remove", 2]], steps, PRESENT]);
});

test("taken, it is a step as any, and asked again it is not offered again", async () => {
  const { dispatch, state, object, mask, told } = await offering();
  dispatch({ do: "point_added", point: [3, 0, 1] });
  await settled();
  told();
  dispatch({ do: "rendering_wanted", slice: 6 });
  await settled();
  assert.ok(open_offer(object()), "it waits while the user looks around");
  dispatch({ do: "offer_taken", number: 1 });
  await settled();
  dispatch({ do: "rendering_wanted", slice: 4 });
  await settled();
  assert.deepEqual([told(), object().main.phase, mask(), object().main.decoded], [
    [["accept", "main", 2], ["remove", 1]], "done", OFFERED, 2,
  ]);
  const [step] = steps_of(state().steps, 1);
  assert.deepEqual(step?.do === "prompt" && [step.slice, step.window, step.prompts.map(({ points }) => points)], [
    4, { kind: "stored" }, [[], [[3, 0, 1]]],
  ]);
  dispatch({ do: "device_wanted", wanted: "cpu" });
  await settled();
  const asked = told().filter(([what]) => what === "segment");
  assert.deepEqual(asked.map(([, prompt]) => prompt.take ?? false), [false, true]);
  assert.deepEqual([object().main.phase, mask()], ["done", OFFERED]);
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual([mask(), offer_text(state())], [PRESENT, ""]);
});

test("on a propagated slice the chain starts from the mask there, which stays until the point's is taken", async () => {
  const { dispatch, state, object, mask, told } = await offering();
  const before = object();
  dispatch({ do: "rendering_wanted", slice: 5 });
  await settled();
  dispatch({ do: "point_added", point: [1, 0, 1] });
  await settled();
  assert.deepEqual(told().filter(([what]) => what === "segment"), [
    ["segment", { box: null, points: [[1, 0, 1]], refine: null, multimask: false, object: 1, refine_carried: true }],
  ]);
  assert.deepEqual([mask(), object().at.slice, object().main.phase], [PRESENT, 5, "offered"]);
  dispatch({ do: "offer_declined", number: 1 });
  await settled();
  assert.deepEqual([object().at, object().prompts, mask()], [before.at, before.prompts, PRESENT]);
  assert.deepEqual(steps_of(state().steps, 1).map((step) => "slice" in step && step.slice), [4]);

  dispatch({ do: "point_added", point: [1, 0, 1] });
  await settled();
  dispatch({ do: "offer_taken", number: 1 });
  await settled();
  assert.deepEqual([mask(), steps_of(state().steps, 1).map((step) => "slice" in step && step.slice)], [
    OFFERED, [4, 5],
  ]);
  // One more point goes on with that chain.
  told();
  dispatch({ do: "point_added", point: [2, 0, 0] });
  await settled();
  const [asked] = told();
  assert.deepEqual([asked[1].refine_carried, typeof asked[1].refine, asked[1].take], [true, "number", undefined]);
});

test("another point while one is offered takes its place", async () => {
  const { dispatch, object, told } = await offering();
  dispatch({ do: "point_added", point: [3, 0, 1] });
  await settled();
  told();
  dispatch({ do: "point_added", point: [2, 0, 1] });
  await settled();
  assert.deepEqual(told().filter(([what]) => what === "segment").map(([, prompt]) => [prompt.points, prompt.refine]), [
    [[[3, 0, 1], [2, 0, 1]], 1],
  ]);
  assert.deepEqual(object().prompts.map(({ points }) => points.length), [0, 2]);
});

test("without refinement a point stands alone, and a point goes on with the chain that a slice has", async () => {
  const { dispatch, told } = await offering();
  dispatch({ do: "rendering_wanted", slice: 6 });
  await settled();
  dispatch({ do: "box_added", box: [0, 0, 2, 2], to_selected: true });
  await settled();
  dispatch({ do: "rendering_wanted", slice: 4 });
  await settled();
  told();
  dispatch({ do: "point_added", point: [1, 0, 1] });
  await settled();
  assert.deepEqual(told().filter(([what]) => what === "segment")
    .map(([, { box, points, refine }]) => [box, points.length, refine !== null]),
    [[[0, 0, 4, 1], 0, false], [[0, 0, 4, 1], 1, true]]);
  dispatch({ do: "refine_set", on: false });
  dispatch({ do: "rendering_wanted", slice: 5 });
  await settled();
  dispatch({ do: "point_added", point: [1, 0, 1] });
  await settled();
  const asked = told().filter(([what]) => what === "segment").at(-1);
  assert.deepEqual([asked?.[1].refine, asked?.[1].refine_carried, asked?.[1].points.length], [null, undefined, 1]);
});

test("a session that is saved while a refinement is offered can be opened again, and does "
  + "not count as saved work", async () => {
  const { dispatch, state, object } = await offering();
  dispatch({ do: "rendering_wanted", slice: 5 });
  await settled();
  dispatch({ do: "point_added", point: [3, 1, 1] });
  await settled();
  assert.ok(open_offer(object()));
  assert.equal(object().at.slice, 5);
  assert.deepEqual([is_settled(state()), is_complete(state())], [true, false]);
  const sha256 = "a".repeat(64);
  const named = {
    ...state(), made_with: { name: "M", recipe: /** @type {const} */ ("litemedsam"), sha256 },
    scan: { .../** @type {any} */ (state().scan), key: sha256 },
  };
  const restored = {
    ...named, objects: named.objects.map((each) => ({ ...each, main: { ...each.main, restored: true } })),
  };
  const session = session_of(/** @type {any} */ (restored), [{ voxels: 4, sha256, masks: "null", slices: [] }]);
  assert.equal(session.objects[0]?.at, 4, "the slice of the prompt that was answered");
});

test("taking what is offered changes the work, as another window does", async () => {
  const { dispatch, state, object } = await offering();
  const named = work_of(state());
  dispatch({ do: "point_added", point: [3, 1, 1] });
  await settled();
  const offered = work_of(state());
  dispatch({ do: "offer_taken", number: object().number });
  await settled();
  assert.equal(new Set([named, offered, work_of(state())]).size, 3);
  const [first] = state().objects;
  const window = /** @type {const} */ ({ kind: "linear", level: 1, width: 2 });
  assert.notEqual(work_of({ ...state(), objects: first ? [{ ...first, window }] : [] }), work_of(state()));
});
