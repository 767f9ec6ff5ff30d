// Slices, windows, and the way of an object through the volume.

import { listen_to_wheel } from "../draw/scrolling.js";
import { levels_of, listen_to_window_drag } from "../draw/window_drag.js";
import { element } from "../ui/element.js";
import { on_click } from "./listen.js";

/** @typedef {import("./listen.js").App} App */
/** @typedef {import("../state/through.js").Direction} Direction */

/** @type {(app: App) => void} */
export function listen_to_views({ state, dispatch, canvases }) {
  for (const { canvas } of canvases) {
    listen_to_wheel(canvas, {
      has_slices: () => (state().image?.slices ?? 1) > 1,
      on_scroll: (by) => dispatch({ do: "scrolled", by }),
    });
  }
  const slider = element("slice", HTMLInputElement);
  slider.addEventListener("input", () => dispatch({ do: "view_wanted", slice: slider.valueAsNumber - 1 }));
  const field = element("slice-number", HTMLInputElement);
  field.addEventListener("change", () => {
    if (Number.isFinite(field.valueAsNumber)) dispatch({ do: "view_wanted", slice: field.valueAsNumber - 1 });
    field.value = String((state().view?.slice ?? 0) + 1);
  });
  on_click("slice-before", () => dispatch({ do: "scrolled", by: -1 }));
  on_click("slice-after", () => dispatch({ do: "scrolled", by: 1 }));
}

/** @type {(app: App) => void} */
export function listen_to_window({ state, dispatch, canvases }) {
  for (const { canvas } of canvases) {
    listen_to_window_drag(canvas, {
      is_box_tool: () => state().tools.tool === "box",
      start: () => {
        const { scan, view, image } = state();
        if (!view || !image || scan?.colour) return null;
        if (!("level" in view.window)) return levels_of(image);
        const { kind, level, width } = view.window;
        return { kind: kind === "sigmoid" ? "sigmoid" : "linear", level, width };
      },
      on_window: (window) => dispatch({ do: "view_wanted", window }),
    });
  }
  const fields = ["window-level", "window-width"].map((id) => element(id, HTMLInputElement));
  for (const field of fields) {
    field.addEventListener("change", () => {
      const [level = NaN, width = NaN] = fields.map((each) => each.valueAsNumber);
      if (!Number.isFinite(level) || !Number.isFinite(width)) return;
      if (width <= 0) {
        return dispatch({ do: "told", code: "window_invalid", text: "A window needs a width above 0." });
      }
      const kind = state().view?.window.kind === "sigmoid" ? "sigmoid" : "linear";
      dispatch({ do: "view_wanted", window: { kind, level, width } });
    });
  }
  const as_ct = element("as-ct", HTMLInputElement);
  as_ct.addEventListener("change", () => dispatch({ do: "ct_set", on: as_ct.checked }));
  element("window-form", HTMLFormElement).addEventListener("submit", (event) => event.preventDefault());
}

/** @type {(app: App) => void} */
export function listen_to_through({ state, dispatch }) {
  for (const [id, directions] of /** @type {[string, Direction[]][]} */ ([
    ["through-both", ["up", "down"]], ["through-up", ["up"]], ["through-down", ["down"]],
  ])) {
    on_click(id, () => {
      const { selected } = state();
      if (selected !== null) dispatch({ do: "propagation_wanted", number: selected, directions });
    });
  }
  on_click("take-back", () => {
    const { selected } = state();
    if (selected !== null) dispatch({ do: "take_back_wanted", number: selected });
  });
}
