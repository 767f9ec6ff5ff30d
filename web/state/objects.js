// The objects on the image: what the user asks for, and what the engine answers.

import { undone, with_objects, without_prompt } from "./history.js";
import { error_message } from "./message.js";
import { asked_anew, last_prompt, NO_RESULT, with_segment } from "./prompts.js";
import { with_session } from "./sessions.js";

/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("../failure.js").Failure} Failure */
/** @typedef {import("./prompts.js").ImageBox} ImageBox */
/** @typedef {import("./prompts.js").ImagePoint} ImagePoint */
/** @typedef {import("./prompts.js").Prompt} Prompt */
/** @typedef {import("./prompts.js").PromptedObject} PromptedObject */
/** @typedef {import("./prompts.js").Segment} Segment */
/** @typedef {import("./sessions.js").Side} Side */
/** @typedef {{ number: number, serial: number }} Asked a prompt of an object */
/** @typedef {Asked & { box: ImageBox | null, segment: Segment }} Answer `box` as used: clipped to the image */
/**
 * @typedef {{ do: "box_added", box: ImageBox, to_selected?: boolean }
 *  | { do: "point_added", point: ImagePoint }
 *  | { do: "multimask_set", on: boolean }
 *  | { do: "candidate_chosen", number: number, candidate: number }
 *  | { do: "object_selected", number: number | null }
 *  | { do: "object_removed", number: number }
 *  | { do: "objects_cleared" }
 *  | { do: "undone" }
 *  | { do: "segmented", generation: number, side: Side, key: string, answers: Answer[] }
 *  | { do: "segment_failed", generation: number, side: Side, key: string, asked: Asked[], failure: Failure }
 *  | { do: "choice_failed", generation: number, side: Side, key: string, number: number, serial: number, failure: Failure }
 *  | { do: "segment_removed", generation: number, side: Side, id: number }} ObjectAction
 */

/** @type {import("./reduce.js").Handlers<ObjectAction>} */
export const object_actions = {
  box_added: (state, { box, to_selected = false }) => {
    const object = to_selected ? selected_of(state) : undefined;
    return object ? with_prompts(state, object, [{ ...next_of(state, object), box }]) : with_new(state, { box });
  },
  point_added: (state, { point }) => {
    const object = selected_of(state);
    return object ? with_point(state, object, point) : with_new(state, { points: [point] });
  },
  multimask_set(state, { on }) {
    const next = { ...state, tools: { ...state.tools, multimask: on } };
    const object = selected_of(state);
    if (!object || last_prompt(object).multimask === on) return next;
    return with_prompts(next, object, [...object.prompts.slice(0, -1), { ...next_of(state, object), multimask: on }]);
  },
  candidate_chosen(state, { number, candidate }) {
    const object = state.objects.find((each) => each.number === number);
    if (!object || object.main.segment?.chosen === candidate) return state;
    // The same question, so the same serial: only the choice among its answers is another.
    return with_prompts(state, object, [...object.prompts.slice(0, -1), { ...last_prompt(object), candidate }]);
  },
  object_selected: (state, { number }) => number === state.selected ? state : { ...state, selected: number },
  object_removed: (state, { number }) =>
    with_objects(state, state.objects.filter((object) => object.number !== number), state.selected),
  objects_cleared: (state) => with_objects(state, [], null),
  undone,
  segmented: (state, { side, answers }) => answers.reduce((next, answer) => answered(next, side, answer), state),
  segment_failed: (state, { side, asked, failure }) => segment_failed(state, side, asked, failure),
  choice_failed: (state, { number, serial, failure }) => ({
    ...state,
    objects: state.objects.map((object) => object.number === number ? without_choice(object, serial) : object),
    message: error_message(failure),
  }),
  segment_removed: (state, { side, id }) =>
    with_session(state, side, { ids: state.sessions[side]?.ids.filter((each) => each !== id) ?? [] }),
};

/** @type {(state: State) => PromptedObject | undefined} */
export const selected_of = ({ objects, selected }) => objects.find(({ number }) => number === selected);

/** @type {(state: State, prompt: Partial<Prompt>) => State} */
function with_new(state, prompt) {
  if (!state.image) return state;
  let colour = 0;
  while (state.objects.some((other) => other.colour === colour)) colour += 1;
  const serial = state.next_serial;
  /** @type {PromptedObject} */
  const added = {
    number: state.next_number, colour, alone: false, main: NO_RESULT, other: NO_RESULT, dice: null,
    prompts: [{ serial, box: null, points: [], multimask: state.tools.multimask, candidate: null, ...prompt }],
  };
  const next = { ...state, next_number: added.number + 1, next_serial: serial + 1 };
  return with_objects(next, [...state.objects, added], added.number);
}

/** The object's last prompt as a new question. @type {(state: State, object: PromptedObject) => Prompt} */
const next_of = (state, object) => ({ ...last_prompt(object), serial: state.next_serial, candidate: null });

/** @type {(state: State, object: PromptedObject, prompts: Prompt[]) => State} */
function with_prompts(state, object, prompts) {
  const objects = state.objects.map((each) => each === object ? asked_anew(object, prompts) : each);
  return with_objects({ ...state, next_serial: state.next_serial + 1 }, objects, object.number);
}

/** With refinement a point joins the mask that is there; while that is still to come, it joins the
 * question. @type {(state: State, object: PromptedObject, point: ImagePoint) => State} */
function with_point(state, object, point) {
  const next = { ...next_of(state, object), points: [...last_prompt(object).points, point] };
  if (!state.tools.refine) return with_prompts(state, object, [next]);
  const before = object.main.phase === "done" ? object.prompts : object.prompts.slice(0, -1);
  return with_prompts(state, object, [...before, next]);
}

/** @type {(state: State, side: Side, answer: Answer) => State} */
function answered(state, side, { number, serial, box, segment }) {
  const ids = state.sessions[side]?.ids ?? [];
  const next = ids.includes(segment.id) ? state : with_session(state, side, { ids: [...ids, segment.id] });
  return {
    ...next,
    objects: state.objects.map((object) => {
      const place = object.prompts.findIndex((prompt) => prompt.serial === serial);
      if (object.number !== number || place < 0) return object;
      const prompts = object.prompts.map((prompt, i) => i === place ? { ...prompt, box } : prompt);
      // A choice among the answers decodes nothing: the time stays that of the answers.
      const before = object[side].segment;
      const decode_ms = before?.id === segment.id ? before.decode_ms : segment.decode_ms;
      return with_segment({ ...object, prompts }, side, { ...segment, decode_ms }, place + 1);
    }),
  };
}

/** The mask stays that the model chose. @type {(object: PromptedObject, serial: number) => PromptedObject} */
const without_choice = (object, serial) =>
  asked_anew(object, object.prompts.map((prompt) => prompt.serial === serial ? { ...prompt, candidate: null } : prompt));

/** A batch says only that one of it was refused: they are asked again one by one.
 * @type {(state: State, side: Side, asked: Asked[], failure: Failure) => State} */
function segment_failed(state, side, asked, failure) {
  const [first, ...more] = asked;
  if (!first) return state;
  if (more.length) {
    const numbers = asked.map(({ number }) => number);
    return { ...state, objects: state.objects.map((object) => numbers.includes(object.number) ? { ...object, alone: true } : object) };
  }
  const message = error_message(failure);
  if (side === "main") return { ...without_prompt(state, first.number, first.serial), message };
  const objects = state.objects.map((object) => object.number === first.number && object.prompts.some(({ serial }) => serial === first.serial)
    ? { ...object, other: { ...object.other, phase: /** @type {const} */ ("refused") } } : object);
  return { ...state, objects, message };
}
