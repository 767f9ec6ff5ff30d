// Copies of the objects' masks on the page: from a session file, or as the engine last had them. An engine that does
// not know an object gets the copy before anything is computed. So masks survive the death of a worker, and a session
// file opens without inference.

import { error_message } from "../../state/message.js";
import { object_masks_changed } from "../../state/object_masks.js";
import { with_session } from "../../state/sessions.js";
import { is_unprompted, same_version } from "../prompts/state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */
/**
 * A copy of an object's masks in the engine, as JSON text, with the steps, strokes and propagation version that they
 * include. `of` is the object whose prompts had been answered. `sha256` is empty in the page's own copies, which are
 * not checked.
 * @typedef {object} Kept
 * @property {PromptedObject} of
 * @property {string} masks
 * @property {string} sha256
 * @property {import("../brush/strokes_state.js").Edit[]} edits
 * @property {number} propagation_version
 * @property {import("../../state/steps.js").Step[]} steps
 * @property {import("../propagation/state.js").Stops} stops
 * @property {true} [only_loaded] of `masks`, the engine gets only what was loaded from a file
 */
/** By object number. @typedef {Record<number, Kept>} KeptMasks */
/** A copy to restore in the engine. @typedef {{ number: number, kept: Kept }} RestoreQuestion */
/**
 * @typedef {{ do: "object_kept", generation: number, number: number, masks: string }
 *  | { do: "objects_restored", generation: number, numbers: number[] }
 *  | {
 *      do: "restore_refused", generation: number, number: number, failure: import("../../failure.js").Failure,
 *    }} KeptAction
 */

/** The copy of an object that was loaded from a file. @type {(of: PromptedObject, masks: string) => Kept} */
export const kept_as_loaded = (of, masks) => ({
  of, masks, sha256: "", edits: [], propagation_version: 0, steps: [{ do: "load" }], stops: {},
});

/** An object that the engine lacks and that the page has a copy of; `done` are those that the state does not know of yet.
 * @type {(state: Pick<State, "objects" | "kept" | "sessions">, done?: readonly number[]) => RestoreQuestion | null} */
export function wanted_restore({ objects, kept, sessions: { main } }, done = []) {
  const there = new Set([...main.numbers, ...done]);
  for (const { number } of objects) {
    const copy = kept[number];
    if (copy && !there.has(number)) return { number, kept: copy };
  }
  return null;
}

/** Objects that have changed in the engine since they were copied: each answer creates a new list of steps.
 * @type {(state: Pick<State, "objects" | "kept" | "steps" | "sessions">) => number[]} */
export const to_be_kept = ({ objects, kept, steps, sessions: { main } }) => objects.flatMap(({ number }) =>
  main.numbers.includes(number) && kept[number]?.steps !== steps[number] ? [number] : []);

/** Copies of objects that an undo can still bring back. @type {(state: State) => KeptMasks} */
function remembered({ objects, history, future, kept, replay }) {
  const versions = [objects, ...history, ...future, replay?.before?.objects ?? []];
  const numbers = new Set(versions.flat().map(({ number }) => number));
  return Object.fromEntries(Object.entries(kept).filter(([number]) => numbers.has(Number(number))));
}

/** @type {import("../../state/slices.js").Handlers<KeptAction>} */
export const kept_actions = {
  // The engine answers in order, so the state describes what is in the copy.
  object_kept(state, { number, masks }) {
    const object = state.objects.find((each) => each.number === number);
    const steps = state.steps[number];
    if (!object || !steps) return state;
    const copy = {
      of: object, masks, sha256: "", edits: state.edited[number] ?? [],
      propagation_version: state.propagation_versions[number]?.version ?? 0,
      steps, stops: state.stops[number] ?? {},
    };
    return { ...state, kept: { ...remembered(state), [number]: copy } };
  },
  objects_restored(state, { numbers }) {
    const copies = numbers.filter((number) => state.kept[number]);
    const known = new Set([...state.sessions.main.numbers, ...copies]);
    const next = copies.reduce(with_what_was_kept, with_session(state, "main", { numbers: [...known] }));
    return object_masks_changed({
      ...next,
      objects: state.objects.map((object) => {
        const copy = copies.includes(object.number) ? state.kept[object.number] : undefined;
        return copy ? with_mask_of(object, copy) : object;
      }),
    });
  },
  // Ask its prompts instead. Without prompts nothing is left of it.
  restore_refused(state, { number, failure }) {
    const { [number]: _, ...kept } = state.kept;
    const objects = state.objects.filter((object) => object.number !== number || !is_unprompted(object));
    return {
      ...state, kept, message: error_message(failure),
      selected: objects.some((object) => object.number === state.selected) ? state.selected : null,
      objects: objects.map((object) => object.number === number
        ? { ...object, main: { ...object.main, phase: /** @type {const} */ ("waiting"), restored: false } } : object),
    };
  },
};

/** @type {import("../../state/slices.js").Slice<KeptAction, "kept">} */
export const kept_slice = { initial: { kept: {} }, actions: kept_actions };

/** @type {(state: State, number: number) => State} */
function with_what_was_kept(state, number) {
  const copy = state.kept[number];
  if (!copy) return state;
  const { edits, propagation_version: version, steps, stops } = copy;
  return {
    ...state,
    edited: { ...state.edited, [number]: edits },
    propagation_versions: { ...state.propagation_versions, [number]: { version, kept: {} } },
    steps: { ...state.steps, [number]: steps },
    stops: { ...state.stops, [number]: stops },
  };
}

/** The mask is there, so the prompts of the copy are not asked again; other prompts are.
 * @type {(object: PromptedObject, copy: Kept) => PromptedObject} */
function with_mask_of(object, { of }) {
  const is_answered = same_version(object, of) && object.at.plane === of.at.plane && object.at.slice === of.at.slice
    && of.main.phase === "done";
  return is_answered ? { ...object, main: { ...object.main, phase: "done", decoded: 0, restored: true } } : object;
}
