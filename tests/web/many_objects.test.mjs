// Hundreds of objects: what a change leaves alone, so that the page need not show it anew.

import assert from "node:assert/strict";
import { test } from "node:test";

import { area_of, each_run } from "../../web/state/mask_runs.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { pending, settled } from "./ideal.mjs";
import { open } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").State} State */
/** @type {(state: State, ...actions: any[]) => State} */
const after = (state, ...actions) => actions.reduce(reduce, state);
const COUNT = 300;

/** @type {() => State} */
function many() {
  let state = settled(after(settled(initial_state("cpu")), open(1)));
  for (let i = 0; i < COUNT; i += 1) state = after(state, { do: "box_added", box: [0, 0, 1 + i % 3, 2] });
  return settled(state);
}

test("the runs of a mask are its pixels, and its area is their number", () => {
  for (const text of ["", "0", "1", "0110", "1001", "111", "0101010", "00100000011"]) {
    const mask = Uint8Array.from(text, Number);
    const again = new Uint8Array(mask.length);
    /** @type {number[]} */
    const ends = [];
    each_run(mask, (start, end) => {
      again.fill(1, start, end);
      ends.push(start, end);
    });
    assert.deepEqual(again, mask, text);
    assert.ok(ends.every((end, i) => i === 0 || end > (ends[i - 1] ?? 0)), text);
    assert.equal(area_of(mask), text.replaceAll("0", "").length, text);
  }
});

test("select, hide, undo and redo leave every other object as it is", () => {
  const state = many();
  assert.deepEqual([state.objects.length, pending(state)], [COUNT, []]);
  /** @type {(before: State, next: State) => number} */
  const changed = (before, next) => next.objects.filter((object, i) => object !== before.objects[i]).length;
  const selected = after(state, { do: "object_selected", number: 7 });
  assert.equal(changed(state, selected), 0);
  const hidden = settled(after(selected, { do: "object_hidden", number: 7, on: true }));
  assert.equal(changed(selected, hidden), 1);
  const undone = settled(after(hidden, { do: "undone" }));
  assert.equal(changed(hidden, undone), 1);
  assert.equal(changed(undone, settled(after(undone, { do: "redone" }))), 1);
});
