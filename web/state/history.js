// Undo and redo: the objects before each change of the user, and after the undone ones.

import {
  asked_anew, begins_with, is_unprompted, last_prompt, same_version, to_be_asked,
} from "../features/prompts/state.js";
import { lasting_message } from "./message.js";
import { chain_on } from "./steps.js";

/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("../features/prompts/state.js").PromptedObject} PromptedObject */

const HISTORY_LENGTH = 100;

/** Makes a change of the user to the objects, which can be undone.
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

/** The fields that hold an object's prompts and their answers. */
const ANSWER_FIELDS = ["prompts", "alone", "main", "comparison", "dice"];

/** `about` with the prompts and answers of `of`.
 * @type {(about: PromptedObject, of: PromptedObject) => PromptedObject} */
const with_answers_of = (about, { prompts, alone, main, comparison, dice }) => ({
  ...about, prompts, alone, main, comparison, dice,
});

/** For an object that differs by an edit in the volume from its current version. The engine restores its mask by the
 * version, so answered prompts are decoded again only together with a new one.
 * @type {(before: PromptedObject) => PromptedObject} */
function with_version_mask(before) {
  if (is_unprompted(before)) return before;
  if (before.main.phase !== "done") return to_be_asked(before);
  const { offered: _, ...main } = before.main;
  return {
    ...to_be_asked(before, ["comparison"]),
    main: { ...main, phase: "done", decoded: 0, prediction: null, restored: true },
  };
}

/** The history and the future up to the next edit in the volume: another model makes the engine forget the versions
 * before it.
 * @type {(state: State) => Pick<State, "history" | "future">} */
export function history_since_edits({ history, future, objects }) {
  const edits = new Map(objects.map(({ number, volume_edit }) => [number, volume_edit]));
  /** @type {(version: PromptedObject[]) => boolean} */
  const is_of_present = (version) => version.every(({ number, volume_edit }) =>
    edits.has(number) ? edits.get(number) === volume_edit : volume_edit === undefined);
  return {
    history: history.slice(history.findLastIndex((version) => !is_of_present(version)) + 1),
    future: future.every(is_of_present) ? future : [],
  };
}

/** The worker has forgotten objects that an undo brings back: they show their old mask until they are decoded.
 * @type {(before: PromptedObject, present: PromptedObject | undefined) => PromptedObject} */
function brought_back(before, present) {
  if (before === present) return before;
  if (present && present.volume_edit !== before.volume_edit && !same_version(before, present)) {
    return with_version_mask(before);
  }
  const comes_back = before.main.restored && present?.propagation_version !== before.propagation_version;
  if (present && same_version(before, present)) {
    const answered = with_answers_of(before, present);
    return comes_back && present.main.restored
      ? { ...answered, main: { ...answered.main, made_by: before.main.made_by } }
      : answered;
  }
  // The engine still has an object that came from a copy, as the version that it returns to, or gets the copy again.
  if (comes_back) return to_be_asked(before, ["comparison"]);
  if (!present) return to_be_asked(before);
  const goes_on = begins_with(present, before) ? with_answers_of(before, asked_anew(present, before.prompts)) : null;
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
  return {
    ...with_version(state, after), history: [...state.history, state.objects], future: state.future.slice(0, -1),
  };
}

/** @type {(state: State, version: PromptedObject[]) => State} */
function with_version(state, version) {
  const present = new Map(state.objects.map((object) => [object.number, object]));
  const objects = version.map((object) => brought_back(object, present.get(object.number)));
  const selected = objects.some(({ number }) => number === state.selected) ? state.selected : null;
  return { ...state, objects, selected, message: lasting_message(state) };
}

/** Whether the engine returns by the version to the masks before a change. An answer may still be on its way for an
 * object that it does not have.
 * @type {(state: State, number: number, version: number, after: number) => boolean} */
function has_version({ propagation_versions, sessions: { main } }, number, version, after) {
  const { version: present = 0, kept = {} } = propagation_versions[number] ?? {};
  return version !== after && main.numbers.includes(number) && (present === version || kept[version] !== undefined);
}

/** Slices that only the undone change has added to an object's mask: the engine removes them, unless it returns to
 * another version. A slice that had the mask of a prompt before keeps it.
 * @type {(
 *   state: State, before: PromptedObject[], history: PromptedObject[][],
 * ) => { number: number, slice: number }[]} */
const left_slices = (state, before, history) => state.objects.flatMap((object) => {
  const { number, at, propagation_version: after } = object;
  /** @type {(version: PromptedObject[]) => PromptedObject | undefined} */
  const in_version = (version) => version.find((each) => each.number === number);
  /** @type {(object: PromptedObject | undefined) => boolean} */
  const was_prompted = (each) => each !== undefined && !is_unprompted(each)
    && each.at.slice === at.slice && each.at.plane === at.plane;
  const came_from = in_version(before);
  // Most objects stay where they are: the history is looked through only for the one that moved.
  if (!came_from || is_unprompted(object) || was_prompted(came_from)
    || has_version(state, number, came_from.propagation_version, after)) return [];
  const former = history.flatMap((version) => in_version(version) ?? []);
  // When the present version began, as far as the engine still knows it.
  const base = former.findLast((each) => each.propagation_version !== after)?.propagation_version;
  const steps = base === undefined ? undefined : state.propagation_versions[number]?.kept[base]?.steps;
  const is_since = (/** @type {PromptedObject} */ each) => !steps || each.propagation_version === after;
  const chain = chain_on({ 0: steps ?? [] }, 0, at.slice);
  // The undone prompt may have been answered before the propagation began in which it was set.
  const had_other = chain.length > 0 && chain.every(({ serial }) => serial !== last_prompt(object).serial);
  return had_other || former.some((each) => is_since(each) && was_prompted(each)) ? [] : [{ number, slice: at.slice }];
});

/** The object without its last prompts; a mask from a copy is of the version before them.
 * @type {(object: PromptedObject, sound: PromptedObject, began: number) => PromptedObject} */
function cut_back(object, sound, began) {
  const cut = { ...with_answers_of(object, brought_back(sound, object)), at: sound.at };
  return sound.main.restored && object.propagation_version === began
    ? { ...cut, propagation_version: sound.propagation_version }
    : cut;
}

/** @type {(a: PromptedObject, b: PromptedObject) => boolean} */
const same_about = (a, b) => {
  const [of_a, of_b] = [a, b].map((object) =>
    new Map(Object.entries(object).filter(([field]) => !ANSWER_FIELDS.includes(field))));
  return of_a !== undefined && of_b !== undefined && of_a.size === of_b.size
    && [...of_a].every(([field, value]) => of_b.get(field) === value);
};

/** Removes a refused prompt, also from the history: its object becomes what it was before, or disappears if it began
 * with this prompt.
 * @type {(state: State, number: number, serial: number) => State} */
export function without_prompt(state, number, serial) {
  /** The last version without the prompt. @type {PromptedObject[]} */
  let sound = [];
  /** The propagation version when it was asked. @type {number | null} */
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
  const is_in_future = state.future.flat().some(({ prompts }) => prompts.some((prompt) => prompt.serial === serial));
  const future = is_in_future ? [] : state.future;
  return { ...state, objects, history, future, selected };
}
