// The user's strokes on top of the model's masks. They belong to the object, as its prompts do; `State.edited` holds
// those that the engine has, and engine/next.js asks for the difference. So undo, another worker and another model all
// lead to the same masks.

import { with_objects } from "../../state/history.js";
import { error_message } from "../../state/message.js";
import { object_masks_changed } from "../../state/object_masks.js";
import { with_edited } from "../../state/steps.js";
import { strokes_on, with_strokes } from "./strokes_state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("./strokes_state.js").Stroke} Stroke */
/** @typedef {import("./strokes_state.js").EditQuestion} EditQuestion */
/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */
/**
 * @typedef {{ do: "stroke_drawn", number: number, slice: number, stroke: Stroke }
 *  | { do: "strokes_taken_back", number: number, slice: number }
 *  | { do: "edited", generation: number, edit: EditQuestion }
 *  | {
 *      do: "edit_refused", generation: number, edit: EditQuestion,
 *      failure: import("../../failure.js").Failure,
 *    }} EditAction
 */

/** @type {(objects: PromptedObject[], edit: EditQuestion) => PromptedObject[]} */
const edited_objects = (objects, { number, slice, strokes }) =>
  objects.map((object) =>
    object.number === number ? { ...object, edits: with_strokes(object.edits, slice, strokes) } : object);

/** @type {(state: State, number: number, slice: number, change: (strokes: Stroke[]) => Stroke[]) => State} */
function drawn(state, number, slice, change) {
  const object = state.objects.find((each) => each.number === number);
  if (!object) return state;
  const before = strokes_on(object.edits, slice);
  const strokes = change(before);
  if (strokes.length === before.length) return state;
  return with_objects(state, edited_objects(state.objects, { number, slice, strokes }), state.selected);
}

/** @type {import("../../state/slices.js").Handlers<EditAction>} */
export const edit_actions = {
  stroke_drawn: (state, { number, slice, stroke }) => drawn(state, number, slice, (strokes) => [...strokes, stroke]),
  strokes_taken_back: (state, { number, slice }) => drawn(state, number, slice, () => []),
  edited: (state, { edit: { number, slice, strokes } }) => object_masks_changed({
    ...state,
    edited: { ...state.edited, [number]: with_strokes(state.edited[number], slice, strokes) },
    steps: with_edited(state.steps, number, { slice, strokes }),
  }),
  // Return to the strokes that the engine has, so that it is not asked again.
  edit_refused: (state, { edit: { number, slice }, failure }) => ({
    ...state,
    objects: edited_objects(state.objects, { number, slice, strokes: strokes_on(state.edited[number], slice) }),
    message: error_message(failure),
  }),
};

/** @type {import("../../state/slices.js").Slice<EditAction, never>} */
export const edits_slice = { initial: {}, actions: edit_actions };
