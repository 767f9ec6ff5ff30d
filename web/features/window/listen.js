// Wires the window: its fields, and dragging on the scan.

import { element } from "../../ui/element.js";
import { levels_of, window_tool } from "./tool.js";

/** @typedef {import("../../wire/listen.js").App} App */

/** @type {(app: App) => import("../../draw/gesture.js").Tool<any>} */
export const window_on = ({ state, dispatch }) => window_tool({
  draws_by_left_button: () => ["box", "polygon"].includes(state().tools.tool),
  start: () => {
    const { scan, rendering, image } = state();
    if (!rendering || !image || scan?.colour) return null;
    if (!("level" in rendering.window)) return levels_of(image);
    const { kind, level, width } = rendering.window;
    return { kind: kind === "sigmoid" ? "sigmoid" : "linear", level, width };
  },
  on_window: (window) => dispatch({ do: "rendering_wanted", window }),
});

/** @type {(app: App) => void} */
export function listen_to_window_form({ state, dispatch }) {
  const fields = ["window-level", "window-width"].map((id) => element(id, HTMLInputElement));
  for (const field of fields) {
    field.addEventListener("change", () => {
      const [level = NaN, width = NaN] = fields.map((each) => each.valueAsNumber);
      if (!Number.isFinite(level) || !Number.isFinite(width)) return;
      if (width <= 0) {
        return dispatch({ do: "told", code: "window_invalid", text: "The window width must be above 0." });
      }
      const kind = state().rendering?.window.kind === "sigmoid" ? "sigmoid" : "linear";
      dispatch({ do: "rendering_wanted", window: { kind, level, width } });
    });
  }
  const as_ct = element("as-ct", HTMLInputElement);
  as_ct.addEventListener("change", () => dispatch({ do: "ct_set", on: as_ct.checked }));
  element("window-form", HTMLFormElement).addEventListener("submit", (event) => event.preventDefault());
}
