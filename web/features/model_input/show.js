// Shows the model's input, pixel by pixel, with the prompt in model space.

import { element, write } from "../../ui/element.js";
import { RECIPE_WORDS } from "../models/show_facts.js";
import { loadable } from "../models/weights_state.js";
import { css_of, rgb_of } from "../objects/colours.js";
import { draw_input } from "./draw.js";
import { wanted_input } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/rendering.js").Image} Image */
/** @typedef {import("../../../boxel-bindings.js").ModelInput} Input */

/** Rounded to hundredths, to hide floating-point noise. @type {(value: number) => string} */
const coordinate = (value) => String(Math.round(value * 100) / 100);

/** @type {(image: Image) => string} */
function window_text({ window, level, width_of_window }) {
  if (window.kind === "stored") return "as stored";
  if (level === null || width_of_window === null) return "lookup table of the file";
  const shape = window.kind === "sigmoid" ? ", sigmoid" : "";
  return `level ${coordinate(level)}, width ${coordinate(width_of_window)}${shape}`;
}

/** @type {(input: Input) => string} */
function padding_text({ side, resized: [width, height] }) {
  const [right, below] = [side - width, side - height];
  if (right > 0) return `${right} columns of padding on the right`;
  return below > 0 ? `${below} rows of padding below` : "no padding";
}

/** The lines below the input. @type {(state: State) => string[]} */
export function input_lines({ model_input: { input }, image, weights, comparison_weights, sessions }) {
  if (!input || !image) return [];
  const recipe = loadable(weights)?.recipe;
  const { side, resized: [width, height], box, points } = input;
  return [
    `${recipe ? `Recipe ${RECIPE_WORDS[recipe].name}: ` : ""}${image.width} × ${image.height} becomes ${width} × `
      + `${height} in a square of ${side}, ${padding_text(input)}`,
    `Window: ${window_text(image)}`,
    box ? `Box ${box.map(coordinate).join(", ")}` : "",
    ...points.map(([x, y, label]) => `Point ${label === 1 ? "+" : "−"} ${coordinate(x)}, ${coordinate(y)}`),
    box || points.length ? "" : "No prompt on this slice",
    comparison_weights ? `Input of ${sessions.main.model?.name ?? "the first model"}, not of the comparison model` : "",
  ].filter(Boolean);
}

/** @type {(state: State) => string} */
function hint(state) {
  const { image, sessions: { main }, model_input: { of, failure } } = state;
  if (!image) return "Open a scan first.";
  if (!main.model) return "The model is not loaded yet.";
  if (failure && wanted_input(state)?.of === of) return failure.message;
  return state.model_input.input ? "" : "Preparing…";
}

/** @type {() => (state: State) => void} */
export function input_shower() {
  const panel = element("input-panel", HTMLDetailsElement);
  const canvas = element("input-canvas", HTMLCanvasElement);
  /** @type {unknown[]} */
  let drawn = [];
  return (state) => {
    const { open, input, number } = state.model_input;
    if (panel.open !== open) panel.open = open;
    if (!open) {
      drawn = [];
      return;
    }
    const text = hint(state);
    write("input-hint", text);
    element("input-hint", HTMLElement).hidden = !text;
    canvas.hidden = !input;
    const lines = input_lines(state);
    write("input-facts", lines.join("\n"));
    canvas.setAttribute("aria-label", `The image that the model sees. ${lines.join(". ")}`);
    const colour = state.objects.find((object) => object.number === number)?.colour ?? 0;
    if (!input || (drawn[0] === input && drawn[1] === colour)) return;
    drawn = [input, colour];
    draw_input(canvas, input, css_of(rgb_of(colour)));
  };
}
