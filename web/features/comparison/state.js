// The comparison model: a second model that sees the same image and the same prompts.

import { error_message } from "../../state/message.js";
import { NO_SESSION } from "../../state/sessions.js";
import { begin_weights, NO_WEIGHTS } from "../models/weights_state.js";
import { NO_RESULT } from "../prompts/state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../failure.js").Failure} Failure */
/**
 * @typedef {{ do: "comparison_wanted", id: string | null }
 *  | { do: "comparison_begun", generation: number }
 *  | { do: "comparison_ended", generation: number }
 *  | { do: "comparison_failed", generation: number, failure: Failure }
 *  | {
 *      do: "dice_found", generation: number, side: "main", key: string, number: number, id: number,
 *      comparison_id: number, dice: number,
 *    }} ComparisonAction
 */

/** @type {import("../../state/slices.js").Handlers<ComparisonAction>} */
export const comparison_actions = {
  comparison_wanted(state, { id }) {
    const entry = state.models.entries.find((each) => each.id === id);
    if (!entry) return without_comparison(state);
    return begin_weights(with_comparison(state), "comparison", entry);
  },
  comparison_begun: (state) => ({ ...state, engine: { ...state.engine, has_comparison: true } }),
  comparison_ended: (state) => ({ ...state, engine: { ...state.engine, has_comparison: false } }),
  comparison_failed: (state, { failure }) => ({ ...without_comparison(state), message: error_message(failure) }),
  dice_found: (state, { number, id, comparison_id, dice }) => ({
    ...state,
    objects: state.objects.map((object) =>
      object.number === number && object.main.prediction?.id === id
        && object.comparison.prediction?.id === comparison_id
        ? { ...object, dice }
        : object),
  }),
};

/** @type {import("../../state/slices.js").Slice<ComparisonAction, "comparison_weights">} */
export const comparison_slice = { initial: { comparison_weights: null }, actions: comparison_actions };

/** Makes room for a comparison model. @type {(state: State) => State} */
export const with_comparison = (state) => state.comparison_weights ? state
  : { ...state, comparison_weights: NO_WEIGHTS, sessions: { ...state.sessions, comparison: NO_SESSION } };

/** Forgets the comparison model and all its results; engine/next.js tells the worker.
 * @type {(state: State) => State} */
export const without_comparison = (state) => ({
  ...state,
  comparison_weights: null,
  sessions: { ...state.sessions, comparison: null },
  objects: state.objects.map(alone),
  history: state.history.map((objects) => objects.map(alone)),
  future: state.future.map((objects) => objects.map(alone)),
});

/** @type {(object: import("../prompts/state.js").PromptedObject) => import("../prompts/state.js").PromptedObject} */
const alone = (object) => ({ ...object, comparison: NO_RESULT, dice: null });
