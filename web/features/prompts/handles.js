// The selected object's box under the pointer: eight handles resize it, its edges move it. Inside, a new box can begin.

import { image_from_screen, screen_from_image } from "../../draw/screen_transform.js";

/** @typedef {import("../../draw/screen_transform.js").Point} Point */
/** @typedef {import("../../draw/screen_transform.js").ScreenTransform} ScreenTransform */
/** @typedef {import("./state.js").ImageBox} ImageBox */
/** Which side of the box is held on each image axis: low, none or high. None on both axes holds the whole box.
 * @typedef {{ x: -1 | 0 | 1, y: -1 | 0 | 1 }} Grip */

const SIZE = 8; // CSS pixels
/** CSS pixels around a handle; a finger needs more. */
const REACH = 7;
const TOUCH_REACH = 18;
/** Boxes smaller than this on the screen have no handles in the middle of their sides. */
const MIN_SIDE = 40;

/** @type {Grip[]} */
const CORNERS = [{ x: -1, y: -1 }, { x: 1, y: -1 }, { x: -1, y: 1 }, { x: 1, y: 1 }];
/** @type {Grip[]} */
const SIDES = [{ x: 0, y: -1 }, { x: 0, y: 1 }, { x: -1, y: 0 }, { x: 1, y: 0 }];

/** @type {(transform: ScreenTransform, box: ImageBox, grip: Grip) => Point} */
const place_of = (transform, [x0, y0, x1, y1], { x, y }) =>
  screen_from_image(transform, { x: ((1 - x) * x0 + (1 + x) * x1) / 2, y: ((1 - y) * y0 + (1 + y) * y1) / 2 });

/** @type {(transform: ScreenTransform, box: ImageBox) => Grip[]} */
function grips_of(transform, box) {
  const [from, to] = [place_of(transform, box, { x: -1, y: -1 }), place_of(transform, box, { x: 1, y: 1 })];
  return Math.min(Math.abs(to.x - from.x), Math.abs(to.y - from.y)) < MIN_SIDE ? CORNERS : [...CORNERS, ...SIDES];
}

/** The part of the box at a point of the screen.
 * @type {(transform: ScreenTransform, box: ImageBox, at: Point, reach?: number) => Grip | null} */
export function grip_at(transform, box, at, reach = REACH) {
  const near = grips_of(transform, box).map((grip) => {
    const { x, y } = place_of(transform, box, grip);
    return { grip, distance: Math.max(Math.abs(at.x - x), Math.abs(at.y - y)) };
  }).sort((a, b) => a.distance - b.distance)[0];
  if (near && near.distance <= reach) return near.grip;
  const [a, b] = [place_of(transform, box, { x: -1, y: -1 }), place_of(transform, box, { x: 1, y: 1 })];
  const from_edge = [Math.abs(at.x - a.x), Math.abs(at.x - b.x), Math.abs(at.y - a.y), Math.abs(at.y - b.y)];
  const is_along = (/** @type {"x" | "y"} */ axis) =>
    at[axis] >= Math.min(a[axis], b[axis]) - reach && at[axis] <= Math.max(a[axis], b[axis]) + reach;
  return is_along("x") && is_along("y") && Math.min(...from_edge) <= reach ? { x: 0, y: 0 } : null;
}

/** The box after dragging its grip, on whole pixels and inside the image; a moved box keeps its size.
 * @type {(
 *   box: ImageBox, grip: Grip, from: Point, to: Point, image: import("../../draw/screen_transform.js").Size,
 * ) => ImageBox} */
export function dragged([x0, y0, x1, y1], { x, y }, from, to, { width, height }) {
  const [by_x, by_y] = [Math.round(to.x - from.x), Math.round(to.y - from.y)];
  const moves = x === 0 && y === 0;
  const [left, right] = along(x0, x1, x, by_x, width, moves);
  const [top, bottom] = along(y0, y1, y, by_y, height, moves);
  return [left, top, right, bottom];
}

/** @type {(
 *   low: number, high: number, side: -1 | 0 | 1, by: number, length: number, moves: boolean,
 * ) => [number, number]} */
function along(low, high, side, by, length, moves) {
  if (moves) {
    const way = Math.min(Math.max(by, -low), length - high);
    return [low + way, high + way];
  }
  if (side < 0) return [Math.min(Math.max(low + by, 0), high - 1), high];
  return side > 0 ? [low, Math.max(Math.min(high + by, length), low + 1)] : [low, high];
}

/** The CSS cursor for a grip, as the image lies on the screen.
 * @type {(transform: ScreenTransform, grip: Grip) => string} */
export function cursor_of({ orientation: { xx, xy, yx, yy } }, { x, y }) {
  if (x === 0 && y === 0) return "move";
  const [across, down] = [xx * x + xy * y, yx * x + yy * y];
  if (across === 0) return "ns-resize";
  if (down === 0) return "ew-resize";
  return across === down ? "nwse-resize" : "nesw-resize";
}

/** @type {(context: CanvasRenderingContext2D, transform: ScreenTransform, box: ImageBox) => void} */
export function draw_handles(context, transform, box) {
  context.setLineDash([]);
  context.lineWidth = 1.5;
  context.strokeStyle = "rgb(0 0 0 / 80%)";
  context.fillStyle = "white";
  for (const grip of grips_of(transform, box)) {
    const { x, y } = place_of(transform, box, grip);
    context.fillRect(x - SIZE / 2, y - SIZE / 2, SIZE, SIZE);
    context.strokeRect(x - SIZE / 2, y - SIZE / 2, SIZE, SIZE);
  }
}

/** Moves or resizes `box`, the one that can be changed now.
 * @type {(
 *   canvas: HTMLCanvasElement,
 *   painted: import("../../draw/canvas.js").ImageCanvas,
 *   handlers: { box: () => ImageBox | null, on_changed: (box: ImageBox) => void },
 * ) => import("../../draw/gesture.js").Tool<{ grip: Grip, box: ImageBox, from: Point }>} */
export function handle_tool(canvas, painted, { box, on_changed }) {
  /** @type {(event: PointerEvent, at: Point) => Grip | null} */
  const grip_under = (event, at) => {
    const [transform, now] = [painted.transform, box()];
    return transform && now && grip_at(transform, now, at, event.pointerType === "touch" ? TOUCH_REACH : REACH);
  };
  /** @type {(held: { grip: Grip, box: ImageBox, from: Point }, at: Point) => ImageBox | null} */
  const box_to = (held, at) => {
    const { frame, transform } = painted;
    return frame && transform && dragged(held.box, held.grip, held.from, image_from_screen(transform, at), frame.image);
  };
  /** @param {ImageBox | null} band */
  const show = (band) => {
    painted.band = band;
    painted.paint();
  };
  return {
    begin(event, at) {
      if (event.button !== 0 || !event.isPrimary || event.altKey || event.shiftKey) return null;
      const [grip, now, transform] = [grip_under(event, at), box(), painted.transform];
      return grip && now && transform && { grip, box: now, from: image_from_screen(transform, at) };
    },
    move: (held, _, at) => show(box_to(held, at)),
    end(held, _, at) {
      const to = box_to(held, at);
      show(null);
      if (to) on_changed(to);
    },
    cancel: () => show(null),
    hover(event, at, held) {
      const [grip, transform] = [held?.grip ?? grip_under(event, at), painted.transform];
      canvas.style.cursor = grip && transform && (held || event.buttons === 0) ? cursor_of(transform, grip) : "";
    },
  };
}
