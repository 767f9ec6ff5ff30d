// The brush: its radius is in millimetres where the size of a pixel is known.

import { view_in } from "../../state/rendering.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/tools.js").Tool} Tool */
/** `radius` is in `unit`, `radius_px` in pixel widths.
 * @typedef {{ radius: number, unit: "mm" | "px", radius_px: number }} Brush */
/** The radius that the user chose, by unit; null until chosen.
 * @typedef {{ radius_mm: number | null, radius_px: number | null }} BrushSize */
/** @typedef {{ do: "radius_set", radius: number } | { do: "radius_stepped", by: 1 | -1 }} BrushAction */

/** @type {BrushSize} */
export const FIRST_BRUSH = { radius_mm: null, radius_px: null };

const MIN_PX = 0.5;
const STEP = 1.2;

/** @type {(tools: { tool: Tool }) => boolean} */
export const is_brush = ({ tool }) => tool === "brush" || tool === "eraser";

/** Whether the user is drawing on a mask; a slice is then not encoded only because it is shown.
 * @type {(state: Pick<State, "tools" | "selected">) => boolean} */
export const is_drawing = ({ tools, selected }) => is_brush(tools) && selected !== null;

/** @type {(state: Pick<State, "scan" | "image">) => number | null} */
function mm_per_px({ scan, image }) {
  const mm = scan && image ? view_in(scan, image.plane)?.spacing_mm[0] ?? null : null;
  return mm !== null && mm > 0 ? mm : null;
}

/** Rounds down to 1, 2 or 5 times a power of ten. @type {(value: number) => number} */
function round_number(value) {
  const unit = 10 ** Math.floor(Math.log10(value));
  const times = value / unit;
  return Number(((times >= 5 ? 5 : times >= 2 ? 2 : 1) * unit).toPrecision(1));
}

/** @type {(state: Pick<State, "scan" | "image" | "tools">) => Brush | null} */
export function brush_of(state) {
  const { image, tools: { brush } } = state;
  if (!image) return null;
  const mm = mm_per_px(state);
  const first_px = Math.max(Math.min(image.width, image.height * image.pixel_aspect) / 50, 1.5);
  const radius = (mm === null ? brush.radius_px : brush.radius_mm) ?? round_number(first_px * (mm ?? 1));
  return { radius, unit: mm === null ? "px" : "mm", radius_px: radius / (mm ?? 1) };
}

/** @type {(state: State, radius: number) => State} */
function with_radius(state, radius) {
  const { image, tools } = state;
  if (!image || !Number.isFinite(radius) || radius <= 0) return state;
  const mm = mm_per_px(state);
  const [least, most] = [MIN_PX, Math.max(image.width, image.height * image.pixel_aspect)].map((px) => px * (mm ?? 1));
  const within = Number(Math.min(Math.max(radius, least ?? radius), most ?? radius).toPrecision(3));
  return {
    ...state, tools: { ...tools, brush: { ...tools.brush, [mm === null ? "radius_px" : "radius_mm"]: within } },
  };
}

/** @type {import("../../state/slices.js").Handlers<BrushAction>} */
export const brush_actions = {
  radius_set: (state, { radius }) => with_radius(state, radius),
  radius_stepped: (state, { by }) => {
    const radius = brush_of(state)?.radius ?? NaN;
    return with_radius(state, Number((by > 0 ? radius * STEP : radius / STEP).toPrecision(2)));
  },
};

/** @type {import("../../state/slices.js").Slice<BrushAction, never>} */
export const brush_slice = { initial: {}, actions: brush_actions };
