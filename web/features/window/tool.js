// Dragging changes the window, as in other viewers: right widens it, down raises the level. It works with the right
// button and the box tool, or with Alt and any tool.

/** @typedef {import("../../draw/screen_transform.js").Point} Point */
/** A window with a level and a width. @typedef {{ kind: "linear" | "sigmoid", level: number, width: number }} Levels */

/** Change for one CSS pixel of a drag, relative to the initial width. */
const WIDTH_PER_PIXEL = 1 / 200;

/** Rounded to a power of ten no larger than one pixel's step. @type {(value: number, step: number) => number} */
function rounded(value, step) {
  const unit = 10 ** Math.floor(Math.log10(step));
  return Number((Math.round(value / unit) * unit).toPrecision(12));
}

/** @type {(start: Levels, dx: number, dy: number) => Levels} */
export function dragged({ kind, level, width }, dx, dy) {
  const step = width * WIDTH_PER_PIXEL;
  return {
    kind,
    level: rounded(level + dy * step, step),
    width: Math.max(rounded(width + dx * step, step), rounded(step, step)),
  };
}

/** The window that a drag starts from: the current one, or the range of the shown values.
 * @type {(image: import("../../state/rendering.js").Image) => Levels | null} */
export function levels_of({ window, level, width_of_window, values }) {
  const kind = window.kind === "sigmoid" ? "sigmoid" : "linear";
  if (level !== null && width_of_window !== null && width_of_window > 0) return { kind, level, width: width_of_window };
  if (!values) return null;
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high > low ? { kind: "linear", level: (low + high) / 2, width: high - low } : null;
}

/**
 * @typedef {object} WindowHandlers
 * @property {() => boolean} draws_by_left_button whether the tool leaves the right button to the window
 * @property {() => Levels | null} start null if there is no window to drag
 * @property {(window: Levels) => void} on_window at most once a frame
 */

/** @type {(handlers: WindowHandlers) => import("../../draw/gesture.js").Tool<{ from: Levels, pressed: Point }>} */
export function window_tool({ draws_by_left_button, start, on_window }) {
  /** @type {Levels | null} */
  let wanted = null;
  const tell = () => {
    if (wanted) on_window(wanted);
    wanted = null;
  };
  return {
    begin(event, at) {
      const is_ours = (event.altKey && event.button !== 1) || (event.button === 2 && draws_by_left_button());
      const from = is_ours ? start() : null;
      return from && { from, pressed: at };
    },
    move({ from, pressed }, _, at) {
      if (!wanted) requestAnimationFrame(tell);
      wanted = dragged(from, at.x - pressed.x, at.y - pressed.y);
    },
  };
}
