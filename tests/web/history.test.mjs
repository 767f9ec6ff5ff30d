// Undo and redo: what comes back, and what the engine is told.

import assert from "node:assert/strict";
import { test } from "node:test";

import { next_request } from "../../web/engine/next.js";
import { wanted_version } from "../../web/features/propagation/versions_state.js";
import { reduce } from "../../web/state/reduce.js";
import { open, page, ready, settled } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").Action} Action */

/** @type {(x0?: number) => Action} */
const box = (x0 = 0) => ({ do: "box_added", box: [x0, 0, x0 + 2, 2] });

/** A volume with one object on its middle slice, answered. */
async function volume() {
  const made = page({}, "auto", 9);
  made.dispatch(open(1));
  made.dispatch(ready("a"));
  await settled();
  made.dispatch(box());
  await settled();
  return made;
}

test("sixty changes are undone and redone, and come to the same objects", async () => {
  const { dispatch, state } = await volume();
  for (let i = 0; i < 20; i += 1) {
    dispatch(box(i));
    dispatch({ do: "object_named", number: i + 2, name: `Node ${i}` });
    if (i % 2) dispatch({ do: "object_removed", number: i + 2 });
    else dispatch({ do: "point_added", point: [i, 1, 0] });
  }
  await settled();
  /** @param {import("../../web/features/prompts/state.js").PromptedObject[]} objects */
  const asked = (objects) => objects.map(({ number, name, prompts }) => ({ number, name, prompts }));
  const end = asked(state().objects);
  for (let i = 0; i < 60; i += 1) dispatch({ do: "undone" });
  assert.deepEqual([state().objects.map(({ number }) => number), state().future.length], [[1], 60]);
  await settled();
  for (let i = 0; i < 60; i += 1) dispatch({ do: "redone" });
  assert.deepEqual(asked(state().objects), end);
  await settled();
  assert.equal(state().objects.every(({ main }) => main.phase === "done"), true, "all have their masks again");
  assert.equal(state().future.length, 0);
});

test("a new change ends what could be redone", async () => {
  const { dispatch, state } = await volume();
  dispatch(box(1));
  dispatch({ do: "undone" });
  dispatch({ do: "object_named", number: 1, name: "Liver" });
  const before = state();
  dispatch({ do: "redone" });
  assert.equal(state(), before);
});

test("an object that can come back is not forgotten by the engine", async () => {
  const { dispatch, state, asked } = await volume();
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual([state().objects, asked.includes("remove_object")], [[], false]);
});

test("a correction on another slice is undone by the version, and redone it is asked again", async () => {
  const { dispatch, state } = await volume();
  const { slice } = state().image ?? assert.fail();
  dispatch({ do: "scrolled", by: 1 });
  await settled();
  dispatch(/** @type {Action} */ ({ ...box(1), to_selected: true }));
  await settled();
  assert.equal(state().objects[0]?.at.slice, slice + 1);
  let now = reduce(state(), { do: "undone" });
  assert.deepEqual([now.objects[0]?.at.slice, now.unmarking], [slice, []]);
  assert.equal(wanted_version(now)?.version, now.objects[0]?.propagation_version);
  /** @type {string[]} */
  const told = [];
  now = reduce(now, { do: "redone" });
  for (let request = next_request(now); request && told.length < 5; request = next_request(now)) {
    told.push(request.do);
    if (request.do === "remove") {
      now = reduce(now, { do: "prediction_removed", generation: 1, side: "main", id: request.id });
    } else break;
  }
  assert.deepEqual([told.at(-1), wanted_version(now)], ["segment", null]);
});

test("a slice that had a prompt before the undone one stays with the object", async () => {
  const { dispatch, state } = await volume();
  for (const by of [1, -1]) {
    dispatch({ do: "scrolled", by });
    await settled();
    dispatch(/** @type {Action} */ ({ ...box(1), to_selected: true }));
    await settled();
  }
  dispatch({ do: "undone" });
  assert.deepEqual(state().unmarking, []);
});
