// `window.boxel`: a read-only look at the page's state, for tests and for the curious.

/** @typedef {import("../state/reduce.js").State} State */

/** `state()` is a copy without pixels and weights; `mask(number)` a copy of a box's mask (0 or 1,
 * row-major, size of the image), by the box's `number`; `maskCount` how many masks are shown.
 * @type {(state: () => State) => object} */
export const inspector = (state) => Object.freeze({
  state: () => JSON.parse(JSON.stringify(state(), (_, value) => ArrayBuffer.isView(value) ? undefined : value)),
  /** @param {number} number */
  mask: (number) => state().boxes.find((box) => box.number === number)?.segment?.mask.slice() ?? null,
  get maskCount() {
    return state().boxes.filter((box) => box.segment).length;
  },
});
