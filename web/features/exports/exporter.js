// Exports a file and hands it to the browser.

import { failure_of } from "../../failure.js";
import { download } from "../../save/download.js";
import { time_of } from "../../save/time.js";
import { steps_of } from "../../state/steps.js";
import { other_maker_of } from "../models/makers_state.js";
import { label_of_model } from "../models/published_state.js";
import { rgb_of } from "../objects/colours.js";
import { session_file } from "../sessions/file.js";
import { session_of } from "../sessions/write.js";
import { holds_work, work_of } from "../unsaved/state.js";
import { figure_png } from "./figure.js";
import { is_complete, probable_ids, why_no_save, why_not } from "./formats.js";
import { is_label_map } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/reduce.js").Action} Action */
/** @typedef {import("../../state/steps.js").Step} Step */
/** @typedef {import("../prompts/state.js").SegmentFacts} SegmentFacts */
/** @typedef {import("./formats.js").Format} Format */
/** Which object keeps a voxel that several share. @typedef {"later" | "earlier"} Winner */
/** @typedef {import("../../../boxel-bindings.js").Overlap} Overlap */
/** @typedef {import("../../../boxel-bindings.js").ExportedFile} ExportedFile */
/** @typedef {import("../../../boxel-bindings.js").ExportObject} ExportObject */
/** @typedef {import("../../../boxel-bindings.js").ExportOptions} ExportOptions */
/**
 * @typedef {object} Writer the engine's part of an export
 * @property {(
 *   format: import("../../../boxel-bindings.js").ExportFormat, objects: ExportObject[], options: ExportOptions,
 * ) => Promise<ExportedFile>} export_file
 * @property {(
 *   objects: Uint32Array, at: { plane: import("../../../boxel-bindings.js").Plane, slice: number } | null,
 * ) => Promise<Overlap[]>} overlaps
 * @property {(number: number) => Promise<import("../sessions/format.js").ObjectMasks>} saved_masks of an object
 * @property {(ids: number[]) => Promise<Uint8Array<ArrayBuffer>>} probability_png
 */

/** As many characters as DICOM has for it. */
const MAX_MODEL_NAME = 64;

/** @type {(state: State) => ExportObject[]} */
export const exported_objects = (state) => state.objects.map((object) => {
  const { number, name, colour } = object;
  const maker = other_maker_of(object, state);
  const segment = facts_of(object, steps_of(state.steps, number));
  return {
    object: number, name, colour: rgb_of(colour), ...(maker ? { model: algorithm_of(maker) } : {}),
    ...(segment ? { segment } : {}),
  };
});

/** What a DICOM SEG says about an object that was loaded from a file or made by edits alone.
 * @type {(object: State["objects"][number], steps: Step[]) => SegmentFacts | undefined} */
function facts_of({ name, segment }, steps) {
  if (segment) return facts_after(segment, steps);
  return steps[0]?.do === "edit_volume" && !steps.some(is_of_model) ? facts_of_edits(name, steps) : undefined;
}

/** @type {(step: Step) => boolean} */
const is_of_model = (step) => step.do === "prompt" || step.do === "propagate";

/** The facts of an object that was made by edits alone, as the command line writes them.
 * @type {(name: string, steps: Step[]) => SegmentFacts} */
function facts_of_edits(name, steps) {
  const is_manual = steps.every((step) => step.do !== "edit_volume" || "lasso_v1" in step.edit
    || ("sphere_v1" in step.edit && !step.edit.sphere_v1.range));
  return {
    name, category: null, kind: null, modifier: null, algorithm: is_manual ? "MANUAL" : "SEMIAUTOMATIC",
    algorithm_name: is_manual ? "" : "Boxel edits",
  };
}

/** What the file of a loaded segment says, as far as it holds after the user's steps.
 * @type {(segment: SegmentFacts, steps: Step[]) => SegmentFacts} */
function facts_after(segment, steps) {
  if (steps.some(is_of_model)) return { ...segment, algorithm: null };
  const is_edited = steps.some((step) => step.do === "edit_volume" || (step.do === "edit" && step.strokes.length > 0));
  return is_edited && segment.algorithm === "AUTOMATIC" ? { ...segment, algorithm: "SEMIAUTOMATIC" } : segment;
}

/** @type {(maker: import("../prompts/state.js").Maker) => string} */
const algorithm_of = (maker) => {
  const words = label_of_model({ ...maker, name: "" }).length;
  return label_of_model({ ...maker, name: maker.name.slice(0, MAX_MODEL_NAME - words) });
};

/** @type {(state: State, writer: Pick<Writer, "saved_masks">, objects?: State["objects"]) => Promise<Blob>} */
export async function saved_session(state, writer, objects = state.objects) {
  const results = await Promise.all(objects.map(({ number }) => writer.saved_masks(number)));
  return session_file(session_of(state, results, objects));
}

/** File names are neutral, because the source's often contains the patient's name.
 * @type {(
 *   format: Format["format"], state: State, writer: Writer, winner: Winner,
 * ) => Promise<{ blob: Blob, name: string }>} */
async function written(format, state, writer, winner) {
  const { image } = state;
  if (!image) throw { code: "session_order", message: "No image is open." };
  if (format === "figure") {
    const { model } = state.sessions.main;
    return { blob: await figure_png(state, model ? label_of_model(model) : ""), name: "boxel-figure.png" };
  }
  if (format === "probability") {
    const bytes = await writer.probability_png(probable_ids(state));
    return { blob: new Blob([bytes], { type: "image/png" }), name: "boxel-probability.png" };
  }
  if (format === "session") {
    return { blob: await saved_session(state, writer), name: "boxel-session.json" };
  }
  const { plane, slice, window } = image;
  const { bytes, name, type } = await writer.export_file(format, exported_objects(state), {
    plane, slice, window,
    // Only a DICOM SEG could name the patient, and it is not saved before the user has chosen.
    identity: state.exports.identity ?? "de_identified",
    seg_form: state.exports.seg_form,
    winner,
    now: time_of(new Date()),
    seed: crypto.getRandomValues(new Uint8Array(16)),
  });
  return { blob: new Blob([bytes], { type }), name };
}

/** Overlaps of objects that a file of this format cannot store.
 * @type {(format: Format, state: State, writer: Writer) => Promise<Overlap[]>} */
async function overlaps_of({ format, of }, { objects, image, exports: { seg_form } }, writer) {
  if (objects.length < 2 || !image || !is_label_map(format, seg_form)) return [];
  const at = of === "slice" ? { plane: image.plane, slice: image.slice } : null;
  return writer.overlaps(new Uint32Array(objects.map(({ number }) => number)), at);
}

/** Returns whether the file was saved. If objects overlap in a format that cannot store that and no winner is given,
 * asks the user instead.
 * @type {(
 *   format: Format,
 *   state: () => State,
 *   dispatch: (action: Action) => void,
 *   writer: Writer,
 *   winner?: Winner | null,
 * ) => Promise<boolean>} */
export async function save(format, state, dispatch, writer, winner = null) {
  const now = state();
  if (why_no_save(now) || why_not(format, now)) return false;
  let is_saved = false;
  dispatch({ do: "save_begun", what: format.format });
  try {
    const overlaps = winner ? [] : await overlaps_of(format, now, writer);
    if (overlaps.length) {
      dispatch({ do: "save_ended" });
      dispatch({ do: "overlap_found", what: format.format, overlaps });
      return false;
    }
    const { blob, name } = await written(format.format, now, writer, winner ?? "later");
    await download(blob, name);
    // A pending mask, an offered one and voxels left to another object are not in the file.
    if (holds_work(format.format) && is_complete(now) && !winner) dispatch({ do: "work_saved", work: work_of(now) });
    is_saved = true;
  } catch (error) {
    dispatch({ do: "failed", failure: failure_of(error, "save") });
  }
  dispatch({ do: "save_ended" });
  return is_saved;
}
