// The curve over the slices of the shown plane: the selected object's area, or with a reference its Dice. The engine
// gives the numbers.

import { selected_of } from "../objects/state.js";
import { is_known, mask_version } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../../boxel-bindings.js").Plane} Plane */
/** @typedef {import("../../../boxel-bindings.js").SliceAreas} SliceAreas */
/** `of` identifies the object, its mask, the plane and the label of the reference.
 * @typedef {{ of: string, number: number, plane: Plane, label: number | null }} CurveQuestion */
/** Dice is null on slices that are empty in both.
 * @typedef {{ areas: SliceAreas } | { dice: (number | null)[] }} Values */
/** `of` identifies the question of the last answer. `off`: computing a curve has killed a worker.
 * @typedef {{ of: string, values: Values | null, off: boolean }} Curve */
/**
 * @typedef {{ do: "curve_found", generation: number, of: string, values: Values }
 *  | { do: "curve_refused", generation: number, of: string }} CurveAction
 */

/** @type {Curve} */
export const NO_CURVE = { of: "", values: null, off: false };

/** @type {import("../../state/slices.js").Handlers<CurveAction>} */
export const curve_actions = {
  curve_found: (state, { of, values }) => ({ ...state, curve: { ...state.curve, of, values } }),
  // The measurements show the error.
  curve_refused: (state, { of }) => ({ ...state, curve: { ...state.curve, of, values: null } }),
};

/** @type {import("../../state/slices.js").Slice<CurveAction, "curve">} */
export const curve_slice = { initial: { curve: NO_CURVE }, actions: curve_actions };

/** What to compute now; null if there is nothing. @type {(state: State) => CurveQuestion | null} */
export function wanted_curve(state) {
  const { image, curve, reference, engine } = state;
  const object = selected_of(state);
  if (!image || image.slices < 2 || !object || curve.off || !is_known(state, object)) return null;
  const { plane } = image;
  const held = reference?.held_by === engine.generation ? reference : null;
  const label = held?.label ?? null;
  const of = JSON.stringify([plane, label, held?.serial ?? 0, mask_version(state, object)]);
  return { of, number: object.number, plane, label };
}

/** @type {(state: State) => Values | null} */
export const current_curve = (state) => wanted_curve(state)?.of === state.curve.of ? state.curve.values : null;
