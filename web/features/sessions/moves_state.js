// The moves of a session: what a user would do to come to the same masks.

/** @typedef {import("../../../boxel-bindings.js").Window} Window */
/** @typedef {import("../../../boxel-bindings.js").Stroke} Stroke */
/** @typedef {import("../../state/rendering.js").Rendering} Rendering */
/** @typedef {import("../propagation/state.js").Direction} Direction */
/** @typedef {import("./format.js").SessionFile} SessionFile */
/** `object` is its index in the session. `limit`: the slice at which a propagation was cancelled.
 * @typedef {{ object: number } & (
 *    { do: "prompt", at: Rendering, prompts: import("./format.js").FilePrompt[] }
 *  | { do: "propagate", at: Rendering, direction: Direction, limit: number | null, rule: number, range?: number }
 *  | { do: "take_back" }
 *  | { do: "load" }
 *  | { do: "edit", slice: number, strokes: Stroke[] }
 *  | { do: "unmark", slice: number }
 *  | ({ do: "edit_volume", at: Rendering } & import("../../../boxel-bindings.js").RecordedEdit)
 *  | ({ do: "edit_volume" } & import("../../../boxel-bindings.js").RecordedEdit)
 *  | { do: "look", at: Rendering })} Move */

/** The moves of a session; the last one shows the recorded view. @type {(session: SessionFile) => Move[]} */
export const moves_of = ({ objects, view }) => [
  ...objects.flatMap(({ plane, steps }, object) => steps.flatMap((step, i) => {
    // An object that an edit makes has its slices in the plane that is shown.
    if (step.do === "edit_volume" && i === 0) return [{ ...step, object, at: { plane, slice: 0, window: view.window } }];
    return moves_of_step(step, plane, object);
  })),
  { do: "look", object: Math.max(objects.length - 1, 0), at: view },
];

/** @type {(
 *   step: import("./format.js").FileStep, plane: import("../../../boxel-bindings.js").Plane, object: number,
 * ) => Move[]} */
function moves_of_step(step, plane, object) {
  switch (step.do) {
    case "prompt": {
      const { slice, window, prompts } = step;
      return [{ do: "prompt", object, at: { plane, slice, window }, prompts }];
    }
    case "propagate": {
      const { from, window, directions, until, rule = 1, range } = step;
      const within = range === undefined ? {} : { range };
      return directions.flatMap((direction) => {
        const limit = until ? until[direction === "up" ? 1 : 0] : null;
        return limit === from
          ? []
          : [/** @type {Move} */ ({
            do: "propagate", object, at: { plane, slice: from, window }, direction, limit, rule, ...within,
          })];
      });
    }
    default: return [{ ...step, object }];
  }
}

/** Why a session cannot belong to this scan although the hash matches; empty if it can.
 * @type {(session: SessionFile, scan: Pick<import("../../state/scan.js").Scan, "views">) => string} */
export function misfit({ objects, view }, { views }) {
  /** @type {(plane: string, slice: number) => boolean} */
  const is_there = (plane, slice) => views.some((each) => each.plane === plane && slice < each.slices);
  for (const { plane, steps, reviewed = [] } of objects) {
    const beyond = reviewed.find((slice) => !is_there(plane, slice));
    if (beyond !== undefined) {
      return `The session has a tick on ${plane} slice ${beyond + 1}, which this scan does not have.`;
    }
    for (const step of steps) {
      const slice = step.do === "take_back" || step.do === "load" || step.do === "edit_volume" ? 0
        : step.do === "propagate" ? step.from : step.slice;
      if (!is_there(plane, slice)) {
        return `The session has a step on ${plane} slice ${slice + 1}, which this scan does not have.`;
      }
    }
  }
  return is_there(view.plane, view.slice)
    ? ""
    : `The session shows ${view.plane} slice ${view.slice + 1}, which this scan does not have.`;
}
