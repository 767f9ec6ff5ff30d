// Workers that end, hang or never start without an event, with a stand-in for the browser's locks.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { EngineClient } from "../../web/engine/client.js";
import { Life, show_life } from "../../web/life.js";
import { parse } from "../../web/open/parser.js";
import { READER_NOT_LOADED } from "../../web/state/failure_codes.js";

/** Locks as the browser keeps them: one holder each, and the next one when the holder's worker is gone. */
function locks() {
  /** @type {Map<string, (() => void)[]>} */
  const waiting = new Map();
  /** @param {string} name @param {any} options @param {() => unknown} [given] */
  const request = (name, options, given = options) => new Promise((_, reject) => {
    const queue = waiting.get(name) ?? [];
    options.signal?.addEventListener("abort", () => reject(new Error("aborted")));
    waiting.set(name, [...queue, () => options.signal?.aborted || given()]);
    if (queue.length === 0) given();
  });
  return /** @type {any} */ ({
    request, names: () => [...waiting.keys()],
    /** The browser takes the lock from a worker that is gone. @param {string} name */
    release: (name) => (waiting.get(name) ?? []).slice(1).forEach((give) => give()),
  });
}

/** Timers that the test moves, and its own locks, or none.
 * @param {(held: any, tick: (ms: number) => void) => unknown} body @param {any} [held] */
const with_stand_ins = (body, held = locks()) => async () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { locks: held ?? undefined }, configurable: true });
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    // Each tick starts the next timer.
    await body(held, (ms) => { for (let at = 0; at < ms; at += 10_000) mock.timers.tick(10_000); });
  } finally {
    mock.timers.reset();
    if (before) Object.defineProperty(globalThis, "navigator", before);
    else delete /** @type {any} */ (globalThis).navigator;
  }
};

/** A worker that says only what the test lets it. */
function silent_worker() {
  const worker = /** @type {any} */ ({
    is_ended: false, postMessage: () => {}, terminate: () => { worker.is_ended = true; },
    say: (/** @type {any} */ data) => worker.onmessage({ data }),
  });
  return worker;
}

function client() {
  const worker = silent_worker();
  /** @type {string[]} */
  const deaths = [];
  const made = /** @type {any} */ (new EngineClient(worker, ({ code, message }) => deaths.push(code, message)));
  return { worker, deaths, made };
}

test("an engine that ends without an event is reported dead, and its pending calls are rejected",
  with_stand_ins(async (held) => {
    const { worker, deaths, made } = client();
    show_life({ postMessage: worker.say });
    worker.say({ ready: true });
    const call = made.call("open", []);
    const [name] = held.names();
    assert.match(name, /^boxel-worker-/);
    assert.deepEqual(deaths, []);
    held.release(name);
    await assert.rejects(call, { code: "worker_stopped", message: /the browser ended its worker/ });
    assert.deepEqual([deaths[0], worker.is_ended], ["worker_stopped", true]);
  }));

test("an idle engine that ends is told as well, and one that the page ended is not", with_stand_ins((held) => {
  const idle = client();
  show_life({ postMessage: idle.worker.say });
  const [first] = held.names();
  held.release(first);
  assert.equal(idle.deaths[0], "worker_stopped");
  const ended = client();
  show_life({ postMessage: ended.worker.say });
  ended.made.terminate();
  held.release(held.names()[1]);
  assert.deepEqual(ended.deaths, []);
}));

test("an engine whose script gives no sign is dead after three minutes; one that spoke may load its module for hours",
  with_stand_ins(async (_, tick) => {
    const none = client();
    const call = none.made.call("probe", []);
    tick(170_000);
    assert.deepEqual(none.deaths, []);
    tick(20_000);
    await assert.rejects(call, { code: "worker_stopped", message: /did not start/ });
    const slow = client();
    slow.worker.say({ requests: [] });
    slow.made.call("create", ["cpu"]).catch(() => {});
    tick(7_200_000);
    assert.deepEqual(slow.deaths, []);
    slow.made.terminate();
  }));

test("a request without a word for ten minutes ends the engine; progress and rest do not count",
  with_stand_ins(async (_, tick) => {
    const { worker, deaths, made } = client();
    worker.say({ alive: null }); // no locks over plain HTTP
    worker.say({ ready: true });
    tick(3_600_000);
    const first = made.call("embed", [], { on_progress: () => {} });
    for (let i = 0; i < 5; i += 1) {
      tick(590_000);
      worker.say({ id: 1, progress: i });
    }
    worker.say({ id: 1, value: 1 });
    await first;
    tick(3_600_000);
    assert.deepEqual(deaths, []);
    const second = made.call("embed", []);
    tick(610_000);
    await assert.rejects(second, { code: "worker_stopped", message: /no sign of life for 10 minutes/ });
  }));

for (const [when, say, code] of /** @type {[string, object[], string][]} */ ([
  ["before its module came", [], READER_NOT_LOADED],
  ["in the middle of a file", [{ ready: true }, { beat: { read: 0, bytes: 1 } }], "image_damaged"],
  ["while the user chooses", [{ ready: true }, { choices: ["T1", "T2"] }], "image_damaged"],
])) {
  test(`a file reader that ends without an event ${when} ends the opening`, with_stand_ins(async (held) => {
    const worker = silent_worker();
    const result = parse(() => worker, [new Blob(["1"])], {
      on_read: () => {}, choose: () => new Promise(() => {}), signal: new AbortController().signal,
    });
    show_life({ postMessage: worker.say });
    for (const each of say) worker.say(each);
    held.release(held.names()[0]);
    await assert.rejects(result, { code });
    assert.equal(worker.is_ended, true);
  }));
}

test("a file reader that never starts ends the opening, with a retry", with_stand_ins(async (_, tick) => {
  const worker = silent_worker();
  const result = parse(() => worker, [new Blob(["1"])], {
    on_read: () => {}, choose: async () => 0, signal: new AbortController().signal,
  });
  tick(190_000);
  await assert.rejects(result, { code: READER_NOT_LOADED });
}));

test("a page without locks goes on without them", with_stand_ins(() => {
  /** @type {object[]} */
  const said = [];
  show_life({ postMessage: (sign) => said.push(sign) });
  assert.deepEqual(said, [{ alive: null }]);
  const life = new Life(() => assert.fail());
  life.hear({ alive: "a lock" });
  life.end();
}, null));
