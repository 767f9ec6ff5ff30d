// The driver with a scripted worker: what it asks for, and what the state becomes.

import assert from "node:assert/strict";
import { test } from "node:test";

import { MEMORY, open, page, ready, settled } from "./page.mjs";

const GPU = { name: "a card", lack: "", software: false, binding_bytes: 2 ** 30, buffer_bytes: 2 ** 31 };
const weights = ready("a");

test("from start to mask, each thing once", async () => {
  const { asked, dispatch, state } = page({});
  dispatch(open(1));
  dispatch(weights);
  await settled();
  dispatch({ do: "box_added", box: [0, 0, 1, 1] });
  await settled();
  assert.deepEqual(asked, ["probe", "create", "open", "load_weights", "embed", "segment"]);
  assert.equal(state().objects[0]?.main.phase, "done");
});

test("automatically, a GPU that does not start makes way for the CPU, with the reason", async () => {
  /** @type {(() => any)[]} */
  const refusals = [
    () => { throw { code: "device_unavailable", message: "no shader" }; },
    () => ({ fatal: { code: "worker_stopped", message: "no shader" } }),
  ];
  for (const refuse of refusals) {
    const { state } =
      page({ probe: () => GPU, create: ([kind]) => kind === "gpu" ? refuse() : { kind, name: "Flex" } });
    await settled();
    const { engine, message } = state();
    assert.deepEqual([engine.phase, engine.kind, engine.reason], ["ready", "cpu", "The GPU did not start: no shader"]);
    assert.equal(message, null);
  }
});

test("a GPU that the user chose and that does not start says so and offers the CPU", async () => {
  const { state, asked } = page({
    probe: () => GPU,
    create: () => { throw { code: "device_unavailable", message: "no shader" }; },
  }, "gpu");
  await settled();
  assert.deepEqual([state().engine.phase, state().message?.offers], ["failed", ["retry", "use_cpu"]]);
  assert.deepEqual(asked, ["probe", "create"]);
});

test("a new file stops the encoding of the old one", async () => {
  let encodings = 0;
  const { asked, dispatch, state } = page({
    /** @this {any} */
    embed() {
      encodings += 1;
      if (encodings > 1) return { encode_ms: 12, memory: MEMORY };
      return new Promise((_, reject) => { this.on_cancel = () => reject({ code: "cancelled", message: "" }); });
    },
  });
  dispatch(weights);
  dispatch(open(1));
  await settled();
  assert.equal(asked.at(-1), "embed");
  dispatch(open(2));
  await settled();
  assert.deepEqual(asked.slice(-3), ["embed", "open", "embed"]);
  assert.deepEqual([state().scan?.key, state().sessions.main.embedding.phase], ["key 2", "done"]);
});

test("what was prompted while encoding is decoded in one batch; a refused one of it goes alone", async () => {
  /** @type {(value?: unknown) => void} */
  let encoded = () => {};
  /** @type {number[]} */
  const batches = [];
  const { dispatch, state } = page({
    embed: () => new Promise((resolve) => { encoded = () => resolve({ encode_ms: 12, memory: MEMORY }); }),
    segment([, prompts]) {
      batches.push(prompts.length);
      if (prompts.some((/** @type {any} */ { box }) => box?.[0] === 9)) {
        throw { code: "box_outside", message: "It lies outside." };
      }
      return prompts.map((/** @type {any} */ { box, points }) => ({
        key: state().image?.key, box, points, id: batches.length * 10 + prompts.indexOf(box), mask: new Uint8Array(1),
        candidates: [1], chosen: 0, iou: 1, area_px: 1, bounds: box, decode_ms: 1,
      }));
    },
  });
  dispatch(open(1));
  dispatch(weights);
  await settled();
  dispatch({ do: "box_added", box: [0, 0, 1, 1] });
  dispatch({ do: "box_added", box: [9, 9, 10, 10] });
  dispatch({ do: "object_selected", number: null });
  dispatch({ do: "point_added", point: [0.5, 0.5, 1] });
  encoded();
  await settled();
  assert.deepEqual(batches, [3, 1, 1, 1]);
  assert.deepEqual(state().objects.map(({ number, main }) => [number, main.phase]), [[1, "done"], [3, "done"]]);
  assert.equal(state().message?.code, "box_outside");
});

test("another of the three masks is chosen without decoding, and refinement goes on from it", async () => {
  /** @type {any[]} */
  const refined = [];
  const { asked, dispatch, state } = page({});
  dispatch(open(1));
  dispatch(weights);
  await settled();
  dispatch({ do: "multimask_set", on: true });
  dispatch({ do: "point_added", point: [0, 0, 1] });
  await settled();
  assert.deepEqual(state().objects[0]?.main.prediction?.chosen, 1);
  dispatch({ do: "candidate_chosen", number: 1, candidate: 2 });
  await settled();
  assert.deepEqual([asked.at(-1), state().objects[0]?.main.prediction?.chosen, state().objects[0]?.main.phase], [
    "choose", 2, "done",
  ]);
  refined.push(state().objects[0]?.main.prediction?.id);
  dispatch({ do: "point_added", point: [1, 0, 0] });
  await settled();
  assert.deepEqual(asked.slice(-2), ["segment", "remove"]);
  assert.deepEqual([state().objects[0]?.prompts.length, state().sessions.main.ids.length], [2, 1]);
  assert.notEqual(state().objects[0]?.main.prediction?.id, refined[0]);
});

test("a worker that dies while decoding is replaced, and retry brings the mask", async () => {
  let dies = true;
  const { asked, dispatch, state } = page({
    segment: ([, [{ box }]]) => dies ? { fatal: { code: "worker_stopped", message: "trap" } }
      : [{
        key: state().image?.key, box, points: [], id: 1, mask: new Uint8Array(1), candidates: [1], chosen: 0, iou: 1,
        area_px: 1, bounds: box, decode_ms: 1,
      }],
  });
  dispatch(weights);
  dispatch(open(1));
  await settled();
  dispatch({ do: "box_added", box: [0, 0, 1, 1] });
  await settled();
  assert.deepEqual([state().message?.text, state().objects.length], ["trap", 1]);
  assert.deepEqual(asked.slice(-4), ["create", "open", "show", "load_weights"]);
  dies = false;
  dispatch({ do: "retry" });
  await settled();
  assert.equal(state().objects[0]?.main.phase, "done");
});

test("a device switch in the middle of an encoding starts over on the other device", async () => {
  let encodings = 0;
  const { dispatch, state } =
    page({ embed: () => (encodings += 1) > 1 ? { encode_ms: 12, memory: MEMORY } : new Promise(() => {}) });
  dispatch(weights);
  dispatch(open(1));
  await settled();
  dispatch({ do: "box_added", box: [0, 0, 1, 1] });
  await settled();
  dispatch({ do: "device_wanted", wanted: "cpu" });
  await settled();
  assert.deepEqual([encodings, state().engine.reason, state().objects[0]?.main.phase], [
    2, "You chose the CPU.", "done",
  ]);
});
