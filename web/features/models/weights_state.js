// The weights of the wanted model. While a new model loads, the old one stays in use, and remains if loading fails.

import { error_message, unloaded_message } from "../../state/message.js";
import { NO_EMBEDDING, to_be_decoded, with_session } from "../../state/sessions.js";
import { with_other_model } from "../propagation/state.js";
import { is_published } from "./published_state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/sessions.js").Side} Side */
/** @typedef {import("./state.js").ModelEntry} ModelEntry */
/** @typedef {import("../../failure.js").Failure} Failure */
/**
 * @typedef {object} Loadable
 * @property {string} id
 * @property {string} model
 * @property {import("../../state/sessions.js").Recipe} recipe
 * @property {string} sha256 that the file was found to have
 * @property {boolean} published
 * @property {number} total
 * @property {Blob | null} file
 */
/**
 * `former` is the last model that an engine accepted.
 * @typedef {Partial<Loadable> & {
 *   model: string, total: number, loaded: number, former: Loadable | null,
 *   phase: "idle" | "loading" | "checking" | "ready" | "failed" | "cancelled",
 * }} Weights
 */
/**
 * @typedef {{ do: "weights_progress", side: Side, loaded: number }
 *  | { do: "weights_checking", side: Side }
 *  | { do: "weights_ready", side: Side, id: string, file: Blob }
 *  | { do: "weights_failed", side: Side, failure: Failure }
 *  | { do: "weights_cancelled", side: Side }
 *  | { do: "weights_loaded", generation: number, side: Side, model: import("../../state/sessions.js").LoadedModel }
 *  | { do: "weights_refused", generation: number, side: Side, id: string, failure: Failure }} WeightsAction
 */

/** @type {Weights} */
export const NO_WEIGHTS = { model: "", phase: "idle", loaded: 0, total: 0, former: null };

/** @type {(state: State, side: Side) => Weights | null} */
export const weights_of = (state, side) => side === "main" ? state.weights : state.comparison_weights;

/** @type {(state: State, side: Side, weights: Weights) => State} */
const set_weights = (state, side, weights) =>
  side === "main" ? { ...state, weights } : { ...state, comparison_weights: state.comparison_weights && weights };

/** @type {(state: State, side: Side, changes: Partial<Weights>) => State} */
function with_weights(state, side, changes) {
  const weights = weights_of(state, side);
  return weights ? set_weights(state, side, { ...weights, ...changes }) : state;
}

/** @type {(former: Loadable) => Weights} */
const ready_again = (former) => ({ ...former, phase: "ready", loaded: former.total, former });

/** The model that an engine should have loaded now. @type {(weights: Weights | null) => Loadable | null} */
export function loadable(weights) {
  if (!weights) return null;
  const { id, recipe, sha256 = "", published = false, file, model, total, phase, former } = weights;
  return phase === "ready" && id && recipe && file
    ? { id, recipe, sha256, published, file, model, total }
    : former;
}

/** @type {(state: State, side: Side, entry: ModelEntry) => State} */
export function begin_weights(state, side, entry) {
  const { id, name, recipe, sha256, bytes } = entry;
  const weights = weights_of(state, side);
  if (!weights) return state;
  if (weights.id === id && weights.phase !== "failed" && weights.phase !== "cancelled") return state;
  /** @type {Weights} */
  const wanted = weights.former?.id === id ? ready_again(weights.former)
    : {
      id, model: name, recipe, sha256, published: is_published(entry), phase: "idle", loaded: 0, total: bytes,
      file: null, former: weights.former,
    };
  const phase = state.sessions[side]?.embedding.phase;
  // Another model may succeed where the last one failed.
  const again = phase === "failed" || phase === "cancelled"
    ? with_session(state, side, { embedding: NO_EMBEDDING })
    : state;
  const next = set_weights(again, side, wanted);
  return { ...next, message: unloaded_message(next) };
}

/** Returns to the former model, if there is one.
 * @type {(state: State, side: Side, phase: "failed" | "cancelled") => State} */
function given_up(state, side, phase) {
  const former = weights_of(state, side)?.former;
  return former ? set_weights(state, side, ready_again(former)) : with_weights(state, side, { phase });
}

/** @type {import("../../state/slices.js").Handlers<WeightsAction>} */
export const weights_actions = {
  weights_progress: (state, { side, loaded }) => with_weights(state, side, { phase: "loading", loaded }),
  weights_checking: (state, { side }) => with_weights(state, side, { phase: "checking" }),
  weights_ready: (state, { side, id, file }) =>
    weights_of(state, side)?.id === id ? with_weights(state, side, { phase: "ready", file }) : state,
  weights_cancelled: (state, { side }) => given_up(state, side, "cancelled"),
  // The download resumes on a retry; until then the former model stays in use.
  weights_failed: (state, { side, failure }) =>
    ({ ...with_weights(state, side, { phase: "failed" }), message: error_message(failure, ["retry"]) }),
  weights_loaded(state, { side, model }) {
    const taken = loadable(weights_of(state, side));
    // Before the first model, all masks came from copies: they stay.
    if (side === "main" && !state.sessions.main.model) {
      const first = with_session(state, side, { model, ids: [] });
      return taken?.id === model.id ? with_weights(first, side, { former: taken }) : first;
    }
    // The first model leaves the encoding as it is: it may be waiting for the user after a failure.
    const embedding = state.sessions[side]?.model ? { embedding: NO_EMBEDDING } : {};
    const decoded = to_be_decoded(state, side, { model, ids: [], ...embedding });
    const next = side === "main" ? { ...with_other_model(decoded), saved: "" } : decoded;
    return taken?.id === model.id ? with_weights(next, side, { former: taken }) : next;
  },
  weights_refused(state, { side, id, failure }) {
    const { former } = weights_of(state, side) ?? NO_WEIGHTS;
    const next = former?.id === id
      ? with_weights(state, side, { former: null, phase: "failed" })
      : given_up(state, side, "failed");
    // A user's file that was refused once would be refused again.
    const entries = state.models.entries.filter((entry) => entry.id !== id || entry.source !== "own");
    const message = error_message(failure, loadable(weights_of(next, side)) ? [] : ["retry"]);
    return { ...next, models: { ...state.models, entries }, message };
  },
};

/** @type {import("../../state/slices.js").Slice<WeightsAction, "weights">} */
export const weights_slice = { initial: { weights: NO_WEIGHTS }, actions: weights_actions };

/** Returns to the former weights if the new ones killed the worker.
 * @type {(state: State, side: Side) => State | null} */
export function without_fatal_weights(state, side) {
  const weights = weights_of(state, side);
  const sound = weights?.former && weights.phase === "ready" && weights.former.id !== weights.id;
  return sound ? given_up(state, side, "failed") : null;
}
