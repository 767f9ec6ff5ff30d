// The bundled samples: their list and the one being fetched.

import { error_message, lasting_message } from "../../state/message.js";

/** @typedef {import("./loader.js").Sample} Sample */
/** @typedef {import("../../failure.js").Failure} Failure */
/** `serial` is that of the opening it leads to.
 * @typedef {{ serial: number, sample: Sample, phase: "idle" | "loading" | "failed" }} Coming */
/** @typedef {{ phase: "none" | "listing" | "listed" | "failed", list: Sample[], coming: Coming | null }} Samples */
/**
 * @typedef {{ do: "samples_listing" }
 *  | { do: "samples_listed", list: Sample[] }
 *  | { do: "samples_failed", failure: Failure }
 *  | { do: "sample_wanted", serial: number, sample: Sample }
 *  | { do: "sample_loading", serial: number }
 *  | { do: "sample_failed", serial: number, failure: Failure }} SampleAction
 */

/** @type {Samples} */
export const NO_SAMPLES = { phase: "none", list: [], coming: null };

/** @typedef {import("../../state/reduce.js").State} State */
/** @type {(state: State, changes: Partial<Samples>) => State} */
const with_samples = (state, changes) => ({ ...state, samples: { ...state.samples, ...changes } });

/** @type {(state: State, serial: number, phase: Coming["phase"]) => State} */
function with_coming(state, serial, phase) {
  const { coming } = state.samples;
  return coming?.serial === serial ? with_samples(state, { coming: { ...coming, phase } }) : state;
}

/** @type {import("../../state/slices.js").Handlers<SampleAction>} */
export const sample_actions = {
  samples_listing: (state) => with_samples(state, { phase: "listing" }),
  samples_listed: (state, { list }) => with_samples(state, { phase: "listed", list }),
  samples_failed: (state, { failure }) =>
    ({ ...with_samples(state, { phase: "failed" }), message: error_message(failure, ["retry"]) }),
  sample_wanted: (state, { serial, sample }) =>
    ({
      ...with_samples(state, { coming: { serial, sample, phase: "idle" } }), unopened: null, opening: null,
      message: lasting_message(state),
    }),
  sample_loading: (state, { serial }) => with_coming(state, serial, "loading"),
  sample_failed(state, { serial, failure }) {
    const next = with_coming(state, serial, "failed");
    return next === state ? state : { ...next, message: error_message(failure, ["retry"]) };
  },
};

/** @type {import("../../state/slices.js").Slice<SampleAction, "samples">} */
export const samples_slice = { initial: { samples: NO_SAMPLES }, actions: sample_actions };
