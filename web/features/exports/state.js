// Exports: the formats that the scan rules out, and the options of a DICOM SEG.

import { default_name } from "../objects/labels_state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../failure.js").Failure} Failure */
/** @typedef {import("../../../boxel-bindings.js").ExportFormat} ExportFormat */
/** What can be saved: the engine's formats, and the page's own.
 * @typedef {ExportFormat | "probability" | "figure" | "session"} Saved */
/** @typedef {import("../../../boxel-bindings.js").Overlap} Overlap */
/** @typedef {import("../../../boxel-bindings.js").Term} Term */
/** @typedef {"linked" | "de_identified"} Identity */
/** The engine's sentences by format; absent or empty means none.
 * @typedef {Partial<Record<ExportFormat, string>>} Sentences */
/** How a DICOM SEG stores its pixels: in the form that most readers support, or as a label map.
 * @typedef {"auto" | "label_map"} SegForm */
/** A save that waits for the user: objects overlap, and the format stores one number per voxel.
 * @typedef {{ what: Saved, overlaps: Overlap[] }} OverlapQuestion */
/** The coded terms for the objects' names, null for free text; `of` holds the names that were looked up.
 * @typedef {{ of: string, found: (Term | null)[] }} Terms */
/** `refusals` and `warnings` are the engine's for the scan `of`; `identity` is null until the user chooses: a file must not
 * name the patient unasked; `saving` is the format being written.
 * @typedef {{ of: string, refusals: Sentences, warnings: Sentences, identity: Identity | null, seg_form: SegForm,
 *  saving: Saved | null, question: OverlapQuestion | null, terms: Terms }} Exports */
/**
 * @typedef {{ do: "refusals_found", generation: number, scan_key: string, refusals: Sentences, warnings: Sentences }
 *  | { do: "identity_chosen", identity: Identity }
 *  | { do: "seg_form_chosen", form: SegForm }
 *  | { do: "overlap_found", what: Saved, overlaps: Overlap[] }
 *  | { do: "overlap_answered" }
 *  | { do: "terms_found", generation: number, of: string, found: (Term | null)[] }
 *  | { do: "save_begun", what: Saved }
 *  | { do: "save_ended" }} ExportAction
 */

/** @type {Exports} */
export const NO_EXPORTS = {
  of: "", refusals: {}, warnings: {}, identity: null, seg_form: "auto", saving: null, question: null,
  terms: { of: "", found: [] },
};

/** @type {(state: State, changes: Partial<Exports>) => State} */
const with_exports = (state, changes) => ({ ...state, exports: { ...state.exports, ...changes } });

/** @type {import("../../state/slices.js").Handlers<ExportAction>} */
export const export_actions = {
  refusals_found: (state, { scan_key, refusals, warnings }) =>
    scan_key === state.scan?.key ? with_exports(state, { of: scan_key, refusals, warnings }) : state,
  identity_chosen: (state, { identity }) => with_exports(state, { identity }),
  seg_form_chosen: (state, { form }) => with_exports(state, { seg_form: form }),
  overlap_found: (state, { what, overlaps }) => with_exports(state, { question: { what, overlaps } }),
  overlap_answered: (state) => with_exports(state, { question: null }),
  terms_found: (state, { of, found }) => with_exports(state, { terms: { of, found } }),
  save_begun: (state, { what }) => with_exports(state, { saving: what, question: null }),
  save_ended: (state) => with_exports(state, { saving: null }),
};

/** @type {import("../../state/slices.js").Slice<ExportAction, "exports">} */
export const exports_slice = { initial: { exports: NO_EXPORTS }, actions: export_actions };

/** The scan whose refusals the engine must still be asked for. @type {(state: State) => string | null} */
export const wanted_refusals = ({ scan, exports: { of }, sessions: { main } }) =>
  scan && main.scan_key === scan.key && of !== scan.key ? scan.key : null;

/** The user-given names whose terms must still be looked up, one per line. @type {(state: State) => string | null} */
export function wanted_terms({ objects, exports: { terms, refusals }, sessions: { main } }) {
  const of = objects.filter(({ number, name }) => name !== default_name(number)).map(({ name }) => name).join("\n");
  return main.model && !refusals.dicom_seg && of && of !== terms.of ? of : null;
}

/** Whether a format stores one number per voxel, so that objects cannot overlap in it.
 * @type {(what: Saved, form: SegForm) => boolean} */
export const is_label_map = (what, form) =>
  what === "label_png" || what === "nifti" || what === "nifti_resampled" || what === "npz"
    || (what === "dicom_seg" && form === "label_map");
