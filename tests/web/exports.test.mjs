// What can be saved, why something can't, and what an export is told.

import assert from "node:assert/strict";
import { test } from "node:test";

import { exported_objects, save } from "../../web/features/exports/exporter.js";
import { time_of } from "../../web/save/time.js";
import { is_label_map } from "../../web/features/exports/state.js";
import { terms_line } from "../../web/features/exports/show.js";
import { overlap_words } from "../../web/features/exports/overlap_words.js";
import { FORMATS, is_offered, warnings_of, why_no_save, why_not } from "../../web/features/exports/formats.js";
import { reduce } from "../../web/state/reduce.js";
import { masked, object } from "./masked.mjs";
import { entry } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").State} State */
/** @typedef {import("../../web/state/reduce.js").Action} Action */

/** @type {(state: State, ...actions: Action[]) => State} */
const after = (state, ...actions) => actions.reduce(reduce, state);
/** @type {(id: string) => import("../../web/features/exports/formats.js").Format} */
const format = (id) => FORMATS.find((each) => each.id === id) ?? assert.fail(id);

test("nothing can be saved without a scan, an object, or while the engine lacks a mask", () => {
  const state = masked();
  assert.equal(why_no_save(state), "");
  assert.match(why_no_save({ ...state, image: null }), /Open a scan/);
  assert.match(why_no_save({ ...state, objects: [] }), /Draw a box/);
  assert.match(why_no_save(masked({ numbers: [] })), /Wait/);
  const elsewhere = object(1, {}, { at: { plane: "axial", slice: 9 } });
  assert.match(
    why_no_save({ ...masked({ numbers: [] }), objects: [elsewhere] }), /First show the slice of .*: Object 1/,
  );
  assert.match(why_no_save(after(state, { do: "save_begun", what: "nifti" })), /being written/);
  assert.equal(why_no_save(after(state, { do: "save_begun", what: "nifti" }, { do: "save_ended" })), "");
});

test("the engine's refusal of a format is its reason; the others stay", () => {
  const state = after(masked(), {
    do: "refusals_found", generation: 1, scan_key: "scan", refusals: { dicom_seg: "not from DICOM" }, warnings: {},
  });
  assert.deepEqual([why_not(format("save-seg"), state), why_not(format("save-nifti"), state)], ["not from DICOM", ""]);
  const of_another = after(masked(), {
    do: "refusals_found", generation: 1, scan_key: "other", refusals: { dicom_seg: "no" }, warnings: {},
  });
  assert.match(why_not(format("save-seg"), of_another), /Linked or De-identified/);
  for (const identity of /** @type {const} */ (["linked", "de_identified"])) {
    const chosen = after(of_another, { do: "identity_chosen", identity });
    assert.equal(why_not(format("save-seg"), chosen), "");
  }
});

test("a resampled NIfTI is offered where the scan's own grid is refused or warned of", () => {
  const found = { do: /** @type {const} */ ("refusals_found"), generation: 1, scan_key: "scan" };
  const plain = after(masked(), { ...found, refusals: {}, warnings: {} });
  const refused = after(masked(), { ...found, refusals: { nifti: "not equally far apart" }, warnings: {} });
  const warned = after(masked(), { ...found, refusals: {}, warnings: { nifti: "ITK refuses it." } });
  assert.deepEqual([plain, refused, warned].map((state) => is_offered(format("save-nifti-resampled"), state)), [
    false, true, true,
  ]);
  assert.equal(is_offered(format("save-nifti"), refused), true);
  assert.equal(why_not(format("save-nifti"), refused), "not equally far apart");
  assert.equal(why_not(format("save-nifti-resampled"), refused), "");
  assert.deepEqual([plain, refused, warned].map(warnings_of), [[], [], ["NIfTI: ITK refuses it."]]);
});

test("what is of one slice needs a mask on it; what is of all does not", () => {
  const { models, ...rest } = masked();
  const state = after({
    ...rest, models: { ...models, entries: [entry(rest.sessions.main.model?.id ?? "")] },
    objects: [object(1, {}, { at: { plane: "axial", slice: 9 } })],
  }, { do: "identity_chosen", identity: "linked" });
  assert.deepEqual(FORMATS.filter((each) => why_not(each, state)).map(({ of }) => of), Array(6).fill("slice"));
});

test("letters in the pixels are warned about, and hinder nothing", () => {
  const state = masked();
  assert.deepEqual(warnings_of(state), []);
  const scan = state.scan && { ...state.scan, notes: [{ code: "burned_in", text: "" }] };
  const next = { ...state, scan };
  assert.equal(why_no_save(next), "");
  const [burned_in] = warnings_of(next);
  assert.match(burned_in ?? "", /de-identification does not remove it/);
});

test("an object's name is the user's, goes into exports, and can be undone", () => {
  const state = masked();
  const named = after(state, { do: "object_named", number: 1, name: "  Liver " });
  assert.deepEqual(exported_objects(named), [{ object: 1, name: "Liver", colour: [251, 252, 30] }]);
  assert.equal(after(named, { do: "object_named", number: 1, name: "Liver" }), named);
  const back = after(named, { do: "undone" });
  assert.deepEqual([back.objects[0]?.name, back.objects[0]?.main], ["Object 1", state.objects[0]?.main]);
  assert.equal(after(named, { do: "object_named", number: 1, name: "" }).objects[0]?.name, "Object 1");
  assert.equal(after(state, { do: "object_named", number: 8, name: "none" }), state);
});

test("a name outlives the refusal of a prompt that came before it", () => {
  const at = masked();
  const box = after(at, { do: "box_added", box: [1, 1, 2, 2], to_selected: true });
  const serial = box.objects[0]?.prompts.at(-1)?.serial ?? -1;
  const refused = after(box, { do: "object_named", number: 1, name: "Liver" }, {
    do: "prediction_failed", generation: 1, side: "main", key: "image", asked: [{ number: 1, serial }],
    failure: { code: "test", message: "A test failure." },
  });
  assert.equal(refused.objects[0]?.name, "Liver");
  assert.equal(after(refused, { do: "undone" }).objects[0]?.name, "Object 1");
});

test("the time is local, to the second", () => {
  assert.equal(time_of(new Date(2026, 10, 5, 9, 3, 7)), "20261105T090307");
});

/** A page whose engine writes one byte, and whose objects overlap by so many voxels. @param {number} voxels */
function overlapping(voxels) {
  let state = {
    ...masked({ numbers: [1, 2] }),
    objects: [object(1, {}, { name: "Liver" }), object(2, {}, { name: "Right kidney" })],
  };
  /** @type {any[]} */
  const asked = [];
  /** @type {any} */
  const writer = {
    overlaps: async (/** @type {any} */ numbers, /** @type {any} */ at) => {
      asked.push(["overlaps", [...numbers], at]);
      return voxels ? [{ first: 1, second: 2, voxels }] : [];
    },
    export_file: async (/** @type {any} */ format, /** @type {any} */ _, /** @type {any} */ { winner, seg_form }) => {
      asked.push([format, winner, seg_form]);
      throw { code: "export_invalid", message: "Nothing is handed over in this test." };
    },
  };
  const dispatch = (/** @type {Action} */ action) => { state = reduce(state, action); };
  return {
    asked, state: () => state, dispatch,
    save: (/** @type {string} */ id, /** @type {any} */ winner = null) =>
      save(format(id), () => state, dispatch, writer, winner),
  };
}

test("a label map of objects that overlap asks who keeps the voxels, and writes nothing before", async () => {
  const page = overlapping(1907);
  await page.save("save-nifti");
  assert.deepEqual(page.asked, [["overlaps", [1, 2], null]]);
  const { question, saving } = page.state().exports;
  assert.deepEqual([question?.what, saving], ["nifti", null]);
  const words = overlap_words(question?.overlaps ?? [], page.state().objects);
  assert.match(words.text, /^Liver and Right kidney share 1,907 voxels\./);
  assert.deepEqual([words.later, words.earlier], ["Right kidney", "Liver"]);
  await page.save("save-nifti", "earlier");
  assert.deepEqual(page.asked.at(-1), ["nifti", "earlier", "auto"]);
  assert.equal(page.state().exports.question, null);
});

test("a question that is not answered goes, and a slice is asked about alone", async () => {
  const page = overlapping(3);
  await page.save("save-labels");
  assert.deepEqual(page.asked, [["overlaps", [1, 2], { plane: "axial", slice: 2 }]]);
  page.dispatch({ do: "overlap_answered" });
  assert.equal(page.state().exports.question, null);
});

test("what can hold overlaps, and what has none, is written at once", async () => {
  const page = overlapping(3);
  await page.save("save-seg");
  assert.deepEqual(page.asked, [], "whether it names the patient is not chosen yet");
  page.dispatch({ do: "identity_chosen", identity: "linked" });
  await page.save("save-seg");
  assert.deepEqual(page.asked, [["dicom_seg", "later", "auto"]]);
  const apart = overlapping(0);
  apart.dispatch({ do: "identity_chosen", identity: "de_identified" });
  apart.dispatch({ do: "seg_form_chosen", form: "label_map" });
  await apart.save("save-seg");
  assert.deepEqual(apart.asked, [["overlaps", [1, 2], null], ["dicom_seg", "later", "label_map"]]);
  const held = FORMATS.filter(({ format }) => !is_label_map(format, "auto")).map(({ format }) => format);
  assert.deepEqual(held, [
    "mask_png", "probability", "overlay_png", "figure", "svg", "dicom_seg", "rt_struct", "seg_nrrd", "stl", "ply", "obj",
    "coco", "csv", "session",
  ]);
});

test("the page says what a DICOM SEG calls the objects", () => {
  const state = overlapping(0).state();
  const kidney = { value: "64033007", scheme: "SCT", meaning: "Kidney, right" };
  const found = after(state, {
    do: "terms_found", generation: state.engine.generation, of: "Liver\nRight kidney", found: [null, kidney],
  });
  assert.equal(terms_line(found), "Liver: Tissue, free text · Right kidney: Kidney, right (SCT 64033007)");
});
