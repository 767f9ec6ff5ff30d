// The objects: the user's prompts and the engine's answers.

import { is_here } from "../../state/here.js";
import { redone, undone, with_objects, without_prompt } from "../../state/history.js";
import { error_message } from "../../state/message.js";
import { object_masks_changed } from "../../state/object_masks.js";
import { with_session } from "../../state/sessions.js";
import { chain_on, with_prompted } from "../../state/steps.js";
import { can_undo_application, without_last_to_apply } from "../edits/state.js";
import { loaded_maker } from "../models/makers_state.js";
import {
  asked_anew, input_key_of, is_unprompted, last_prompt, new_object, NO_RESULT, open_offer, with_offer_taken, with_offered,
  with_prediction, without_choice,
} from "../prompts/state.js";
import { without_orphans } from "../propagation/state.js";
import { is_in_run, version_after_copy, with_first_version } from "../propagation/versions_state.js";
import { default_name, free_colour, free_number } from "./labels_state.js";
import { with_updated } from "./updated_state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../failure.js").Failure} Failure */
/** @typedef {import("../prompts/state.js").ImageBox} ImageBox */
/** @typedef {import("../prompts/state.js").ImagePoint} ImagePoint */
/** @typedef {import("../prompts/state.js").Prompt} Prompt */
/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */
/** @typedef {import("../prompts/state.js").Prediction} Prediction */
/** @typedef {import("../../state/sessions.js").Side} Side */
/** A prompt of an object that the engine was asked. @typedef {{ number: number, serial: number }} Asked */
/**
 * @typedef {object} Answer
 * @property {number} number of the object
 * @property {number} serial of the prompt
 * @property {ImageBox | null} box as used: clipped to the image
 * @property {Prediction} prediction
 * @property {import("../../../boxel-bindings.js").Offer | null} [offered] why it is only offered
 * @property {import("../../state/steps.js").AskedStep} [step] what the engine was asked
 * @property {import("../../../boxel-bindings.js").UpdatedObject | null} [updated] the object's mask and measures
 *   after it
 */
/**
 * @typedef {{ do: "box_added", box: ImageBox, to_selected?: boolean }
 *  | { do: "polygon_added", polygon: import("../prompts/paths.js").PathPoint[], to_selected?: boolean }
 *  | { do: "point_added", point: ImagePoint }
 *  | { do: "scribble_added", points: ImagePoint[] }
 *  | { do: "multimask_set", on: boolean }
 *  | { do: "candidate_chosen", number: number, candidate: number }
 *  | { do: "offer_taken", number: number }
 *  | { do: "offer_declined", number: number }
 *  | { do: "object_selected", number: number | null }
 *  | { do: "object_removed", number: number }
 *  | { do: "objects_cleared" }
 *  | { do: "undone" }
 *  | { do: "redone" }
 *  | { do: "predicted", generation: number, side: Side, key: string, answers: Answer[] }
 *  | {
 *      do: "prediction_failed", generation: number, side: Side, key: string, asked: Asked[], failure: Failure,
 *    }
 *  | {
 *      do: "choice_failed", generation: number, side: Side, key: string, number: number, serial: number,
 *      failure: Failure,
 *    }
 *  | { do: "prediction_removed", generation: number, side: Side, id: number }} ObjectAction
 */

/** @type {import("../../state/slices.js").Handlers<ObjectAction>} */
export const object_actions = {
  box_added: (state, { box, to_selected = false }) => with_shape(state, { box }, to_selected),
  polygon_added: (state, { polygon, to_selected = false }) => with_shape(state, { polygon }, to_selected),
  point_added: (state, { point }) => with_points(state, [point]),
  scribble_added: (state, { points }) => with_points(state, points),
  multimask_set(state, { on }) {
    const next = { ...state, tools: { ...state.tools, multimask: on } };
    const object = selected_of(state);
    if (!object || !is_prompted_here(object, state) || last_prompt(object).multimask === on) return next;
    return with_prompts(next, object, [...object.prompts.slice(0, -1), { ...next_of(state, object), multimask: on }]);
  },
  candidate_chosen(state, { number, candidate }) {
    const object = state.objects.find((each) => each.number === number);
    if (!object || object.main.prediction?.chosen === candidate) return state;
    // The question is the same, so the serial stays: only the choice among its answers changes.
    return with_prompts(state, object, [...object.prompts.slice(0, -1), { ...last_prompt(object), candidate }]);
  },
  offer_taken: (state, { number }) => ({
    ...state, objects: state.objects.map((object) =>
      object.number === number && open_offer(object) ? with_offer_taken(object) : object),
  }),
  // The offer leaves no trace, not even in the history.
  offer_declined(state, { number }) {
    const object = state.objects.find((each) => each.number === number);
    const offer = object && open_offer(object);
    return offer ? without_prompt(state, number, offer.serial) : state;
  },
  object_selected: (state, { number }) => number === state.selected ? state : { ...state, selected: number },
  object_removed: (state, { number }) =>
    without_orphans(with_objects(state, state.objects.filter((object) => object.number !== number), state.selected)),
  objects_cleared: (state) =>
    without_orphans(with_objects(state, state.objects.filter(({ locked }) => locked), state.selected)),
  // A box that is being moved counts as the last change. A replay check sets the user's objects and history aside.
  undone: (state) =>
    state.replay?.before ? state : state.nudged ? { ...state, nudged: null }
      : can_undo_application(state) ? without_last_to_apply(state) : without_orphans(undone(state)),
  redone: (state) => state.replay?.before || state.applying.length ? state : without_orphans(redone(state)),
  predicted: (state, { side, answers }) => {
    const next = answers.reduce((now, answer) => answered(now, side, answer), state);
    return side === "main" ? with_updated(state, object_masks_changed(answers.reduce(noted, next)), answers) : next;
  },
  prediction_failed: (state, { side, asked, failure }) => prediction_failed(state, side, asked, failure),
  choice_failed: (state, { number, serial, failure }) => ({
    ...state,
    objects: state.objects.map((object) => object.number === number ? without_failed_choice(object, serial) : object),
    message: error_message(failure),
  }),
  prediction_removed: (state, { side, id }) =>
    with_session(state, side, { ids: state.sessions[side]?.ids.filter((each) => each !== id) ?? [] }),
};

/** @type {import("../../state/slices.js").Slice<
 *   ObjectAction, "objects" | "history" | "future" | "selected" | "next_number" | "next_serial"
 * >} */
export const objects_slice = {
  initial: { objects: [], history: [], future: [], selected: null, next_number: 1, next_serial: 1 },
  actions: object_actions,
};

/** @type {(state: State) => PromptedObject | undefined} */
export const selected_of = ({ objects, selected }) => objects.find(({ number }) => number === selected);

/** Whether a prompt here goes on from the object's present ones.
 * @type {(object: PromptedObject, state: State) => boolean} */
const is_prompted_here = (object, { image }) => is_here(object, image) && !is_unprompted(object);

/** @type {(state: State, prompt: Partial<Prompt>) => State} */
function with_new(state, prompt) {
  if (!state.image) return state;
  const { plane, slice } = state.image;
  // The display window, which may not be on the screen yet.
  const { window } = state.rendering ?? state.image;
  const [number, serial] = [free_number(state), state.next_serial];
  const added = new_object({
    number, name: default_name(number), at: { plane, slice }, window, colour: free_colour(state.objects),
    prompts: [first_of(state, prompt)],
  });
  const next = { ...state, next_number: number + 1, next_serial: serial + 1 };
  return with_objects(next, [...state.objects, added], number);
}

/** A box or a polygon: of a new object, or of the selected one instead of its box or polygon here.
 * @type {(state: State, shape: Pick<Prompt, "box"> | Pick<Prompt, "polygon">, to_selected: boolean) => State} */
function with_shape(state, shape, to_selected) {
  const object = to_selected ? selected_of(state) : undefined;
  if (!object || object.at.plane !== state.image?.plane) return with_new(state, shape);
  const { refine_carried: _, polygon: __, ...next } = next_of(state, object);
  return is_prompted_here(object, state)
    ? with_prompts(state, object, [{ ...next, box: null, ...shape }])
    : corrected(state, object, [first_of(state, shape)]);
}

/** Points, set together: of the selected object, else of a new one.
 * @type {(state: State, points: ImagePoint[]) => State} */
function with_points(state, points) {
  const object = selected_of(state);
  if (!object || object.at.plane !== state.image?.plane) return with_new(state, { points });
  return is_prompted_here(object, state)
    ? with_more_points(state, object, points)
    : corrected(state, object, chain_with_points(state, object, points));
}

/** The first prompt of a chain. @type {(state: State, prompt: Partial<Prompt>) => Prompt} */
const first_of = (state, prompt) => ({
  serial: state.next_serial, box: null, points: [], multimask: state.tools.multimask, candidate: null, ...prompt,
});

/** The same prompt as a new question. @type {(state: State, prompt: Prompt) => Prompt} */
const anew = (state, prompt) => ({ ...without_choice(prompt), serial: state.next_serial });

/** The object's last prompt as a new question. @type {(state: State, object: PromptedObject) => Prompt} */
const next_of = (state, object) => anew(state, last_prompt(object));

/** Points on a slice where the object's current prompts are not. With refinement it continues the chain that gave the
 * slice its mask, or starts from the propagated or loaded mask.
 * @type {(state: State, object: PromptedObject, points: ImagePoint[]) => Prompt[]} */
function chain_with_points(state, { number }, points) {
  const { image, slice_masks, tools: { refine } } = state;
  const before = refine && image ? chain_on(state.steps, number, image.slice) : [];
  const last = before.at(-1);
  if (last) return [...before, { ...anew(state, last), points: [...last.points, ...points] }];
  const has_mask = slice_masks !== null && slice_masks.plane === image?.plane && slice_masks.slice === image.slice
    && slice_masks.masks.some(({ object }) => object === number);
  return [first_of(state, { points, ...(refine && has_mask ? { refine_carried: true } : {}) })];
}

/** @type {(state: State, object: PromptedObject, changed: PromptedObject) => State} */
function with_changed(state, object, changed) {
  const objects = state.objects.map((each) => each === object ? changed : each);
  const last_serial = Math.max(state.next_serial, ...changed.prompts.map(({ serial }) => serial));
  return with_objects({ ...state, next_serial: last_serial + 1 }, objects, object.number);
}

/** The engine keeps a mask that came from a copy: the loaded model may not be able to recreate it.
 * @type {(state: State, object: PromptedObject, prompts: Prompt[]) => State} */
export function with_prompts(state, object, prompts) {
  const changed = asked_anew(object, prompts);
  return with_changed(state, object, changed.main.restored
    ? changed
    : { ...changed, propagation_version: version_after_copy(state, object) });
}

/** A prompt on another slice moves the object there with a new chain. The mask of the previous slice stays in the
 * object's mask.
 * @type {(state: State, object: PromptedObject, prompts: Prompt[]) => State} */
function corrected(state, object, prompts) {
  if (!state.image) return state;
  const { plane, slice } = state.image;
  // The slice may have a propagated mask, which undo restores. A running propagation is not versioned in between.
  const propagation_version = is_in_run(state, object.number) ? object.propagation_version : state.next_serial;
  return with_changed(state, object, {
    ...object, propagation_version, at: { plane, slice }, prompts, alone: false, dice: null, main: NO_RESULT,
    comparison: NO_RESULT,
  });
}

/** With refinement points refine the current mask; while that is pending, they are added to its prompt.
 * @type {(state: State, object: PromptedObject, points: ImagePoint[]) => State} */
function with_more_points(state, object, points) {
  const next = { ...next_of(state, object), points: [...last_prompt(object).points, ...points] };
  const { refine_carried: _, ...alone } = next;
  if (!state.tools.refine) return with_prompts(state, object, [alone]);
  const before = object.main.phase === "done" ? object.prompts : object.prompts.slice(0, -1);
  return with_prompts(state, object, [...before, next]);
}

/** The prompt with its box as the engine has clipped it. A polygon stays without one: its bounds are the box.
 * @type {(prompt: Prompt, box: ImageBox | null) => Prompt} */
const with_box_used = (prompt, box) => prompt.polygon ? prompt : { ...prompt, box };

/** @type {(state: State, side: Side, answer: Answer) => State} */
function answered(state, side, { number, serial, box, prediction, offered }) {
  const { ids = [], numbers = [] } = state.sessions[side] ?? {};
  const made_by = loaded_maker(state, side);
  const next = with_session(state, side, {
    ids: [...new Set([...ids, prediction.id])], numbers: side === "main" ? [...new Set([...numbers, number])] : numbers,
  });
  const asked = state.objects.find((object) =>
    object.number === number && object.prompts.some((prompt) => prompt.serial === serial));
  return {
    ...(side === "main" && asked ? with_first_version(next, asked) : next),
    objects: state.objects.map((object) => {
      const place = object.prompts.findIndex((prompt) => prompt.serial === serial);
      if (object.number !== number || place < 0) return object;
      const prompts = object.prompts.map((prompt, i) => i === place ? with_box_used(prompt, box) : prompt);
      const key = input_key_of(object);
      if (offered) return with_offered({ ...object, prompts }, side, { serial, prediction, why: offered });
      // Choosing a candidate decodes nothing, so the decoding time stays.
      const { prediction: before } = object[side];
      const next = before?.id === prediction.id ? { ...prediction, decode_ms: before.decode_ms } : prediction;
      return with_prediction({ ...object, prompts }, side, next, place + 1, key, made_by);
    }),
  };
}

/** Adds an answered chain to the object's steps, even if the chain has changed since: its mask is on the slice.
 * @type {(state: State, answer: Answer) => State} */
function noted(state, { number, box, offered, step }) {
  const last = step?.prompts.at(-1);
  if (offered || !step || !last) return state;
  const prompts = step.prompts.with(-1, with_box_used(last, box));
  return { ...state, steps: with_prompted(state.steps, number, { ...step, prompts }) };
}

/** Keeps the mask that the model chose. @type {(object: PromptedObject, serial: number) => PromptedObject} */
const without_failed_choice = (object, serial) =>
  asked_anew(object, object.prompts.map((prompt) =>
    prompt.serial === serial ? { ...prompt, candidate: null } : prompt));

/** A failed batch does not say which prompt was bad, so its prompts are retried one by one.
 * @type {(state: State, side: Side, asked: Asked[], failure: Failure) => State} */
function prediction_failed(state, side, asked, failure) {
  const [first, ...more] = asked;
  if (!first) return state;
  if (more.length) {
    const numbers = asked.map(({ number }) => number);
    return {
      ...state,
      objects: state.objects.map((object) => numbers.includes(object.number) ? { ...object, alone: true } : object),
    };
  }
  const message = error_message(failure);
  if (side === "main") return { ...without_prompt(state, first.number, first.serial), message };
  const objects = state.objects.map((object) =>
    object.number === first.number && object.prompts.some(({ serial }) => serial === first.serial)
    ? { ...object, comparison: { ...object.comparison, phase: /** @type {const} */ ("refused") } } : object);
  return { ...state, objects, message };
}
