// The reference on the shown slice, with what is missed and what is extra in the selected object's mask.

import { selected_of } from "../objects/state.js";
import { is_known, mask_version } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../../boxel-bindings.js").Plane} Plane */
/** `of` identifies reference, label, slice and mask; without an object the reference is shown alone.
 * @typedef {{
 *   of: string, serial: number, label: number, plane: Plane, slice: number, number: number | undefined,
 * }} OverlayQuestion */
/** Row-major: 1 in the reference alone, 2 in the mask alone, 3 in both, otherwise 0; null if the engine refused.
 * @typedef {{ of: string, values: Uint8Array<ArrayBuffer> | null }} Overlay */
/**
 * @typedef {{ do: "reference_shown", on: boolean }
 *  | { do: "overlay_found", generation: number, serial: number, of: string, values: Uint8Array<ArrayBuffer> | null }
 * } OverlayAction
 */

/** @type {import("../../state/slices.js").Handlers<OverlayAction>} */
export const overlay_actions = {
  reference_shown: (state, { on }) => ({ ...state, reference: state.reference && { ...state.reference, shown: on } }),
  overlay_found: (state, { serial, of, values }) => state.reference?.serial === serial
    ? { ...state, reference: { ...state.reference, overlay: { of, values } } } : state,
};

/** @type {import("../../state/slices.js").Slice<OverlayAction, never>} */
export const overlay_slice = { initial: {}, actions: overlay_actions };

/** What to show now; null if there is nothing. A hidden object is not compared.
 * @type {(state: State) => OverlayQuestion | null} */
export function wanted_overlay(state) {
  const { reference, image } = state; // the canvas paints again when a part changes that is read here
  if (!reference?.shown || reference.label === null || !image || reference.held_by !== state.engine.generation) return null;
  const { plane, slice } = image;
  const { serial, label } = reference;
  const object = selected_of(state);
  const compared = object && !object.hidden && is_known(state, object) ? object : undefined;
  const of = JSON.stringify([serial, label, plane, slice, compared ? mask_version(state, compared) : ""]);
  return { of, serial, label, plane, slice, number: compared?.number };
}

/** @type {(state: State) => Uint8Array | null} */
export const current_overlay = (state) => {
  const wanted = wanted_overlay(state);
  return wanted && state.reference?.overlay?.of === wanted.of ? state.reference.overlay.values : null;
};
