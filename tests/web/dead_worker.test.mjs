// Objects and their masks after the engine's worker has died: they come back from the page's copies.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Keeper } from "../../web/features/copies/keeper.js";
import { settled } from "./page.mjs";
import { KEY, long, work_in, worked } from "./recording.mjs";

/** @type {import("../../web/state/reduce.js").Action} */
const DIED = {
  do: "engine_died", generation: 1, step: "segment", failure: { code: "worker_stopped", message: "It died." },
};

/** A page with work of which it has copies. */
async function worked_and_copied() {
  const made = await worked();
  const keeper = new Keeper(made.state, made.dispatch, (number) => made.driver.object_masks(number));
  keeper.follow();
  await new Promise((resolve) => setTimeout(resolve, 1200));
  return made;
}

test("masks survive the engine's worker: nothing is computed again, and an undo ends where "
  + "it could not come back", async () => {
  const { dispatch, state, driver, asked } = await worked_and_copied();
  assert.deepEqual(Object.keys(state().kept), ["1", "2"]);
  const fingerprints = async () => Promise.all([1, 2].map(async (number) => (await driver.saved_masks(number)).sha256));
  const [masks, steps, work] = [await fingerprints(), state().steps, work_in(state())];
  const before = asked.length;
  dispatch(DIED);
  await long();
  assert.deepEqual([state().engine.phase, state().sessions.main.numbers, await fingerprints()], [
    "ready", [1, 2], masks,
  ]);
  assert.deepEqual([state().steps, work_in(state())], [steps, work]);
  assert.deepEqual(
    asked.slice(before).filter((method) => ["segment", "begin_propagation", "edit", "restore_object"].includes(method)),
    ["restore_object", "restore_object"],
  );
  for (let i = 0; i < 20; i += 1) dispatch({ do: "undone" });
  assert.ok(state().objects.length > 0, "the propagation itself is not undone: its versions are gone");
  assert.equal(KEY, state().scan?.key);
});

test("an object that was removed before the worker died comes back with an undo, from its copy", async () => {
  const { dispatch, state, driver, asked } = await worked_and_copied();
  const { sha256: before } = await driver.saved_masks(2);
  dispatch({ do: "object_removed", number: 2 });
  const asked_before = asked.length;
  dispatch(DIED);
  await long();
  dispatch({ do: "undone" });
  await long();
  assert.deepEqual([state().objects.map(({ number }) => number), (await driver.saved_masks(2)).sha256], [
    [1, 2], before,
  ]);
  assert.equal(asked.slice(asked_before).includes("segment"), false);
});

test("a stroke that the copy has not got is drawn again after the worker's death", async () => {
  const { dispatch, state, asked } = await worked_and_copied();
  dispatch({ do: "stroke_drawn", number: 1, slice: 3, stroke: { kind: "paint", radius_px: 1, path: [[0, 0]] } });
  await settled();
  const before = asked.length;
  dispatch(DIED);
  await long();
  assert.deepEqual(asked.slice(before).filter((method) => ["segment", "edit", "restore_object"].includes(method)), [
    "restore_object", "restore_object", "edit",
  ]);
  assert.equal(state().edited[1]?.some(({ slice }) => slice === 3), true);
});
