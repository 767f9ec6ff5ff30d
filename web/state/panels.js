// The state of all side panels: what a new scan keeps of it, and what the death of the worker does to it.

import { NO_EXPORTS, wanted_terms } from "../features/exports/state.js";
import { NO_CURVE } from "../features/measures/curve_state.js";
import { NOTHING_MEASURED } from "../features/measures/state.js";
import { NO_INPUT } from "../features/model_input/state.js";

/** @typedef {import("./reduce.js").State} State */
/** A request to the engine for a panel. @typedef {import("../engine/next_panels.js").PanelRequest["do"]} PanelStep */
/** @typedef {Pick<State, "model_input" | "measurement" | "curve" | "reference" | "exports">} Panels */

/** Keeps the user's choices and drops the results. @type {(state: State) => Panels} */
export const panels_of_new_scan = ({ model_input, measurement, exports }) => ({
  model_input: { ...NO_INPUT, open: model_input.open },
  measurement: { ...NOTHING_MEASURED, axes: measurement.axes },
  curve: NO_CURVE,
  reference: null,
  // The next scan may be another patient's, whom a file must not name unasked.
  exports: {
    ...NO_EXPORTS, identity: exports.identity === "linked" ? null : exports.identity, seg_form: exports.seg_form,
  },
});

/** @type {Record<PanelStep, (state: State) => State>} */
const switched_off = {
  refusals: (state) => ({ ...state, exports: { ...state.exports, of: state.scan?.key ?? "" } }),
  terms: (state) => ({ ...state, exports: { ...state.exports, terms: { of: wanted_terms(state) ?? "", found: [] } } }),
  measure: (state) => ({ ...state, measurement: { ...state.measurement, off: true } }),
  model_input: (state) => ({ ...state, model_input: NO_INPUT }),
  give_reference: (state) => ({ ...state, reference: null }),
  agreement: (state) => ({ ...state, reference: null }),
  overlay: (state) => ({ ...state, reference: state.reference && { ...state.reference, shown: false } }),
  curve: (state) => ({ ...state, curve: { ...NO_CURVE, off: true } }),
};

/** Switches off the panel whose request killed the worker, so that it does not kill the next one; null if no panel's
 * request did.
 * @type {(state: State, step: string | null) => State | null} */
export function without_panel(state, step) {
  return step !== null && Object.hasOwn(switched_off, step)
    ? switched_off[/** @type {PanelStep} */ (step)](state)
    : null;
}
