// How often a download's progress is told.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Progress } from "../../web/progress.js";

const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

test("of many parts the first is told, the newest a little later, and the last at the end", async () => {
  /** @type {number[]} */
  const told = [];
  const progress = new Progress((loaded) => told.push(loaded));
  for (let loaded = 1; loaded <= 50; loaded += 1) progress.seen(loaded);
  assert.deepEqual(told, [1]);
  await pause(200);
  assert.deepEqual(told, [1, 50]);
  progress.seen(51); // a tenth of a second has passed
  progress.seen(52);
  progress.end();
  progress.end();
  await pause(200);
  assert.deepEqual(told, [1, 50, 51, 52]);
});
