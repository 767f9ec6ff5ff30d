// Segmentations that are opened on the scan: their segments become objects with masks, which are worked on like others.

import assert from "node:assert/strict";
import { test } from "node:test";

import { exported_objects } from "../../web/features/exports/exporter.js";
import { FORMATS, why_no_save, why_not } from "../../web/features/exports/formats.js";
import { rgb_of } from "../../web/features/objects/colours.js";
import { SegmentLoader } from "../../web/features/segments/loader.js";
import { way_of_segments } from "../../web/features/segments/state.js";
import { MAX_OBJECTS } from "../../web/features/sessions/limits_state.js";
import { is_json } from "../../web/features/sessions/read.js";
import { session_note } from "../../web/features/sessions/words.js";
import { is_unsaved } from "../../web/features/unsaved/state.js";
import { may_begin_segmentation, possible_segmentations } from "../../web/open/segmentation_files.js";
import { mask_words } from "../../web/show/state_words.js";
import { prompt_text, weights_hint_of } from "../../web/show/words.js";
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
  colour: RED, plane: "axial", slice: 3, voxels: 8, link: "place", masks: JSON.stringify({ told: [`["load","${name}"]`] }), ...more,
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
  }, async () => false, async () => null);
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
  let asked = 0;
  const listed = found.map(({ facts: { name }, colour }) => ({ name, colour }));
  const loader = new SegmentLoader(state, dispatch, async (_, resample, choose) => {
    const chosen = await choose(listed);
    if (!resample) throw elsewhere;
    return found.filter((_segment, i) => chosen.includes(i));
  }, async () => answer, async () => {
    asked += 1;
    return [1];
  });
  for (const [serial, resample, count, told] of /** @type {const} */ ([
    [1, false, 0, /^the segmentation does not lie on the scan: it is finer$/],
    [2, true, 1, /^Loaded 1 segment, resampled to .*: Spleen\./],
  ])) {
    answer = resample;
    dispatch({ do: "segments_wanted", serial, of: 1, files: [new Blob(["1"])] });
    loader.follow();
    await settled();
    assert.deepEqual([state().objects.length, state().segments], [count, null]);
    assert.match(state().message?.text ?? "", told);
    assert.equal(asked, serial, "the choice is asked for once, though the segments are listed twice");
  }
});

test("of several segments the chosen ones are loaded, and a cancelled choice changes nothing", async () => {
  const { dispatch, state } = await with_scan();
  /** @type {readonly number[] | null} */
  let answer = null;
  /** @type {string[]} */
  const listed = [];
  const loader = new SegmentLoader(state, dispatch, async (files, _, choose) => {
    const all = files.length === 1 ? found.slice(0, 1) : found;
    const chosen = await choose(all.map(({ facts: { name }, colour }) => ({ name, colour })));
    return all.filter((_segment, i) => chosen.includes(i));
  }, async () => false, async (all) => {
    listed.push(...all.map(({ name }) => name));
    return answer;
  });
  const load_from = async (/** @type {number} */ serial, /** @type {number} */ files) => {
    dispatch({ do: "segments_wanted", serial, of: 1, files: new Array(files).fill(new Blob(["1"])) });
    loader.follow();
    await settled();
    return state().objects.map(({ name }) => name);
  };
  assert.deepEqual([await load_from(1, 2), state().segments, state().message], [[], null, null]);
  answer = [1];
  assert.deepEqual(await load_from(2, 2), ["Spleen"]);
  assert.deepEqual(listed, ["Liver", "Spleen", "Liver", "Spleen"]);
  assert.deepEqual(await load_from(3, 1), ["Spleen", "Liver"], "a single segment is no choice");
  assert.equal(listed.length, 4);
});

test("it is said if only geometry, an order or the shown slice says where segments lie", async () => {
  const made = await with_scan();
  const told = (/** @type {FileSegment["link"][]} */ ...links) => {
    load(made, links.map((link, i) => segment(`s${i}`, { link })));
    return made.state().message?.text ?? "";
  };
  assert.match(told("place"), /^Loaded 1 segment: s0\. Undo removes it\.$/);
  assert.match(told("geometry", "geometry"), /: s0, s1\. Only geometry links the file .* Check that they fit\. Undo removes them\.$/);
  assert.match(told("other_images"), /names other images than this scan.s, in the same frame/);
  assert.match(told("order"), /no position in the patient/);
  assert.match(told("shown_slice"), /placed on the current slice/);
});

test("masks that no model made are saved, restored and checked without a model", async () => {
  /** A page whose model is not loaded. */
  const bare = async () => {
    const made = page(engine(), "cpu", 9, () => KEY);
    made.dispatch({ do: "models_listed", faults: [], entries: [a, b] });
    made.dispatch(open(1));
    await settled();
    return made;
  };
  const before = await bare();
  load(before);
  await settled();
  const { state } = before;
  const session_format = /** @type {import("../../web/features/exports/formats.js").Format} */ (
    FORMATS.find(({ format }) => format === "session"));
  assert.deepEqual([why_no_save(state()), why_not(session_format, state())], ["", ""]);
  assert.equal(weights_hint_of(state()), "");
  const session = await saved_with_masks(before);
  assert.deepEqual([session.model, session.objects.map(({ model }) => model)], [null, [undefined, undefined]]);
  const masks = { size: [4, 2, 9], slices: [] };
  const objects = JSON.parse(JSON.stringify(session.objects)).map((/** @type {object} */ each) => ({ ...each, masks }));
  const none = text(objects).replace(/"model": ?\{[^}]*\}/, '"model": null');
  assert.equal((await session_of_text(none)).model, null);

  const after = await bare();
  after.dispatch({ do: "session_opened", session });
  await long();
  assert.deepEqual(after.state().objects.map(({ name, main }) => [name, main.phase, main.made_by]), [
    ["Liver", "done", undefined], ["Spleen", "done", undefined],
  ]);
  assert.deepEqual(await saved_with_masks(after), session);
  after.dispatch({ do: "replay_wanted" });
  for (let i = 0; i < 5; i += 1) await long();
  assert.equal(session_note(after.state())?.text, "Checked: all 2 objects are the same, voxel for voxel.");
});

test("the state line counts the loaded segments on the slice that is shown", async () => {
  const { state } = await loaded();
  const { plane, slice } = /** @type {import("../../web/state/rendering.js").Image} */ (state().image);
  const masks = [1, 2].map((object) => ({ ...segment("s"), object, mask: new Uint8Array(8) }));
  const of = (/** @type {any[]} */ masks) =>
    mask_words({ ...state(), slice_masks: { plane, slice, masks, version: 0, edited: {} } }).text;
  assert.deepEqual([of(masks), of(masks.slice(1)), of([])], ["2 masks up to date", "1 mask up to date", ""]);
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
  assert.ok(may_begin_segmentation(`PK\x03\x04${"\0".repeat(26)}segs.npy`));
});

test("all images of a stack are looked at, and other files only if they are few", async () => {
  const images = Array.from({ length: 40 }, () => new Blob([new Uint8Array([0x89, 0x50, 0x4e, 0x47])]));
  const others = Array.from({ length: 17 }, () => new Blob(["NRRD0004"]));
  assert.equal((await possible_segmentations(images)).length, 40);
  assert.equal((await possible_segmentations([...images, ...others.slice(1)])).length, 56);
  assert.deepEqual(await possible_segmentations([...images, ...others]), []);
});

test("COCO annotations are no session, and a session is none of those", async () => {
  const file = (/** @type {string} */ content) => new File([content], "a.json");
  assert.ok(!await is_json(file('{"info":{"plane":"axial"},"images":[]}'), false));
  assert.ok(await is_json(file(text([])), false));
  assert.ok(await is_json(file('{"other": 1}'), true));
});
