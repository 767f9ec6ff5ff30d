// How often a download's progress is told.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Progress } from "../../web/progress.js";

test("of many parts the first is told, the newest a little later, and the last at the end", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let now_ms = 5000;
  t.mock.method(performance, "now", () => now_ms);
  const pass = (/** @type {number} */ ms) => {
    now_ms += ms;
    t.mock.timers.tick(ms);
  };
  /** @type {number[]} */
  const told = [];
  const progress = new Progress((loaded) => told.push(loaded));
  for (let loaded = 1; loaded <= 50; loaded += 1) progress.seen(loaded);
  assert.deepEqual(told, [1]);
  pass(100);
  assert.deepEqual(told, [1, 50]);
  pass(100);
  progress.seen(51);
  progress.seen(52);
  progress.end();
  progress.end();
  pass(1000);
  assert.deepEqual(told, [1, 50, 51, 52]);
});
