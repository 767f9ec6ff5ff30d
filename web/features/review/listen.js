// Wires the review of the selected object's slices to its buttons and keys.

import { on_click } from "../../wire/listen.js";
import { is_reviewed_here } from "./state.js";
import { why_no_next, why_no_tick } from "./words.js";

/** @typedef {import("../../wire/listen.js").App} App */

/** @type {(app: Pick<App, "state" | "dispatch">) => { step: (by: -1 | 1) => void, tick: () => void }} */
function acts_of({ state, dispatch }) {
  /** Says why a key does nothing, since it has no tooltip. @type {(why: string) => void} */
  const tell = (why) => dispatch({ do: "told", code: "review", text: `${why}.` });
  return {
    step(by) {
      const why_not = why_no_next(state());
      if (why_not) tell(why_not);
      else dispatch({ do: "review_stepped", by });
    },
    tick() {
      const { image, selected } = state();
      const why_not = why_no_tick(state());
      if (why_not) tell(why_not);
      else if (image && selected !== null) {
        dispatch({ do: "slice_reviewed", number: selected, slice: image.slice, on: !is_reviewed_here(state()) });
      }
    },
  };
}

/** Only the slices of a volume are reviewed.
 * @type {(
 *   app: App,
 * ) => Pick<import("../keyboard/keys.js").KeyHandlers, "review_before" | "review_after" | "review_tick">} */
export function review_keys(app) {
  const { step, tick } = acts_of(app);
  const is_volume = () => Boolean(app.state().scan?.volume);
  return {
    review_before: () => is_volume() ? step(-1) : false,
    review_after: () => is_volume() ? step(1) : false,
    review_tick: () => is_volume() ? tick() : false,
  };
}

/** @type {(app: App) => void} */
export function listen_to_review(app) {
  const { step, tick } = acts_of(app);
  on_click("reviewed", tick);
  on_click("review-before", () => step(-1));
  on_click("review-after", () => step(1));
}
