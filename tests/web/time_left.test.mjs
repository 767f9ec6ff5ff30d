// How long it will still take, as a function of times and of what was done.

import assert from "node:assert/strict";
import { test } from "node:test";

import { left_ms, left_words, NO_PACE, paced, rate_of, span_words } from "../../web/show/time_left.js";
import { progress_of } from "../../web/show/words.js";
import { initial_state } from "../../web/state/reduce.js";

/** @typedef {import("../../web/show/time_left.js").Task} Task */

/** @type {(done: number, key?: string) => Task} */
const task = (done, key = "a") => ({ key, done, total: 20, unit: "steps" });

/** @type {(...marks: [at_ms: number, done: number][]) => import("../../web/show/time_left.js").Pace} */
const pace_of = (...marks) => marks.reduce((pace, [at_ms, done]) => paced(pace, task(done), at_ms), NO_PACE);

test("nothing is said before enough is known", () => {
  assert.equal(left_words(pace_of([0, 0]), task(0), 0), "");
  assert.equal(left_words(pace_of([0, 0], [2000, 1]), task(1), 2000), "", "two marks may be chance");
  assert.equal(left_words(pace_of([0, 0], [400, 1], [900, 2]), task(2), 900), "", "it has only begun");
});

test("from the rate so far, and less with the time since the last step", () => {
  const pace = pace_of([0, 0], [1000, 2], [2000, 4]);
  assert.equal(rate_of(pace), 2);
  assert.equal(left_ms(pace, task(4), 2000), 8000);
  assert.equal(left_ms(pace, task(4), 5000), 5000);
  assert.equal(left_ms(pace, task(4), 60_000), 0, "a step that takes long takes no time back");
  assert.equal(left_words(pace, task(4), 2000), "about 8 s left");
});

test("bytes say their rate too", () => {
  const marks = /** @type {const} */ ([[0, 0], [1000, 4e6], [2000, 8e6]]);
  /** @type {(done: number) => Task} */
  const bytes = (done) => ({ key: "a", done, total: 128e6, unit: "bytes" });
  const pace = marks.reduce((before, [at_ms, done]) => paced(before, bytes(done), at_ms), NO_PACE);
  assert.equal(left_words(pace, bytes(8e6), 2000), "4.0 MB/s, about 30 s left");
});

test("another task begins anew, so does one that is set back, and none ends it", () => {
  const pace = pace_of([0, 0], [1000, 2], [2000, 4]);
  assert.deepEqual(paced(pace, task(1, "b"), 3000), { key: "b", marks: [{ at_ms: 3000, done: 1 }] });
  assert.deepEqual(paced(pace, task(1), 3000).marks, [{ at_ms: 3000, done: 1 }]);
  assert.equal(paced(pace, null, 3000), NO_PACE);
});

test("many steps in one moment are one mark, and old marks go", () => {
  let pace = NO_PACE;
  for (let i = 0; i < 1000; i += 1) pace = paced(pace, { ...task(i), total: 1e6 }, i * 10);
  assert.ok(pace.marks.length <= 40);
  assert.equal(rate_of(pace), 100);
  // Then it becomes ten times slower.
  for (let i = 0; i < 100; i += 1) pace = paced(pace, { ...task(1000 + i), total: 1e6 }, 10_000 + i * 1000);
  assert.equal(rate_of(pace), 1);
});

test("time in words, no finer than it is known", () => {
  const words = [200, 6400, 22_000, 58_000, 89_000, 200_000, 5_400_000].map(span_words);
  assert.deepEqual(words, ["1 s", "6 s", "20 s", "1 min", "1 min", "3 min", "1.5 h"]);
});

test("an encoding, a download and files that are read have a pace; what takes a moment has none", () => {
  const state = initial_state("auto");
  const weights = /** @type {const} */ ({
    ...state.weights, id: "m", model: "M", phase: "loading", loaded: 5, total: 20,
  });
  assert.deepEqual(progress_of({ ...state, weights })?.task, { key: "loading m", done: 5, total: 20, unit: "bytes" });
  assert.equal(progress_of({ ...state, weights: { ...weights, phase: "checking" } })?.task, undefined);
  const blob = new Blob();
  const opening = /** @type {const} */ ({
    serial: 3, title: "", files: [blob, blob, blob], phase: "reading", read: 1, choices: [], choice: null,
  });
  assert.deepEqual(progress_of({ ...state, opening: /** @type {any} */ (opening) })?.task, {
    key: "opening 3", done: 1, total: 3, unit: "steps",
  });
});
