// The session file: what is written, what is read, what is refused, and that a replay asks the engine the same.

import assert from "node:assert/strict";
import { test } from "node:test";

import { moves_of } from "../../web/features/sessions/moves_state.js";
import { is_json, read_session } from "../../web/features/sessions/read.js";
import { file_steps } from "../../web/features/sessions/write.js";
import { session_note } from "../../web/features/sessions/words.js";
import { progress_of } from "../../web/show/words.js";
import { without_session } from "../../web/features/sessions/listen.js";
import { initial_state } from "../../web/state/reduce.js";
import { open, page, ready, settled } from "./page.mjs";
import { a, b, engine, KEY, long, saved, session_of_text, sha256, window, with_scan, worked, model_in } from "./recording.mjs";

/** @typedef {import("../../web/features/sessions/format.js").SessionFile} SessionFile */

test("a replay on the same scan asks the engine the same, and says that the masks are the same", async () => {
  const session = await saved(await worked());
  assert.deepEqual(session.scan, { sha256: KEY });
  assert.deepEqual(session.model, { name: "a", recipe: "litemedsam", sha256: a.sha256 });
  assert.deepEqual(session.objects.map(({ name, steps }) => [name, steps.map((step) => step.do)]),
    [["liver", ["prompt", "propagate", "prompt", "edit", "unmark"]], ["Object 2", ["prompt"]]]);
  assert.deepEqual(session.objects[0]?.steps[1], {
    do: "propagate", from: 4, window, directions: ["up", "down"], rule: 3,
  });

  const again = await with_scan();
  again.dispatch({ do: "box_added", box: [0, 0, 1, 1] });
  await settled();
  again.dispatch({ do: "session_opened", session });
  assert.match(progress_of(again.state())?.label ?? "", /^Replaying liver, step 1 of 8/);
  for (let i = 0; i < 4; i += 1) await long();
  assert.equal(session_note(again.state())?.text, "Replayed: all 2 objects are the same, voxel for voxel.");
  assert.deepEqual(again.state().objects.map(({ number, name, at }) => [number, name, at.slice]), [
    [2, "liver", 6], [3, "Object 2", 6],
  ]);
  assert.deepEqual([again.state().rendering, again.state().message], [session.view, null]);
  // Saved again it is the same session.
  assert.deepEqual(
    (await saved(again)).objects.map(({ steps, result }) => [steps, result]),
    session.objects.map(({ steps, result }) => [steps, result]),
  );
  again.dispatch({ do: "replay_closed" });
  again.dispatch({ do: "undone" });
  assert.deepEqual(again.state().objects.map(({ number }) => number), [1]);
});

/** What an object is called, its colour, hidden, locked.
 * @type {(
 *   of: { objects: { name: string, colour: number, hidden: boolean, locked: boolean }[] },
 * ) => [string, number, boolean, boolean][]} */
const about = ({ objects }) => objects.map(({ name, colour, hidden, locked }) => [name, colour, hidden, locked]);

test("labels, colours, and what is hidden and locked come back, and are saved again as they were", async () => {
  const made = await worked();
  made.dispatch({ do: "label_coloured", name: "liver", colour: 5 });
  made.dispatch({ do: "object_named", number: 2, name: "liver" });
  made.dispatch({ do: "object_hidden", number: 2, on: true });
  made.dispatch({ do: "object_locked", number: 1, on: true });
  const session = await saved(made);
  const expected = [["liver", 5, false, true], ["liver", 5, true, false]];
  assert.deepEqual(about(session), expected);
  const again = await with_scan();
  again.dispatch({ do: "session_opened", session });
  for (let i = 0; i < 4; i += 1) await long();
  assert.equal(
    session_note(again.state())?.text,
    "Replayed: all 2 objects are the same, voxel for voxel.",
    "a lock is no hindrance to the replay",
  );
  assert.deepEqual(about(again.state()), expected);
  assert.deepEqual((await saved(again)).objects, session.objects);
});

test("objects of one name with several colours, in a file of before, have the first one's", async () => {
  const session = await saved(await worked());
  const again = await with_scan();
  again.dispatch({
    do: "session_opened",
    session: { ...session, objects: session.objects.map((object, i) => ({ ...object, name: "node", colour: 4 - i })) },
  });
  for (let i = 0; i < 4; i += 1) await long();
  assert.deepEqual(about(again.state()), [["node", 4, false, false], ["node", 4, false, false]]);
});

test("a mask that was halted on its way is halted there again; a chosen candidate is chosen", async () => {
  const made = await with_scan(KEY, (slice) => {
    if (slice === 6) made.dispatch({ do: "propagation_cancelled" });
  });
  made.dispatch({ do: "multimask_set", on: true });
  made.dispatch({ do: "point_added", point: [1, 1, 1] });
  await settled();
  made.dispatch({ do: "candidate_chosen", number: 1, candidate: 2 });
  await settled();
  made.dispatch({ do: "propagation_wanted", number: 1, directions: ["up", "down"] });
  await long();
  const session = await saved(made);
  assert.deepEqual(session.objects[0]?.steps.map((step) =>
    step.do === "propagate" ? [step.directions, step.until] : step.do === "prompt" && step.prompts[0]?.candidate),
    [2, [["up"], [4, 6]]]);

  const again = await with_scan();
  again.dispatch({ do: "session_opened", session });
  await long();
  await long();
  assert.equal(session_note(again.state())?.text, "Replayed: the object is the same, voxel for voxel.");
});

test("it says which object differs, and by how much", async () => {
  const session = await saved(await worked());
  const [liver, other] = session.objects;
  if (!liver || !other) return assert.fail();
  const changed = { ...session, objects: [{ ...liver, result: { voxels: 1234, sha256: sha256("another") } }, other] };
  const again = await with_scan();
  again.dispatch({ do: "session_opened", session: changed });
  for (let i = 0; i < 4; i += 1) await long();
  assert.equal(session_note(again.state())?.text,
    `Replayed: 1 of 2 objects differs. liver has ${liver.result.voxels} voxels, and had 1,234. `
      + "Below Dice 0.999, the difference is more than another device's rounding.");
});

test("a session of another scan waits for its own; of another model, for that or for the user", async () => {
  const session = await saved(await worked());
  const again = await with_scan(sha256("another"));
  again.dispatch({ do: "session_opened", session });
  assert.equal(session_note(again.state())?.text,
    "This session belongs to another scan. Open its scan to replay it.");
  await long();
  assert.deepEqual([again.state().replay?.phase, again.state().objects], ["waiting", []]);

  const third = await with_scan();
  third.dispatch({ do: "session_opened", session: { ...session, model: { ...model_in(session), sha256: b.sha256 } } });
  assert.deepEqual(session_note(third.state()), {
    text: "This session was made with b.", load: { id: "b", text: "Load b" },
    anyway: "Replay with a: masks will differ", check: "", close: "Don't replay",
  });
  third.dispatch({ do: "model_wanted", id: "b" });
  assert.match(session_note(third.state())?.text ?? "", /once the model is ready/);
  third.dispatch(ready("b"));
  for (let i = 0; i < 4; i += 1) await long();
  assert.equal(session_note(third.state())?.text, "Replayed: all 2 objects are the same, voxel for voxel.");

  const unknown = { ...session, model: { ...model_in(session), name: "c", sha256: sha256("c") } };
  third.dispatch({ do: "session_opened", session: unknown });
  assert.match(
    session_note(third.state())?.text ?? "",
    /^This session was made with c\. Open those weights with "Load weights…" \(SHA-256 2e7d2c03a950…\)/,
  );
  third.dispatch({ do: "replay_model_accepted" });
  for (let i = 0; i < 4; i += 1) await long();
  assert.match(session_note(third.state())?.text ?? "", /^Replayed/);
});

test("a session that is opened first waits for its scan; another scan ends the replay and its note", async () => {
  const session = await saved(await worked());
  const { dispatch, state } = page(engine(), "cpu", 9);
  dispatch({ do: "models_listed", faults: [], entries: [a, b] });
  dispatch({ do: "session_opened", session });
  assert.equal(session_note(state())?.text, "The session is loaded. Open its scan to replay it.");
  dispatch(ready("a"));
  dispatch(open(1));
  for (let i = 0; i < 4; i += 1) await long();
  assert.equal(session_note(state())?.text, "Replayed: all 2 objects are the same, voxel for voxel.");
  dispatch(open(2));
  await settled();
  assert.deepEqual([state().replay, state().objects], [null, []]);
});

test("a replay ends with its engine, an error, or the user, and says so", async () => {
  const session = await saved(await worked());
  for (const [end, why] of /** @type {[import("../../web/state/reduce.js").Action, RegExp][]} */ ([
    [{ do: "device_wanted", wanted: "cpu" }, /The engine was started again\./],
    [{ do: "failed", failure: { code: "device_failed_once", message: "No." } }, /early\. No\. Undo/],
    [{ do: "objects_cleared" }, /An object of it was removed\./],
    [{ do: "replay_stopped", why: "You stopped it." }, /You stopped it\./],
  ])) {
    const { dispatch, state } = await with_scan();
    dispatch({ do: "session_opened", session });
    while (!state().objects.length) await new Promise((resolve) => setTimeout(resolve, 0));
    assert.equal(state().replay?.phase, "running");
    dispatch(end);
    await settled();
    assert.match(session_note(state())?.text ?? "", why);
    await long();
    assert.equal(state().propagating, null);
  }
});

test("what the scan does not have is refused with words before anything is replayed", async () => {
  const session = await saved(await worked());
  const { dispatch, state } = await with_scan();
  dispatch({ do: "session_opened", session: { ...session, view: { ...session.view, slice: 900 } } });
  assert.deepEqual([state().replay, state().message?.text], [
    null, "The session shows axial slice 901, which this scan does not have.",
  ]);
});

/** A good file, changed. @type {(change: (session: any) => void) => Promise<SessionFile>} */
const changed = (change) => {
  const session = {
    format: "boxel-session", version: 1, scan: { sha256: KEY }, model: { name: "m", recipe: "sam", sha256: KEY },
    more: "passed over",
    view: { plane: "axial", slice: 0, window: { width: 400, level: 40, kind: "linear" } },
    objects: [{ number: 1, name: "n", colour: 3, plane: "axial", result: { voxels: 1, sha256: KEY }, steps: [
      {
        do: "prompt", slice: 0, window,
        prompts: [{ box: [0, 0, 1, 1], points: [[0, 0, 1]], multimask: false, candidate: null }],
      },
      { do: "propagate", from: 0, window, directions: ["up"], until: [0, 3] },
      { do: "edit", slice: 0, strokes: [{ kind: "paint", radius_px: 2, path: [[0, 0]] }] },
      { do: "take_back" },
    ] }],
  };
  change(session);
  return session_of_text(JSON.stringify(session));
};

test("a file is read whatever the order of its fields, and refused with words if one is wrong", async () => {
  assert.equal(JSON.stringify((await changed(() => {})).view.window), JSON.stringify(window));
  assert.deepEqual((await changed((session) => { session.scan.sha256 += ".2"; })).scan.sha256, `${KEY}.2`);
  // Files of before say nothing of what is hidden or locked.
  assert.deepEqual(about(await changed(() => {})), [["n", 3, false, false]]);
  assert.deepEqual(
    about(await changed((session) => { Object.assign(session.objects[0], { hidden: true, locked: true }); })),
    [["n", 3, true, true]],
  );
  for (const [text, why] of /** @type {[string, RegExp][]} */ ([
    ["{", /is not valid JSON/], ["[]", /not a Boxel session/], ["null", /not a Boxel session/],
    ['{"format":"boxel-session","version":3}', /version is 3, but this page reads versions 1 to 2/],
    ['{"format":"boxel-session","version":"1"}', /version is 1, but/],
  ])) await assert.rejects(session_of_text(text), ({ code, message }) => code === "session_invalid" && why.test(message));
  for (const change of /** @type {((session: any) => void)[]} */ ([
    (s) => { s.scan.sha256 = "a name"; },
    (s) => { s.model.recipe = "other"; },
    (s) => { s.view.slice = -1; },
    (s) => { s.view.window = { kind: "linear", level: "40", width: 400 }; },
    (s) => { s.objects = {}; },
    (s) => { s.objects[0].hidden = 1; },
    (s) => { s.objects[0].locked = "no"; },
    (s) => { s.objects[0].locked = null; },
    (s) => { s.objects[0].colour = -1; },
    (s) => { s.objects[0].result = {}; },
    (s) => { s.objects[0].steps = []; },
    (s) => { s.objects[0].steps[0].prompts = []; },
    (s) => { s.objects[0].steps[0].prompts[0] = { box: null, points: [], multimask: false }; },
    (s) => { s.objects[0].steps[0].prompts[0].box = [0, 1, 2]; },
    (s) => { s.objects[0].steps[0].prompts[0].points = [[0, 0, 2]]; },
    (s) => { s.objects[0].steps[0].prompts[0].refine_carried = "yes"; },
    (s) => { s.objects[0].steps[1].directions = ["sideways"]; },
    (s) => { s.objects[0].steps[1].until = [2, 3]; },
    (s) => { s.objects[0].steps[1].rule = 4; },
    (s) => { s.objects[0].steps[1].range = -1; },
    (s) => { s.objects[0].steps[1].rule = "2"; },
    (s) => { s.objects[0].steps[2].strokes[0].radius_px = 0; },
    (s) => { s.objects[0].steps[3] = { do: "dance" }; },
  ])) await assert.rejects(changed(change), ({ code, message }) =>
    code === "session_invalid" && message.startsWith("This session cannot be opened: "), String(change));
});

test("a chain that starts from a carried mask is written and read; what was taken of an offer is not said", async () => {
  /** @type {import("../../web/state/steps.js").Step} */
  const step = { do: "prompt", slice: 5, window, prompts: [
    { serial: 3, box: null, points: [[1, 1, 1]], multimask: false, candidate: null, refine_carried: true, taken: true },
  ] };
  const [written] = file_steps([step]);
  const prompt = { box: null, points: [[1, 1, 1]], multimask: false, candidate: null, refine_carried: true };
  assert.deepEqual(written, { do: "prompt", slice: 5, window, prompts: [prompt] });
  const read = await changed((s) => { s.objects[0].steps[1] = written; });
  assert.deepEqual(read.objects[0]?.steps[1], written);
  assert.deepEqual(moves_of(read)[1], {
    do: "prompt", object: 0, at: { plane: read.objects[0]?.plane, slice: 5, window }, prompts: [prompt],
  });
  assert.deepEqual(file_steps([step, { do: "take_back" }]).at(-1), { do: "take_back" });
});

test("both ways are one step; one that was cut off stays on its own", async () => {
  /** @type {(direction: "up" | "down", until?: number) => import("../../web/state/steps.js").Step} */
  const way = (direction, until) => ({
    do: "propagate", from: 4, window, direction, until: until ?? null, reached: until ?? 6, rule: 2,
  });
  assert.deepEqual(file_steps([way("up"), way("down")]), [
    { do: "propagate", from: 4, window, directions: ["up", "down"], rule: 2 },
  ]);
  assert.deepEqual(file_steps([way("up"), way("down", 2)]).length, 2);
  const session = await changed((s) => {
    s.objects[0].steps[1] = { do: "propagate", from: 4, window, directions: ["up", "down"], until: [4, 6] };
  });
  assert.deepEqual(
    moves_of(session).filter((move) => move.do === "propagate").map(({ direction, limit }) => [direction, limit]),
    [["up", 6]],
  );
});

test("the range of a model with a memory is written, read and repeated", async () => {
  /** @type {(direction: "up" | "down", range: number) => import("../../web/state/steps.js").Step} */
  const way = (direction, range) => ({
    do: "propagate", from: 4, window, direction, until: null, reached: 6, rule: 3, range,
  });
  const [written] = file_steps([way("up", 5), way("down", 5)]);
  assert.deepEqual(written, { do: "propagate", from: 4, window, directions: ["up", "down"], range: 5, rule: 3 });
  assert.equal(file_steps([way("up", 5), way("down", 6)]).length, 2);
  const read = await changed((s) => { s.objects[0].steps[1] = written; });
  assert.deepEqual(read.objects[0]?.steps[1], written);
  const ranges = moves_of(read).flatMap((move) => move.do === "propagate" ? [move.range] : []);
  assert.deepEqual(ranges, [5, 5]);
});

test("a propagation of before has no rule, is repeated by the first one, and is written as it was", async () => {
  const session = await saved(await worked());
  for (const step of session.objects[0]?.steps ?? []) if (step.do === "propagate") delete step.rule;
  const rules = (/** @type {SessionFile} */ of) => moves_of(of).flatMap((move) => move.do === "propagate" ? [move.rule] : []);
  assert.deepEqual(rules(session), [1, 1]);
  assert.deepEqual(rules(await changed((s) => { s.objects[0].steps[1].rule = 2; })), [2]);

  const again = await with_scan();
  again.dispatch({ do: "session_opened", session });
  for (let i = 0; i < 4; i += 1) await long();
  assert.deepEqual((await saved(again)).objects[0]?.steps, session.objects[0]?.steps);
});

test("a session is taken out of what is dropped, and the scan is left", async () => {
  /** @type {any[]} */
  const told = [];
  const file = new File([JSON.stringify({ format: "boxel-session", version: 9 })], "session.json");
  const scan = new File(["{"], "scan.dcm");
  const app = { state: () => initial_state("cpu"), dispatch: (/** @type {any} */ action) => told.push(action) };
  assert.deepEqual(await without_session([scan, file], app), {
    files: [scan], session: null,
  });
  assert.deepEqual(told.map(({ do: what, failure }) => [what, failure?.code]), [["failed", "session_invalid"]]);
  assert.deepEqual(
    [await is_json(scan, false), await is_json(scan, true), await is_json(new File(["\n {}"], "x"), true)],
    [false, true, true],
  );
  await assert.rejects(read_session(/** @type {any} */ ({ size: 2 ** 40 })), ({ code }) => code === "session_invalid");
});
