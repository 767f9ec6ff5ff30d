// Whatever failed or was cancelled is to be done again.

import { NO_EMBEDDING } from "./embedding.js";
import { with_new_engine } from "./engine.js";

/** @typedef {import("./reduce.js").State} State */
/** @typedef {{ do: "retry" }} RetryAction */

/** @type {import("./reduce.js").Handlers<RetryAction>} */
export const retry_actions = {
  retry(state) {
    const next = state.engine.phase === "failed" ? with_new_engine(state) : state;
    const { weights, embedding } = next;
    const weights_again = weights.phase === "failed" || weights.phase === "cancelled";
    const embed_again = embedding.phase === "failed" || embedding.phase === "cancelled";
    return {
      ...next,
      weights: weights_again ? { ...weights, phase: "idle", loaded: 0 } : weights,
      embedding: embed_again ? NO_EMBEDDING : embedding,
      message: null,
    };
  },
};
