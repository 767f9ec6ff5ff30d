// Pan and pinch: with the middle button, with any button while Space is held, or with two fingers, which also zoom.
// When a second finger comes down, it cancels what the first one was drawing.

import { is_typing } from "../keyboard/keys.js";
import { panned, pinched } from "./framing.js";

/** @typedef {import("../../draw/screen_transform.js").Point} Point */
/** @typedef {import("./framing.js").FitFrame} FitFrame */
/**
 * The pointers that move the image, and where they began.
 * @typedef {object} Move
 * @property {number[]} pointers
 * @property {Point[]} from
 * @property {FitFrame} frame
 * @property {import("../../draw/screen_transform.js").ScreenTransform} transform
 */
/** @typedef {(framing: import("./state.js").Framing) => void} OnFraming at most once a frame */

/** Space pressed on a focused control belongs to that control. @type {(target: EventTarget | null) => boolean} */
const keeps_space = (target) => is_typing(target) || (target instanceof Element && target.matches(":focus-visible"));

/** Tells whether Space is held for panning. @type {(page: Window) => () => boolean} */
export function listen_to_space(page) {
  let is_held = false;
  const hold = (/** @type {boolean} */ on) => {
    is_held = on;
    page.document.body.classList.toggle("movable", on);
  };
  page.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.ctrlKey || event.metaKey || event.altKey || keeps_space(event.target)) return;
    event.preventDefault(); // it must not scroll the page or press the last clicked button
    hold(true);
  });
  page.addEventListener("keyup", (event) => {
    if (event.key !== " " || !is_held) return;
    event.preventDefault();
    hold(false);
  });
  page.addEventListener("blur", () => hold(false));
  return () => is_held;
}

/** @type {(
 *   canvas: HTMLCanvasElement,
 *   painted: import("../../draw/canvas.js").ImageCanvas,
 *   handlers: { is_space_held: () => boolean, on_framing: OnFraming },
 * ) => import("../../draw/gesture.js").Tool<any>} */
export function move_tool(canvas, painted, { is_space_held, on_framing }) {
  /** The position of each finger. @type {Map<number, Point>} */
  const fingers = new Map();
  /** @type {Move | null} */
  let move = null;
  /** Whether remaining fingers of a pinch are ignored. */
  let ignores_fingers = false;
  let has_pen = false;
  /** @type {Point[] | null} */
  let to = null;

  /** @type {(pointers: number[], from: Point[]) => void} */
  const begin = (pointers, from) => {
    const { frame, transform } = painted;
    move = frame && transform && { pointers, from, frame, transform };
    if (!move) return;
    canvas.classList.add("moved");
    for (const pointer of pointers) canvas.setPointerCapture(pointer);
  };
  const end = () => {
    tell();
    move = null;
    canvas.classList.remove("moved");
  };
  const tell = () => {
    const [a, b] = move?.from ?? [];
    const [now_a, now_b] = to ?? [];
    to = null;
    if (!move || !a || !now_a) return;
    const { frame, transform } = move;
    on_framing(b && now_b ? pinched(frame, transform, [a, b], [now_a, now_b])
      : panned(frame, transform, { x: now_a.x - a.x, y: now_a.y - a.y }));
  };
  /** Shown once a frame. @param {Point[]} points */
  const move_to = (points) => {
    if (!to) requestAnimationFrame(tell);
    to = points;
  };

  /** Each of these returns whether it used the event.
   * @type {(event: PointerEvent, at: Point, cancel: (pointer: number) => void) => boolean} */
  const finger_down = (event, at, cancel) => {
    if (has_pen) return true; // ignore the hand that holds the pen
    fingers.set(event.pointerId, at);
    if (fingers.size === 2 && !move) {
      const [first] = fingers.keys();
      if (first !== undefined && !ignores_fingers) cancel(first);
      ignores_fingers = true;
      begin([...fingers.keys()], [...fingers.values()]);
    }
    return ignores_fingers;
  };
  /** @type {(event: PointerEvent, at: Point, cancel: (pointer: number) => void) => boolean} */
  const down = (event, at, cancel) => {
    if (event.pointerType === "touch") return finger_down(event, at, cancel);
    has_pen = event.pointerType === "pen";
    if (move) return true;
    const is_ours = event.button === 1 || is_space_held();
    if (is_ours) begin([event.pointerId], [at]);
    return is_ours;
  };
  /** @type {(event: PointerEvent, at: Point) => boolean} */
  const moved = (event, at) => {
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, at);
    if (!move?.pointers.includes(event.pointerId)) return event.pointerType === "touch" && ignores_fingers;
    move_to(move.pointers.map((pointer) => fingers.get(pointer) ?? at));
    return true;
  };
  /** @type {(event: PointerEvent) => boolean} */
  const up = (event) => {
    if (event.pointerType === "pen") has_pen = false;
    fingers.delete(event.pointerId);
    const is_moving = move?.pointers.includes(event.pointerId) ?? false;
    const is_ours = is_moving || (event.pointerType === "touch" && ignores_fingers);
    if (is_moving) end();
    if (fingers.size === 0) ignores_fingers = false;
    return is_ours;
  };

  // Keep the middle button from scrolling the page and from pasting.
  for (const type of /** @type {const} */ (["mousedown", "auxclick"])) {
    canvas.addEventListener(type, (event) => {
      if (event.button === 1) event.preventDefault();
    });
  }
  return {
    intercept(event, at, cancel) {
      if (event.type === "pointerdown") return down(event, at, cancel);
      return event.type === "pointermove" ? moved(event, at) : up(event);
    },
  };
}
