// Wires the brush and the eraser.

import { element } from "../../ui/element.js";
import { on_click } from "../../wire/listen.js";
import { selected_of } from "../objects/state.js";
import { brush_of } from "./state.js";
import { reaches } from "./stroke_path.js";
import { brush_tool } from "./tool.js";
import { why_not_draw } from "./words.js";

/** @typedef {import("../../wire/listen.js").App} App */
/** @typedef {import("./tool.js").Ground} Ground */

/** Where a stroke would go now; null if nothing can be drawn, and then the page says why.
 * @type {(app: Pick<App, "state" | "dispatch">, erases: boolean, why_not_there?: string) => Ground | null} */
function begin_stroke({ state, dispatch }, erases, why_not_there = "") {
  const now = state();
  const [object, brush, { image }] = [selected_of(now), brush_of(now), now];
  const why_not = why_not_draw(now, erases) || why_not_there;
  if (why_not) dispatch({ do: "told", code: "draw", text: `${why_not}.` });
  if (why_not || !object || !brush || !image) return null;
  const { plane, slice, pixel_aspect } = image;
  return { number: object.number, plane, slice, radius_px: brush.radius_px, pixel_aspect };
}

/** One dab of the brush by keyboard; returns whether it was drawn.
 * @type {(
 *   app: Pick<App, "state" | "dispatch">, at: import("../../draw/screen_transform.js").Point, other: boolean,
 * ) => boolean} */
export function dab(app, { x, y }, other) {
  const erases = (app.state().tools.tool === "eraser") !== other;
  const ground = begin_stroke(app, erases);
  if (!ground) return false;
  const { number, slice, radius_px } = ground;
  app.dispatch({
    do: "stroke_drawn", number, slice, stroke: { kind: erases ? "erase" : "paint", radius_px, path: [[x, y]] },
  });
  return true;
}

/** @type {(app: App, on: App["canvases"][number]) => import("../../draw/gesture.js").Tool<any>} */
export function brush_on(app, { canvas, painted }) {
  const { state, dispatch, canvases } = app;
  return brush_tool(canvas, painted, {
    tool: () => {
      const { tool } = state().tools;
      return tool === "brush" || tool === "eraser" ? tool : null;
    },
    begin: (erases) => begin_stroke(app, erases,
      painted === canvases[0]?.painted ? "" : "Strokes change the first model's mask: draw on the other view"),
    on_stroke: ({ number, slice }, stroke) => {
      const { image } = state();
      if (image && reaches(stroke.path, stroke.radius_px, image)) {
        dispatch({ do: "stroke_drawn", number, slice, stroke });
      }
    },
  });
}

/** @type {(app: App) => void} */
export function listen_to_brush_form({ state, dispatch }) {
  for (const tool of /** @type {const} */ (["brush", "eraser"])) {
    element(`tool-${tool}`, HTMLElement).addEventListener("change", () => dispatch({ do: "tool_chosen", tool }));
  }
  const field = element("brush-radius", HTMLInputElement);
  field.addEventListener("change", () => {
    dispatch({ do: "radius_set", radius: field.valueAsNumber });
    field.value = String(brush_of(state())?.radius ?? "");
  });
  element("brush-form", HTMLFormElement).addEventListener("submit", (event) => event.preventDefault());
  on_click("brush-smaller", () => dispatch({ do: "radius_stepped", by: -1 }));
  on_click("brush-larger", () => dispatch({ do: "radius_stepped", by: 1 }));
  on_click("strokes-back", () => {
    const { selected, image } = state();
    if (selected !== null && image) dispatch({ do: "strokes_taken_back", number: selected, slice: image.slice });
  });
}
