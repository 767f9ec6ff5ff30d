// The boxes with their masks, and the way back through their history.

import { error_message, lasting_message } from "./message.js";

/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("../failure.js").Failure} Failure */
/** @typedef {[number, number, number, number]} ImageBox x0, y0, x1, y1 in image space, pixels */
/** @typedef {{ id: number, mask: Uint8Array<ArrayBuffer>, iou: number, area_px: number, bounds: ImageBox | null | undefined }} Segment */
/**
 * `colour` counts into the palette. A box that waits may still show the segment of an earlier
 * worker: it is of the same image.
 * @typedef {{ number: number, colour: number, box: ImageBox, phase: "waiting" | "done", segment: Segment | null }} Box
 */
/**
 * @typedef {{ do: "box_added", box: ImageBox }
 *  | { do: "segmented", generation: number, key: string, number: number, segment: Segment, box: ImageBox }
 *  | { do: "segment_failed", generation: number, key: string, number: number, failure: Failure }
 *  | { do: "segment_removed", generation: number, id: number }
 *  | { do: "box_removed", number: number }
 *  | { do: "boxes_cleared" }
 *  | { do: "undone" }} BoxAction
 */

const HISTORY_LENGTH = 30;

/** Boxes as a new worker sees them: all still to be decoded, their masks still shown.
 * @type {(boxes: Box[]) => Box[]} */
export const waiting = (boxes) => boxes.map((box) => ({ ...box, phase: "waiting" }));

/** @type {import("./reduce.js").Handlers<BoxAction>} */
export const box_actions = {
  box_added: (state, { box }) => box_added(state, box),
  segmented: (state, { number, box, segment }) => ({
    ...state,
    engine: { ...state.engine, ids: [...state.engine.ids, segment.id] },
    boxes: state.boxes.map((each) => each.number === number ? { ...each, phase: "done", box, segment } : each),
  }),
  segment_failed: (state, { number, failure }) =>
    ({ ...without_box(state, number), message: error_message(failure) }),
  segment_removed: (state, { id }) =>
    ({ ...state, engine: { ...state.engine, ids: state.engine.ids.filter((each) => each !== id) } }),
  box_removed: (state, { number }) => with_boxes(state, state.boxes.filter((box) => box.number !== number)),
  boxes_cleared: (state) => with_boxes(state, []),
  undone,
};

/** @type {(state: State, boxes: Box[]) => State} */
const with_boxes = (state, boxes) => ({
  ...state,
  boxes,
  history: [...state.history, state.boxes].slice(-HISTORY_LENGTH),
  message: lasting_message(state),
});

/** @type {(state: State, box: ImageBox) => State} */
function box_added(state, box) {
  if (!state.image) return state;
  let colour = 0;
  while (state.boxes.some((other) => other.colour === colour)) colour += 1;
  /** @type {Box} */
  const added = { number: state.next_number, colour, box, phase: "waiting", segment: null };
  return { ...with_boxes(state, [...state.boxes, added]), next_number: added.number + 1 };
}

/** A refused box leaves no trace, in the history neither.
 * @type {(state: State, number: number) => State} */
function without_box(state, number) {
  /** @type {(boxes: Box[]) => Box[]} */
  const without = (boxes) => boxes.filter((box) => box.number !== number);
  const boxes = without(state.boxes);
  const steps = [...state.history.map(without), boxes];
  /** @type {(boxes: Box[]) => string} */
  const numbers = (boxes) => boxes.map((box) => box.number).join();
  const history = steps.filter((step, i) => {
    const after = steps[i + 1];
    return after !== undefined && numbers(step) !== numbers(after);
  });
  return { ...state, boxes, history };
}

/** @type {(state: State) => State} */
function undone(state) {
  const before = state.history.at(-1);
  if (!before) return state;
  // The worker has forgotten the boxes that come back: they are decoded again.
  const boxes = before.map((box) =>
    state.boxes.find((present) => present.number === box.number) ?? { ...box, phase: /** @type {const} */ ("waiting") });
  return { ...state, boxes, history: state.history.slice(0, -1), message: lasting_message(state) };
}
