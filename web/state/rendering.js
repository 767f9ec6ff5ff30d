// What is shown of the scan: the wanted rendering, and the image that has arrived.

import { without_comparison } from "../features/comparison/state.js";
import { with_slice_masks } from "../features/propagation/state.js";
import { error_message } from "./message.js";
import { NO_EMBEDDING, with_session } from "./sessions.js";

/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("./scan.js").Scan} Scan */
/** @typedef {import("./sessions.js").Side} Side */
/** @typedef {import("../failure.js").Failure} Failure */
/** @typedef {import("../../boxel-bindings.js").Plane} Plane */
/** @typedef {import("../../boxel-bindings.js").Window} Window */
/** @typedef {import("../../boxel-bindings.js").Shown} Shown */
/** @typedef {import("../../boxel-bindings.js").SliceMask} SliceMask */
/** A slice, counted from 0, and its window. Compared by identity.
 * @typedef {{ plane: Plane, slice: number, window: Window }} Rendering */
/** @typedef {Shown & Pick<import("../../boxel-bindings.js").View, "slices" | "pixel_aspect" | "letters">} Image */
/**
 * @typedef {{ do: "rendering_wanted", plane?: Plane, slice?: number, window?: Window }
 *  | { do: "scrolled", by: number }
 *  | {
 *      do: "shown", generation: number, side: Side, rendering: Rendering, shown: Shown,
 *      masks: SliceMask[] | null, version: number,
 *    }
 *  | { do: "show_failed", generation: number, side: Side, failure: Failure }
 *  | { do: "rendering_settled", image_key: string }} RenderingAction
 */

/** @type {(scan: Pick<Scan, "views">, plane: Plane) => import("../../boxel-bindings.js").View | undefined} */
export const view_in = ({ views }, plane) => views.find((view) => view.plane === plane);

/** @type {(scan: Pick<Scan, "views">, shown: Shown) => Image} */
export function image_of(scan, shown) {
  const { slices = 1, pixel_aspect = 1, letters = null } = view_in(scan, shown.plane) ?? {};
  return { ...shown, slices, pixel_aspect, letters };
}

/** @type {(a: Window, b: Window) => boolean} */
export const same_window = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** Level and width for the fields: the wanted ones if they are numbers, else those of the shown image. While a typed
 * level is pending, the old one must not return to its field: the next change of the width would request it again.
 * @type {(wanted: Window, image: Image) => { level: number | null, width: number | null }} */
export function fields_of(wanted, { level, width_of_window }) {
  return "level" in wanted ? { level: wanted.level, width: wanted.width } : { level, width: width_of_window };
}

/** @type {import("./slices.js").Handlers<RenderingAction>} */
export const rendering_actions = {
  rendering_wanted: (state, { plane, slice, window }) => wanted(state, plane, slice, window),
  scrolled: (state, { by }) =>
    state.rendering ? wanted(state, undefined, state.rendering.slice + by, undefined) : state,
  shown: (state, { side, rendering, shown, masks, version }) => {
    if (!state.scan) return state;
    if (side === "comparison") {
      return with_session(state, side, { shown: rendering, image_key: shown.key, embedding: NO_EMBEDDING });
    }
    const { image: before, sessions: { main } } = state;
    // The model's input is unchanged if its window is its own.
    const is_same = shown.key === before?.key
      || (main.window !== null && shown.plane === before?.plane && shown.slice === before.slice
        && main.image_key === before.key);
    const { phase } = state.sessions.main.embedding;
    // After a failure it waits for the user, even in another worker, as long as the image is the same.
    const waits = is_same
      && (phase === "failed" || phase === "cancelled" || (phase === "done" && shown.key !== before?.key));
    const next = with_session(state, side, {
      shown: rendering, image_key: shown.key, ...(waits ? {} : { embedding: NO_EMBEDDING }),
    });
    const image = image_of(state.scan, shown);
    return with_slice_masks({ ...next, image, settled: is_same && state.settled }, masks, version);
  },
  show_failed(state, { side, failure }) {
    if (side === "comparison") return { ...without_comparison(state), message: error_message(failure) };
    const { shown } = state.sessions.main;
    // Keep what was shown. If this worker has shown nothing yet, another one may.
    return shown
      ? { ...state, rendering: shown, message: error_message(failure) }
      : { ...state, engine: { ...state.engine, phase: "failed" }, message: error_message(failure, ["retry"]) };
  },
  rendering_settled: (state, { image_key }) => image_key === state.image?.key ? { ...state, settled: true } : state,
};

/** @type {import("./slices.js").Slice<RenderingAction, "rendering" | "left_at" | "image" | "settled">} */
export const rendering_slice = {
  initial: { rendering: null, left_at: {}, image: null, settled: true }, actions: rendering_actions,
};

/** @type {(state: State, plane: Plane | undefined, slice: number | undefined, window: Window | undefined) => State} */
function wanted(state, plane, slice, window) {
  const { scan, rendering: before, left_at } = state;
  if (!scan || !before) return state;
  const view = view_in(scan, plane ?? before.plane);
  if (!view || (slice !== undefined && !Number.isFinite(slice))) return state;
  // Another plane opens where it was left, initially in its middle.
  const stays = view.plane === before.plane ? before.slice : left_at[view.plane] ?? Math.floor(view.slices / 2);
  const next = {
    plane: view.plane,
    slice: Math.min(Math.max(Math.round(slice ?? stays), 0), view.slices - 1),
    window: window ?? before.window,
  };
  if (next.plane === before.plane && next.slice === before.slice && same_window(next.window, before.window)) {
    return state;
  }
  return { ...state, rendering: next, left_at: { ...left_at, [before.plane]: before.slice } };
}
