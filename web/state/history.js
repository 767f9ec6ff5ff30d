// The way back: what the objects were before each of the user's changes.

import { lasting_message } from "./message.js";
import { asked_anew, begins_with, same_version, to_be_asked } from "./prompts.js";

/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("./prompts.js").PromptedObject} PromptedObject */

const HISTORY_LENGTH = 30;

/** The objects after a change of the user's, which can be undone.
 * @type {(state: State, objects: PromptedObject[], selected: number | null) => State} */
export const with_objects = (state, objects, selected) => ({
  ...state,
  objects,
  selected: objects.some(({ number }) => number === selected) ? selected : null,
  history: [...state.history, state.objects].slice(-HISTORY_LENGTH),
  message: lasting_message(state),
});

/** The worker has forgotten the objects that come back: they are decoded again, and show their mask
 * of then until it is there.
 * @type {(before: PromptedObject, present: PromptedObject | undefined) => PromptedObject} */
function brought_back(before, present) {
  if (!present) return to_be_asked(before);
  if (same_version(before, present)) return present;
  const carried = begins_with(present, before) ? asked_anew(present, before.prompts) : null;
  return carried?.main.decoded ? carried : to_be_asked(before);
}

/** @type {(state: State) => State} */
export function undone(state) {
  const before = state.history.at(-1);
  if (!before) return state;
  const objects = before.map((object) => brought_back(object, state.objects.find(({ number }) => number === object.number)));
  return {
    ...state,
    objects,
    selected: objects.some(({ number }) => number === state.selected) ? state.selected : null,
    history: state.history.slice(0, -1),
    message: lasting_message(state),
  };
}

/** A refused prompt leaves no trace, in the history neither: its object becomes what it was before, or
 * disappears if it began with this prompt.
 * @type {(state: State, number: number, serial: number) => State} */
export function without_prompt(state, number, serial) {
  /** The last version without the prompt. @type {PromptedObject[]} */
  let sound = [];
  /** @type {(object: PromptedObject) => PromptedObject[]} */
  const without = (object) => {
    if (object.number !== number) return [object];
    if (object.prompts.some((prompt) => prompt.serial === serial)) return sound.map((each) => brought_back(each, object));
    sound = [object];
    return sound;
  };
  const steps = [...state.history, state.objects].map((objects) => objects.flatMap(without));
  const objects = steps.at(-1) ?? [];
  /** @type {(a: PromptedObject[], b: PromptedObject[]) => boolean} */
  const same = (a, b) => a.length === b.length && a.every((object, i) => {
    const other = b[i];
    return other !== undefined && same_version(object, other);
  });
  const history = steps.filter((step, i) => {
    const after = steps[i + 1];
    return after !== undefined && !same(step, after);
  });
  const selected = objects.some((object) => object.number === state.selected) ? state.selected : null;
  return { ...state, objects, history, selected };
}
