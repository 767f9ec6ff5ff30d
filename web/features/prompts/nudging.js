// Wires the keys that move the selected box.

import { step_of } from "../keyboard/crosshair.js";
import { changeable_box } from "./boxes_state.js";

/** Quick nudges are sent to the model together and undone in one step. */
const NUDGE_PAUSE_MS = 400;

/** An arrow key moves the box, or its far corner, in its direction on the screen. False if no box can be changed.
 * @type {(
 *   app: import("../../wire/listen.js").App,
 * ) => Pick<import("../keyboard/keys.js").KeyHandlers, "nudge" | "resize">} */
export function nudge_keys({ state, dispatch, canvases }) {
  let pause = 0;
  /** @type {(key: string, resizes: boolean) => boolean} */
  const nudge = (key, resizes) => {
    const transform = canvases[0]?.painted.transform;
    if (!transform || !changeable_box(state())) return false;
    clearTimeout(pause);
    const { x, y } = step_of(transform, key);
    dispatch({ do: "box_nudged", edges: resizes ? [0, 0, x, y] : [x, y, x, y] });
    pause = window.setTimeout(() => dispatch({ do: "nudge_settled" }), NUDGE_PAUSE_MS);
    return true;
  };
  return { nudge: (key) => nudge(key, false), resize: (key) => nudge(key, true) };
}
