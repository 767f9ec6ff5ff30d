// Moving the image: by the middle button, by any button while Space is held, and by two fingers, which zoom as well.
// It goes before all tools, and takes what it uses away from them. A finger that has begun to draw is
// cancelled when a second one comes, as the browser itself cancels a pointer.

import { is_typing } from "./keys.js";
import { panned, pinched } from "./framing.js";

/** @typedef {import("./view.js").Point} Point */
/** @typedef {import("./framing.js").FitFrame} FitFrame */
/** What moves the image, from where it began.
 * @typedef {{ pointers: number[], from: Point[], frame: FitFrame, view: import("./view.js").View }} Move */
/** @typedef {(framing: import("../state/display.js").Framing) => void} OnFraming at most once a frame */

/** Space on a control that the keyboard is on is that control's. @type {(target: EventTarget | null) => boolean} */
const keeps_space = (target) => is_typing(target) || (target instanceof Element && target.matches(":focus-visible"));

/** Whether Space is held for moving. @type {(page: Window) => () => boolean} */
export function listen_to_space(page) {
  let is_held = false;
  const hold = (/** @type {boolean} */ on) => {
    is_held = on;
    page.document.body.classList.toggle("movable", on);
  };
  page.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.ctrlKey || event.metaKey || event.altKey || keeps_space(event.target)) return;
    event.preventDefault(); // neither scrolls the page nor presses the button that was clicked last
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

/** @type {(canvas: HTMLCanvasElement, painted: import("./canvas.js").ImageCanvas, handlers: { is_space_held: () => boolean, on_framing: OnFraming }) => void} */
export function listen_to_moves(canvas, painted, { is_space_held, on_framing }) {
  /** Where each finger is. @type {Map<number, Point>} */
  const fingers = new Map();
  /** @type {Move | null} */
  let move = null;
  /** The fingers that are left of a pinch draw nothing. */
  let rests = false;
  let has_pen = false;
  /** @type {Point[] | null} */
  let to = null;

  /** @type {(event: PointerEvent) => Point} */
  const screen_of = (event) => {
    const { left, top } = canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  /** @type {(pointers: number[], from: Point[]) => void} */
  const begin = (pointers, from) => {
    const { frame, view } = painted;
    move = frame && view && { pointers, from, frame, view };
    if (!move) return;
    canvas.classList.add("moved");
    for (const pointer of pointers) canvas.setPointerCapture(pointer); // the canvas hears of it beyond its edges too
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
    const { frame, view } = move;
    on_framing(b && now_b ? pinched(frame, view, [a, b], [now_a, now_b])
      : panned(frame, view, { x: now_a.x - a.x, y: now_a.y - a.y }));
  };
  /** Later the same frame. @param {Point[]} points */
  const move_to = (points) => {
    if (!to) requestAnimationFrame(tell);
    to = points;
  };

  /** Whether the event is used here. @type {(event: PointerEvent) => boolean} */
  const finger_down = (event) => {
    if (has_pen) return true; // the hand that holds it
    fingers.set(event.pointerId, screen_of(event));
    if (fingers.size === 2 && !move) {
      const [first] = fingers.keys();
      if (first !== undefined && !rests) give_up(first);
      rests = true;
      begin([...fingers.keys()], [...fingers.values()]);
    }
    return rests;
  };
  let is_giving_up = false;
  const give_up = (/** @type {number} */ pointerId) => {
    is_giving_up = true;
    canvas.dispatchEvent(new PointerEvent("pointercancel", { pointerId, pointerType: "touch", isPrimary: true }));
    is_giving_up = false;
  };

  /** @type {(event: PointerEvent) => boolean} */
  const down = (event) => {
    if (event.pointerType === "touch") return finger_down(event);
    has_pen = event.pointerType === "pen";
    if (move) return true;
    const is_ours = event.button === 1 || is_space_held();
    if (!is_ours) return false;
    begin([event.pointerId], [screen_of(event)]);
    return true;
  };
  /** @type {(event: PointerEvent) => boolean} */
  const moved = (event) => {
    if (fingers.has(event.pointerId)) fingers.set(event.pointerId, screen_of(event));
    if (!move?.pointers.includes(event.pointerId)) return event.pointerType === "touch" && rests;
    move_to(move.pointers.map((pointer) => fingers.get(pointer) ?? screen_of(event)));
    return true;
  };
  /** @type {(event: PointerEvent) => boolean} */
  const up = (event) => {
    if (event.pointerType === "pen") has_pen = false;
    fingers.delete(event.pointerId);
    const is_ours = move?.pointers.includes(event.pointerId) || (event.pointerType === "touch" && rests);
    if (move?.pointers.includes(event.pointerId)) end();
    if (fingers.size === 0) rests = false;
    return Boolean(is_ours);
  };
  for (const [type, use] of /** @type {const} */ ([["pointerdown", down], ["pointermove", moved], ["pointerup", up], ["pointercancel", up]])) {
    canvas.addEventListener(type, (event) => {
      if (!is_giving_up && use(event)) event.stopImmediatePropagation();
    }, { capture: true });
  }
  // The middle button neither scrolls the page by itself nor pastes.
  for (const type of /** @type {const} */ (["mousedown", "auxclick"])) {
    canvas.addEventListener(type, (event) => {
      if (event.button === 1) event.preventDefault();
    });
  }
}
