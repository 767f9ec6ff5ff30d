// Drawing with the keyboard: a crosshair on the scan that the arrow keys move.

import { outlined } from "../../draw/outline.js";
import { box_between, image_from_screen, screen_from_image } from "../../draw/screen_transform.js";
import { polygon_of } from "../prompts/paths.js";
import { CROSSHAIR_KEYS, shortcut_of } from "./shortcuts.js";

/** @typedef {import("../../draw/screen_transform.js").Point} Point */
/** @typedef {import("../../draw/screen_transform.js").ScreenTransform} ScreenTransform */
/** @typedef {{ width: number, height: number }} Size */
/** In image space, on whole numbers, which are pixel edges as for box corners. `from` is the first corner of the box,
 * `corners` are those of the polygon.
 * @typedef {{ at: Point, from: Point | null, corners: Point[] }} Crosshair */
/** What has just happened to the crosshair.
 * @typedef {"begun" | "moved" | "corner" | "flat" | "set" | "ended"} CrosshairNews */
/** @typedef {import("../../state/tools.js").Tool} Tool */
/**
 * @typedef {object} CrosshairHandlers
 * @property {() => Tool} tool
 * @property {() => Size | null} size of the image
 * @property {(box: import("../prompts/state.js").ImageBox, to_selected: boolean) => void} on_box
 * @property {(polygon: import("../prompts/paths.js").PathPoint[], to_selected: boolean) => void} on_polygon
 * @property {(point: import("../prompts/state.js").ImagePoint) => void} on_point
 * @property {(at: Point, other: boolean) => boolean} on_dab of a brush or an edit tool, or with Shift of its
 *   counterpart; whether anything is done
 * @property {(crosshair: Crosshair | null, news: CrosshairNews) => void} on_change
 */

const LEAP = 10; // pixels
const EDGE = 8; // CSS pixels from the canvas's edge; less than the margin of a fitted image

/** @type {Record<string, Point>} */
const SCREEN_STEPS = {
  ArrowLeft: { x: -1, y: 0 }, ArrowRight: { x: 1, y: 0 }, ArrowUp: { x: 0, y: -1 }, ArrowDown: { x: 0, y: 1 },
};

/** The image step of an arrow key, however the image is turned on the screen.
 * @type {(transform: ScreenTransform, key: string) => Point} */
export function step_of(transform, key) {
  const step = SCREEN_STEPS[key] ?? { x: 0, y: 0 };
  const [from, to] = [image_from_screen(transform, { x: 0, y: 0 }), image_from_screen(transform, step)];
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  return Math.abs(dx) >= Math.abs(dy) ? { x: Math.sign(dx), y: 0 } : { x: 0, y: Math.sign(dy) };
}

/** @type {(tool: Tool) => boolean} */
const has_corners = (tool) => tool === "box" || tool === "polygon";

/** Points and dabs are inside a pixel, corners on its edges. @type {(at: Point, size: Size, tool: Tool) => Point} */
export function within({ x, y }, { width, height }, tool) {
  const last = has_corners(tool) ? 0 : 1;
  return { x: Math.min(Math.max(x, 0), width - last), y: Math.min(Math.max(y, 0), height - last) };
}

/** How far to move the scan on the screen so that the crosshair is visible.
 * @type {(transform: ScreenTransform, screen: Size, at: Point) => Point} */
export function into_sight(transform, screen, at) {
  const { x, y } = screen_from_image(transform, at);
  /** @type {(value: number, length: number) => number} */
  const missing = (value, length) => Math.min(Math.max(value, EDGE), length - EDGE) - value;
  return { x: missing(x, screen.width), y: missing(y, screen.height) };
}

/** @type {(size: Size) => Point} */
export const middle_of = ({ width, height }) => ({ x: Math.floor(width / 2), y: Math.floor(height / 2) });

/** The crosshair's position for a tool: points are set at pixel centres. @type {(at: Point, tool: Tool) => Point} */
export const place_of = ({ x, y }, tool) => has_corners(tool) ? { x, y } : { x: x + 0.5, y: y + 0.5 };

/** The keys move the crosshair while the canvas has the focus. `begin` shows it; call `follow` after every change of
 * the state.
 * @type {(
 *   canvas: HTMLCanvasElement, painted: import("../../draw/canvas.js").ImageCanvas, handlers: CrosshairHandlers,
 * ) => { begin: () => void, follow: () => void }} */
export function listen_to_crosshair(canvas, painted, { tool, size, on_box, on_polygon, on_point, on_dab, on_change }) {
  /** Its last position. @type {Point | null} */
  let left_at = null;

  /** @param {Crosshair | null} crosshair @param {CrosshairNews} news */
  const put = (crosshair, news) => {
    if (painted.crosshair) left_at = painted.crosshair.at;
    painted.crosshair = crosshair;
    painted.band = crosshair?.from ? box_between(crosshair.from, crosshair.at) : null;
    painted.path = crosshair?.corners.length
      ? { path: [...crosshair.corners, crosshair.at].map(({ x, y }) => [x, y]), is_closed: true } : null;
    painted.paint();
    on_change(crosshair, news);
  };
  const end = () => {
    if (painted.crosshair) put(null, "ended");
  };
  const begin = () => {
    const image = size();
    if (image) put({ at: within(left_at ?? middle_of(image), image, tool()), from: null, corners: [] }, "begun");
  };
  /** @param {Crosshair} crosshair @param {string} key @param {number} pixels */
  const move = ({ at, from, corners }, key, pixels) => {
    const [{ transform }, image] = [painted, size()];
    if (!transform || !image) return;
    const step = step_of(transform, key);
    const to = { x: at.x + step.x * pixels, y: at.y + step.y * pixels };
    put({ at: within(to, image, tool()), from, corners }, "moved");
  };
  /** @param {Crosshair} crosshair @param {boolean} other */
  const set = ({ at, from, corners }, other) => {
    const used = tool();
    const bare = { at, from: null, corners: [] };
    if (used === "polygon") return set_corner(at, corners, other);
    if (used !== "box" && used !== "positive" && used !== "negative") {
      return put(bare, on_dab(place_of(at, used), other) ? "set" : "moved");
    }
    if (!has_corners(used)) {
      const { x, y } = place_of(at, used);
      on_point([x, y, used === "negative" || other ? 0 : 1]);
      return put(bare, "set");
    }
    if (!from) return put({ ...bare, from: at }, "corner");
    const box = box_between(from, at);
    if (box[0] === box[2] || box[1] === box[3]) return put({ ...bare, from }, "flat");
    on_box(box, other);
    put(bare, "set");
  };
  /** @param {Point} at @param {Point[]} corners @param {boolean} closes */
  const set_corner = (at, corners, closes) => {
    const last = corners.at(-1);
    const all = last && last.x === at.x && last.y === at.y ? corners : [...corners, at];
    const crosshair = { at, from: null, corners: all };
    if (!closes) return put(crosshair, "corner");
    const polygon = polygon_of(all.map(({ x, y }) => [x, y]));
    if (!polygon) return put(crosshair, "flat");
    on_polygon(polygon, false);
    put({ ...crosshair, corners: [] }, "set");
  };
  /** @type {Record<import("./shortcuts.js").CrosshairAct, (crosshair: Crosshair, key: string) => void>} */
  const acts = {
    move: (crosshair, key) => move(crosshair, key, 1),
    leap: (crosshair, key) => move(crosshair, key, LEAP),
    set: (crosshair) => set(crosshair, false),
    set_other: (crosshair) => set(crosshair, true),
    give_up: ({ at, from, corners }) => from || corners.length
      ? put({ at, from: null, corners: corners.slice(0, -1) }, "moved") : end(),
  };

  canvas.addEventListener("keydown", (event) => {
    const shortcut = shortcut_of(CROSSHAIR_KEYS, event);
    if (!shortcut || (!painted.crosshair && event.key !== "Enter")) return;
    event.preventDefault();
    event.stopPropagation(); // now the arrows do not change the slice, nor Escape the selection
    if (painted.crosshair) acts[shortcut.act](painted.crosshair, event.key);
    else begin();
  });
  canvas.addEventListener("blur", end);
  canvas.addEventListener("pointerdown", end); // the user is using the pointer again
  return {
    begin: () => {
      canvas.focus();
      begin();
    },
    follow: () => {
      const [{ crosshair }, image] = [painted, size()];
      if (!crosshair) return;
      if (!image) return end();
      // Another scan may be smaller, and another tool may have no corners.
      const at = within(crosshair.at, image, tool());
      const from = crosshair.from && tool() === "box" ? within(crosshair.from, image, tool()) : null;
      const corners = tool() === "polygon" ? crosshair.corners.map((corner) => within(corner, image, tool())) : [];
      const next = { at, from, corners };
      if (JSON.stringify(next) !== JSON.stringify(crosshair)) put(next, "moved");
    },
  };
}

/** @type {(context: CanvasRenderingContext2D, transform: ScreenTransform, size: Size, at: Point) => void} */
export function draw_crosshair(context, transform, { width, height }, { x, y }) {
  const lines = [[{ x: 0, y }, { x: width, y }], [{ x, y: 0 }, { x, y: height }]];
  context.setLineDash([]);
  outlined(context, { halo: 3, width: 1, style: "white" }, () => {
    for (const line of lines) {
      const [from, to] = line.map((end) => screen_from_image(transform, end));
      if (!from || !to) continue;
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
    }
  });
}
