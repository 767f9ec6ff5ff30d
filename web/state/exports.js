// What can be written: the formats that the scan rules out, and how a DICOM SEG is to identify itself.

/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("../failure.js").Failure} Failure */
/** @typedef {import("../../boxel-bindings.js").ExportFormat} ExportFormat */
/** What can be saved: the engine's formats, and the page's own. @typedef {ExportFormat | "probability" | "figure" | "session"} Saved */
/** @typedef {"linked" | "de_identified"} Identity */
/** Sentences of the engine's, by format; an absent or empty one is none. @typedef {Partial<Record<ExportFormat, string>>} Sentences */
/** `refusals` and `warnings` are the engine's for the scan `of`. `saving` is what is being written.
 * @typedef {{ of: string, refusals: Sentences, warnings: Sentences, identity: Identity, saving: Saved | null }} Exports */
/**
 * @typedef {{ do: "refusals_found", generation: number, scan_key: string, refusals: Sentences, warnings: Sentences }
 *  | { do: "identity_chosen", identity: Identity }
 *  | { do: "save_begun", what: Saved }
 *  | { do: "save_ended" }} ExportAction
 */

/** @type {Exports} */
export const NO_EXPORTS = { of: "", refusals: {}, warnings: {}, identity: "linked", saving: null };

/** @type {(state: State, changes: Partial<Exports>) => State} */
const with_exports = (state, changes) => ({ ...state, exports: { ...state.exports, ...changes } });

/** @type {import("./reduce.js").Handlers<ExportAction>} */
export const export_actions = {
  refusals_found: (state, { scan_key, refusals, warnings }) =>
    scan_key === state.scan?.key ? with_exports(state, { of: scan_key, refusals, warnings }) : state,
  identity_chosen: (state, { identity }) => with_exports(state, { identity }),
  save_begun: (state, { what }) => with_exports(state, { saving: what }),
  save_ended: (state) => with_exports(state, { saving: null }),
};

/** The scan whose refusals are to be asked for. @type {(state: State) => string | null} */
export const wanted_refusals = ({ scan, exports: { of }, sessions: { main } }) =>
  scan && main.scan_key === scan.key && of !== scan.key ? scan.key : null;
