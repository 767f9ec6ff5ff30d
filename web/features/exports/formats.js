// The export formats, and why one of them is disabled.

import { is_here, mask_here } from "../../state/here.js";
import { strokes_here, wanted_edit } from "../brush/strokes_state.js";
import { open_offer } from "../prompts/state.js";
import { wanted_version } from "../propagation/versions_state.js";
import { model_of_masks } from "../sessions/write.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("./state.js").Saved} Saved */
/** `of` says whether it holds a slice or the whole scan.
 * @typedef {{ format: Saved, id: string, name: string, about: string, of: "slice" | "all" }} Format */

/** @type {Format[]} */
export const FORMATS = [
  {
    format: "label_png", id: "save-labels", name: "Label PNG",
    about: "Label map: the pixel value is the position of the object in the list", of: "slice",
  },
  { format: "mask_png", id: "save-mask", name: "Mask PNG", about: "All masks merged: 8 bit, 0 or 255", of: "slice" },
  {
    format: "probability", id: "save-probability", name: "Probability PNG",
    about: "Probability map before the threshold, 16 bit", of: "slice",
  },
  {
    format: "overlay_png", id: "save-overlay", name: "Overlay PNG", about: "The image with coloured masks", of: "slice",
  },
  { format: "figure", id: "save-figure", name: "Figure PNG", about: "Prompts and masks side by side", of: "slice" },
  { format: "svg", id: "save-svg", name: "SVG contours", about: "Outlines of the masks as paths", of: "slice" },
  { format: "nifti", id: "save-nifti", name: "NIfTI", about: "Label map on the scan's grid", of: "all" },
  {
    format: "nifti_resampled", id: "save-nifti-resampled", name: "NIfTI, resampled",
    about: "Label map on a regular, rectangular grid, from the nearest voxels: "
      + "for tools that cannot open the scan's own grid",
    of: "all",
  },
  {
    format: "dicom_seg", id: "save-seg", name: "DICOM SEG",
    about: "A segment for each object, for PACS and DICOM viewers", of: "all",
  },
  {
    format: "rt_struct", id: "save-rt-struct", name: "DICOM RTSTRUCT",
    about: "Contours on the slices, for radiotherapy planning; identity as chosen for the DICOM SEG", of: "all",
  },
  {
    format: "seg_nrrd", id: "save-seg-nrrd", name: "3D Slicer (.seg.nrrd)",
    about: "Segments with names, colours and codes; objects may overlap", of: "all",
  },
  { format: "stl", id: "save-stl", name: "STL", about: "Surfaces in mm, for printing", of: "all" },
  { format: "ply", id: "save-ply", name: "PLY", about: "Surfaces in mm with colours", of: "all" },
  { format: "obj", id: "save-obj", name: "OBJ", about: "Surfaces in mm with names", of: "all" },
  {
    format: "npz", id: "save-npz", name: "npz",
    about: "Label map as a NumPy array, in the format of the MedSAM challenge", of: "all",
  },
  { format: "coco", id: "save-coco", name: "COCO JSON", about: "Run-length masks, boxes and areas", of: "all" },
  { format: "csv", id: "save-csv", name: "CSV", about: "Measurements, slice by slice", of: "all" },
  {
    format: "session", id: "save-session", name: "Session (JSON)",
    about: "Masks, prompts and strokes, to continue later. "
      + "The scan is identified by a hash: no pixels, no patient data",
    of: "all",
  },
];

/** Why nothing can be saved; empty if something can. @type {(state: State) => string} */
export function why_no_save(state) {
  const { image, objects, sessions: { main }, exports: { saving } } = state;
  if (!image) return "Open a scan first";
  if (objects.length === 0) return "Draw a box first";
  if (saving) return "A file is being written";
  if (wanted_edit(state)) return "Wait until your strokes are part of the mask";
  if (state.applying.length) return "Wait until the edit is part of the mask";
  if (wanted_version(state)) return "Wait until the propagated slices are restored";
  // The engine can only write what it has.
  const lacking = objects.filter((object) => !main.numbers.includes(object.number)
    || (object.main.phase === "waiting" && is_here(object, image)));
  if (lacking.some((object) => is_here(object, image))) return "Wait until every object has its mask";
  return lacking.length
    ? `First show the slice of each of these, so that its mask is computed again: ${names_of(lacking)}`
    : "";
}

/** @type {(objects: import("../prompts/state.js").PromptedObject[]) => string} */
const names_of = (objects) => objects.map(({ name }) => name).join(", ");

/** Whether a format is offered: a resampled NIfTI only if the scan's own grid is refused or warned about.
 * @type {(format: Format, state: Pick<State, "exports">) => boolean} */
export const is_offered = ({ format }, { exports: { refusals, warnings } }) =>
  format !== "nifti_resampled" || Boolean(refusals.nifti || warnings.nifti);

/** Why this format cannot be saved while others can; empty if it can.
 * @type {(format: Format, state: State) => string} */
export function why_not({ format, of }, state) {
  if (format === "session") {
    if (state.replay?.before) return "Wait until the session is checked";
    if (model_of_masks(state) === undefined) return "Wait until the model that made the masks is loaded";
    return is_settled(state) ? "" : "Wait until all masks are done";
  }
  const refusal = format === "probability" || format === "figure" ? "" : state.exports.refusals[format] ?? "";
  if (!refusal && (format === "dicom_seg" || format === "rt_struct") && !state.exports.identity) {
    return "Choose below the DICOM SEG whether it names the patient: Linked or De-identified";
  }
  if (refusal || of === "all") return refusal;
  if (format === "probability") return probable_ids(state).length ? "" : "No prompt is on this slice";
  return state.objects.some((object) => mask_here(object, state)) ? "" : "No mask is on this slice";
}

/** Whether nothing is pending, except objects that wait for their slice and whose masks the engine has.
 * @type {(state: State) => boolean} */
export const is_settled = (state) => {
  const { objects, image, propagating, discarding, unmarking, sessions: { main: { numbers } } } = state;
  return !propagating && discarding === null && unmarking.length === 0 && !wanted_edit(state) && !wanted_version(state)
    && state.applying.length === 0
    && objects.every((object) => object.main.phase === "done" || open_offer(object) !== null
      || (object.main.phase === "waiting" && !is_here(object, image) && numbers.includes(object.number)));
};

/** Whether every prompt is answered and every offer decided, so that a file saved now contains all work.
 * @type {(state: State) => boolean} */
export const is_complete = (state) =>
  is_settled(state) && state.objects.every(({ main: { phase, offered } }) => phase === "done" && !offered);

/** Ids of the predictions of the shown slice. @type {(state: State) => number[]} */
export const probable_ids = ({ objects, image }) => objects.flatMap(({ at, main: { phase, prediction, restored } }) =>
  phase === "done" && prediction && !restored && at.plane === image?.plane && at.slice === image.slice
    ? prediction.id
    : []);

/** Warnings about files that can be saved. @type {(state: State) => string[]} */
export function warnings_of({ scan, image, objects, exports: { warnings } }) {
  const edited = objects.filter((object) => is_here(object, image) && strokes_here(object, image).length);
  const hidden = objects.filter((object) => object.hidden);
  const burned_in = scan?.notes.some(({ code }) => code === "burned_in");
  return [
    warnings.nifti ? `NIfTI: ${warnings.nifti}` : "",
    hidden.length ? `Hidden, but saved too: ${names_of(hidden)}.` : "",
    edited.length ? `The probability is the model's own, without your strokes: ${names_of(edited)}.` : "",
    burned_in
      ? "This scan's pixels may contain text, such as a name. "
        + "The overlay and the figure show it, and de-identification does not remove it."
      : "",
  ].filter(Boolean);
}
