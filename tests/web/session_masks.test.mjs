// A session file with masks: they are put back before any model is there, what is drawn goes on from them, and a check
// by replay changes nothing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { exported_objects } from "../../web/features/exports/exporter.js";
import { model_of_masks, text_of } from "../../web/features/sessions/write.js";
import { session_note } from "../../web/features/sessions/words.js";
import { is_unsaved } from "../../web/features/unsaved/state.js";
import { open, page, ready, settled } from "./page.mjs";
import {
  a, b, engine, long, saved_with_masks, session_of_text, sha256, with_scan, work_in, worked, model_in
} from "./recording.mjs";

/** @typedef {import("../../web/features/sessions/format.js").SessionFile} SessionFile */

/** A page whose scan is open, and whose model has not come. */
async function without_model() {
  const made = page(engine(), "cpu", 9);
  made.dispatch({ do: "models_listed", faults: [], entries: [a, b] });
  made.dispatch(open(1));
  await settled();
  return made;
}

test("masks, prompts, strokes, colours and names come back before the model, without a question to it", async () => {
  const before = await worked();
  before.dispatch({ do: "label_coloured", name: "liver", colour: 5 });
  const session = await saved_with_masks(before);
  assert.deepEqual(session.objects.map(({ at, masks }) => [at, JSON.parse(masks ?? "").size]), [
    [6, [4, 2, 9]], [6, [4, 2, 9]],
  ]);

  const { dispatch, state, driver, asked } = await without_model();
  dispatch({ do: "session_opened", session });
  await settled();
  assert.equal(state().sessions.main.model, null);
  assert.deepEqual(work_in(state()), work_in(before.state()));
  assert.deepEqual([state().objects.map(({ main }) => main.phase), state().sessions.main.numbers], [
    ["done", "done"], [1, 2],
  ]);
  assert.equal(session_note(state())?.text, "The session is open: 2 objects with masks.");
  assert.deepEqual([is_unsaved(state()), state().history], [false, []]);
  // The masks of the slice are there, and nothing is computed, when the model comes neither.
  assert.deepEqual([state().slice_masks?.slice, state().slice_masks?.version], [
    session.view.slice, state().object_masks_version,
  ]);
  dispatch(ready("a"));
  await long();
  assert.deepEqual(
    asked.filter((method) => ["segment", "begin_propagation", "propagation_step", "edit"].includes(method)),
    [],
  );
  assert.deepEqual(state().sessions.main.numbers, [1, 2]);
  // Saved again it is the same session.
  assert.deepEqual(await saved_with_masks({ state, driver }), session);
});

test("another point, stroke or propagation goes on from what was put back", async () => {
  const session = await saved_with_masks(await worked());
  const { dispatch, state, asked } = await with_scan();
  dispatch({ do: "session_opened", session });
  await settled();
  dispatch({ do: "object_selected", number: 1 });
  dispatch({ do: "stroke_drawn", number: 1, slice: 4, stroke: { kind: "paint", radius_px: 1, path: [[0, 0]] } });
  await settled();
  assert.deepEqual(asked.filter((method) => method === "edit" || method === "segment"), ["edit"]);
  assert.ok(is_unsaved(state()));
  dispatch({ do: "point_added", point: [1, 1, 1] });
  await long();
  assert.deepEqual([state().objects[0]?.main.phase, state().objects[0]?.main.restored, state().message], [
    "done", false, null,
  ]);
  dispatch({ do: "propagation_wanted", number: 2, directions: ["up"] });
  await long();
  assert.equal(state().steps[2]?.at(-1)?.do, "propagate");
  // An undo comes back to the masks of the file, and no further.
  for (let i = 0; i < 9; i += 1) dispatch({ do: "undone" });
  await settled();
  assert.deepEqual([state().objects.length, state().history], [2, []]);
});

test("a check by replay compares, says how far it agrees, and leaves everything as it was", async () => {
  const session = await saved_with_masks(await worked());
  const { dispatch, state } = await with_scan();
  dispatch({ do: "session_opened", session });
  await settled();
  const [work, numbers] = [work_in(state()), state().objects.map(({ number }) => number)];
  assert.equal(session_note(state())?.check, "Check by replay");
  dispatch({ do: "replay_wanted" });
  assert.equal(is_unsaved(state()), false, "what is put aside is not lost");
  for (let i = 0; i < 5; i += 1) await long();
  assert.equal(session_note(state())?.text, "Checked: all 2 objects are the same, voxel for voxel.");
  assert.deepEqual([work_in(state()), state().objects.map(({ number }) => number), state().history], [
    work, numbers, [],
  ]);
  assert.deepEqual([state().objects.every(({ main }) => main.restored), state().sessions.main.numbers], [
    true, numbers,
  ]);
});

test("a check that differs says by which Dice; one that is stopped leaves the masks too", async () => {
  const session = await saved_with_masks(await worked());
  const [liver, other] = session.objects;
  if (!liver?.masks || !other) return assert.fail();
  const { told, ...size } = JSON.parse(liver.masks);
  const fewer = told.slice(1);
  const changed = {
    ...session,
    objects: [{
      ...liver, masks: JSON.stringify({ ...size, told: fewer }),
      result: { voxels: fewer.length, sha256: sha256(fewer.join("\n")) },
    }, other],
  };
  const { dispatch, state } = await with_scan();
  dispatch({ do: "session_opened", session: changed });
  await settled();
  dispatch({ do: "replay_wanted" });
  for (let i = 0; i < 5; i += 1) await long();
  assert.match(
    session_note(state())?.text ?? "",
    /^Checked: 1 of 2 objects differs\. liver: Dice 0\.\d{6}, 1 voxel of \d+ differs\. Below Dice 0\.999/,
  );
  const work = work_in(state());
  dispatch({ do: "replay_wanted" });
  assert.equal(state().replay?.phase, "running");
  dispatch({ do: "replay_stopped", why: "You stopped it." });
  await long();
  assert.equal(session_note(state())?.text, "The replay stopped early. You stopped it. Your masks are unchanged.");
  assert.deepEqual(work_in(state()), work);
});

test("masks that the engine refuses are made again from the prompts, and it says so", async () => {
  const session = await saved_with_masks(await worked());
  const [liver, other] = session.objects;
  if (!liver || !other) return assert.fail();
  const { dispatch, state, asked } = await with_scan();
  dispatch({
    do: "session_opened",
    session: { ...session, objects: [{ ...liver, result: { voxels: 1, sha256: sha256("another") } }, other] },
  });
  await long();
  assert.deepEqual([state().message?.text, state().replay?.phase], ["another hash", "restored"]);
  assert.ok(asked.includes("segment"));
  assert.deepEqual(state().objects.map(({ main }) => [main.phase, main.restored]), [["done", false], ["done", true]]);
});

test("a session of another scan waits for it, and needs no model when it comes", async () => {
  const session = await saved_with_masks(await worked());
  const { dispatch, state } = page(engine(), "cpu", 9);
  dispatch({ do: "session_opened", session: { ...session, model: { ...model_in(session), sha256: sha256("of nobody") } } });
  assert.equal(session_note(state())?.text, "The session is loaded. Open its scan to restore its masks.");
  dispatch(open(1));
  await settled();
  assert.equal(session_note(state())?.text, "The session is open: 2 objects with masks.");
  // Saved again it names the model that has made them.
  assert.equal(model_of_masks(state())?.sha256, sha256("of nobody"));
  assert.deepEqual(exported_objects(state()).map(({ model }) => model), [model_in(session).name, model_in(session).name]);
});

/** The masks of a session of another model, on a page that has its own. */
async function of_another_model() {
  const session = await saved_with_masks(await worked());
  const made = await with_scan();
  const maker = { ...model_in(session), name: "Another", sha256: sha256("of nobody") };
  made.dispatch({ do: "session_opened", session: { ...session, model: maker } });
  await settled();
  const masks = async () => (await made.driver.saved_masks(1)).masks;
  return { ...made, session, maker, masks, before: await masks() };
}

test("an undo brings back the mask that another model has made, and not one of the model that is loaded", async () => {
  const { dispatch, state, asked, masks, before } = await of_another_model();
  dispatch({ do: "object_selected", number: 1 });
  dispatch({ do: "rendering_wanted", slice: 6 });
  await settled();
  const count = asked.length;
  dispatch({ do: "point_added", point: [1, 1, 1] });
  await long();
  assert.ok(asked.slice(count).includes("segment"));
  assert.notEqual(await masks(), before);
  dispatch({ do: "undone" });
  await long();
  assert.deepEqual([await masks(), state().objects[0]?.main.phase, state().objects[0]?.main.restored], [
    before, "done", true,
  ]);
  dispatch({ do: "redone" });
  await long();
  assert.deepEqual([state().objects[0]?.main.phase, state().objects[0]?.main.restored], ["done", false]);
});

test("a refinement of another model's mask, when it is declined, leaves that mask", async () => {
  const { dispatch, state, driver, asked } = await of_another_model();
  const { sha256: before } = await driver.saved_masks(1);
  dispatch({ do: "object_selected", number: 1 });
  dispatch({ do: "rendering_wanted", slice: 6 });
  await settled();
  dispatch({ do: "point_added", point: [1, 1, 1] });
  await settled();
  const [object] = state().objects;
  assert.ok(object?.main.prediction);
  // The engine's answer to the point is only offered.
  const { serial } = object.prompts[1] ?? {};
  const { generation } = state().engine;
  assert.ok(serial);
  dispatch({
    do: "predicted", generation, side: "main", key: state().image?.key ?? "",
    answers: [{
      number: 1, serial, box: null, prediction: object.main.prediction,
      offered: { lost_fraction: 1, point_outside: false, point_inside: false },
    }],
  });
  dispatch({ do: "offer_declined", number: 1 });
  await long();
  assert.deepEqual(
    [state().objects[0]?.main.restored, state().objects[0]?.prompts.length, (await driver.saved_masks(1)).sha256],
    [true, 1, before],
  );
  assert.equal(model_of_masks(state())?.name, "Another");
  assert.equal(asked.at(-1) === "segment", false);
});

test("what is saved names the model of each object", async () => {
  const { dispatch, state, driver, session, maker } = await of_another_model();
  assert.deepEqual((await saved_with_masks({ state, driver })).model, maker);
  dispatch({ do: "propagation_wanted", number: 2, directions: ["up"] });
  await long();
  const saved = await saved_with_masks({ state, driver });
  assert.deepEqual([saved.model, saved.objects.map(({ model }) => model)], [session.model, [maker, undefined]]);
  assert.deepEqual(exported_objects(state()).map(({ model }) => model), ["Another", undefined]);
  assert.deepEqual(await session_of_text(text_of({ ...saved, format: "boxel-session", version: 2 })), saved);
  // Opened again, it is as it was.
  const again = await with_scan();
  again.dispatch({ do: "session_opened", session: saved });
  await settled();
  assert.deepEqual(await saved_with_masks(again), saved);
  const unknown = { ...saved, format: "boxel-session", version: 2, objects: [{ ...saved.objects[0], model: "M" }] };
  await assert.rejects(session_of_text(JSON.stringify(unknown)), { code: "session_invalid" });
});

test("a file's masks are looked at before they are believed", async () => {
  const session = await saved_with_masks(await worked());
  const good = JSON.parse(text_of({ ...session, format: "boxel-session", version: 2 }));
  assert.deepEqual(await session_of_text(JSON.stringify(good)), session);
  for (const change of /** @type {((object: any) => void)[]} */ ([
    (object) => { object.masks = []; },
    (object) => { object.masks.size = [1, 2]; },
    (object) => { object.masks.slices = {}; },
    (object) => { object.masks.slices = [null]; },
    (object) => { object.masks.slices = [{ slice: -1, runs: [] }]; },
    (object) => { object.masks.slices = [{ slice: 0, runs: [1.5] }]; },
    (object) => { object.masks.slices = [{ slice: 0, runs: "1" }]; },
    (object) => { object.at = 8; },
    (object) => { object.at = "6"; },
  ])) {
    const changed = structuredClone(good);
    change(changed.objects[0]);
    await assert.rejects(session_of_text(JSON.stringify(changed)), ({ code }) => code === "session_invalid", String(change));
  }
});
