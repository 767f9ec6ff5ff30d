// Side by side: a second model sees the same image and the same prompts.

import { error_message } from "./message.js";
import { NO_RESULT } from "./prompts.js";
import { NO_SESSION } from "./sessions.js";
import { begin_weights, NO_WEIGHTS } from "./weights.js";

/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("../failure.js").Failure} Failure */
/**
 * @typedef {{ do: "compare_wanted", id: string | null }
 *  | { do: "beside_begun", generation: number }
 *  | { do: "beside_ended", generation: number }
 *  | { do: "beside_failed", generation: number, failure: Failure }
 *  | { do: "dice_found", generation: number, side: "main", key: string, number: number, id: number, other_id: number, dice: number }} ComparisonAction
 */

/** @type {import("./slices.js").Handlers<ComparisonAction>} */
export const comparison_actions = {
  compare_wanted(state, { id }) {
    const entry = state.models.entries.find((each) => each.id === id);
    if (!entry) return not_compared(state);
    return begin_weights(compared(state), "other", entry);
  },
  beside_begun: (state) => ({ ...state, engine: { ...state.engine, beside: true } }),
  beside_ended: (state) => ({ ...state, engine: { ...state.engine, beside: false } }),
  beside_failed: (state, { failure }) => ({ ...not_compared(state), message: error_message(failure) }),
  dice_found: (state, { number, id, other_id, dice }) => ({
    ...state,
    objects: state.objects.map((object) => object.number === number
      && object.main.segment?.id === id && object.other.segment?.id === other_id ? { ...object, dice } : object),
  }),
};

/** @type {import("./slices.js").Slice<ComparisonAction, "compared">} */
export const comparison_slice = { initial: { compared: null }, actions: comparison_actions };

/** With a place for a second model. @type {(state: State) => State} */
export const compared = (state) => state.compared ? state
  : { ...state, compared: NO_WEIGHTS, sessions: { ...state.sessions, other: NO_SESSION } };

/** The second model and all that came of it is forgotten; the worker is told by next.js.
 * @type {(state: State) => State} */
export const not_compared = (state) => ({
  ...state,
  compared: null,
  sessions: { ...state.sessions, other: null },
  objects: state.objects.map(alone),
  history: state.history.map((objects) => objects.map(alone)),
  future: state.future.map((objects) => objects.map(alone)),
});

/** @type {(object: import("./prompts.js").PromptedObject) => import("./prompts.js").PromptedObject} */
const alone = (object) => ({ ...object, other: NO_RESULT, dice: null });
