// A weights file of the user, from picking it until it is in the list of models.

import { error_message } from "../../state/message.js";
import { model_actions } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/sessions.js").Side} Side */
/** @typedef {import("../../state/sessions.js").Recipe} Recipe */
/** @typedef {import("./state.js").ModelEntry} ModelEntry */
/** @typedef {import("../../../boxel-bindings.js").WeightsFile} WeightsFile */
/** `facts` is set once the file is read and fits several recipes: then the user chooses one.
 * @typedef {{ serial: number, side: Side, bytes: number, facts: WeightsFile | null }} Reading */
/**
 * @typedef {{ do: "own_reading", serial: number, side: Side, bytes: number }
 *  | { do: "own_read", serial: number, facts: WeightsFile }
 *  | { do: "own_failed", serial: number, failure: import("../../failure.js").Failure }
 *  | { do: "own_recipe_chosen", recipe: Recipe }
 *  | { do: "own_given_up" }
 *  | { do: "keeping", id: string | null }
 *  | { do: "kept_listed", entries: ModelEntry[] }} OwnAction
 */

/** @type {(facts: WeightsFile, recipe: Recipe, bytes: number) => ModelEntry} */
const entry_of = (facts, recipe, bytes) => ({
  id: `own:${facts.sha256}:${recipe}`, source: "own", file: "", bytes, recipe, facts,
  name: facts.known ?? `${facts.architecture}, ${facts.sha256.slice(0, 8)}`,
  sha256: facts.sha256, origin: facts.sha256, licence: "your file", minimum_binding_bytes: null, gpu_bytes: null,
});

/** @type {(state: State, reading: Reading, facts: WeightsFile, recipe: Recipe) => State} */
const added = (state, { side, bytes }, facts, recipe) => model_actions.model_added(
  { ...state, reading: null }, { do: "model_added", entry: entry_of(facts, recipe, bytes), wanted_for: side });

/** @type {import("../../state/slices.js").Handlers<OwnAction>} */
export const own_actions = {
  own_reading: (state, { serial, side, bytes }) => ({ ...state, reading: { serial, side, bytes, facts: null } }),
  own_read(state, { serial, facts }) {
    const { reading } = state;
    if (reading?.serial !== serial) return state;
    const [recipe, ...others] = facts.recipes;
    if (!recipe) {
      const message = `These weights are for a ${facts.architecture}, which Boxel does not support.`;
      return { ...state, reading: null, message: error_message({ code: "weights_key", message }) };
    }
    // Several recipes fit: ask, never guess.
    return others.length ? { ...state, reading: { ...reading, facts } } : added(state, reading, facts, recipe);
  },
  own_failed: (state, { serial, failure }) =>
    state.reading?.serial === serial ? { ...state, reading: null, message: error_message(failure) } : state,
  own_recipe_chosen(state, { recipe }) {
    const { reading } = state;
    return reading?.facts?.recipes.includes(recipe) ? added(state, reading, reading.facts, recipe) : state;
  },
  own_given_up: (state) => ({ ...state, reading: null }),
  keeping: (state, { id }) => ({ ...state, keeping: id }),
  kept_listed: (state, { entries }) => {
    const others = state.models.entries.filter(({ source }) => source !== "kept");
    return { ...state, models: { ...state.models, entries: [...others, ...entries] } };
  },
};

/** @type {import("../../state/slices.js").Slice<OwnAction, "reading" | "keeping">} */
export const own_slice = { initial: { reading: null, keeping: null }, actions: own_actions };

/** The stored copy of a model. @type {(entries: ModelEntry[], entry: ModelEntry) => ModelEntry | undefined} */
export const kept_copy = (entries, { origin, recipe }) =>
  entries.find((each) => each.source === "kept" && each.origin === origin && each.recipe === recipe);
