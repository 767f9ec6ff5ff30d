// The model that made an object's masks: exports name it, even after another model is loaded.

import { is_published } from "./published_state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/sessions.js").Side} Side */
/** @typedef {import("../prompts/state.js").Maker} Maker */
/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */

/** The entry of the model that an engine has loaded.
 * @type {(state: Pick<State, "models" | "sessions">, side?: Side) => import("./state.js").ModelEntry | undefined} */
export const loaded_entry = ({ models, sessions }, side = "main") =>
  models.entries.find(({ id }) => id === sessions[side]?.model?.id);

/** @type {(state: Pick<State, "models" | "sessions">, side?: Side) => Maker | undefined} */
export function loaded_maker(state, side) {
  const entry = loaded_entry(state, side);
  return entry && {
    name: entry.name, recipe: entry.recipe, sha256: entry.sha256, ...(is_published(entry) ? {} : { published: false }),
  };
}

/** @type {(object: PromptedObject, state: Pick<State, "models" | "sessions">) => Maker | undefined} */
export const maker_of = ({ main: { made_by } }, state) => made_by ?? loaded_maker(state);

/** The maker of an object's masks, if it is not the loaded model.
 * @type {(object: PromptedObject, state: Pick<State, "models" | "sessions">) => Maker | undefined} */
export function other_maker_of({ main: { made_by } }, state) {
  return made_by && made_by.sha256 !== loaded_entry(state)?.sha256 ? made_by : undefined;
}

/** The loaded model continues an object. @type {(object: PromptedObject, state: State) => PromptedObject} */
export function continued_by_loaded(object, state) {
  const made_by = loaded_maker(state);
  return made_by ? { ...object, main: { ...object.main, made_by } } : object;
}
