// The user's reference mask, and how well the selected object agrees with it.

import { error_message } from "../../state/message.js";
import { selected_of } from "../objects/state.js";
import { is_known, mask_version } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../failure.js").Failure} Failure */
/** @typedef {{ dice: number, nsd: number | null }} Agreement */
/**
 * `serial` distinguishes references. `scan` holds the content of the files until a worker has it; `held_by` is that
 * worker's generation. `agreement` is for `of`, which identifies object, mask and label.
 * @typedef {object} Reference
 * @property {number} serial
 * @property {readonly Blob[]} files handles, read again for another worker
 * @property {Uint8Array<ArrayBuffer> | null} scan
 * @property {number | null} held_by
 * @property {number[]} labels
 * @property {string[]} names of the labels; empty for one that the file does not name
 * @property {number | null} label
 * @property {string} of
 * @property {Agreement | null} agreement
 * @property {Failure | null} failure
 * @property {boolean} shown on the scan
 * @property {import("./overlay_state.js").Overlay | null} overlay of the shown slice
 */
/** @typedef {{ of: string, serial: number, number: number, label: number }} AgreementQuestion */
/**
 * @typedef {{ do: "reference_wanted", serial: number, files: readonly Blob[] }
 *  | { do: "reference_read", serial: number, scan: Uint8Array<ArrayBuffer> }
 *  | { do: "reference_unreadable", serial: number, failure: Failure }
 *  | { do: "reference_taken", generation: number, serial: number, labels: number[], names?: string[] }
 *  | { do: "reference_refused", generation: number, serial: number, failure: Failure }
 *  | { do: "reference_label_chosen", label: number }
 *  | { do: "reference_removed" }
 *  | { do: "agreement_found", generation: number, serial: number, of: string, agreement: Agreement }
 *  | { do: "agreement_refused", generation: number, serial: number, of: string, failure: Failure }} ReferenceAction
 */

/** @type {(state: State, serial: number, changes: Partial<Reference>) => State} */
const with_reference = (state, serial, changes) =>
  state.reference?.serial === serial ? { ...state, reference: { ...state.reference, ...changes } } : state;

/** @type {(state: State, serial: number, failure: Failure) => State} */
const without_reference = (state, serial, failure) =>
  state.reference?.serial === serial ? { ...state, reference: null, message: error_message(failure) } : state;

/** @type {import("../../state/slices.js").Handlers<ReferenceAction>} */
export const reference_actions = {
  reference_wanted: (state, { serial, files }) => state.scan ? {
    ...state,
    message: null,
    reference: {
      serial, files, scan: null, held_by: null, labels: [], names: [], label: null, of: "", agreement: null, failure: null,
      shown: state.reference?.shown ?? true, overlay: null,
    },
  } : state,
  reference_read: (state, { serial, scan }) => with_reference(state, serial, { scan }),
  reference_unreadable: (state, { serial, failure }) => without_reference(state, serial, failure),
  reference_taken(state, { generation, serial, labels, names = [] }) {
    if (labels.length === 0) {
      return without_reference(state, serial, {
        code: "reference_empty", message: "The reference is empty: all its values are 0.",
      });
    }
    const label = state.reference?.label ?? labels[0] ?? null;
    return with_reference(state, serial, { held_by: generation, scan: null, labels, names, label });
  },
  reference_refused: (state, { serial, failure }) => without_reference(state, serial, failure),
  reference_label_chosen: (state, { label }) =>
    state.reference?.labels.includes(label) ? with_reference(state, state.reference.serial, { label }) : state,
  reference_removed: (state) => ({ ...state, reference: null }),
  agreement_found: (state, { serial, of, agreement }) =>
    with_reference(state, serial, { of, agreement, failure: null }),
  agreement_refused: (state, { serial, of, failure }) =>
    with_reference(state, serial, { of, agreement: null, failure }),
};

/** @type {import("../../state/slices.js").Slice<ReferenceAction, "reference">} */
export const reference_slice = { initial: { reference: null }, actions: reference_actions };

/** An engine forgets the reference when it opens a scan. @type {(state: State) => State} */
export const reference_forgotten = (state) =>
  state.reference?.held_by == null ? state : { ...state, reference: { ...state.reference, held_by: null } };

/** The reference whose files must be read. @type {(state: State) => Reference | null} */
export const reference_to_read = ({ reference, engine }) =>
  reference && !reference.scan && reference.held_by !== engine.generation ? reference : null;

/** The reference that the engine does not have yet.
 * @type {(state: State) => { serial: number, scan: Uint8Array<ArrayBuffer> } | null} */
export function reference_to_give({ reference, scan, sessions: { main }, engine }) {
  if (!reference?.scan || !scan || main.scan_key !== scan.key || reference.held_by === engine.generation) return null;
  return { serial: reference.serial, scan: reference.scan };
}

/** What to compare now; null if there is nothing.
 * @type {(state: State) => AgreementQuestion | null} */
export function wanted_agreement(state) {
  const { reference, engine } = state;
  const object = selected_of(state);
  if (reference?.label == null || reference.held_by !== engine.generation) return null;
  if (!object || !is_known(state, object)) return null;
  const { serial, label } = reference;
  return { of: JSON.stringify([label, mask_version(state, object)]), serial, number: object.number, label };
}
