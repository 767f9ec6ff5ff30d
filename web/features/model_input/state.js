// The model's input: the prepared image and one object's prompt in model space. It is fetched while its panel is open,
// and again when the image, the prompt or the model changes.

import { is_here } from "../../state/here.js";
import { box_of, last_prompt } from "../prompts/state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../failure.js").Failure} Failure */
/** @typedef {import("../../../boxel-bindings.js").ModelInput} Input */
/** @typedef {import("../prompts/state.js").ImageBox} ImageBox */
/** @typedef {import("../prompts/state.js").ImagePoint} ImagePoint */
/**
 * `of` identifies the image, the model and the prompt; `number` is the prompt's object.
 * @typedef {object} InputQuestion
 * @property {string} of
 * @property {string} key
 * @property {number | null} number
 * @property {ImageBox | null} box
 * @property {ImagePoint[]} points
 */
/**
 * `of` is what the last answer was for: an input or a failure.
 * @typedef {object} InputPanel
 * @property {boolean} open
 * @property {string} of
 * @property {number | null} number
 * @property {Input | null} input
 * @property {Failure | null} failure
 */
/**
 * @typedef {{ do: "input_panel_toggled", open: boolean }
 *  | {
 *      do: "model_input_found", generation: number, side: "main", key: string, question: InputQuestion,
 *      input: Input,
 *    }
 *  | {
 *      do: "model_input_refused", generation: number, side: "main", key: string, question: InputQuestion,
 *      failure: Failure,
 *    }} ModelInputAction
 */

/** @type {InputPanel} */
export const NO_INPUT = { open: false, of: "", number: null, input: null, failure: null };

/** @type {import("../../state/slices.js").Handlers<ModelInputAction>} */
export const model_input_actions = {
  // A closed panel holds no pixels.
  input_panel_toggled: (state, { open }) =>
    open === state.model_input.open ? state : { ...state, model_input: { ...NO_INPUT, open } },
  model_input_found: (state, { question: { of, number }, input }) =>
    ({ ...state, model_input: { ...state.model_input, of, number, input, failure: null } }),
  model_input_refused: (state, { question: { of, number }, failure }) =>
    ({ ...state, model_input: { ...state.model_input, of, number, input: null, failure } }),
};

/** @type {import("../../state/slices.js").Slice<ModelInputAction, "model_input">} */
export const model_input_slice = { initial: { model_input: NO_INPUT }, actions: model_input_actions };

/** What the open panel should show; null if it is closed or the engine cannot know yet.
 * @type {(state: State) => InputQuestion | null} */
export function wanted_input({ model_input, image, sessions: { main }, objects, selected }) {
  if (!model_input.open || !image || !main.model || main.image_key !== image.key) return null;
  const here = objects.filter((object) => is_here(object, image));
  const object = here.find(({ number }) => number === selected) ?? here.at(-1);
  const prompt = object ? last_prompt(object) : { box: null, points: [] };
  const [box, points] = [box_of(prompt), prompt.points];
  const of = JSON.stringify([image.key, main.window, main.model.id, box, points]);
  return { of, key: image.key, number: object?.number ?? null, box, points };
}
