// The state: what a reply may change, and what it may not.

import assert from "node:assert/strict";
import { test } from "node:test";

import { request_words } from "../../web/features/offline/show.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { MEMORY, entry, key_of, next_of_work as next_request, scan_of, shown } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").State} State */
/** @typedef {import("../../web/state/reduce.js").Action} Action */

/** @type {(state: State, ...actions: Action[]) => State} */
const after = (state, ...actions) => actions.reduce(reduce, state);

/** @type {Action} */
const listed = { do: "models_listed", faults: [], entries: [entry("m")] };
/** @type {Action} */
const probed = {
  do: "engine_probed", generation: 1, device: { kind: "cpu", software: false, binding_bytes: 0, buffer_bytes: 0 },
};

/** @type {(serial: number) => Action} */
const wanted = (serial) => ({ do: "open_wanted", source: { serial, title: "", files: [new Blob([String(serial)])] } });
/** @type {(serial: number) => Action} */
const parsed = (serial) => ({ do: "scan_parsed", serial, choice: 0 });
/** @type {(serial: number, key: string, generation?: number) => Action} */
const opened = (serial, key, generation = 1) => ({ do: "scan_opened", generation, serial, scan: scan_of(key) });
/** @type {(key: string, number: number, id: number, generation?: number) => Action} */
const segmented = (key, number, id, generation = 1, serial = number) => ({
  do: "predicted", generation, side: "main", key: key_of(key),
  answers: [{
    number, serial, box: [0, 0, 2, 2],
    prediction: {
      id, mask: new Uint8Array([1, 1, 0, 0, 1, 1, 0, 0]), candidates: [0.9], chosen: 0, iou: 0.9, area_px: 4,
      bounds: [0, 0, 2, 2], decode_ms: 5,
    },
  }],
});
/** @type {(generation?: number) => Action} */
const loaded = (generation = 1) =>
  ({ do: "weights_loaded", generation, side: "main", model: { id: "m", name: "M", trained_on_points: false, published: true } });
/** @type {(key: string, generation?: number) => Action} */
const encoded = (key, generation = 1) => ({
  do: "embed_done", generation, side: "main", key: key_of(key), encode_ms: 12, memory: MEMORY,
});
/** @type {(scan_key: string, generation?: number) => Action} */
const reopened = (scan_key, generation = 2) => ({ do: "scan_reopened", generation, side: "main", scan_key });
/** The slice that is wanted is shown again. @type {(state: State, key: string) => State} */
const shown_again = (state, key) => {
  const request = next_request(state);
  assert.ok(request?.do === "show");
  return after(state, {
    do: "shown", generation: state.engine.generation, side: "main", rendering: request.rendering, shown: shown(key),
    masks: null, version: 0,
  });
};
/** @type {(generation?: number, kind?: "gpu" | "cpu") => Action} */
const ready = (generation = 1, kind = "cpu") => ({ do: "engine_ready", generation, kind, name: "", reason: "" });
/** @type {Action} */
const box = { do: "box_added", box: [0, 0, 2, 2] };
const failure = { code: "test", message: "A test failure." };

/** A started engine with weights. */
const started = after(
  initial_state("auto"), probed, ready(), listed,
  { do: "weights_ready", side: "main", id: "m", file: new Blob(["w"]) },
  loaded(1),
);
/** Image "a", encoded, with one box and its mask. */
const with_mask = after(started, wanted(1), opened(1, "a"), encoded("a", 1),
  box, segmented("a", 1, 7));

/** @type {(state: State) => (number | undefined)[]} */
const masks = (state) => state.objects.map(({ main }) => main.prediction?.id);

test("a new image takes the boxes, masks and history of the old one with it", () => {
  assert.deepEqual(masks(with_mask), [7]);
  const next = after(with_mask, wanted(2), opened(2, "b"));
  assert.deepEqual([next.objects, next.history, next.sessions.main.embedding.phase], [[], [], "none"]);
  assert.equal(next.scan?.key, "b");
});

test("a mask of the old image that comes late is dropped", () => {
  const next = after(with_mask, box, wanted(2), opened(2, "b"), box);
  const late = after(next, segmented("a", 2, 8), segmented("a", 3, 9));
  assert.deepEqual(masks(late), [undefined]);
  assert.deepEqual(late, next);
});

test("a reply of an older worker is dropped, even for the same image", () => {
  const switched = after(with_mask, { do: "device_wanted", wanted: "gpu" }, ready(2, "gpu"));
  assert.equal(after(switched, segmented("a", 1, 99)), switched);
  assert.equal(after(switched, encoded("a", 1)), switched);
  assert.equal(after(switched, { do: "engine_died", generation: 1, step: "embed", failure }), switched);
});

test("progress and ends of an older image's encoding are dropped", () => {
  const next = after(with_mask, wanted(2), opened(2, "b"));
  assert.equal(after(next, encoded("a", 1)), next);
  assert.equal(after(next, {
    do: "embed_progress", generation: 1, side: "main", key: key_of("a"), stage: "neck", done: 1, total: 2,
  }), next);
  assert.equal(
    after(next, { do: "embed_stopped", generation: 1, side: "main", key: key_of("a"), by_user: true }), next,
  );
});

test("a device switch keeps image, boxes and masks, and has all of it done again", () => {
  let state = after(with_mask, { do: "device_wanted", wanted: "cpu" });
  assert.deepEqual([state.scan?.key, masks(state), state.objects[0]?.main.phase], ["a", [7], "waiting"]);
  assert.deepEqual(next_request(state), { do: "start" });
  state = after(state, ready(2));
  assert.deepEqual(next_request(state)?.do, "reopen");
  state = shown_again(after(state, reopened("a")), "a");
  assert.equal(next_request(state)?.do, "load_weights");
  state = after(state, loaded(2));
  assert.equal(next_request(state)?.do, "embed");
  state = after(state, encoded("a", 2));
  assert.equal(next_request(state)?.do, "segment");
  state = after(state, segmented("a", 1, 1, 2));
  assert.equal(next_request(state), null);
});

test("a file that does not open leaves image, masks and encoding", () => {
  const next = after(with_mask, wanted(2), { do: "open_failed", serial: 2, failure });
  assert.deepEqual([next.scan?.key, masks(next), next.sessions.main.embedding.phase], ["a", [7], "done"]);
  assert.equal(next.message?.text, failure.message);
});

test("a file opened for nothing makes the engine open the shown image again", () => {
  // The user asks for 2, then for 3; 2 opens in the worker; 3 then fails.
  let next = after(with_mask, wanted(2), wanted(3), opened(2, "b"));
  assert.equal(next.scan?.key, "a");
  // Meanwhile the scan before is not read for nothing.
  assert.equal(next_request(next), null);
  assert.equal(next_request(after(next, parsed(3)))?.do, "open");
  next = after(next, { do: "open_failed", serial: 3, failure });
  assert.deepEqual(next_request(next), { do: "reopen", scan: with_mask.scan });
  assert.equal(after(next, segmented("b", 1, 5)), next);
  assert.equal(next.objects[0]?.main.phase, "waiting");
});

test("boxes drawn before the scan is encoded wait, and are decoded in one batch", () => {
  let state = after(started, wanted(1), opened(1, "a"), box, box);
  assert.equal(next_request(state)?.do, "embed");
  state = after(state, encoded("a", 1));
  const prompt = { box: [0, 0, 2, 2], points: [], refine: null, multimask: false };
  assert.deepEqual(next_request(state), {
    do: "segment", side: "main", key: key_of("a"),
    questions: [
      { number: 1, serial: 1, prompt: { ...prompt, object: 1 } },
      { number: 2, serial: 2, prompt: { ...prompt, object: 2 } },
    ],
  });
});

test("a cancelled encoding waits for the user; one that made way does not", () => {
  const open = after(started, wanted(1), opened(1, "a"));
  const by_user = after(open, { do: "embed_stopped", generation: 1, side: "main", key: key_of("a"), by_user: true });
  assert.equal(next_request(by_user), null);
  assert.equal(next_request(after(by_user, { do: "retry" }))?.do, "embed");
  const made_way = after(open, { do: "embed_stopped", generation: 1, side: "main", key: key_of("a"), by_user: false });
  assert.equal(next_request(made_way)?.do, "embed");
});

test("a worker that dies while encoding waits for retry, with image and boxes", () => {
  let state = after(with_mask, { do: "engine_died", generation: 1, step: "embed", failure });
  assert.deepEqual([state.scan?.key, masks(state), state.message?.offers], ["a", [7], ["retry"]]);
  assert.equal(next_request(state)?.do, "start");
  state = after(shown_again(after(state, ready(2), reopened("a")), "a"), loaded(2));
  assert.equal(next_request(state), null);
  assert.equal(next_request(after(state, { do: "retry" }))?.do, "embed");
});

test("a worker that dies on a new file drops the file and goes on with the old image", () => {
  const state = after(with_mask, wanted(2), { do: "engine_died", generation: 1, step: "open", failure },
    ready(2), reopened("a"));
  assert.deepEqual([state.opening, state.scan?.key], [null, "a"]);
  assert.equal(next_request(after(shown_again(state, "a"), loaded(2)))?.do, "embed");
});

test("a worker that dies at its start is not started again until the user asks", () => {
  const state = after(initial_state("cpu"), { do: "engine_died", generation: 1, step: "start", failure });
  assert.equal(next_request(state), null);
  assert.equal(next_request(after(state, { do: "retry" }))?.do, "start");
});

test("a GPU that fails offers the CPU", () => {
  const state = after(with_mask, { do: "device_wanted", wanted: "gpu" }, ready(2, "gpu"),
    { do: "engine_died", generation: 2, step: "segment", failure });
  assert.deepEqual(state.message?.offers, ["retry", "use_cpu"]);
});

test("undo takes back adding, deleting and clearing, one at a time", () => {
  const two = after(with_mask, box, segmented("a", 2, 8));
  const cleared = after(two, { do: "object_removed", number: 1 }, { do: "objects_cleared" });
  assert.deepEqual(masks(cleared), []);
  const once = after(cleared, { do: "undone" });
  assert.deepEqual(masks(once), [8]);
  const twice = after(once, { do: "undone" });
  assert.deepEqual([masks(twice), twice.objects.map(({ main }) => main.phase)], [[7, 8], ["waiting", "waiting"]]);
  const thrice = after(twice, { do: "undone" });
  assert.deepEqual(masks(thrice), [7]);
  const none = after(thrice, { do: "undone" });
  assert.deepEqual([none.objects, none.history], [[], []]);
  assert.equal(after(none, { do: "undone" }), none);
});

test("the engine forgets the segments that no box shows", () => {
  let state = after(with_mask, { do: "objects_cleared" });
  assert.deepEqual(next_request(state), { do: "remove", side: "main", id: 7 });
  state = after(state, { do: "prediction_removed", generation: 1, side: "main", id: 7 });
  assert.equal(next_request(state), null);
});

test("a refused box disappears with its undo step, and the other masks stay", () => {
  const refused = after(with_mask, { do: "box_added", box: [9, 9, 9, 9] },
    {
      do: "prediction_failed", generation: 1, side: "main", key: key_of("a"), asked: [{ number: 2, serial: 2 }],
      failure,
    });
  assert.deepEqual([masks(refused), refused.message?.text], [[7], failure.message]);
  assert.equal(refused.history.length, with_mask.history.length);
  assert.deepEqual(after(refused, { do: "undone" }).objects, []);
});

test("each box has the first colour that no other box has", () => {
  const three = after(with_mask, box, box);
  assert.deepEqual(three.objects.map(({ colour }) => colour), [0, 1, 2]);
  const again = after(three, { do: "object_removed", number: 2 }, box);
  assert.deepEqual(again.objects.map(({ colour, number }) => [colour, number]), [[0, 1], [2, 3], [1, 4]]);
});

test("a message that offers retry outlives a new box and a new file; others do not", () => {
  const broken = after(initial_state("auto"), ready(), { do: "weights_failed", side: "main", failure });
  assert.equal(after(broken, wanted(1), opened(1, "a"), box).message?.text, failure.message);
  const refused = after(with_mask, { do: "failed", failure });
  assert.equal(after(refused, box).message, null);
  const died = after(with_mask, { do: "embed_failed", generation: 1, side: "main", key: key_of("a"), failure });
  assert.equal(after(died, wanted(2)).message?.text, failure.message);
  assert.equal(after(died, wanted(2), opened(2, "b")).message, null);
});

test("weights that failed leave the page usable and are fetched again on retry", () => {
  const open = after(initial_state("auto"), probed, ready(), listed, wanted(1), opened(1, "a"), {
    do: "weights_failed", side: "main", failure,
  });
  assert.equal(open.scan?.key, "a");
  assert.equal(next_request(open), null);
  assert.equal(after(open, { do: "retry" }).weights.phase, "idle");
});

test("alike requests are counted, and a day of use makes the list no longer", () => {
  const page = { by: "page", path: "web/main.js", bytes: 10, is_kept: false };
  const reader = { by: "file reader", path: "boxel-bindings_bg.wasm", bytes: 100, is_kept: true };
  const twice = after(initial_state("auto"), { do: "requested", requests: [page, reader] }, {
    do: "requested", requests: [reader, { ...reader, is_kept: false }],
  });
  assert.deepEqual(twice.requests, [
    { ...page, times: 1 }, { ...reader, bytes: 200, times: 2 }, { ...reader, is_kept: false, times: 1 },
  ]);
  assert.equal(after(twice, { do: "requested", requests: [] }).requests, twice.requests, "nothing new is no change");
  assert.match(request_words(twice.requests), /^4 requests, each for a file of this page\. 0\.0 MB came/);
});
