// Segmentations that are opened on the scan: their segments become objects with masks, which are worked on like others.

import assert from "node:assert/strict";
import { test } from "node:test";

import { exported_objects } from "../../web/features/exports/exporter.js";
import { rgb_of } from "../../web/features/objects/colours.js";
import { SegmentLoader } from "../../web/features/segments/loader.js";
import { way_of_segments } from "../../web/features/segments/state.js";
import { MAX_OBJECTS } from "../../web/features/sessions/limits_state.js";
import { session_note } from "../../web/features/sessions/words.js";
import { is_unsaved } from "../../web/features/unsaved/state.js";
import { may_begin_segmentation } from "../../web/open/segmentation_files.js";
import { prompt_text } from "../../web/show/words.js";
import { OWN_COLOURS } from "../../web/state/limits.js";
import { last_prompt } from "../../web/features/prompts/state.js";
import { open, page, ready, settled } from "./page.mjs";
import { a, b, engine, KEY, long, saved_with_masks, session_of_text, with_scan } from "./recording.mjs";
import { text } from "./session_text.mjs";

/** @typedef {import("../../web/features/segments/state.js").FileSegment} FileSegment */

const LIVER = { scheme: "SCT", value: "10200004", meaning: "Liver" };
const RED = OWN_COLOURS + 200 * 65536 + 30 * 256 + 60;
/** @type {(name: string, more?: Partial<FileSegment>) => FileSegment} */
const segment = (name, more = {}) => ({
  facts: { name, category: null, kind: LIVER, modifier: null, algorithm: "AUTOMATIC", algorithm_name: "A program" },
  colour: RED, plane: "axial", slice: 3, voxels: 8, masks: JSON.stringify({ told: [`["load","${name}"]`] }), ...more,
});
const found = [segment("Liver"), segment("Spleen", { colour: null, slice: 5 })];
/** @type {import("../../boxel-bindings.js").Stroke} */
const stroke = { kind: "paint", radius_px: 1, path: [[1, 1]] };

/** @type {(made: Pick<Awaited<ReturnType<typeof with_scan>>, "dispatch">, segments?: FileSegment[]) => void} */
function load({ dispatch }, segments = found) {
  dispatch({ do: "segments_wanted", serial: 1, of: 1, files: [new Blob(["1"])] });
  dispatch({ do: "segments_read", serial: 1, found: segments });
}

/** A page with two loaded segments, and what the engine was told of the first. */
async function loaded() {
  const made = await with_scan();
  load(made);
  await settled();
  const told = async (number = 1) => JSON.parse(await made.driver.object_masks(number)).told;
  return { ...made, told };
}

test("segments become objects with their names and colours, as one change, without a question to the model", async () => {
  const { dispatch, state, asked, told } = await loaded();
  assert.deepEqual(state().objects.map(({ name, colour, at, main }) => [name, rgb_of(colour), at.slice, main.phase]), [
    ["Liver", [200, 30, 60], 3, "done"], ["Spleen", rgb_of(0), 5, "done"],
  ]);
  assert.equal(prompt_text(last_prompt(/** @type {any} */ (state().objects[0]))), "Loaded segment");
  assert.match(state().message?.text ?? "", /^Loaded 2 segments: Liver, Spleen\. Undo removes them\.$/);
  assert.deepEqual([state().sessions.main.numbers, state().segments], [[1, 2], null]);
  assert.deepEqual(await told(), ['["load","Liver"]']);
  assert.equal(is_unsaved(state()), false, "the file still has them");
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual([state().objects, state().history], [[], []]);
  dispatch({ do: "redone" });
  await settled();
  assert.deepEqual([state().objects.length, state().sessions.main.numbers], [2, [1, 2]]);
  assert.ok(!asked.includes("segment"));
});

test("strokes and points change a loaded segment, and an undo brings it back", async () => {
  const { dispatch, state, asked, told } = await loaded();
  dispatch({ do: "stroke_drawn", number: 1, slice: 3, stroke });
  await settled();
  assert.equal((await told()).length, 2);
  assert.ok(is_unsaved(state()));
  dispatch({ do: "undone" });
  await settled();
  dispatch({ do: "object_selected", number: 1 });
  dispatch({ do: "rendering_wanted", slice: 3 });
  await settled();
  dispatch({ do: "point_added", point: [1, 1, 1] });
  await long();
  assert.deepEqual([state().objects[0]?.prompts.length, state().objects[0]?.main.phase], [1, "done"]);
  assert.equal(asked.filter((method) => method === "segment").length, 1);
  dispatch({ do: "undone" });
  await long();
  assert.deepEqual(state().objects[0]?.prompts, []);
  assert.deepEqual((await told())[0], '["load","Liver"]');
  assert.deepEqual([state().objects[0]?.main.phase, state().message], ["done", null]);
});

test("another model and another worker leave loaded segments as they are", async () => {
  const { dispatch, state, told, asked } = await loaded();
  dispatch({ do: "model_wanted", id: "b" });
  dispatch(ready("b"));
  await long();
  dispatch({ do: "engine_died", generation: state().engine.generation, step: null, side: "main", failure: {
    code: "device_lost", message: "gone",
  } });
  await long();
  dispatch({ do: "retry" });
  await long();
  assert.deepEqual(state().objects.map(({ main }) => main.phase), ["done", "done"]);
  assert.deepEqual([await told(1), await told(2)], [['["load","Liver"]'], ['["load","Spleen"]']]);
  assert.ok(!asked.includes("segment"));
});

test("a session restores loaded segments with colours and codes, and replays what was done to them", async () => {
  const before = await loaded();
  before.dispatch({ do: "stroke_drawn", number: 1, slice: 3, stroke });
  await settled();
  before.dispatch({ do: "object_selected", number: 2 });
  before.dispatch({ do: "rendering_wanted", slice: 4 });
  await settled();
  before.dispatch({ do: "box_added", box: [0, 0, 2, 2], to_selected: true });
  await long();
  const session = await saved_with_masks(before);
  assert.deepEqual(session.objects.map(({ steps, at }) => [steps.map((step) => step.do), at]), [
    [["load", "edit"], null], [["load", "prompt"], 4],
  ]);
  assert.deepEqual(session.objects[0]?.segment, found[0]?.facts);

  const made = await with_scan();
  made.dispatch({ do: "session_opened", session });
  await settled();
  assert.deepEqual(made.state().objects.map(({ name, colour, segment, prompts }) => [name, colour, segment, prompts.length]),
    before.state().objects.map(({ name, colour, segment, prompts }) => [name, colour, segment, prompts.length]));
  assert.deepEqual(await saved_with_masks(made), session);
  made.dispatch({ do: "replay_wanted" });
  for (let i = 0; i < 5; i += 1) await long();
  assert.equal(session_note(made.state())?.text, "Checked: all 2 objects are the same, voxel for voxel.");
});

test("a session's load step must be the first and have masks", async () => {
  const { state, driver } = await loaded();
  const { objects: [object] } = JSON.parse(JSON.stringify(await saved_with_masks({ state, driver })));
  const masks = { size: [4, 2, 9], slices: [] };
  const read = (/** @type {object} */ more) => session_of_text(text([{ ...object, masks, ...more }]));
  assert.equal((await read({})).objects[0]?.steps[0]?.do, "load");
  await assert.rejects(read({ masks: null }), { code: "session_invalid" });
  await assert.rejects(read({ steps: [{ do: "load" }, { do: "load" }] }), { code: "session_invalid" });
  await assert.rejects(read({ segment: { name: 1 } }), { code: "session_invalid" });
  await assert.rejects(read({ segment: { name: "n".repeat(999) } }), { code: "session_invalid" });
});

test("an export names codes and the algorithm, as far as nobody has changed the mask", async () => {
  const { dispatch, state } = await loaded();
  const algorithm = () => exported_objects(state())[0]?.segment?.algorithm;
  assert.deepEqual([exported_objects(state())[0]?.segment, exported_objects(state())[0]?.colour], [
    found[0]?.facts, [200, 30, 60],
  ]);
  dispatch({ do: "stroke_drawn", number: 1, slice: 3, stroke });
  await settled();
  assert.equal(algorithm(), "SEMIAUTOMATIC");
  dispatch({ do: "object_selected", number: 1 });
  dispatch({ do: "point_added", point: [1, 1, 1] });
  await long();
  assert.equal(algorithm(), null);
});

test("segments wait for their scan, and go if another one comes", async () => {
  const { dispatch, state } = page(engine(), "cpu", 9, () => KEY);
  /** @type {Blob[][]} */
  const asked = [];
  const loader = new SegmentLoader(state, dispatch, async (files) => {
    asked.push([...files]);
    return found;
  }, async () => false);
  dispatch({ do: "models_listed", faults: [], entries: [a, b] });
  dispatch(open(1));
  dispatch({ do: "segments_wanted", serial: 1, of: 1, files: [new Blob(["1"])] });
  loader.follow();
  assert.deepEqual([way_of_segments(state()), asked.length], ["waiting", 0]);
  await settled();
  loader.follow();
  loader.follow();
  await settled();
  assert.deepEqual([asked.length, state().objects.length, state().segments], [1, 2, null]);
  dispatch({ do: "segments_wanted", serial: 2, of: 7, files: [] });
  loader.follow();
  assert.deepEqual([asked.length, state().segments], [1, null]);
});

test("segments that do not lie on the voxels are resampled on request, and it is said", async () => {
  const { dispatch, state } = await with_scan();
  const elsewhere = { code: "segments_elsewhere", message: "the segmentation does not lie on the scan: it is finer" };
  let answer = false;
  const loader = new SegmentLoader(state, dispatch, async (_, resample) => {
    if (!resample) throw elsewhere;
    return found;
  }, async () => answer);
  for (const [serial, resample, count, told] of /** @type {const} */ ([
    [1, false, 0, /^the segmentation does not lie on the scan: it is finer$/], [2, true, 2, /^Loaded 2 segments, resampled to/],
  ])) {
    answer = resample;
    dispatch({ do: "segments_wanted", serial, of: 1, files: [new Blob(["1"])] });
    loader.follow();
    await settled();
    assert.deepEqual([state().objects.length, state().segments], [count, null]);
    assert.match(state().message?.text ?? "", told);
  }
});

test("a segmentation that fails, is empty or has too many segments changes nothing else", async () => {
  const made = await loaded();
  const { dispatch, state } = made;
  const { objects, history } = state();
  dispatch({ do: "segments_wanted", serial: 2, of: 1, files: [] });
  dispatch({ do: "segments_failed", serial: 2, failure: { code: "grids_differ", message: "It lies elsewhere." } });
  assert.deepEqual([state().message?.text, state().segments], ["It lies elsewhere.", null]);
  load(made, []);
  assert.match(state().message?.text ?? "", /no voxels on this scan/);
  load(made, new Array(MAX_OBJECTS).fill(segment("x")));
  assert.match(state().message?.text ?? "", /would be 1,002 objects, and a session holds 1,000/);
  assert.deepEqual([state().objects, state().history], [objects, history]);
});

test("the first bytes of a file rule out most that are no segmentations", () => {
  const dicom = (/** @type {string} */ uid) => `${"\0".repeat(128)}DICM..${uid}\0`;
  assert.ok(may_begin_segmentation(dicom("1.2.840.10008.5.1.4.1.1.66.4")));
  assert.ok(!may_begin_segmentation(dicom("1.2.840.10008.5.1.4.1.1.2")));
  assert.deepEqual(["NRRD0004\n", "\x1f\x8b", "\xff\xd8\xff", "PK\x03\x04", ""].map(may_begin_segmentation), [
    true, true, false, false, false,
  ]);
});
