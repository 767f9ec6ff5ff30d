// The chart over the slices. A click on it goes to a slice; by keyboard, the slider below the scan does.

import { element, write } from "../../ui/element.js";
import { current_curve } from "./curve_state.js";
import { curve_words, line_of, points_of, top_of } from "./curve_words.js";

/** @typedef {import("../../state/reduce.js").State} State */

const SVG = "http://www.w3.org/2000/svg";

/** @type {(name: "svg" | "path", class_name: string) => SVGElement} */
function made(name, class_name) {
  const each = document.createElementNS(SVG, name);
  each.setAttribute("class", class_name);
  return each;
}

/** The slice at a place of the chart, from 0 at the left to 1. @type {(part: number, slices: number) => number} */
export const slice_at = (part, slices) => Math.min(Math.max(Math.floor(part * slices), 0), slices - 1);

/** @type {(dispatch: import("../../state/reduce.js").Dispatch) => (state: State) => void} */
export function curve_shower(dispatch) {
  const figure = element("curve", HTMLElement);
  const [chart, line, mark] = [made("svg", "chart"), made("path", "line"), made("path", "here")];
  chart.setAttribute("role", "img");
  chart.setAttribute("aria-labelledby", "curve-words");
  chart.setAttribute("preserveAspectRatio", "none");
  chart.append(mark, line);
  figure.prepend(chart);
  /** @type {import("./curve_state.js").Values | null} */
  let shown = null;
  let slices = 1;
  chart.addEventListener("click", ({ clientX }) => {
    const { left, width } = chart.getBoundingClientRect();
    dispatch({ do: "rendering_wanted", slice: slice_at((clientX - left) / width, slices) });
  });
  return (state) => {
    const values = current_curve(state);
    figure.hidden = !values;
    if (!values || !state.image) return;
    const { slice } = state.image;
    if (values !== shown) {
      shown = values;
      const points = points_of(values);
      slices = points.length;
      chart.setAttribute("viewBox", `0 -0.05 ${slices} 1.1`);
      line.setAttribute("d", line_of(points, top_of(values)));
    }
    mark.setAttribute("d", `M${slice + 0.5} -0.05V1.05`);
    write("curve-words", curve_words(values, slice));
  };
}
