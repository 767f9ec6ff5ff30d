// Requests for the side panels, after everything else: they only read.

import { wanted_refusals, wanted_terms } from "../features/exports/state.js";
import { wanted_curve } from "../features/measures/curve_state.js";
import { wanted_overlay } from "../features/measures/overlay_state.js";
import { reference_to_give, wanted_agreement } from "../features/measures/reference_state.js";
import { wanted_measure } from "../features/measures/state.js";
import { wanted_input } from "../features/model_input/state.js";

/** @typedef {import("../state/reduce.js").State} State */
/**
 * @typedef {{ do: "refusals", scan_key: string }
 *  | { do: "terms", of: string }
 *  | { do: "measure", question: import("../features/measures/state.js").MeasureQuestion }
 *  | { do: "curve", question: import("../features/measures/curve_state.js").CurveQuestion }
 *  | { do: "overlay", question: import("../features/measures/overlay_state.js").OverlayQuestion }
 *  | { do: "model_input", question: import("../features/model_input/state.js").InputQuestion }
 *  | { do: "give_reference", serial: number, scan: Uint8Array<ArrayBuffer> }
 *  | { do: "agreement", question: import("../features/measures/reference_state.js").AgreementQuestion }} PanelRequest
 */

/** @type {(state: State) => PanelRequest | null} */
export function next_of_panels(state) {
  const scan_key = wanted_refusals(state);
  if (scan_key !== null) return { do: "refusals", scan_key };
  // The reference belongs to what is on the screen, so it does not wait.
  const overlay = wanted_overlay(state);
  if (overlay && overlay.of !== state.reference?.overlay?.of) return { do: "overlay", question: overlay };
  if (!state.settled) return null; // the user may be scrolling
  const measure = wanted_measure(state);
  if (measure && measure.of !== state.measurement.of) return { do: "measure", question: measure };
  const curve = wanted_curve(state);
  if (curve && curve.of !== state.curve.of) return { do: "curve", question: curve };
  const input = wanted_input(state);
  if (input && input.of !== state.model_input.of) return { do: "model_input", question: input };
  const given = reference_to_give(state);
  if (given) return { do: "give_reference", ...given };
  const agreement = wanted_agreement(state);
  if (agreement && agreement.of !== state.reference?.of) return { do: "agreement", question: agreement };
  const names = wanted_terms(state);
  return names === null ? null : { do: "terms", of: names };
}
