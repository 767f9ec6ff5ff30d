// The available models: the site's, the user's own files, and those stored in this browser.

import { error_message } from "../../state/message.js";
import { with_comparison } from "../comparison/state.js";
import { default_model, only_model } from "./default_state.js";
import { begin_weights } from "./weights_state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/sessions.js").Side} Side */
/** @typedef {import("../../state/sessions.js").Recipe} Recipe */
/** @typedef {import("../../failure.js").Failure} Failure */
/** @typedef {import("../../../boxel-bindings.js").WeightsFile} WeightsFile */
/**
 * `file` is in models/ for the site's models; `facts` are known for files that were read here.
 * @typedef {object} ModelEntry
 * @property {string} id
 * @property {"site" | "own" | "kept"} source
 * @property {string} name
 * @property {string} file
 * @property {number} bytes
 * @property {string} sha256 of the file
 * @property {string} origin the SHA-256 of the file that a stored model was made from, else its own
 * @property {Recipe} recipe
 * @property {string} licence
 * @property {number | null} minimum_binding_bytes
 * @property {number | null} gpu_bytes
 * @property {WeightsFile | null} facts
 */
/**
 * @typedef {object} Models
 * @property {"none" | "listing" | "listed" | "failed"} phase
 * @property {ModelEntry[]} entries
 * @property {string[]} faults
 * @property {boolean} by_user
 */
/**
 * @typedef {{ do: "models_listing" }
 *  | { do: "models_listed", entries: ModelEntry[], faults: string[] }
 *  | { do: "models_failed", failure: Failure }
 *  | { do: "model_wanted", id: string, side?: Side }
 *  | { do: "model_added", entry: ModelEntry, wanted_for: Side | null }} ModelAction
 */

/** @type {Models} */
export const NO_MODELS = { phase: "none", entries: [], faults: [], by_user: false };

/** @type {(state: State, changes: Partial<Models>) => State} */
const with_models = (state, changes) => ({ ...state, models: { ...state.models, ...changes } });

/** @type {import("../../state/slices.js").Handlers<ModelAction>} */
export const model_actions = {
  models_listing: (state) => with_models(state, { phase: "listing" }),
  models_listed(state, { entries, faults }) {
    const others = state.models.entries.filter(({ source }) => source !== "site");
    const next = with_models(state, { phase: "listed", entries: [...entries, ...others], faults });
    if (entries.length || faults.length === 0) return with_default(next);
    const message = "The site offers no usable model. Load a weights file, or retry.";
    return { ...with_models(next, { phase: "failed" }), message: error_message({ code: "catalogue", message }, ["retry"]) };
  },
  models_failed: (state, { failure }) =>
    ({ ...with_models(state, { phase: "failed" }), message: error_message(failure, ["retry"]) }),
  model_wanted(state, { id, side = "main" }) {
    const entry = state.models.entries.find((each) => each.id === id);
    if (!entry) return state;
    const next = side === "main" ? with_models(state, { by_user: true }) : with_comparison(state);
    return begin_weights(next, side, entry);
  },
  model_added(state, { entry, wanted_for }) {
    const others = state.models.entries.filter(({ id }) => id !== entry.id);
    const next = with_models(state, { entries: [...others, entry] });
    return wanted_for ? model_actions.model_wanted(next, { do: "model_wanted", id: entry.id, side: wanted_for }) : next;
  },
};

/** @type {import("../../state/slices.js").Slice<ModelAction, "models">} */
export const models_slice = { initial: { models: NO_MODELS }, actions: model_actions };

/** Loads the default model once the list and the device are known, or the list alone if it has one model. A model that
 * the user chose or that has made masks is kept, also on another device.
 * @type {(state: State) => State} */
export function with_default(state) {
  const { models, engine: { device } } = state;
  if (models.phase !== "listed" || models.by_user || state.weights.former) return state;
  const entry = device ? default_model(models.entries, device) : only_model(models.entries);
  return entry ? begin_weights(state, "main", entry) : state;
}
