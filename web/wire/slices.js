// Wires the slices: the wheel, the slider and the buttons.

import { listen_to_wheel } from "../draw/scrolling.js";
import { element } from "../ui/element.js";
import { on_click } from "./listen.js";

/** @typedef {import("./listen.js").App} App */

/** @type {(app: App) => void} */
export function listen_to_slices({ state, dispatch, canvases }) {
  for (const { canvas } of canvases) {
    listen_to_wheel(canvas, {
      has_slices: () => (state().image?.slices ?? 1) > 1,
      on_scroll: (by) => dispatch({ do: "scrolled", by }),
    });
  }
  const slider = element("slice", HTMLInputElement);
  slider.addEventListener("input", () => dispatch({ do: "rendering_wanted", slice: slider.valueAsNumber - 1 }));
  const field = element("slice-number", HTMLInputElement);
  field.addEventListener("change", () => {
    if (Number.isFinite(field.valueAsNumber)) dispatch({ do: "rendering_wanted", slice: field.valueAsNumber - 1 });
    field.value = String((state().rendering?.slice ?? 0) + 1);
  });
  on_click("slice-before", () => dispatch({ do: "scrolled", by: -1 }));
  on_click("slice-after", () => dispatch({ do: "scrolled", by: 1 }));
}
