// Points, refinement, three masks: what is asked, in which order, and what an undo asks again.

import assert from "node:assert/strict";
import { test } from "node:test";

import { object_at } from "../../web/features/objects/pick.js";
import { point_of } from "../../web/features/prompts/tool.js";
import { points_hint_of, prompt_text } from "../../web/show/words.js";
import { last_prompt } from "../../web/features/prompts/state.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { MEMORY, entry, key_of, next_of_work as next_request, scan_of, shown } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").State} State */
/** @typedef {import("../../web/state/reduce.js").Action} Action */

/** @type {(state: State, ...actions: Action[]) => State} */
const after = (state, ...actions) => actions.reduce(reduce, state);
/** @type {(x: number, y: number, label?: 0 | 1) => Action} */
const point = (x, y, label = 1) => ({ do: "point_added", point: [x, y, label] });
/** @type {Action} */
const box = { do: "box_added", box: [0, 0, 2, 2] };
const failure = { code: "point_outside", message: "The point lies outside." };
/** Of every mask here. @type {import("../../web/features/prompts/state.js").ImageBox} */
const BOUNDS = [0, 0, 1, 1];

/** @type {Action} */
const listed = { do: "models_listed", faults: [], entries: [entry("m")] };

let next_id = 1;
/** Answers whatever the engine is asked, until it is asked nothing. @type {(state: State) => State} */
function answered(state) {
  for (let request = next_request(state); request; request = next_request(state)) {
    const about = /** @type {const} */ ({ generation: state.engine.generation, side: "main" });
    if (request.do === "remove") state = after(state, { do: "prediction_removed", ...about, id: request.id });
    else if (request.do === "segment" || request.do === "choose") {
      const asked = request.do === "choose"
        ? [{ ...request, prompt: { box: null, multimask: true } }]
        : request.questions;
      const chosen = request.do === "choose" ? request.candidate : 0;
      const id = request.do === "choose" ? request.id : null;
      const answers = asked.map(({ number, serial, prompt }) => ({
        number, serial, box: prompt.box, prediction: {
          id: id ?? next_id++, mask: new Uint8Array([1, 0, 0, 0, 0, 0, 0, 0]),
          candidates: prompt.multimask ? [0.9, 0.8, 0.7] : [0.9],
          chosen, iou: 0.9, area_px: 1, bounds: BOUNDS, decode_ms: 1,
        },
      }));
      state = after(state, { do: "predicted", ...about, key: request.key, answers });
    } else throw new Error(`not expected: ${request.do}`);
  }
  return state;
}

const ready = after(initial_state("auto"),
  { do: "engine_probed", generation: 1, device: { kind: "cpu", software: false, binding_bytes: 0, buffer_bytes: 0 } },
  { do: "engine_ready", generation: 1, kind: "cpu", name: "", reason: "" },
  listed, { do: "weights_ready", side: "main", id: "m", file: new Blob(["w"]) },
  {
    do: "weights_loaded", generation: 1, side: "main",
    model: { id: "m", name: "MedSAM", trained_on_points: false, published: true },
  },
  { do: "open_wanted", source: { serial: 1, title: "", files: [] } },
  { do: "scan_opened", generation: 1, serial: 1, scan: scan_of("a") },
  { do: "embed_done", generation: 1, side: "main", key: key_of("a"), encode_ms: 5, memory: MEMORY });

/** The wanted slice in another worker, or after another scan. @type {(generation: number) => Action} */
const shown_again = (generation) => ({
  do: "shown", generation, side: "main", rendering: ready.rendering ?? assert.fail(), shown: shown("a"), masks: null,
  version: 0,
});
/** @type {Action} */
const encoded = { do: "embed_done", generation: 1, side: "main", key: key_of("a"), encode_ms: 5, memory: MEMORY };

/** @type {(state: State) => any} */
const request_of = (state) => next_request(state);

test("a point on nothing begins an object; the next ones join it while it is selected", () => {
  const one = after(ready, point(1, 1), point(2, 1, 0));
  assert.equal(one.objects.length, 1);
  assert.deepEqual(request_of(one).questions.map((/** @type {any} */ { prompt }) => prompt),
    [{ box: null, points: [[1, 1, 1], [2, 1, 0]], refine: null, multimask: false, object: 1 }]);
  const two = after(one, { do: "object_selected", number: null }, point(3, 1));
  assert.deepEqual(two.objects.map((object) => last_prompt(object).points.length), [2, 1]);
});

test("a point on a decoded object refines its mask, with the box and all points", () => {
  const decoded = answered(after(ready, box));
  const id = decoded.objects[0]?.main.prediction?.id;
  const refining = after(decoded, point(1, 1, 0));
  assert.deepEqual(request_of(refining).questions[0].prompt, {
    box: [0, 0, 2, 2], points: [[1, 1, 0]], refine: id, multimask: false, object: 1,
  });
  assert.equal(refining.objects[0]?.main.prediction?.id, id, "the mask before is shown until the new one comes");
  const done = answered(refining);
  assert.deepEqual([done.objects[0]?.main.decoded, done.sessions.main.ids.length], [2, 1]);
});

test("without refinement the points start afresh", () => {
  const afresh = after(answered(after(ready, box)), { do: "refine_set", on: false }, point(1, 1));
  assert.equal(request_of(afresh).do, "remove");
  const [object] = afresh.objects;
  assert.deepEqual([object?.prompts.length, object?.main.decoded], [1, 0]);
});

test("the engine keeps the mask that is being refined", () => {
  const refining = after(answered(after(ready, box)), point(1, 1));
  assert.equal(request_of(refining).do, "segment");
});

test("another worker asks the whole chain again, in order", () => {
  const chain = answered(after(answered(after(ready, box)), point(1, 1)));
  const moved = after(chain, { do: "device_wanted", wanted: "cpu" },
    { do: "engine_ready", generation: 2, kind: "cpu", name: "", reason: "" },
    { do: "scan_reopened", generation: 2, side: "main", scan_key: "a" }, shown_again(2),
    { do: "weights_loaded", generation: 2, side: "main", model: { id: "m", name: "M", trained_on_points: true, published: true } },
    { do: "embed_done", generation: 2, side: "main", key: key_of("a"), encode_ms: 5, memory: MEMORY });
  assert.deepEqual(request_of(moved).questions[0].prompt, {
    box: [0, 0, 2, 2], points: [], refine: null, multimask: false, object: 1,
  });
  const done = answered(moved);
  assert.deepEqual([done.objects[0]?.main.decoded, done.objects[0]?.main.phase], [2, "done"]);
});

test("undo takes back one point, and shows the mask of then at once", () => {
  const first = answered(after(ready, box));
  const mask = first.objects[0]?.main.prediction;
  const undone = after(answered(after(first, point(1, 1))), { do: "undone" });
  assert.equal(undone.objects[0]?.main.prediction, mask);
  assert.deepEqual([undone.objects[0]?.prompts.length, undone.objects[0]?.main.phase], [1, "waiting"]);
  const pending = after(first, point(1, 1), { do: "undone" });
  assert.equal(pending.objects[0]?.main.phase, "done", "nothing to ask: the answer is still there");
});

test("a refused point is taken back, and the object stays with the mask it had", () => {
  const decoded = answered(after(ready, box));
  const asked = after(decoded, point(99, 1));
  const { number, serial } = request_of(asked).questions[0];
  const refused = after(asked, {
    do: "prediction_failed", generation: 1, side: "main", key: key_of("a"), asked: [{ number, serial }], failure,
  });
  assert.deepEqual(refused.objects, decoded.objects);
  assert.deepEqual([refused.history.length, refused.message?.code], [decoded.history.length, "point_outside"]);
});

test("an answer to a prompt that has been replaced is dropped, and its mask forgotten", () => {
  const asked = after(ready, point(1, 1));
  const { number, serial } = request_of(asked).questions[0];
  const late = {
    id: 77, mask: new Uint8Array(8), candidates: [1], chosen: 0, iou: 1, area_px: 0, bounds: null, decode_ms: 1,
  };
  const replaced = after(asked, point(2, 1), {
    do: "predicted", generation: 1, side: "main", key: key_of("a"),
    answers: [{ number, serial, box: null, prediction: late }],
  });
  assert.equal(replaced.objects[0]?.main.prediction, null);
  assert.deepEqual(next_request(replaced), { do: "remove", side: "main", id: 77 });
});

test("three masks: the toggle asks the selected object again, and a choice survives a new worker", () => {
  const three = answered(after(answered(after(ready, point(1, 1))), { do: "multimask_set", on: true }));
  assert.deepEqual(three.objects[0]?.main.prediction?.candidates.length, 3);
  const choosing = after(three, { do: "candidate_chosen", number: 1, candidate: 2 });
  assert.equal(request_of(choosing).do, "choose");
  const chosen = answered(choosing);
  assert.deepEqual([chosen.objects[0]?.main.prediction?.chosen, chosen.objects[0]?.main.phase], [2, "done"]);
  const again = answered(
    after(chosen, { do: "scan_reopened", generation: 1, side: "main", scan_key: "a" }, shown_again(1), encoded),
  );
  assert.equal(again.objects[0]?.main.prediction?.chosen, 2);
  const back = answered(after(chosen, { do: "undone" }));
  assert.equal(back.objects[0]?.main.prediction?.chosen, 0);
});

test("a box joins the selected object with Shift, and begins one without", () => {
  const joined = after(ready, point(1, 1), { do: "box_added", box: [0, 0, 3, 2], to_selected: true });
  assert.deepEqual([joined.objects.length, prompt_text(last_prompt(joined.objects[0] ?? assert.fail()))], [
    1, "Box 0, 0, 3, 2 with 1 +",
  ]);
  assert.equal(after(joined, box).objects.length, 2);
});

test("more prompts than one batch holds go in several", () => {
  const many = after(ready, ...Array.from({ length: 11 }, () => box));
  assert.equal(request_of(many).questions.length, 8);
  assert.equal(answered(many).objects.every(({ main }) => main.phase === "done"), true);
});

test("a click picks the object whose mask is there, else the smallest box", () => {
  const two = answered(after(ready, { do: "box_added", box: [0, 0, 4, 2] }, { do: "box_added", box: [2, 0, 4, 2] }));
  assert.equal(object_at({ x: 0.5, y: 0.5 }, two), 2, "the mask on top");
  assert.equal(object_at({ x: 3.5, y: 1.5 }, two), 2);
  assert.equal(object_at({ x: 1.5, y: 1.5 }, two), 1);
  assert.equal(object_at({ x: 4.5, y: 1 }, two), null);
});

test("Shift and the other button make a point negative", () => {
  /** @type {(event: object) => PointerEvent} */
  const event = (event) => /** @type {PointerEvent} */ ({ button: 0, shiftKey: false, ...event });
  assert.deepEqual(point_of({ x: 1.234, y: 5.678 }, "positive", event({})), [1.23, 5.68, 1]);
  assert.deepEqual(point_of({ x: 1, y: 5 }, "positive", event({ shiftKey: true }))[2], 0);
  assert.deepEqual(point_of({ x: 1, y: 5 }, "positive", event({ button: 2 }))[2], 0);
  assert.deepEqual(point_of({ x: 1, y: 5 }, "negative", event({}))[2], 0);
});

test("a checkpoint that does not know points says so where points are used", () => {
  assert.equal(points_hint_of(ready), "");
  assert.match(
    points_hint_of(after(ready, { do: "tool_chosen", tool: "positive" })), /MedSAM was trained on box prompts only/,
  );
  assert.match(points_hint_of(after(ready, point(1, 1))), /trained on box prompts only/);
});
