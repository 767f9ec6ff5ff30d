// Unsaved work: what would be lost with the page or the scan. Work is saved by a session file, or by all objects as
// NIfTI, DICOM SEG or .seg.nrrd. The work that earlier tabs have left in this browser is here too.

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */
/** Work left by a closed tab; `names` are those of its objects.
 * @typedef {{ id: string, at_ms: number, scan_key: string, names: string[] }} Found */
/**
 * Whether unsaved work is also stored in this browser, which the user chooses. `at_ms` is the last time, 0 for never.
 * @typedef {object} Autosave
 * @property {boolean} is_on
 * @property {"unknown" | "ready" | "failed"} phase
 * @property {number} at_ms
 * @property {string} name
 * @property {number} bytes
 * @property {string} reason
 */
/**
 * @typedef {{ do: "work_saved", work: string }
 *  | { do: "autosave_set", on: boolean }
 *  | { do: "autosaved", at_ms: number, name: string, bytes: number }
 *  | { do: "autosave_removed" }
 *  | { do: "autosave_failed", reason: string }
 *  | { do: "work_found", found: Found[] }
 *  | { do: "work_recovered", id: string }
 *  | { do: "work_discarded", id: string }} UnsavedAction
 */

/** @type {Autosave} */
export const NO_AUTOSAVE = { is_on: false, phase: "unknown", at_ms: 0, name: "", bytes: 0, reason: "" };

let last_id = 0;
/** Lists of strokes are never mutated, so identity identifies them. @type {WeakMap<object, number>} */
const ids = new WeakMap();
/** @type {(list: object) => number} */
function id_of(list) {
  const id = ids.get(list) ?? ++last_id;
  ids.set(list, id);
  return id;
}

/** The user's objects, which a replay check sets aside.
 * @type {(state: Pick<State, "objects" | "replay">) => PromptedObject[]} */
export const objects_of_user = ({ objects, replay }) => replay?.before?.objects ?? objects;

/** Identifies the present work: equal strings mean equal prompts, windows, accepted offers, strokes, propagations,
 * names, colours and reviewed slices, so undo restores an earlier string. Empty without objects.
 * @type {(state: Pick<State, "objects" | "replay"> & Partial<Pick<State, "reviewed">>) => string} */
export function work_of(state) {
  const objects = objects_of_user(state);
  if (!objects.length) return "";
  return JSON.stringify(objects.map((object) => {
    const { number, name, colour, locked, at, propagation_version, window = null, prompts, edits } = object;
    const ticks = state.reviewed?.[number]?.map(({ slice }) => slice) ?? [];
    return [
      number, name, colour, locked, at.plane, at.slice, propagation_version, window,
      prompts.map(({ serial, candidate, taken = false }) => [serial, candidate, taken]),
      edits.map(({ slice, strokes }) => [slice, id_of(strokes)]), ...ticks,
    ];
  }));
}

/** @type {(
 *   state: Pick<State, "objects" | "replay" | "saved"> & Partial<Pick<State, "reviewed">>,
 * ) => boolean} */
export function is_unsaved(state) {
  const work = work_of(state);
  return work !== "" && work !== state.saved;
}

/** Whether a file of this format saves all the work.
 * @type {(format: import("../exports/state.js").Saved) => boolean} */
export const holds_work = (format) =>
  format === "session" || format === "nifti" || format === "dicom_seg" || format === "seg_nrrd";

/** @type {(state: State, changes: Partial<Autosave>) => State} */
const with_autosave = (state, changes) => ({ ...state, autosave: { ...state.autosave, ...changes } });

/** @type {(state: State, id: string) => State} */
const without_found = (state, id) => ({ ...state, found: state.found.filter((each) => each.id !== id) });

/** @type {import("../../state/slices.js").Handlers<UnsavedAction>} */
export const unsaved_actions = {
  work_saved: (state, { work }) => ({ ...state, saved: work }),
  autosave_set: (state, { on }) => with_autosave(state, { is_on: on, phase: "ready", reason: "" }),
  autosaved: (state, { at_ms, name, bytes }) => with_autosave(state, { at_ms, name, bytes, reason: "" }),
  autosave_removed: (state) => with_autosave(state, { at_ms: 0, name: "", bytes: 0 }),
  autosave_failed: (state, { reason }) =>
    with_autosave(state, { phase: "failed", is_on: false, at_ms: 0, name: "", bytes: 0, reason }),
  work_found: (state, { found }) => ({ ...state, found }),
  work_recovered: (state, { id }) => without_found(state, id),
  work_discarded: (state, { id }) => without_found(state, id),
};

/** @type {import("../../state/slices.js").Slice<UnsavedAction, "saved" | "found" | "autosave">} */
export const unsaved_slice = { initial: { saved: "", found: [], autosave: NO_AUTOSAVE }, actions: unsaved_actions };
