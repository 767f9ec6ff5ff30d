// The model's weights, until the engine has them.

import { error_message } from "./message.js";
import { NO_EMBEDDING, to_be_decoded } from "./sessions.js";

/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("../failure.js").Failure} Failure */
/** @typedef {{ model: string, phase: "idle" | "loading" | "checking" | "ready" | "failed" | "cancelled", loaded: number, total: number, bytes: Uint8Array<ArrayBuffer> | null }} Weights */
/**
 * @typedef {{ do: "weights_progress", model: string, loaded: number, total: number }
 *  | { do: "weights_checking" }
 *  | { do: "weights_ready", bytes: Uint8Array<ArrayBuffer> }
 *  | { do: "weights_failed", failure: Failure }
 *  | { do: "weights_cancelled" }
 *  | { do: "weights_loaded", generation: number, side: import("./sessions.js").Side, model: import("./sessions.js").LoadedModel }} WeightsAction
 */

/** @type {Weights} */
export const NO_WEIGHTS = { model: "", phase: "idle", loaded: 0, total: 0, bytes: null };

/** @type {(state: State, changes: Partial<Weights>) => State} */
const with_weights = (state, changes) => ({ ...state, weights: { ...state.weights, ...changes } });

/** @type {import("./reduce.js").Handlers<WeightsAction>} */
export const weights_actions = {
  weights_progress: (state, { model, loaded, total }) => with_weights(state, { model, phase: "loading", loaded, total }),
  weights_checking: (state) => with_weights(state, { phase: "checking" }),
  weights_ready: (state, { bytes }) => with_weights(state, { phase: "ready", bytes }),
  weights_cancelled: (state) => with_weights(state, { phase: "cancelled" }),
  weights_failed: (state, { failure }) =>
    ({ ...with_weights(state, { phase: "failed" }), message: error_message(failure, ["retry"]) }),
  weights_loaded(state, { side, model }) {
    // A first model leaves the encoding as it is: it may wait for the user after a failure.
    const embedding = state.sessions[side]?.model ? { embedding: NO_EMBEDDING } : {};
    return to_be_decoded(state, side, { model, ...embedding });
  },
};
