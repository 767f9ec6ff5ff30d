// What the engine's worker lends to other workers, and what becomes of it when one of them fails. The engine here is a
// model of the real one, whose bookkeeping crates/segmenter/tests/it/ahead.rs tests.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Lending } from "../../web/engine/lending.js";

const STEPS = 2;
/** A worker that hangs is given up after this time; ten times without a message in a row. */
const SILENCE_MS = 100;
/** @param {number} done */
const progress_of = (done) => ({ stage: "layer", done, total: STEPS });

class TestEngine {
  at = 0;
  last;
  is_propagating = true;
  /** @type {Map<number, number>} */ lent = new Map();
  /** @type {Set<number>} */ ready = new Set();
  /** @type {Map<number, number>} */ own = new Map();
  /** @type {number[]} */ own_slices = [];
  #next_ticket = 0;

  /** @param {number} last slice */
  constructor(last) { this.last = last; }

  /** @param {number} window */
  #wanted(window) {
    const left = this.is_propagating ? Math.min(window, this.last - this.at) : 0;
    return Array.from({ length: left }, (_, i) => this.at + 1 + i);
  }

  /** @param {number} window */
  drop_unwanted(window) {
    const wanted = this.#wanted(window);
    for (const [ticket, slice] of this.lent) if (!wanted.includes(slice)) this.lent.delete(ticket);
  }

  /** @param {number} window */
  #free(window) {
    return this.#wanted(window).find((slice) =>
      !this.ready.has(slice) && !this.own.has(slice) && ![...this.lent.values()].includes(slice));
  }

  /** @param {number} window */
  lend(window) {
    const slice = this.#free(window);
    if (slice === undefined) return null;
    const ticket = this.#next_ticket++;
    this.lent.set(ticket, slice);
    return { ticket, input: Float32Array.of(slice) };
  }

  /** @param {number} ticket */
  is_lent(ticket) { return this.lent.has(ticket); }
  ticket_of_shown() { return [...this.lent].find(([, slice]) => slice === this.at + 1)?.[0]; }
  /** @param {number} ticket */
  take_back(ticket) { this.lent.delete(ticket); }

  /** @param {number} ticket @param {Float32Array} values */
  take_encoded(ticket, values) {
    const slice = this.lent.get(ticket);
    if (slice === undefined) return;
    this.lent.delete(ticket);
    if (values.length !== 1) throw { code: "internal", message: "an encoding needs 1 value" };
    assert.equal(values[0], -slice, "the embedding of this slice");
    this.ready.add(slice);
  }

  /** @param {number} slice */
  #encode(slice) {
    const done = (this.own.get(slice) ?? 0) + 1;
    this.own.set(slice, done);
    if (done === STEPS) {
      this.own.delete(slice);
      this.own_slices.push(slice);
      this.ready.add(slice);
    }
    return progress_of(done);
  }

  /** @returns {Promise<any>} */
  async propagation_step() {
    const slice = this.at + 1;
    if (slice > this.last) return { step: "finished" };
    if (this.ready.delete(slice)) {
      this.at = slice;
      return { step: "carried", slice };
    }
    if ([...this.lent.values()].includes(slice)) return { step: "waiting", slice };
    return { step: "encoding", slice, ...this.#encode(slice) };
  }

  /** @param {number} window */
  async encode_ahead(window) {
    const slice = [...this.own.keys()][0] ?? this.#free(window);
    return slice === undefined ? null : this.#encode(slice);
  }
}

/** A worker's end of the channel; `answer` says what it does with a slice.
 * @param {Lending} lending @param {number} id
 * @param {(slice: number, post: (message: object) => void, ticket: number) => void} answer */
function join(lending, id, answer) {
  const { port1, port2 } = new MessageChannel();
  /** @type {number[]} */
  const cancelled = [];
  port1.onmessage = ({ data }) => {
    if ("cancel" in data) {
      cancelled.push(data.cancel);
      port1.postMessage({ ticket: data.cancel, cancelled: true });
    } else {
      answer(data.input[0], (message) => port1.postMessage({ ticket: data.ticket, ...message }), data.ticket);
    }
  };
  lending.join(id, port2);
  return { cancelled, close: () => port1.close() };
}

/** @param {number} slice @param {(message: object) => void} post */
function encodes(slice, post) {
  for (let done = 1; done <= STEPS; done += 1) post({ progress: progress_of(done), step_ms: 1 });
  post({ values: Float32Array.of(-slice) });
}

/** @param {Lending} lending @param {TestEngine} engine @param {(slice: number) => void} [on_slice] */
async function slices_of(lending, engine, on_slice = () => {}) {
  const slices = [];
  for (;;) {
    const step = await lending.step(/** @type {any} */ (engine));
    assert.notEqual(/** @type {string} */ (step.step), "waiting");
    if (step.step === "finished") return slices;
    if (step.step === "carried") {
      slices.push(step.slice);
      on_slice(step.slice);
    }
  }
}

function lending_of() {
  /** @type {[number, string][]} */
  const lost = [];
  const lending = new Lending(() => {}, (id, { message }) => lost.push([id, message]), () => {}, SILENCE_MS);
  return { lending, lost };
}
const ALL = Array.from({ length: 12 }, (_, i) => i + 1);

test("without other workers the engine encodes each slice itself", async () => {
  const { lending } = lending_of();
  const engine = new TestEngine(12);
  assert.deepEqual([await slices_of(lending, engine), engine.own_slices], [ALL, ALL]);
});

for (const count of [1, 3]) {
  test(`with ${count} other workers each slice is encoded once, by them and by the engine`, async () => {
    const { lending, lost } = lending_of();
    const engine = new TestEngine(12);
    /** @type {number[]} */
    const theirs = [];
    const others = Array.from({ length: count }, (_, id) => join(lending, id, (slice, post) => {
      theirs.push(slice);
      encodes(slice, post);
    }));
    assert.deepEqual(await slices_of(lending, engine), ALL);
    assert.deepEqual([...theirs, ...engine.own_slices].sort((a, b) => a - b), ALL);
    assert.ok(theirs.length > 1, "the others encode");
    assert.deepEqual(lost, []);
    others.forEach(({ close }) => close());
  });
}

test("a worker that ends with a slice loses nothing: another encodes it, or the engine", async () => {
  for (const has_another of [true, false]) {
    const { lending } = lending_of();
    const engine = new TestEngine(12);
    const dying = join(lending, 7, () => lending.leave(7));
    const other = has_another ? join(lending, 8, encodes) : null;
    assert.deepEqual(await slices_of(lending, engine), ALL);
    dying.close();
    other?.close();
  }
});

test("a worker that hangs is given up after a while, and its slice is encoded again", async () => {
  const { lending, lost } = lending_of();
  const engine = new TestEngine(12);
  const hung = join(lending, 7, () => {});
  assert.deepEqual(await slices_of(lending, engine), ALL);
  assert.equal(lost.length, 1);
  assert.match(String(lost[0]), /^7,It gave no sign of life for/);
  hung.close();
});

test("a worker whose embedding has the wrong size is given up, and its slice is encoded again", async () => {
  const { lending, lost } = lending_of();
  const engine = new TestEngine(12);
  const wrong = join(lending, 7, (_, post) => post({ values: new Float32Array(5) }));
  assert.deepEqual(await slices_of(lending, engine), ALL);
  assert.deepEqual(lost, [[7, "an encoding needs 1 value"]]);
  wrong.close();
});

test("a slice that is not wanted any more is cancelled, and its late embedding is not taken", async () => {
  const { lending } = lending_of();
  const engine = new TestEngine(12);
  /** @type {(() => void)[]} */
  const late = [];
  const slow = join(lending, 7, (slice, post) => late.push(() => encodes(slice, post)));
  lending.feed(/** @type {any} */ (engine));
  assert.deepEqual([...engine.lent.values()], [1]);
  await new Promise((resolve) => setTimeout(resolve, 5));
  engine.is_propagating = false;
  lending.feed(/** @type {any} */ (engine));
  late.forEach((answer) => answer());
  await new Promise((resolve) => setTimeout(resolve, 5));
  lending.feed(/** @type {any} */ (engine));
  assert.deepEqual([slow.cancelled, [...engine.ready], [...engine.lent]], [[0], [], []]);
  // It is free for the next one.
  engine.is_propagating = true;
  lending.feed(/** @type {any} */ (engine));
  assert.equal(engine.lent.size, 1);
  slow.close();
});

test("with new weights the workers that have the former ones get nothing", async () => {
  const { lending } = lending_of();
  const engine = new TestEngine(12);
  const former = join(lending, 7, () => assert.fail("it has the former weights"));
  lending.clear();
  assert.deepEqual(await slices_of(lending, engine), ALL);
  former.close();
});

test("the slice that the user has come to is waited for, with progress; a cancel ends the wait", async () => {
  const { lending } = lending_of();
  const engine = new TestEngine(12);
  /** @type {number[]} */
  const told = [];
  const other = join(lending, 7, (slice, post) => {
    if (slice === 1) setTimeout(() => encodes(slice, post), 5);
  });
  lending.feed(/** @type {any} */ (engine));
  const on_progress = (/** @type {{ done: number }} */ { done }) => told.push(done);
  await lending.until_shown(/** @type {any} */ (engine), on_progress, () => false);
  assert.ok(engine.ready.has(1));
  assert.ok(told.length > 0);
  engine.at = 1;
  let is_cancelled = false;
  lending.feed(/** @type {any} */ (engine));
  setTimeout(() => {
    is_cancelled = true;
    lending.wake();
  }, 5);
  await lending.until_shown(/** @type {any} */ (engine), () => {}, () => is_cancelled);
  assert.equal(engine.ticket_of_shown(), undefined);
  other.close();
});
