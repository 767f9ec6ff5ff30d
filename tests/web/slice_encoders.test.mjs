// The workers that encode slices next to the engine: how many, when, and what the page says of one that stops.

import assert from "node:assert/strict";
import { test } from "node:test";

import { SliceEncoders } from "../../web/engine/slice_encoders.js";
import { threads_of } from "../../web/show/words.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { apart_of, machine_of, NOT_ISOLATED, others_wanted } from "../../web/state/slice_encoders.js";

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
const APART = "; an image with one, because the page is not isolated";
const ONE = "with one thread, because the page is not isolated";
const [TWO, THREE] = [`with 2 threads${APART}`, `with 3 threads${APART}`];
const TOGETHER = { wanted: "auto", running: 0, lost: "", apart: "" };
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

test("where the page is not isolated, none on a GPU, for an image, without a model, or if the user wants one slice at a time", () => {
  const none = [
    lite({ engine: { phase: "ready", kind: "gpu" } }), lite({ scan: { volume: false } }), lite({ scan: null }),
    lite({ slice_encoders: { wanted: 1, running: 0, lost: "", apart: NOT_ISOLATED } }),
    lite({ sessions: { main: { model: null, embedding: { phase: "none" } }, comparison: null } }),
  ];
  assert.deepEqual(none.map((state) => others_wanted(state, MACHINE)), none.map(() => 0));
  assert.equal(others_wanted(lite({ slice_encoders: { wanted: 3, running: 0, lost: "", apart: NOT_ISOLATED } }), MACHINE), 2);
});

test("where the page is isolated, one for an image and before there is one, or as many as the user wants", () => {
  const count = (/** @type {object} */ changes, machine = MACHINE) =>
    others_wanted(lite({ slice_encoders: TOGETHER, ...changes }), machine);
  const no_model = { sessions: { main: { model: null, embedding: { phase: "none" } }, comparison: null } };
  for (const changes of [{ scan: null }, { scan: { volume: false } }, no_model]) assert.equal(count({ scan: null, ...changes }), 1);
  assert.equal(count({}), 3, "of a volume");
  assert.equal(count({ scan: null, slice_encoders: { ...TOGETHER, wanted: 4 } }), 3);
  for (const wanted of [{ engine: { phase: "ready", kind: "gpu" } }, { slice_encoders: { ...TOGETHER, wanted: 1 } }]) {
    assert.equal(count({ scan: null, ...wanted }), 0);
  }
  assert.equal(count({ scan: null }, { cores: 1, memory_gib: 8 }), 0);
  assert.equal(count({ scan: null }, { cores: 8, memory_gib: 0.25 }), 0);
});

test("the browser says why workers cannot share memory", () => {
  const self = {};
  const page = { crossOriginIsolated: false, isSecureContext: true, self, top: self };
  assert.equal(apart_of({ ...page, crossOriginIsolated: true, SharedArrayBuffer }), "");
  assert.match(apart_of({ ...page, crossOriginIsolated: true }), /no SharedArrayBuffer/);
  assert.match(apart_of({ ...page, top: {} }), /in a frame/);
  assert.match(apart_of({ ...page, isSecureContext: false }), /not encrypted/);
  assert.equal(apart_of(page), NOT_ISOLATED);
});

test("the page says what is missing for an image on several threads", () => {
  const says = (/** @type {object} */ changes, /** @type {object} */ offline = {}) => {
    const state = lite({ scan: { volume: false }, ...changes });
    return threads_of({ ...state, offline: { ...state.offline, ...offline } });
  };
  const host = (/** @type {boolean} */ opener, /** @type {boolean} */ embedder) => ({ host_isolates: { opener, embedder } });
  assert.equal(says({}), "with one thread, because the page is not isolated");
  assert.equal(says({}, host(true, true)), "with one thread, because this browser does not isolate the page here");
  assert.equal(says({}, host(false, true)), "with one thread, because the host does not send Cross-Origin-Opener-Policy");
  assert.equal(
    says({}, { ...host(false, false), phase: "ready" }),
    "with one thread, because the host does not send Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy. "
      + "Reload: the offline copy does",
  );
  assert.equal(
    says({ slice_encoders: { ...TOGETHER, apart: "Array buffer allocation failed" } }, host(true, true)),
    "with one thread, because Array buffer allocation failed",
  );
  assert.equal(says({ slice_encoders: { ...TOGETHER, running: 1 } }), "with 2 threads");
  assert.equal(says({ slice_encoders: { ...TOGETHER, wanted: 1, apart: NOT_ISOLATED } }), "with one thread");
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
  let state = lite({ slice_encoders: { wanted: 3, running: 0, lost: "", apart: NOT_ISOLATED } });
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
  const says = () => threads_of(state);
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
  assert.deepEqual([told, says()], [[], "with one thread"]);
  for (const worker of workers) worker.onmessage({ data: { ready: true } });
  assert.deepEqual([told, says()], [["join", "join"], THREE]);
  follow({ scan: { volume: false } });
  assert.deepEqual([workers.map(({ terminated }) => terminated), told.slice(2), says()], [
    [true, true], ["leave", "leave"], ONE,
  ]);
});

test("those that help with an image load with the engine, and join it when it has the same weights", () => {
  const { follow, workers, told, says, state } = page();
  const { sessions } = state();
  const before = { ...sessions, main: { ...sessions.main, model: null, embedding: { phase: "none" } } };
  follow({ slice_encoders: { ...TOGETHER, wanted: 3 }, scan: null, sessions: before });
  assert.equal(workers.length, 2);
  workers[0]?.onmessage({ data: { ready: true } });
  assert.deepEqual([told, says()], [[], "with one thread"]);
  follow({ sessions });
  assert.deepEqual([told, says()], [["join"], "with 2 threads"]);
  workers[1]?.onmessage({ data: { ready: true } });
  assert.deepEqual([workers.length, told, says()], [2, ["join", "join"], "with 3 threads"]);
  follow({ slice_encoders: { ...state().slice_encoders, wanted: 1 } });
  assert.deepEqual([told.slice(2), says()], [["leave", "leave"], "with one thread"]);
});

test("another number, and another engine, start as many as are wanted and no more", () => {
  const { follow, workers, says, state } = page();
  follow();
  for (const worker of workers) worker.onmessage({ data: { ready: true } });
  const running = () => workers.filter(({ terminated }) => !terminated).length;
  assert.deepEqual([running(), says()], [2, THREE]);
  follow({ slice_encoders: { ...state().slice_encoders, wanted: 5 } });
  assert.deepEqual([running(), workers.length, says()], [4, 6, "with one thread"]);
  const { engine } = state();
  follow({ engine: { ...engine, generation: engine.generation + 1, phase: "starting" } });
  assert.deepEqual([running(), says()], [0, "with one thread"]);
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
      says(), `${TWO}. A worker stopped, and the others did its part: Refused.`,
    );
    follow();
    assert.equal(workers.length, 2, "it is not started again and again");
    follow({ scan: null });
    assert.equal(says(), ONE);
  });
}

test("one that the engine gives up is ended, and told to leave", () => {
  const { follow, workers, told, encoders, says } = page();
  follow();
  for (const worker of workers) worker.onmessage({ data: { ready: true } });
  encoders.lost(1, { code: "worker_stopped", message: "It hung." });
  encoders.lost(1, { code: "worker_stopped", message: "It hung." });
  assert.deepEqual([workers[0]?.terminated, told], [true, ["join", "join", "leave"]]);
  assert.equal(says(), `${TWO}. A worker stopped, and the others did its part: It hung.`);
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
