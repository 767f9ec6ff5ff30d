// Measurements of the selected object on the shown slice, and whether its axes are drawn.

import { selected_of } from "../objects/state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */
/** @typedef {import("../../failure.js").Failure} Failure */
/** @typedef {import("../../../boxel-bindings.js").Measured} Measured */
/** @typedef {import("../../../boxel-bindings.js").Plane} Plane */
/** `of` identifies the object, its mask and the slice.
 * @typedef {{ of: string, key: string, number: number, plane: Plane, slice: number }} MeasureQuestion */
/**
 * `of` is what the last answer was for. `off`: measuring has killed a worker and stays off until another scan is open.
 * @typedef {object} Measurement
 * @property {boolean} axes
 * @property {boolean} off
 * @property {string} of
 * @property {Measured | null} measured
 * @property {Failure | null} failure
 */
/**
 * @typedef {{ do: "axes_set", on: boolean }
 *  | { do: "measure_found", generation: number, side: "main", key: string, of: string, measured: Measured }
 *  | {
 *      do: "measure_refused", generation: number, side: "main", key: string, of: string, failure: Failure,
 *    }} MeasurementAction
 */

/** @type {Measurement} */
export const NOTHING_MEASURED = { axes: true, off: false, of: "", measured: null, failure: null };

/** @type {(state: State, changes: Partial<Measurement>) => State} */
const with_measurement = (state, changes) => ({ ...state, measurement: { ...state.measurement, ...changes } });

/** @type {import("../../state/slices.js").Handlers<MeasurementAction>} */
export const measurement_actions = {
  axes_set: (state, { on }) => with_measurement(state, { axes: on }),
  measure_found: (state, { of, measured }) => with_measurement(state, { of, measured, failure: null }),
  measure_refused: (state, { of, failure }) => with_measurement(state, { of, measured: null, failure }),
};

/** @type {import("../../state/slices.js").Slice<MeasurementAction, "measurement">} */
export const measurement_slice = { initial: { measurement: NOTHING_MEASURED }, actions: measurement_actions };

/** What to measure now; null if there is nothing or the engine does not have the mask yet.
 * @type {(state: State) => MeasureQuestion | null} */
export function wanted_measure(state) {
  const { image, measurement } = state;
  const object = selected_of(state);
  if (!image || !object || measurement.off || !is_known(state, object)) return null;
  const { key, plane, slice } = image;
  return { of: JSON.stringify([plane, slice, mask_version(state, object)]), key, number: object.number, plane, slice };
}

/** The object that the next answer is to measure: the one whose measurements are shown.
 * @type {(state: State, side: import("../../state/sessions.js").Side) => number | undefined} */
export const measured_with_answer = (state, side) =>
  side === "main" && !state.measurement.off ? selected_of(state)?.number : undefined;

/** The measurements of what is shown now. @type {(state: State) => Measured | null} */
export const current_measure = (state) => {
  const wanted = wanted_measure(state);
  return wanted && wanted.of === state.measurement.of ? state.measurement.measured : null;
};

/** Whether the engine holds an object of this scan.
 * @type {(state: State, object: PromptedObject) => boolean} */
export const is_known = ({ scan, sessions: { main } }, { number }) =>
  scan !== null && main.scan_key === scan.key && main.numbers.includes(number);

/** Identifies the engine's masks of an object: it changes with them.
 * @type {(state: State, object: PromptedObject) => string} */
export const mask_version = ({ engine, object_masks_version }, { number }) =>
  [engine.generation, object_masks_version, number].join(" ");
