// Retries everything that failed or was cancelled.

import { with_new_engine } from "./engine.js";
import { scan_actions } from "./scan.js";
import { NO_EMBEDDING, with_session } from "./sessions.js";

/** @typedef {import("./reduce.js").State} State */
/** @typedef {{ do: "retry" }} RetryAction */

/** @type {import("./slices.js").Handlers<RetryAction>} */
export const retry_actions = {
  retry(state) {
    let next = state.engine.phase === "failed" ? with_new_engine(state)
      : { ...state, engine: { ...state.engine, deaths: 0 } };
    for (const side of /** @type {const} */ (["main", "comparison"])) {
      const phase = next.sessions[side]?.embedding.phase;
      if (phase === "failed" || phase === "cancelled") next = with_session(next, side, { embedding: NO_EMBEDDING });
    }
    const { models, weights, comparison_weights, module, samples, unopened } = next;
    return {
      ...(unopened ? scan_actions.open_wanted(next, { do: "open_wanted", source: unopened }) : next),
      module: module.phase === "failed" ? { ...module, phase: "none" } : module,
      samples: {
        ...samples,
        phase: samples.phase === "failed" ? "none" : samples.phase,
        coming: samples.coming?.phase === "failed" ? { ...samples.coming, phase: "idle" } : samples.coming,
      },
      models: models.phase === "failed" ? { ...models, phase: "none" } : models,
      weights: again(weights),
      comparison_weights: comparison_weights && again(comparison_weights),
      message: null,
    };
  },
};

/** @type {import("./slices.js").Slice<RetryAction, never>} */
export const retry_slice = { initial: {}, actions: retry_actions };

/** Downloads resume: their parts are stored elsewhere.
 * @type {(
 *   weights: import("../features/models/weights_state.js").Weights,
 * ) => import("../features/models/weights_state.js").Weights} */
const again = (weights) =>
  weights.phase === "failed" || weights.phase === "cancelled" ? { ...weights, phase: "idle" } : weights;
