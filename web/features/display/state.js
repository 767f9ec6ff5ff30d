// How the slice is displayed: position, zoom, rotation, flips and inversion. None of it changes the image: boxes,
// points and masks stay in image space, and the model sees the original.

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../../boxel-bindings.js").Plane} Plane */
/** @typedef {import("../../../boxel-bindings.js").View} ImageView */
/** The direction on the screen of a step in the image: `screen x = xx · image x + xy · image y`, and likewise for y.
 * Each entry is −1, 0 or 1, and each row and column has exactly one that is not 0.
 * @typedef {{ xx: number, xy: number, yx: number, yy: number }} Orientation */
/** The image point at the middle of the canvas, and the width of an image pixel on the screen.
 * @typedef {{ screen_per_image_x: number, centre: { x: number, y: number } }} Framing */
/** How one plane is displayed; `framing` null fits the whole image.
 * @typedef {{ framing: Framing | null, orientation: Orientation }} Placing */
/** @typedef {{ inverted: boolean, planes: Partial<Record<Plane, Placing>> }} Display */
/** As seen on the screen.
 * @typedef {"clockwise" | "anticlockwise" | "left_to_right" | "top_to_bottom"} Turn */
/**
 * @typedef {{ do: "framed", framing: Framing | null }
 *  | { do: "turned", turn: Turn }
 *  | { do: "inverted_set", on: boolean }
 *  | { do: "display_reset" }} DisplayAction
 */
/** @typedef {"left" | "right" | "top" | "bottom"} Edge */

/** @type {Orientation} */
export const UPRIGHT = { xx: 1, xy: 0, yx: 0, yy: 1 };
/** @type {Placing} */
const FIRST_PLACING = { framing: null, orientation: UPRIGHT };
/** @type {Display} */
export const FIRST_DISPLAY = { inverted: false, planes: {} };

/** y points down: turned clockwise, a step to the right becomes a step down. @type {Record<Turn, Orientation>} */
const TURNS = {
  clockwise: { xx: 0, xy: -1, yx: 1, yy: 0 },
  anticlockwise: { xx: 0, xy: 1, yx: -1, yy: 0 },
  left_to_right: { xx: -1, xy: 0, yx: 0, yy: 1 },
  top_to_bottom: { xx: 1, xy: 0, yx: 0, yy: -1 },
};

/** @type {(orientation: Orientation, turn: Turn) => Orientation} */
export function turned({ xx, xy, yx, yy }, turn) {
  const by = TURNS[turn];
  // + 0 turns −0 into 0.
  return {
    xx: by.xx * xx + by.xy * yx + 0,
    xy: by.xx * xy + by.xy * yy + 0,
    yx: by.yx * xx + by.yy * yx + 0,
    yy: by.yx * xy + by.yy * yy + 0,
  };
}

/** Whether the image is turned by 90°, so that its columns run across the screen.
 * @type {(orientation: Orientation) => boolean} */
export const is_lying = ({ xx }) => xx === 0;

/** The direction in the image of a step on the screen; the inverse of an orientation is its transpose.
 * @type {(orientation: Orientation, step: { x: number, y: number }) => { x: number, y: number }} */
export const image_step = ({ xx, xy, yx, yy }, { x, y }) => ({ x: xx * x + yx * y + 0, y: xy * x + yy * y + 0 });

/** @type {Record<Edge, { x: number, y: number }>} */
const OUTWARDS = { left: { x: -1, y: 0 }, right: { x: 1, y: 0 }, top: { x: 0, y: -1 }, bottom: { x: 0, y: 1 } };

/** Which edge of the image is at an edge of the screen. @type {(orientation: Orientation, edge: Edge) => Edge} */
export function image_edge(orientation, edge) {
  const { x, y } = image_step(orientation, OUTWARDS[edge]);
  if (x !== 0) return x < 0 ? "left" : "right";
  return y < 0 ? "top" : "bottom";
}

/** The orientation letters at the edges of the screen.
 * @type {(
 *   orientation: Orientation, letters: NonNullable<ImageView["letters"]>,
 * ) => NonNullable<ImageView["letters"]>} */
export const letters_on_screen = (orientation, letters) => ({
  left: letters[image_edge(orientation, "left")],
  right: letters[image_edge(orientation, "right")],
  top: letters[image_edge(orientation, "top")],
  bottom: letters[image_edge(orientation, "bottom")],
});

/** How the shown plane is displayed. @type {(state: Pick<State, "display" | "image">) => Placing} */
export const placing_of = ({ display, image }) => (image && display.planes[image.plane]) ?? FIRST_PLACING;

/** @type {(state: State, changes: Partial<Placing>) => State} */
function with_placing(state, changes) {
  const { image, display } = state;
  if (!image) return state;
  const placing = { ...placing_of(state), ...changes };
  return { ...state, display: { ...display, planes: { ...display.planes, [image.plane]: placing } } };
}

/** Each plane has its own placing; inversion applies to all planes.
 * @type {import("../../state/slices.js").Handlers<DisplayAction>} */
export const display_actions = {
  framed: (state, { framing }) => with_placing(state, { framing }),
  turned: (state, { turn }) => with_placing(state, { orientation: turned(placing_of(state).orientation, turn) }),
  inverted_set: (state, { on }) => state.image ? { ...state, display: { ...state.display, inverted: on } } : state,
  display_reset(state) {
    const next = with_placing(state, FIRST_PLACING);
    return { ...next, display: { ...next.display, inverted: false } };
  },
};

/** @type {import("../../state/slices.js").Slice<DisplayAction, "display">} */
export const display_slice = { initial: { display: FIRST_DISPLAY }, actions: display_actions };
