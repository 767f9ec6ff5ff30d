// Wires zoom, pan, rotation, flips and inversion to the pointer, the keys and the buttons.

import { element, enable, write } from "../../ui/element.js";
import { on_click } from "../../wire/listen.js";
import { allowed, one_to_one, panned, zoomed } from "./framing.js";
import { listen_to_display_keys } from "./keys.js";
import { placing_of } from "./state.js";
import { listen_to_wheel_zoom } from "./wheel_zoom.js";
import { zoom_words } from "./words.js";

/** @typedef {import("./keys.js").DisplayAct} DisplayAct */
/** @typedef {import("../../draw/canvas.js").ImageCanvas} ImageCanvas */

/** Zoom factor of a button or key press. */
const STEP = 1.25;
const PAN_STEP = 1 / 8; // of the canvas

/** @type {(app: import("../../wire/listen.js").App) => void} */
export function listen_to_display({ state, dispatch, canvases }) {
  const painted = canvases[0]?.painted; // the other canvas has the same size and display
  if (!painted) return;
  /** @param {import("./state.js").Framing | null} framing */
  const on_framing = (framing) => dispatch({ do: "framed", framing });
  /** @type {(on: ImageCanvas, at: import("../../draw/screen_transform.js").Point | null, factor: number) => void} */
  const zoom = (on, at, factor) => {
    const { frame, transform } = on;
    if (!frame || !transform) return;
    const { width, height } = frame.screen;
    on_framing(zoomed(frame, transform, at ?? { x: width / 2, y: height / 2 }, factor));
  };
  const to_one = () => {
    const { frame, transform } = painted;
    if (frame && transform) zoom(painted, null, one_to_one(frame) / transform.screen_per_image_x);
  };
  /** @type {(turn: import("./state.js").Turn) => void} */
  const turn = (turn) => dispatch({ do: "turned", turn });

  /** The scan moves opposite to the arrow. @param {string} key */
  const pan = (key) => {
    const { frame, transform } = painted;
    if (!frame || !transform) return;
    const step = PAN_STEP * Math.min(frame.screen.width, frame.screen.height);
    const x = key === "ArrowLeft" ? step : key === "ArrowRight" ? -step : 0;
    const y = key === "ArrowUp" ? step : key === "ArrowDown" ? -step : 0;
    on_framing(panned(frame, transform, { x, y }));
  };

  /** @type {Record<DisplayAct, (key: string) => void>} */
  const acts = {
    fit: () => on_framing(null),
    one_to_one: to_one,
    larger: () => zoom(painted, null, STEP),
    smaller: () => zoom(painted, null, 1 / STEP),
    pan,
    clockwise: () => turn("clockwise"),
    anticlockwise: () => turn("anticlockwise"),
    left_to_right: () => turn("left_to_right"),
    top_to_bottom: () => turn("top_to_bottom"),
    invert: () => dispatch({ do: "inverted_set", on: !state().display.inverted }),
    reset: () => dispatch({ do: "display_reset" }),
  };
  for (const [id, act] of /** @type {[string, DisplayAct][]} */ ([
    ["fit", "fit"], ["one-to-one", "one_to_one"], ["larger", "larger"], ["smaller", "smaller"], ["rotate", "clockwise"],
    ["flip-left-to-right", "left_to_right"], ["flip-top-to-bottom", "top_to_bottom"], ["invert", "invert"],
    ["display-reset", "reset"],
  ])) on_click(id, () => acts[act](""));
  listen_to_display_keys(window, acts);
  for (const { canvas, painted: each } of canvases) {
    listen_to_wheel_zoom(canvas, {
      has_slices: () => (state().image?.slices ?? 1) > 1,
      on_zoom: (at, factor) => zoom(each, at, factor),
    });
  }
  painted.on_painted = () => show_zoom(painted, placing_of(state()).framing === null);
}

/** The zoom depends on the size of the canvas, not on the state alone.
 * @type {(painted: ImageCanvas, is_fit: boolean) => void} */
function show_zoom({ frame, transform }, is_fit) {
  if (!frame || !transform) return;
  const one = one_to_one(frame);
  const is_one = Math.abs(transform.screen_per_image_x / one - 1) < 1e-6;
  write("zoom", zoom_words(is_fit, transform.screen_per_image_x * frame.device_per_screen));
  element("fit", HTMLElement).setAttribute("aria-pressed", String(is_fit));
  element("one-to-one", HTMLElement).setAttribute("aria-pressed", String(is_one));
  const { screen_per_image_x: now } = transform;
  const [larger, smaller] = [STEP, 1 / STEP].map((factor) => allowed(frame, now * factor) !== now);
  enable(
    element("larger", HTMLButtonElement), larger ? "" : "Largest zoom reached",
    "Zoom in (+, Ctrl and the wheel, or two fingers)",
  );
  enable(
    element("smaller", HTMLButtonElement), smaller ? "" : "Smallest zoom reached",
    "Zoom out (−, Ctrl and the wheel, or two fingers)",
  );
}
