// Undo and redo of objects whose masks came from a copy: of a session file, or of the page after its worker was
// replaced. The object says what the engine holds.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Keeper } from "../../web/features/copies/keeper.js";
import { exported_objects } from "../../web/features/exports/exporter.js";
import { open, page, ready, settled } from "./page.mjs";
import { a, b, engine, KEY, long, saved_with_masks, sha256, worked, model_in } from "./recording.mjs";

/** An engine that forgets versions with its model, as the real one does. @param {number} [step_ms] of a propagation */
function forgetful(step_ms = 0) {
  const script = engine();
  /** @type {Set<string>} */
  const kept = new Set();
  let loads = 0;
  const { restore_propagation, begin_propagation, propagation_step } = script;
  return {
    ...script,
    restore_propagation: (/** @type {number[]} */ [number = 0, keep = 0, version = 0]) => {
      kept.add(`${number} ${keep}`);
      restore_propagation?.([number, keep, kept.has(`${number} ${version}`) ? version : -1]);
    },
    begin_propagation: (/** @type {any[]} */ args) => {
      kept.add(`${args[0]} ${args[3]}`);
      begin_propagation?.(args);
    },
    load_weights: () => {
      if (loads++ > 0) kept.clear();
      return { name: "M", recipe: "litemedsam", trained_on_points: false };
    },
    propagation_step: async (/** @type {any[]} */ args) => {
      await new Promise((resolve) => setTimeout(resolve, step_ms));
      return propagation_step?.(args);
    },
  };
}

/** A session of another model, on a page that has its own; its first object is selected and shown. */
async function opened({ step_ms = 0 } = {}) {
  const session = await saved_with_masks(await worked());
  const made = page(forgetful(step_ms), "cpu", 9, () => KEY);
  made.dispatch({ do: "models_listed", faults: [], entries: [a, b] });
  made.dispatch(open(1));
  made.dispatch(ready("a"));
  await settled();
  made.dispatch({
    do: "session_opened",
    session: { ...session, model: { ...model_in(session), name: "Another", sha256: sha256("of nobody") } },
  });
  await long();
  made.dispatch({ do: "object_selected", number: 1 });
  made.dispatch({ do: "rendering_wanted", slice: 6 });
  await settled();
  const object = () => {
    const [first] = made.state().objects;
    assert.ok(first);
    return first;
  };
  /** @type {(number?: number) => Promise<string>} */
  const mask = async (number = 1) => (await made.driver.saved_masks(number)).sha256;
  const predicted = () => made.asked.filter((method) => method === "segment").length;
  return { ...made, object, mask, predicted };
}

test("after a change of device redo asks again: both versions are of the same propagation", async () => {
  const { dispatch, state, driver, asked } = page(engine(), "cpu", 9, () => KEY);
  dispatch({ do: "models_listed", faults: [], entries: [a, b] });
  dispatch(open(1));
  dispatch(ready("a"));
  await settled();
  dispatch({ do: "box_added", box: [0, 0, 2, 2] });
  await settled();
  dispatch({ do: "point_added", point: [1, 1, 0] });
  await settled();
  new Keeper(state, dispatch, (number) => driver.object_masks(number)).follow();
  await new Promise((resolve) => setTimeout(resolve, 1200));
  dispatch({ do: "device_wanted", wanted: "auto" });
  await long();
  assert.equal(state().objects[0]?.main.restored, true);
  dispatch({ do: "undone" });
  await long();
  const count = asked.length;
  dispatch({ do: "redone" });
  await long();
  const predictions = asked.slice(count).filter((method) => method === "segment").length;
  assert.deepEqual([predictions, state().objects[0]?.main.decoded, state().objects[0]?.main.restored], [2, 2, false]);
});

test("an undo after another model was loaded asks that model: "
  + "the copy is gone with the engine's versions", async () => {
  const { dispatch, object, predicted } = await opened();
  dispatch({ do: "point_added", point: [1, 1, 1] });
  await long();
  dispatch({ do: "model_wanted", id: "b" });
  dispatch(ready("b"));
  await long();
  const before = predicted();
  dispatch({ do: "undone" });
  await long();
  assert.ok(predicted() > before);
  const { prompts, main: { phase, restored, made_by } } = object();
  assert.deepEqual([prompts.length, phase, restored, made_by?.name], [1, "done", false, "b"]);
});

test("an undo of the display's window brings back the mask of the session", async () => {
  const { dispatch, state, mask } = await opened();
  const second = () => state().objects[1];
  dispatch({ do: "object_selected", number: 2 });
  dispatch({ do: "rendering_wanted", slice: second()?.at.slice ?? 0, window: { kind: "linear", level: 1, width: 9 } });
  await long();
  const before = await mask(2);
  dispatch({ do: "display_window_taken", number: 2 });
  await long();
  assert.notEqual(await mask(2), before);
  dispatch({ do: "undone" });
  await long();
  assert.deepEqual([await mask(2), second()?.main.restored, second()?.main.made_by?.name], [before, true, "Another"]);
});

test("a point during a propagation is undone, and all its slices stay", async () => {
  const { dispatch, state, object, driver } = await opened({ step_ms: 25 });
  dispatch({ do: "propagation_wanted", number: 1, directions: ["down"] });
  await new Promise((resolve) => setTimeout(resolve, 40));
  dispatch({ do: "point_added", point: [1, 1, 1] });
  await new Promise((resolve) => setTimeout(resolve, 60));
  dispatch({ do: "undone" });
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(state().propagating, null);
  const { told } = JSON.parse((await driver.saved_masks(1)).masks);
  const reached = told.filter((/** @type {string} */ line) => line.startsWith('["carried"')).slice(-4);
  assert.deepEqual(reached, [5, 4, 3, 2].map((slice) => JSON.stringify(["carried", slice])));
  assert.deepEqual([object().prompts.length, object().main.phase], [1, "done"]);
});

test("an undo of a propagation names the session's model again", async () => {
  const { dispatch, state, mask } = await opened();
  const before = await mask();
  const makers = () => exported_objects(state()).map(({ model }) => model);
  dispatch({ do: "propagation_wanted", number: 1, directions: ["up"] });
  await long();
  assert.deepEqual(makers(), [undefined, "Another"]);
  dispatch({ do: "undone" });
  await long();
  assert.deepEqual([await mask(), makers()], [before, ["Another", "Another"]]);
});
