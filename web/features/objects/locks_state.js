// Locked objects cannot be changed; hidden objects are not drawn, but are still saved.

import { with_objects } from "../../state/history.js";
import { label_of } from "./labels_state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/**
 * @typedef {{ do: "object_hidden", number: number, on: boolean }
 *  | { do: "object_locked", number: number, on: boolean }} LockAction
 */

/** @type {(state: State, number: number, changes: Partial<import("../prompts/state.js").PromptedObject>) => State} */
const with_changes = (state, number, changes) =>
  with_objects(
    state, state.objects.map((object) => object.number === number ? { ...object, ...changes } : object), state.selected,
  );

/** @type {import("../../state/slices.js").Handlers<LockAction>} */
export const lock_actions = {
  object_hidden: (state, { number, on }) => with_changes(state, number, { hidden: on }),
  object_locked: (state, { number, on }) => with_changes(state, number, { locked: on }),
};

/** @type {import("../../state/slices.js").Slice<LockAction, never>} */
export const locks_slice = { initial: {}, actions: lock_actions };

const OF_A_NUMBER = [
  "box_changed", "candidate_chosen", "display_window_taken", "object_named", "object_removed", "propagation_wanted",
  "discard_wanted", "stroke_drawn", "strokes_taken_back",
  "preview_wanted", "volume_edit_wanted",
];
const OF_THE_SELECTED = ["point_added", "scribble_added", "box_nudged", "multimask_set"];
const SHAPES = ["box_added", "polygon_added"];

/** The locked object that an action would change.
 * @type {(state: State, action: import("../../state/reduce.js").Action) => number | null} */
export function locked_against(state, action) {
  if (action.do === "label_coloured") {
    return label_of(state.objects, action.name).find(({ locked }) => locked)?.number ?? null;
  }
  const to_selected = OF_THE_SELECTED.includes(action.do)
    || (SHAPES.includes(action.do) && "to_selected" in action && action.to_selected);
  const number = to_selected ? state.selected
    : OF_A_NUMBER.includes(action.do) && "number" in action ? action.number : null;
  return state.objects.some((object) => object.number === number && object.locked) ? number : null;
}
