// The words and the line of the curve over the slices. Slices are counted from 1.

import { digits } from "./words.js";

/** @typedef {import("./curve_state.js").Values} Values */

/** What is drawn for each slice; null leaves a gap: an empty mask has no area to compare.
 * @type {(values: Values) => (number | null)[]} */
export const points_of = (values) => "dice" in values ? values.dice : values.areas.areas.map((area) => area || null);

/** The value at the top of the chart. @type {(values: Values) => number} */
export const top_of = (values) => "dice" in values ? 1
  : values.areas.areas.reduce((most, area) => Math.max(most, area), 0);

/** @type {(values: Values) => (value: number) => string} */
const words_for = (values) => "dice" in values ? (value) => value.toFixed(3)
  : values.areas.in_mm2 ? (value) => `${digits(value)} mm²` : (value) => `${digits(value)} px`;

/** The line in a chart that is 1 high and as wide as it has slices; a slice's point is in its middle. A single point is
 * a dot, by the line's round ends. @type {(points: readonly (number | null)[], top: number) => string} */
export const line_of = (points, top) => points.map((point, slice) => {
  if (point === null) return "";
  const place = `${slice + 0.5} ${(1 - point / (top || 1)).toFixed(4)}`;
  const is_begun = slice > 0 && (points[slice - 1] ?? null) !== null;
  const is_alone = !is_begun && (points[slice + 1] ?? null) === null;
  return `${is_begun ? "L" : "M"}${place}${is_alone ? "h0" : ""}`;
}).join("");

/** `slice` is the current one. @type {(values: Values, slice: number) => string} */
export function curve_words(values, slice) {
  const points = points_of(values);
  const text = words_for(values);
  const known = points.flatMap((value, at) => value === null ? [] : { value, at });
  const [first] = known;
  const what = "dice" in values ? "Dice per slice with the reference" : "Area per slice";
  if (!first) return `${what}: no slice has a mask.`;
  const lowest = known.reduce((low, each) => each.value < low.value ? each : low, first);
  const highest = known.reduce((high, each) => each.value > high.value ? each : high, first);
  const here = points[slice] ?? null;
  return `${what}, on ${known.length} ${known.length === 1 ? "slice" : "slices"}: ${text(lowest.value)} on slice `
    + `${lowest.at + 1} to ${text(highest.value)} on slice ${highest.at + 1}. `
    + `Slice ${slice + 1}: ${here === null ? "no mask" : text(here)}.`;
}
