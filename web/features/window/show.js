// Shows the window: level, width and presets.

import { fields_of, same_window } from "../../state/rendering.js";
import { element, part, write } from "../../ui/element.js";
import { presets_of } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */

/** @type {(dispatch: import("../../state/reduce.js").Dispatch) => (state: State) => void} */
export function window_shower(dispatch) {
  /** @type {unknown} */
  let shown = null;
  const list = element("presets", HTMLElement);
  return ({ scan, rendering, image }) => {
    element("window-section", HTMLElement).hidden = !scan || scan.colour;
    if (!scan || !rendering || !image || scan.colour) return;
    const presets = presets_of(scan);
    if (shown !== scan) {
      shown = scan;
      list.replaceChildren(...presets.map(({ name, window, title }, i) => {
        const button = part("button", "", name);
        button.type = "button";
        button.title = `${title}${i < 9 ? ` (${i + 1})` : ""}`;
        button.addEventListener("click", () => dispatch({ do: "rendering_wanted", window }));
        return button;
      }));
    }
    list.querySelectorAll("button").forEach((button, i) => {
      const preset = presets[i];
      button.setAttribute("aria-pressed", String(preset !== undefined && same_window(preset.window, rendering.window)));
    });
    const { window } = image;
    const { level, width } = fields_of(rendering.window, image);
    for (const [id, value] of /** @type {const} */ ([["level", level], ["width", width]])) {
      const field = element(`window-${id}`, HTMLInputElement);
      const text = value === null ? "" : String(Number(value.toPrecision(6)));
      if (document.activeElement !== field && field.value !== text) field.value = text;
    }
    element("as-ct-field", HTMLElement).hidden = !scan.looks_like_ct;
    element("as-ct", HTMLInputElement).checked = !scan.not_ct;
    write("window-unit", scan.unit);
    write("window-kind", window.kind === "sigmoid" ? "Sigmoid, as the file specifies."
      : window.kind === "lut" ? "Lookup table from the file." : "");
    element("window-kind", HTMLElement).hidden = window.kind !== "sigmoid" && window.kind !== "lut";
  };
}
