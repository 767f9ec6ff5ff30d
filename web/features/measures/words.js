// Words for the measurements of the selected object and its agreement with the reference.

import { SIZES } from "../../show/scan_words.js";
import { selected_of } from "../objects/state.js";
import { wanted_agreement } from "./reference_state.js";
import { current_measure, is_known, wanted_measure } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../../boxel-bindings.js").Statistics} Statistics */
/** @typedef {import("../../../boxel-bindings.js").Measured} Measured */
/** One line of the measurements. @typedef {{ what: string, value: string }} Line */

/** Three significant digits. @type {(value: number) => string} */
export function digits(value) {
  const size = Math.abs(value);
  const fraction = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString("en", { minimumFractionDigits: fraction, maximumFractionDigits: fraction });
}

/** @type {(values: Statistics, unit: string) => string} */
const values_text = ({ mean, sd, min, max }, unit) =>
  `${digits(mean)} ± ${digits(sd)}${unit && ` ${unit}`} (${digits(min)} to ${digits(max)})`;

/** @type {(slice: NonNullable<Measured["slice"]>, unit: string) => Line[]} */
function slice_lines({ area_px, area_mm2, long_axis, short_axis, values }, unit) {
  const lines = [{
    what: "Area",
    value: area_mm2 === null ? `${digits(area_px)} ${area_px === 1 ? "pixel" : "pixels"}` : `${digits(area_mm2)} mm²`,
  }];
  if (long_axis && short_axis) {
    const in_mm = long_axis.length_mm !== null && short_axis.length_mm !== null;
    const [long, short] = in_mm
      ? [long_axis.length_mm ?? 0, short_axis.length_mm ?? 0]
      : [long_axis.length_px, short_axis.length_px];
    lines.push({ what: "Long × short axis", value: `${digits(long)} × ${digits(short)} ${in_mm ? "mm" : "px"}` });
  }
  if (values) lines.push({ what: "Mean ± SD", value: values_text(values, unit) });
  return lines;
}

/** Measurements of the selected object; empty while nothing is measured. @type {(state: State) => Line[]} */
export function measure_lines(state) {
  const measured = current_measure(state);
  if (!measured) return [];
  const unit = state.scan?.unit ?? "";
  const { slice, volume } = measured;
  const lines = slice ? slice_lines(slice, unit) : [{ what: "On this slice", value: "no mask" }];
  if (!state.scan?.volume) return lines;
  const slices = `${volume.slices} ${volume.slices === 1 ? "slice" : "slices"}`;
  const size = volume.volume_ml === null ? `${digits(volume.voxels)} voxels` : `${digits(volume.volume_ml)} mL`;
  lines.push({ what: "Volume", value: `${size} in ${slices}` });
  if (volume.values && volume.slices > 1) {
    lines.push({ what: "Mean ± SD, all slices", value: values_text(volume.values, unit) });
  }
  return lines;
}

/** Why there are no measurements, and what to do. @type {(state: State) => string} */
export function measure_hint(state) {
  const object = selected_of(state);
  if (!object) return "Select an object to measure it.";
  const { off, of, failure } = state.measurement;
  if (off) return "Measuring stopped the engine; it is off until the next scan is opened.";
  if (!is_known(state, object)) return "Measured once the mask is ready.";
  if (state.propagating && !current_measure(state)) return "Measured once the propagation has ended.";
  return failure && wanted_measure(state)?.of === of ? failure.message : "";
}

/** How far lengths in millimetres can be trusted. @type {(state: State) => string} */
export function spacing_note({ scan, image }) {
  if (!scan || !image) return "";
  if (scan.spacing_source) return SIZES[scan.spacing_source]?.note ?? "";
  const unknown = "The file does not state its pixel size: sizes are in pixels.";
  return image.pixel_aspect === 1 ? unknown : `${unknown} Lengths are in pixel widths.`;
}

/** @type {(state: State) => string} */
export function agreement_text(state) {
  const { reference } = state;
  if (!reference) return "";
  if (reference.label === null) return "The reference is being read…";
  const object = selected_of(state);
  if (!object) return "Select an object to compare it with the reference.";
  const wanted = wanted_agreement(state);
  if (!wanted || wanted.of !== reference.of) {
    return state.propagating ? "Compared once the propagation has ended." : "Comparing…";
  }
  if (reference.failure) return reference.failure.message;
  if (!reference.agreement) return "";
  const { dice, nsd } = reference.agreement;
  return `${object.name}: Dice ${dice.toFixed(3)}, ${nsd === null
    ? "no NSD: the voxel size is unknown or differs between slices" : `NSD ${nsd.toFixed(3)} within 2 mm`}`;
}
