// Wires boxes, points and objects, by pointer and by form.

import { pointer_words } from "../../show/scan_words.js";
import { element } from "../../ui/element.js";
import { on_click } from "../../wire/listen.js";
import { object_at } from "../objects/pick.js";
import { changeable_box } from "./boxes_state.js";
import { handle_tool } from "./handles.js";
import { scribble_points } from "./paths.js";
import { offered_object } from "./state.js";
import { prompt_tool, prompt_tool_of } from "./tool.js";

/** @typedef {import("../../wire/listen.js").App} App */

/** @type {(app: App, on: App["canvases"][number]) => import("../../draw/gesture.js").Tool<any>} */
export const handles_on = (app, { canvas, painted }) => handle_tool(canvas, painted, {
  box: () => app.state().tools.tool === "box" ? changeable_box(app.state()) : null,
  on_changed: (box) => change_box(app, box),
});

/** Boxes and points on any of the canvases, and the words for what is under the pointer.
 * @type {(app: App) => (on: App["canvases"][number]) => import("../../draw/gesture.js").Tool<any>} */
export function prompts_on({ state, dispatch, after }) {
  const pointer = element("pointer", HTMLElement);
  /** @type {(() => import("../../draw/screen_transform.js").Point | null) | null} */
  let hovered = null;
  const show_pointer = () => {
    const text = pointer_words(state(), hovered?.() ?? null);
    if (pointer.textContent !== text) pointer.textContent = text;
  };
  after.push(show_pointer); // another slice has another value there
  /** @type {import("./tool.js").PromptHandlers} */
  const handlers = {
    tool: () => prompt_tool_of(state().tools.tool),
    on_box: (box, to_selected) => dispatch({ do: "box_added", box, to_selected }),
    on_polygon: (polygon, to_selected) => polygon
      ? dispatch({ do: "polygon_added", polygon, to_selected })
      : dispatch({ do: "told", code: "click", text: "The line encloses nothing. Drag around an object." }),
    on_point: (point) => dispatch({ do: "point_added", point }),
    on_scribble: (path, label) => {
      const { image } = state();
      const points = image ? scribble_points(path, label, image) : [];
      if (points.length) dispatch({ do: "scribble_added", points });
    },
    on_click: (at) => {
      const number = object_at(at, state());
      if (number !== null) dispatch({ do: "object_selected", number });
      else dispatch({ do: "told", code: "click", text: state().tools.tool === "polygon"
        ? "Drag around an object." : "Drag from one corner to the other to draw a box." });
    },
    on_hover: (at) => {
      hovered = at;
      show_pointer();
    },
  };
  return ({ painted }) => prompt_tool(painted, handlers);
}

/** @type {(app: App, box: import("./state.js").ImageBox) => void} */
function change_box({ state, dispatch }, box) {
  const { selected } = state();
  if (selected !== null) dispatch({ do: "box_changed", number: selected, box });
}

/** @type {(app: App) => void} */
export function listen_to_forms(app) {
  const { state, dispatch } = app;
  const decide = (/** @type {"offer_taken" | "offer_declined"} */ what) => {
    const object = offered_object(state());
    if (object) dispatch({ do: what, number: object.number });
  };
  on_click("offer-take", () => decide("offer_taken"));
  on_click("offer-keep", () => decide("offer_declined"));
  const corners = ["box-x0", "box-y0", "box-x1", "box-y1"].map((id) => element(id, HTMLInputElement));
  /** @type {() => import("./state.js").ImageBox} */
  const typed_box = () => {
    const [x0 = NaN, y0 = NaN, x1 = NaN, y1 = NaN] = corners.map((corner) => Math.round(corner.valueAsNumber));
    return [x0, y0, x1, y1];
  };
  element("box-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    dispatch({ do: "box_added", box: typed_box() });
  });
  on_click("box-change", () => {
    if (element("box-form", HTMLFormElement).reportValidity()) change_box(app, typed_box());
  });
  element("point-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const [x, y] = ["point-x", "point-y"].map((id) => element(id, HTMLInputElement).valueAsNumber);
    dispatch({ do: "point_added", point: [x ?? NaN, y ?? NaN, state().tools.tool === "negative" ? 0 : 1] });
  });
  for (const tool of /** @type {const} */ (["box", "positive", "negative", "polygon"])) {
    element(`tool-${tool}`, HTMLElement).addEventListener("change", () => dispatch({ do: "tool_chosen", tool }));
  }
  for (const [id, what] of /** @type {const} */ ([["refine", "refine_set"], ["multimask", "multimask_set"]])) {
    const box = element(id, HTMLInputElement);
    box.addEventListener("change", () => dispatch({ do: what, on: box.checked }));
  }
  on_click("deselect", () => dispatch({ do: "object_selected", number: null }));
  on_click("undo", () => dispatch({ do: "undone" }));
  on_click("redo", () => dispatch({ do: "redone" }));
  on_click("clear", () => dispatch({ do: "objects_cleared" }));
  const opacity = element("opacity", HTMLInputElement);
  opacity.addEventListener("input", () => dispatch({ do: "opacity_set", opacity: opacity.valueAsNumber }));
}
