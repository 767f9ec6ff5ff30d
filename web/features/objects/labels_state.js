// Labels: objects of the same name form one label and share its colour, as in ITK-SNAP and 3D Slicer. A label is only
// this name: it appears with the first object that has it and disappears with the last.

import { with_objects } from "../../state/history.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */
/** The fields that distinguish labels. @typedef {Pick<PromptedObject, "name" | "colour">} Labelled */
/**
 * @typedef {{ do: "object_named", number: number, name: string }
 *  | { do: "label_coloured", name: string, colour: number }} LabelAction
 */

/** @type {(number: number) => string} */
export const default_name = (number) => `Object ${number}`;

/** @type {import("../../state/slices.js").Handlers<LabelAction>} */
export const label_actions = {
  object_named(state, { number, name }) {
    const named = name.trim() || default_name(number);
    const object = state.objects.find((each) => each.number === number);
    if (!object || object.name === named) return state;
    const changed = { ...object, name: named, colour: colour_after_naming(object, named, state.objects) };
    return with_objects(state, state.objects.map((each) => each === object ? changed : each), state.selected);
  },
  label_coloured(state, { name, colour }) {
    if (label_of(state.objects, name).every((object) => object.colour === colour)) return state;
    return with_objects(
      state, state.objects.map((object) => object.name === name ? { ...object, colour } : object), state.selected,
    );
  },
};

/** @type {import("../../state/slices.js").Slice<LabelAction, never>} */
export const labels_slice = { initial: {}, actions: label_actions };

/** All objects of a label. @template {Pick<Labelled, "name">} L
 * @param {readonly L[]} objects @param {string} name @returns {L[]} */
export const label_of = (objects, name) => objects.filter((object) => object.name === name);

/** The last object of a label takes its colour to the new name; otherwise the colour stays with the others.
 * @type {(object: Labelled, named: string, objects: readonly Labelled[]) => number} */
function colour_after_naming(object, named, objects) {
  const [joined] = label_of(objects, named);
  if (joined) return joined.colour;
  return label_of(objects, object.name).length === 1 ? object.colour : free_colour(objects);
}

/** The number of a new object: its default name must not be a label yet, as one from a session file may be.
 * @type {(state: Pick<State, "objects" | "next_number">) => number} */
export function free_number({ objects, next_number }) {
  let number = next_number;
  while (label_of(objects, default_name(number)).length) number += 1;
  return number;
}

/** @type {(objects: readonly Labelled[]) => number} */
export function free_colour(objects) {
  let colour = 0;
  while (objects.some((other) => other.colour === colour)) colour += 1;
  return colour;
}
