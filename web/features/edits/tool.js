// The pointer tools 3D brush, lasso and grow. Shift and the right button erase or cut; Escape cancels.

import { thinned } from "../brush/stroke_path.js";
import { begins_stroke, is_erasing, path_of } from "../brush/tool.js";
import { is_edit_tool } from "./state.js";

/** @typedef {import("../../draw/screen_transform.js").Point} Point */
/** @typedef {import("../brush/stroke_path.js").PathPoint} PathPoint */
/** @typedef {import("../brush/tool.js").Ground} Ground */
/** @typedef {import("./state.js").EditTool} EditTool */
/**
 * @typedef {object} EditToolHandlers
 * @property {() => import("../../state/tools.js").Tool} tool
 * @property {() => Ground | null} begin null if nothing can be edited; the page says why
 * @property {(path: PathPoint[], erases: boolean) => void} on_sphere
 * @property {(polygon: PathPoint[], cuts: boolean) => void} on_lasso
 * @property {(at: Point) => void} on_grow
 */
/** A gesture. @typedef {{ tool: EditTool, ground: Ground, erases: boolean, path: PathPoint[] }} Drawing */

/** Keeps the outline to a quarter of a pixel. */
const LASSO_PX = 2;

/** @type {(
 *   canvas: HTMLCanvasElement, painted: import("../../draw/canvas.js").ImageCanvas, handlers: EditToolHandlers,
 * ) => import("../../draw/gesture.js").Tool<Drawing>} */
export function edit_tool(canvas, painted, { tool, begin, on_sphere, on_lasso, on_grow }) {
  /** @type {(drawing: Drawing) => PathPoint[]} */
  const path = ({ tool: used, path: all, ground: { radius_px, pixel_aspect } }) =>
    thinned(all, used === "lasso" ? LASSO_PX : radius_px, pixel_aspect);
  /** @param {Drawing | null} drawing */
  const show = (drawing) => {
    const ground = drawing?.ground;
    const kind = drawing?.erases ? "erase" : "paint";
    painted.stroke = drawing?.tool === "sphere" && ground
      ? { ...ground, stroke: { kind, radius_px: ground.radius_px, path: path(drawing) } } : null;
    painted.lasso = drawing?.tool === "lasso" ? { path: drawing.path, cuts: drawing.erases } : null;
    painted.paint();
  };
  return {
    begin(event, at) {
      const used = tool();
      if (!is_edit_tool(used) || !begins_stroke(event) || !painted.transform) return null;
      const ground = begin();
      if (!ground) return null;
      const erases = is_erasing("brush", event);
      /** @type {Drawing} */
      const drawing = { tool: used, ground, erases, path: path_of(canvas, painted, event) };
      if (used === "sphere") painted.brush = { at, erases };
      show(drawing);
      return drawing;
    },
    move: (drawing, event) => { drawing.path.push(...path_of(canvas, painted, event)); },
    end(drawing, event) {
      show(null);
      if (drawing.tool === "sphere") return on_sphere(path(drawing), drawing.erases);
      if (drawing.tool === "lasso") return on_lasso(path(drawing), drawing.erases);
      const [x, y] = path_of(canvas, painted, event).at(-1) ?? [NaN, NaN];
      on_grow({ x, y });
    },
    cancel: () => show(null),
    hover({ shiftKey }, at, drawing) {
      if (!is_edit_tool(tool())) return;
      painted.brush = tool() === "sphere"
        ? { at, erases: drawing ? drawing.erases : is_erasing("brush", { button: 0, shiftKey }) } : null;
      show(drawing);
    },
    leave() {
      if (!is_edit_tool(tool())) return;
      painted.brush = null;
      painted.paint();
    },
  };
}
