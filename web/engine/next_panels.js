// Requests for the side panels, after everything else: they only read.

import { wanted_refusals, wanted_terms } from "../features/exports/state.js";
import { reference_to_give, wanted_agreement } from "../features/measures/reference_state.js";
import { wanted_measure } from "../features/measures/state.js";
import { wanted_input } from "../features/model_input/state.js";

/** @typedef {import("../state/reduce.js").State} State */
/**
 * @typedef {{ do: "refusals", scan_key: string }
 *  | { do: "terms", of: string }
 *  | { do: "measure", question: import("../features/measures/state.js").MeasureQuestion }
 *  | { do: "model_input", question: import("../features/model_input/state.js").InputQuestion }
 *  | { do: "give_reference", serial: number, scan: Uint8Array<ArrayBuffer> }
 *  | { do: "agreement", question: import("../features/measures/reference_state.js").AgreementQuestion }} PanelRequest
 */

/** @type {(state: State) => PanelRequest | null} */
export function next_of_panels(state) {
  const scan_key = wanted_refusals(state);
  if (scan_key !== null) return { do: "refusals", scan_key };
  if (!state.settled) return null; // the user may be scrolling
  const measure = wanted_measure(state);
  if (measure && measure.of !== state.measurement.of) return { do: "measure", question: measure };
  const input = wanted_input(state);
  if (input && input.of !== state.model_input.of) return { do: "model_input", question: input };
  const given = reference_to_give(state);
  if (given) return { do: "give_reference", ...given };
  const agreement = wanted_agreement(state);
  if (agreement && agreement.of !== state.reference?.of) return { do: "agreement", question: agreement };
  const names = wanted_terms(state);
  return names === null ? null : { do: "terms", of: names };
}
