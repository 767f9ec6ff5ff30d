// Requests for the side panels, after everything else: they only read.

import { wanted_refusals, wanted_terms } from "../state/exports.js";
import { wanted_measure } from "../state/measurement.js";
import { wanted_input } from "../state/model_input.js";
import { reference_to_give, wanted_agreement } from "../state/reference.js";

/** @typedef {import("../state/reduce.js").State} State */
/**
 * @typedef {{ do: "refusals", scan_key: string }
 *  | { do: "terms", of: string }
 *  | { do: "measure", question: import("../state/measurement.js").MeasureQuestion }
 *  | { do: "model_input", question: import("../state/model_input.js").InputQuestion }
 *  | { do: "give_reference", serial: number, scan: Uint8Array<ArrayBuffer> }
 *  | { do: "agreement", question: import("../state/reference.js").AgreementQuestion }} PanelRequest
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
