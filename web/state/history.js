// The way back and forth again: what the objects were before each of the user's changes, and after those undone.

import { lasting_message } from "./message.js";
import { asked_anew, begins_with, same_version, to_be_asked } from "./prompts.js";

/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("./prompts.js").PromptedObject} PromptedObject */

const HISTORY_LENGTH = 100;

/** The objects after a change of the user's, which can be undone.
 * @type {(state: State, objects: PromptedObject[], selected: number | null) => State} */
export const with_objects = (state, objects, selected) => ({
  ...state,
  objects,
  selected: objects.some(({ number }) => number === selected) ? selected : null,
  history: [...state.history, state.objects].slice(-HISTORY_LENGTH),
  future: [],
  nudged: null,
  message: lasting_message(state),
});

/** All of an object but its questions and their answers. @type {(object: PromptedObject) => Partial<PromptedObject>} */
const about_of = ({ prompts: _, alone: __, main: ___, comparison: ____, dice: _____, ...about }) => about;

/** The questions and answers of one, all else of the other: what that lacks is gone.
 * @type {(about: PromptedObject, of: PromptedObject) => PromptedObject} */
const told_as = (about, { prompts, alone, main, comparison, dice }) => ({ ...about, prompts, alone, main, comparison, dice });

/** The worker has forgotten the objects that come back: they are decoded again, and show their mask
 * of then until it is there.
 * @type {(before: PromptedObject, present: PromptedObject | undefined) => PromptedObject} */
function brought_back(before, present) {
  if (present && same_version(before, present)) return told_as(before, present);
  // One that came from a copy is still in the engine, which has kept it, or comes from the copy again.
  if (before.main.restored) return to_be_asked(before, ["comparison"]);
  if (!present) return to_be_asked(before);
  const goes_on = begins_with(present, before) ? told_as(before, asked_anew(present, before.prompts)) : null;
  return goes_on?.main.decoded ? goes_on : to_be_asked(before);
}

/** @type {(state: State) => State} */
export function undone(state) {
  const before = state.history.at(-1);
  if (!before) return state;
  const history = state.history.slice(0, -1);
  const next = { ...with_version(state, before), history, future: [...state.future, state.objects] };
  return { ...next, unmarking: [...state.unmarking, ...left_slices(state, before, history)] };
}

/** @type {(state: State) => State} */
export function redone(state) {
  const after = state.future.at(-1);
  if (!after) return state;
  return { ...with_version(state, after), history: [...state.history, state.objects], future: state.future.slice(0, -1) };
}

/** @type {(state: State, version: PromptedObject[]) => State} */
function with_version(state, version) {
  const objects = version.map((object) => brought_back(object, state.objects.find(({ number }) => number === object.number)));
  const selected = objects.some(({ number }) => number === state.selected) ? state.selected : null;
  return { ...state, objects, selected, message: lasting_message(state) };
}

/** Slices that only the undone change has put into an object's mask: the engine is to take them out. One that
 * had a prompt before keeps what is there.
 * @type {(state: State, before: PromptedObject[], history: PromptedObject[][]) => { number: number, slice: number }[]} */
const left_slices = ({ objects }, before, history) => objects.flatMap(({ number, at }) => {
  const versions = [before, ...history].map((each) => each.find((object) => object.number === number));
  const [came_from] = versions;
  const was_there = versions.some((each) => each?.at.slice === at.slice && each.at.plane === at.plane);
  return came_from && !was_there ? [{ number, slice: at.slice }] : [];
});

/** An object without its last prompts. A mask that came from a copy is that of the version before them.
 * @type {(object: PromptedObject, sound: PromptedObject, began: number) => PromptedObject} */
function cut_back(object, sound, began) {
  const cut = { ...told_as(object, brought_back(sound, object)), at: sound.at };
  return sound.main.restored && object.propagation_version === began ? { ...cut, propagation_version: sound.propagation_version } : cut;
}

/** @type {(a: PromptedObject, b: PromptedObject) => boolean} */
const same_about = (a, b) => {
  const [of_a, of_b] = [Object.entries(about_of(a)), new Map(Object.entries(about_of(b)))];
  return of_a.length === of_b.size && of_a.every(([key, value]) => of_b.get(key) === value);
};

/** A refused prompt leaves no trace, in the history neither: its object becomes what it was before, or
 * disappears if it began with this prompt.
 * @type {(state: State, number: number, serial: number) => State} */
export function without_prompt(state, number, serial) {
  /** The last version without the prompt. @type {PromptedObject[]} */
  let sound = [];
  /** What was carried when it was asked. @type {number | null} */
  let began = null;
  /** @type {(object: PromptedObject) => PromptedObject[]} */
  const without = (object) => {
    if (object.number !== number) return [object];
    if (object.prompts.some((prompt) => prompt.serial === serial)) {
      const version = began ??= object.propagation_version;
      return sound.map((each) => cut_back(object, each, version));
    }
    sound = [object];
    return sound;
  };
  const steps = [...state.history, state.objects].map((objects) => objects.flatMap(without));
  const objects = steps.at(-1) ?? [];
  /** @type {(a: PromptedObject[], b: PromptedObject[]) => boolean} */
  const same = (a, b) => a.length === b.length && a.every((object, i) => {
    const other = b[i];
    return other !== undefined && same_version(object, other) && same_about(object, other);
  });
  const history = steps.filter((step, i) => {
    const after = steps[i + 1];
    return after !== undefined && !same(step, after);
  });
  const selected = objects.some((object) => object.number === state.selected) ? state.selected : null;
  const future = state.future.some((version) => version.some((object) => object.prompts.some((prompt) => prompt.serial === serial))) ? [] : state.future;
  return { ...state, objects, history, future, selected };
}
