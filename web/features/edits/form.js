// Turns the fields of the panel "Edit" into an edit: pure functions.

/** @typedef {import("../../../boxel-bindings.js").EditStep} EditStep */
/** @typedef {import("../../../boxel-bindings.js").Plane} Plane */
/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {"size" | "where" | "radius" | "distance" | "range" | "between" | "other"} Field */
/** The contents of the fields; `object` is the number of the other object, NaN if none is chosen.
 * @typedef {object} Fields
 * @property {number} size
 * @property {"voxels" | "mm3" | "ml"} unit
 * @property {"volume" | "slices"} where
 * @property {number} radius_mm
 * @property {number} distance_mm
 * @property {string} low
 * @property {string} high
 * @property {"all" | "marked"} between
 * @property {number} object
 */
/** The plane that is shown, and the object's own slices: those that were not propagated.
 * @typedef {{ plane: Plane, marked: { plane: Plane, slices: number[] } }} Place */

/** The edits of the panel. `makes_object`: it needs no mask.
 * @type {Record<string, { name: string, fields: Field[], makes_object?: true }>} */
export const EDITS = {
  margin: { name: "Grow or shrink by a margin", fields: ["distance"] },
  smooth: { name: "Smooth", fields: ["radius"] },
  fill_holes: { name: "Fill holes", fields: ["where"] },
  largest: { name: "Keep the largest part", fields: [] },
  remove_islands: { name: "Remove small parts", fields: ["size"] },
  interpolate: { name: "Interpolate between slices", fields: ["between"] },
  threshold_within: { name: "Keep values in a range", fields: ["range"] },
  threshold: { name: "Replace by all values in a range", fields: ["range"], makes_object: true },
  union: { name: "Add another object", fields: ["other"] },
  subtract: { name: "Subtract another object", fields: ["other"] },
  intersect: { name: "Intersect with another object", fields: ["other"] },
};

const MM3_PER_ML = 1000;

/** A range of values, in which an empty text is an open end; or the reason why it is invalid.
 * @type {(low: string, high: string) => import("../../../boxel-bindings.js").ValueRange | string} */
export function range_of(low, high) {
  if (!low.trim() && !high.trim()) return "Enter the lowest or the highest value";
  const [from, to] = [low, high].map((text) => text.trim() ? Number(text) : null);
  if (from === undefined || to === undefined) return "Enter the lowest or the highest value";
  for (const [value, text] of /** @type {const} */ ([[from, low], [to, high]])) {
    if (value !== null && !Number.isFinite(value)) return `"${text}" is not a number`;
  }
  if (from !== null && to !== null && from > to) return `The lowest value, ${from}, is above the highest, ${to}`;
  return { ...(from === null ? {} : { low: from }), ...(to === null ? {} : { high: to }) };
}

/** @type {(value: number, what: string) => string} */
const why_not_above_zero = (value, what) => value > 0 && Number.isFinite(value) ? "" : `Enter ${what} above 0`;

/** The edit that the fields describe, or the reason why they describe none.
 * @type {(kind: string, fields: Fields, place: Place) => EditStep | string} */
export function edit_of(kind, fields, { plane, marked }) {
  const { size, unit, where, radius_mm, distance_mm, low, high, between, object } = fields;
  switch (kind) {
    case "largest": return { largest_v1: { connectivity: "corners" } };
    case "remove_islands": {
      const why = why_not_above_zero(size, "a size");
      if (why) return why;
      const min = unit === "voxels" ? { voxels: Math.ceil(size) } : { mm3: unit === "ml" ? size * MM3_PER_ML : size };
      return { remove_islands_v1: { min, connectivity: "corners" } };
    }
    case "fill_holes": return { fill_holes_v1: where === "slices" ? { plane } : {} };
    case "smooth": return why_not_above_zero(radius_mm, "a radius") || { smooth_v1: { radius_mm } };
    case "margin": return Number.isFinite(distance_mm) && distance_mm !== 0 ? { margin_v1: { mm: distance_mm } }
      : "Enter a distance: above 0 to grow, below 0 to shrink";
    case "threshold_within": case "threshold": {
      const range = range_of(low, high);
      if (typeof range === "string") return range;
      return kind === "threshold" ? { threshold_v1: { range } } : { threshold_within_v1: { range } };
    }
    case "interpolate": {
      if (between === "all") return { interpolate_v1: { plane } };
      if (marked.slices.length < 2) return "Prompt, draw or edit at least two slices first";
      return { interpolate_v1: { plane: marked.plane, slices: marked.slices } };
    }
    case "union": return Number.isFinite(object) ? { union_v1: { object } } : "Choose another object";
    case "subtract": return Number.isFinite(object) ? { subtract_v1: { object } } : "Choose another object";
    case "intersect": return Number.isFinite(object) ? { intersect_v1: { object } } : "Choose another object";
    default: return "Choose an edit";
  }
}

/** The slices of an object that were not propagated.
 * @type {(state: State, number: number | null) => Place["marked"]} */
export function marked_slices({ object_masks, image }, number) {
  const mask = number === null ? undefined : object_masks[number];
  if (!mask) return { plane: image?.plane ?? "stored", slices: [] };
  return { plane: mask.plane, slices: mask.slices.filter(({ origin }) => origin !== "carried").map(({ slice }) => slice) };
}

/** Rounded to four digits. @type {(value: number) => number} */
const rounded = (value) => Number(value.toPrecision(4));

/** The range of the window; null if it has no width.
 * @type {(state: Pick<State, "image">) => [number, number] | null} */
export function range_of_window({ image }) {
  const { level = null, width_of_window: width = null } = image ?? {};
  return level === null || width === null ? null : [rounded(level - width / 2), rounded(level + width / 2)];
}

/** The mean of the mask's values, minus and plus two standard deviations, within their minimum and maximum.
 * @type {(measured: import("../../../boxel-bindings.js").Measured | null) => [number, number] | null} */
export function range_of_mask(measured) {
  const values = measured?.volume.values;
  return values ? [rounded(Math.max(values.min, values.mean - 2 * values.sd)),
    rounded(Math.min(values.max, values.mean + 2 * values.sd))] : null;
}
