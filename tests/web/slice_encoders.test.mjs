// The workers that encode slices next to the engine: how many, when, and what the page says of one that stops.

import assert from "node:assert/strict";
import { test } from "node:test";

import { SliceEncoders } from "../../web/engine/slice_encoders.js";
import { slices_at_a_time_of } from "../../web/show/words.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { machine_of, others_wanted } from "../../web/state/slice_encoders.js";

const MIB = 2 ** 20;
const MACHINE = { cores: 4, memory_gib: 8 };

/** @param {number} bytes @param {object} [changes] @returns {any} */
function state_with(bytes, changes = {}) {
  const state = /** @type {any} */ (initial_state("cpu"));
  const file = { size: bytes };
  return {
    ...state,
    engine: { ...state.engine, phase: "ready", kind: "cpu" },
    scan: { volume: true },
    weights: { ...state.weights, phase: "ready", id: "a", model: "A", recipe: "litemedsam", sha256: "abc", file },
    sessions: {
      ...state.sessions,
      main: { ...state.sessions.main, model: { id: "a" }, embedding: { phase: "done" } },
    },
    ...changes,
  };
}
const lite = (/** @type {object} */ changes = {}) => state_with(20 * MIB, changes);

test("as many workers as there are other cores, as far as memory reaches", () => {
  const count = (/** @type {number} */ bytes, /** @type {object} */ machine) =>
    others_wanted(state_with(bytes), { ...MACHINE, ...machine });
  assert.deepEqual([1, 2, 4, 8, 64].map((cores) => count(20 * MIB, { cores })), [0, 1, 3, 7, 7]);
  assert.equal(count(375 * MIB, {}), 1, "of ViT-B, on 8 GiB");
  assert.equal(count(375 * MIB, { memory_gib: 4 }), 0, "of ViT-B, on 4 GiB");
  assert.deepEqual(machine_of({ hardwareConcurrency: 8 }), { cores: 8, memory_gib: 2 });
  assert.equal(others_wanted(lite(), machine_of({ hardwareConcurrency: 8 })), 4);
  assert.equal(others_wanted(lite(), machine_of({})), 0);
});

test("none on a GPU, for an image, without a model, or if the user wants one slice at a time", () => {
  const none = [
    lite({ engine: { phase: "ready", kind: "gpu" } }), lite({ scan: { volume: false } }), lite({ scan: null }),
    lite({ slice_encoders: { wanted: 1, running: 0, lost: "" } }),
    lite({ sessions: { main: { model: null, embedding: { phase: "none" } }, comparison: null } }),
  ];
  assert.deepEqual(none.map((state) => others_wanted(state, MACHINE)), none.map(() => 0));
  assert.equal(others_wanted(lite({ slice_encoders: { wanted: 3, running: 0, lost: "" } }), MACHINE), 2);
});

class TestWorker {
  /** @type {any[]} */ sent = [];
  terminated = false;
  /** @type {(event: { data: any }) => void} */ onmessage = () => {};
  /** @type {(event: { message: string }) => void} */ onerror = () => {};
  /** @param {any} message */
  postMessage(message) { this.sent.push(message); }
  terminate() {
    this.terminated = true;
    this.sent.forEach(({ serve }) => serve.port.close());
  }
}

function page() {
  let state = lite({ slice_encoders: { wanted: 3, running: 0, lost: "" } });
  /** @type {TestWorker[]} */
  const workers = [];
  /** @type {string[]} */
  const told = [];
  const encoders = new SliceEncoders(
    // As the page does: it follows every action at once.
    (action) => {
      state = reduce(state, action);
      encoders.follow(state);
    },
    () => {
      const worker = new TestWorker();
      workers.push(worker);
      return /** @type {any} */ (worker);
    },
    (message) => { told.push(Object.keys(message)[0] ?? ""); },
    MACHINE,
  );
  const follow = (/** @type {object} */ changes = {}) => {
    state = { ...state, ...changes };
    encoders.follow(state);
  };
  const says = () => slices_at_a_time_of(state);
  return { follow, workers, told, says, encoders, state: () => state };
}

test("they start after the first slice, and join the engine when they have the weights", () => {
  const { follow, workers, told, says, state } = page();
  const { sessions } = state();
  follow({ sessions: { ...sessions, main: { ...sessions.main, embedding: { phase: "running" } } } });
  assert.equal(workers.length, 0);
  follow({ sessions });
  follow({ sessions: { ...sessions, main: { ...sessions.main, embedding: { phase: "none" } } } });
  assert.deepEqual(workers.map(({ sent }) => Object.keys(sent[0].serve)), [1, 2].map(() =>
    ["port", "file", "recipe", "sha256"]));
  assert.deepEqual([told, says()], [[], "one slice at a time"]);
  for (const worker of workers) worker.onmessage({ data: { ready: true } });
  assert.deepEqual([told, says()], [["join", "join"], "3 slices at a time"]);
  follow({ scan: { volume: false } });
  assert.deepEqual([workers.map(({ terminated }) => terminated), told.slice(2), says()], [
    [true, true], ["leave", "leave"], "one slice at a time",
  ]);
});

test("another number, and another engine, start as many as are wanted and no more", () => {
  const { follow, workers, says, state } = page();
  follow();
  for (const worker of workers) worker.onmessage({ data: { ready: true } });
  const running = () => workers.filter(({ terminated }) => !terminated).length;
  assert.deepEqual([running(), says()], [2, "3 slices at a time"]);
  follow({ slice_encoders: { ...state().slice_encoders, wanted: 5 } });
  assert.deepEqual([running(), workers.length, says()], [4, 6, "one slice at a time"]);
  const { engine } = state();
  follow({ engine: { ...engine, generation: engine.generation + 1, phase: "starting" } });
  assert.deepEqual([running(), says()], [0, "one slice at a time"]);
});

for (const [how, fail] of /** @type {[string, (worker: TestWorker) => void][]} */ ([
  ["refused weights or memory", (worker) => worker.onmessage({ data: { fatal: { code: "x", message: "Refused." } } })],
  ["a script that does not load", (worker) => worker.onerror({ message: "Refused." })],
])) {
  test(`${how} of one: the page says so, and the others go on`, () => {
    const { follow, workers, told, says } = page();
    follow();
    workers[1]?.onmessage({ data: { ready: true } });
    const [first] = workers;
    if (first) fail(first);
    assert.deepEqual([first?.terminated, workers.length, told], [true, 2, ["join"]]);
    assert.equal(
      says(), "2 slices at a time. A worker stopped, and its slice was encoded by another: Refused.",
    );
    follow();
    assert.equal(workers.length, 2, "it is not started again and again");
    follow({ scan: null });
    assert.equal(says(), "one slice at a time");
  });
}

test("one that the engine gives up is ended, and told to leave", () => {
  const { follow, workers, told, encoders, says } = page();
  follow();
  for (const worker of workers) worker.onmessage({ data: { ready: true } });
  encoders.lost(1, { code: "worker_stopped", message: "It hung." });
  encoders.lost(1, { code: "worker_stopped", message: "It hung." });
  assert.deepEqual([workers[0]?.terminated, told], [true, ["join", "join", "leave"]]);
  assert.match(says(), /^2 slices at a time\. .*It hung\.$/);
  follow({ scan: null });
});

test("another model ends them all and starts others; while it loads, they stay", () => {
  const { follow, workers, state } = page();
  follow();
  const { weights, sessions } = state();
  follow({ weights: { ...weights, phase: "loading", former: { ...weights, id: "a" } } });
  assert.equal(workers.some(({ terminated }) => terminated), false);
  follow({
    weights: { ...weights, id: "b" }, sessions: { ...sessions, main: { ...sessions.main, model: { id: "b" } } },
  });
  assert.deepEqual(workers.map(({ terminated }) => terminated), [true, true, false, false]);
  follow({ scan: null });
});

test("another engine's worker gets workers of its own", () => {
  const { follow, workers, state } = page();
  follow();
  follow({ engine: { ...state().engine, generation: 2 } });
  assert.deepEqual(workers.map(({ terminated }) => terminated), [true, true, false, false]);
  follow({ scan: null });
});
