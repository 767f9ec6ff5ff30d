// The window that the model sees. Each object has its own, taken from the display when it was created, so the display
// window can change freely.

import { is_here } from "../../state/here.js";
import { with_objects } from "../../state/history.js";
import { NO_EMBEDDING, with_session } from "../../state/sessions.js";
import { same_window } from "../../state/rendering.js";
import { to_be_asked } from "../prompts/state.js";
import { version_after_copy } from "../propagation/versions_state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/sessions.js").Side} Side */
/** @typedef {import("../../../boxel-bindings.js").Window} Window */
/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */
/**
 * @typedef {{ do: "display_window_taken", number: number }
 *  | { do: "model_window_set", generation: number, side: Side, window: Window | null }} ModelWindowAction
 */

/** The window that an engine should use next: that of the first object waiting here, else of the selected or last
 * object, so that its slice is encoded in advance. Null without objects: the display window.
 * @type {(state: Pick<State, "objects" | "selected" | "image">, side: Side) => Window | null} */
function wanted_window({ objects, selected, image }, side) {
  const waiting = objects.find((object) => object[side].phase === "waiting" && is_here(object, image));
  const object = waiting ?? objects.find(({ number }) => number === selected) ?? objects.at(-1);
  return object?.window ?? null;
}

/** Whether an engine uses this window. @type {(state: State, side: Side, window: Window | null) => boolean} */
export function sees(state, side, window) {
  const [seen, wanted] = [state.sessions[side]?.window ?? state.image?.window, window ?? state.image?.window];
  return seen !== undefined && wanted !== undefined && same_window(seen, wanted);
}

/** The window to set in an engine that uses another one.
 * @type {(state: State, side: Side) => { window: Window | null } | null} */
export function window_to_set(state, side) {
  const window = wanted_window(state, side);
  return sees(state, side, window) ? null : { window };
}

/** Whether an object's window differs from the display window.
 * @type {(object: PromptedObject, state: Pick<State, "rendering">) => boolean} */
export const has_other_window = ({ window }, { rendering }) =>
  window !== undefined && rendering !== null && !same_window(window, rendering.window);

/** @type {import("../../state/slices.js").Handlers<ModelWindowAction>} */
export const model_window_actions = {
  display_window_taken(state, { number }) {
    const { rendering } = state;
    const object = state.objects.find((each) => each.number === number);
    if (!rendering || !object || !has_other_window(object, state)) return state;
    const changed = {
      ...to_be_asked(object), window: rendering.window, propagation_version: version_after_copy(state, object),
    };
    const objects = state.objects.map((each) => each === object ? changed : each);
    return with_objects({ ...state, next_serial: state.next_serial + 1 }, objects, state.selected);
  },
  model_window_set: (state, { side, window }) => with_session(state, side, { window, embedding: NO_EMBEDDING }),
};

/** @type {import("../../state/slices.js").Slice<ModelWindowAction, never>} */
export const model_window_slice = { initial: {}, actions: model_window_actions };
