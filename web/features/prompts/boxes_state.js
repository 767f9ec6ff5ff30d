// Changes to the selected object's box: by its handles, by keys, or typed.
//
// The chain of prompts is asked again with the new box; points that refined the mask then refine the new box's mask.

import { with_prompts } from "../objects/state.js";
import { last_prompt, without_choice } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("./state.js").ImageBox} ImageBox */
/** A box that is being moved by keys: drawn, but not yet sent to the model.
 * @typedef {{ number: number, box: ImageBox }} Nudged */
/**
 * @typedef {{ do: "box_changed", number: number, box: ImageBox }
 *  | { do: "box_nudged", edges: ImageBox }
 *  | { do: "nudge_settled" }
 *  | { do: "nudge_dropped" }} BoxAction
 */

/** @type {import("../../state/slices.js").Handlers<BoxAction>} */
export const box_actions = {
  box_changed: (state, { number, box }) => with_box({ ...state, nudged: null }, number, box),
  /** Adds `edges` to the corners; a box that would leave the image or become empty stays as it is. */
  box_nudged(state, { edges }) {
    const box = changeable_box(state);
    const { image, selected } = state;
    if (!box || !image || selected === null) return state;
    const [x0, y0, x1, y1] = /** @type {ImageBox} */ (box.map((value, i) => value + (edges[i] ?? 0)));
    const is_outside = x0 < 0 || y0 < 0 || x1 > image.width || y1 > image.height;
    if (is_outside || x1 - x0 < 1 || y1 - y0 < 1) return state;
    return { ...state, nudged: { number: selected, box: [x0, y0, x1, y1] } };
  },
  nudge_settled(state) {
    const { nudged } = state;
    return nudged ? with_box({ ...state, nudged: null }, nudged.number, nudged.box) : state;
  },
  nudge_dropped: (state) => state.nudged ? { ...state, nudged: null } : state,
};

/** @type {import("../../state/slices.js").Slice<BoxAction, "nudged">} */
export const boxes_slice = { initial: { nudged: null }, actions: box_actions };

/** The selected object's box as it is drawn on this slice; null if there is none or it is locked or hidden.
 * @type {(state: Pick<State, "objects" | "selected" | "image" | "nudged">) => ImageBox | null} */
export function changeable_box({ objects, selected, image, nudged }) {
  const object = objects.find(({ number }) => number === selected);
  if (!object || object.locked || object.hidden || !image || object.at.plane !== image.plane
    || object.at.slice !== image.slice) {
    return null;
  }
  return nudged?.number === selected ? nudged.box : last_prompt(object).box;
}

/** @type {(state: State, number: number, box: ImageBox) => State} */
function with_box(state, number, box) {
  const object = state.objects.find((each) => each.number === number);
  const before = object && last_prompt(object).box;
  if (!object || !before || same_box(before, box)) return state;
  const changed = object.prompts.filter((prompt) => prompt.box && same_box(prompt.box, before));
  const prompts = object.prompts.map((prompt) => {
    const place = changed.indexOf(prompt);
    return place < 0 ? prompt : { ...without_choice(prompt), box, serial: state.next_serial + place };
  });
  return with_prompts(state, object, prompts);
}

/** @type {(a: ImageBox, b: ImageBox) => boolean} */
const same_box = (a, b) => a.every((value, i) => value === b[i]);
