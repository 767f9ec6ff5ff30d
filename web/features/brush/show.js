// Shows the brush form.

import { element, enable, write } from "../../ui/element.js";
import { brush_of, is_brush } from "./state.js";
import { why_no_strokes_back } from "./words.js";

/** @type {(state: import("../../state/reduce.js").State) => void} */
export function show_brush(state) {
  element("brush-form", HTMLElement).hidden = !is_brush(state.tools) && state.tools.tool !== "sphere";
  element("strokes-back", HTMLElement).hidden = !is_brush(state.tools);
  const brush = brush_of(state);
  const no_image = brush ? "" : "Open a scan first";
  const field = element("brush-radius", HTMLInputElement);
  if (document.activeElement !== field) field.value = brush ? String(brush.radius) : "";
  enable(field, no_image, "Radius of the brush and the eraser");
  write("brush-unit", brush?.unit ?? "");
  enable(element("brush-smaller", HTMLButtonElement), no_image, "Smaller brush ([)");
  enable(element("brush-larger", HTMLButtonElement), no_image, "Larger brush (])");
  enable(element("strokes-back", HTMLButtonElement), why_no_strokes_back(state),
    "Removes all strokes on this slice: the mask is again what the model found");
}
