// What the panels beside the scan know, as one: what a new scan leaves of it, and what a death of the
// worker does.

import { NO_EXPORTS, wanted_terms } from "./exports.js";
import { NOTHING_MEASURED } from "./measurement.js";
import { NO_INPUT } from "./model_input.js";

/** @typedef {import("./reduce.js").State} State */
/** What is asked of the engine for a panel. @typedef {import("../engine/next_panels.js").PanelRequest["do"]} PanelStep */
/** @typedef {Pick<State, "model_input" | "measurement" | "reference" | "exports">} Panels */

/** What the user chose stays, what was found goes. @type {(state: State) => Panels} */
export const panels_of_new_scan = ({ model_input: { open }, measurement: { axes }, exports: { identity, seg_form } }) => ({
  model_input: { ...NO_INPUT, open },
  measurement: { ...NOTHING_MEASURED, axes },
  reference: null,
  exports: { ...NO_EXPORTS, identity, seg_form },
});

/** @type {Record<PanelStep, (state: State) => State>} */
const rests = {
  refusals: (state) => ({ ...state, exports: { ...state.exports, of: state.scan?.key ?? "" } }),
  terms: (state) => ({ ...state, exports: { ...state.exports, terms: { of: wanted_terms(state) ?? "", found: [] } } }),
  measure: (state) => ({ ...state, measurement: { ...state.measurement, off: true } }),
  model_input: (state) => ({ ...state, model_input: NO_INPUT }),
  give_reference: (state) => ({ ...state, reference: null }),
  agreement: (state) => ({ ...state, reference: null }),
};

/** The state without the panel whose request ended the worker, so that it does not end the next one;
 * null if it was no panel's.
 * @type {(state: State, step: string | null) => State | null} */
export function without_panel(state, step) {
  return step !== null && Object.hasOwn(rests, step) ? rests[/** @type {PanelStep} */ (step)](state) : null;
}
