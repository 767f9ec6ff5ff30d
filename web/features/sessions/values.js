// The values of an untrusted session file, one by one. Each is checked before it is believed.

import { RECIPES } from "../../models/catalogue.js";
import { PROPAGATION_RULE } from "../../state/limits.js";
import {
  MAX_EDIT_POINTS, MAX_MASK_SLICES, MAX_NAME_LENGTH, MAX_PATH_POINTS, MAX_POINTS, MAX_POLYGON_POINTS,
} from "./limits_state.js";

/** @typedef {import("./format.js").FileStep} FileStep */
/** @typedef {import("./format.js").FilePrompt} FilePrompt */
/** @typedef {import("../../../boxel-bindings.js").Window} Window */
/** @typedef {import("../../../boxel-bindings.js").Stroke} Stroke */

export const SHA256 = /^[0-9a-f]{64}$/;

/** @type {(why: string) => import("../../failure.js").Failure & { why: string }} */
export const refusal = (why) => ({ code: "session_invalid", message: `This session cannot be opened: ${why}.`, why });

/** @type {(holds: boolean, where: string) => void} */
export function check(holds, where) {
  if (!holds) throw refusal(`"${where}" does not match docs/session-file.md`);
}

/** @type {(count: number) => string} */
const thousands = (count) => count.toLocaleString("en");

/** Lists are counted up to this many times their limit. */
export const STOP = 20;

/** @type {(count: number, most: number, what: string) => void} */
export function check_count(count, most, what) {
  if (count <= most) return;
  const many = `${count < STOP * most ? "" : "at least "}${thousands(count)} ${what}`;
  throw refusal(`it has ${many}, and the limit is ${thousands(most)}, far more than is drawn by hand. `
    + "Divide its objects among several sessions");
}

/** @type {(value: any, where: string) => any[]} */
export function list(value, where) {
  check(Array.isArray(value), where);
  return value;
}

/** @type {(value: any, where: string) => number} */
export function whole(value, where) {
  check(Number.isSafeInteger(value) && value >= 0, where);
  return value;
}

/** @type {(values: any, count: number, where: string) => any} */
export function numbers(values, count, where) {
  check(Array.isArray(values) && values.length === count && values.every(Number.isFinite), where);
  return [...values];
}

/** @type {(value: any, where: string) => import("../prompts/state.js").Maker} */
export function model_in(value, where) {
  check(typeof value?.name === "string" && RECIPES.includes(value.recipe) && SHA256.test(value.sha256), where);
  check(value.published === undefined || typeof value.published === "boolean", `${where}.published`);
  return {
    name: value.name.slice(0, MAX_NAME_LENGTH), recipe: value.recipe, sha256: value.sha256,
    ...(value.published === false ? { published: false } : {}),
  };
}

/** The engine counts characters, some of which have two places here. @type {(text: unknown) => boolean} */
const is_fact = (text) => typeof text === "string" && text.length <= 2 * MAX_NAME_LENGTH;

/** @type {(value: any, where: string) => import("../../../boxel-bindings.js").Code | null} */
function code_in(value, where) {
  if (value === undefined || value === null) return null;
  const { scheme, value: code, meaning } = value;
  check([scheme, code, meaning].every(is_fact), where);
  return { scheme, value: code, meaning };
}

/** What the file of a loaded segment says about it.
 * @type {(value: any, where: string) => import("../prompts/state.js").SegmentFacts} */
export function segment_in(value, where) {
  const { name, category, kind, modifier, algorithm = null, algorithm_name = "" } = value ?? {};
  check([name, algorithm ?? "", algorithm_name].every(is_fact), where);
  return {
    name, category: code_in(category, where), kind: code_in(kind, where), modifier: code_in(modifier, where), algorithm,
    algorithm_name,
  };
}

/** A window with its fields in a fixed order, since windows are compared as text.
 * @type {(value: any, where: string) => Window} */
export function window_in(value, where) {
  switch (value?.kind) {
    case "stored": case "percentiles": return { kind: value.kind };
    case "lut": return { kind: "lut", index: whole(value.index, where) };
    case "linear": case "dicom_linear": case "sigmoid": {
      const [level, width] = numbers([value.level, value.width], 2, where);
      check(width > 0, where);
      return { kind: value.kind, level, width };
    }
    default: throw refusal(`"${where}" is not a window`);
  }
}

/** The steps in which nothing is listed. @type {(value: any, where: string) => FileStep} */
export function step_in(value, where) {
  switch (value?.do) {
    case "propagate": {
      const directions = list(value.directions, where);
      check(["up", "down", "up,down"].includes(directions.join()), where);
      /** @type {FileStep} */
      const step = {
        do: "propagate", from: whole(value.from, where), window: window_in(value.window, where),
        directions: [...directions],
      };
      const { rule = null, range = null } = value;
      if (range !== null) step.range = whole(range, where);
      if (rule !== null) {
        step.rule = whole(rule, where);
        check(1 <= step.rule && step.rule <= PROPAGATION_RULE, where);
      }
      if (value.until === undefined || value.until === null) return step;
      const [lowest, highest] = list(value.until, where).map((slice) => whole(slice, where));
      check(value.until.length === 2 && lowest !== undefined && highest !== undefined && lowest <= step.from
        && step.from <= highest, where);
      return { ...step, until: /** @type {[number, number]} */ ([lowest, highest]) };
    }
    case "take_back": return { do: "take_back" };
    case "load": return { do: "load" };
    case "unmark": return { do: "unmark", slice: whole(value.slice, where) };
    default: throw refusal(`"${where}" is a step that this page does not know`);
  }
}

const EDITS = [
  "interpolate_v1", "largest_v1", "remove_islands_v1", "fill_holes_v1", "smooth_v1", "margin_v1", "threshold_within_v1",
  "threshold_v1", "grow_v1", "sphere_v1", "lasso_v1", "copy_slice_v1", "union_v1", "subtract_v1", "intersect_v1",
];

/** An edit in the volume by its name; the engine checks its numbers against the scan.
 * @type {(value: any, where: string) => import("../../../boxel-bindings.js").EditStep} */
export function volume_edit_in(value, where) {
  const [name = "", ...others] = Object.keys(value ?? {});
  check(typeof value === "object" && !Array.isArray(value) && name !== "" && others.length === 0, where);
  if (!EDITS.includes(name)) throw refusal(`"${where}" has the edit "${name.slice(0, 40)}", which this page does not know`);
  const { path, polygon, slices = [] } = value[name] ?? {};
  if (name === "sphere_v1" || name === "lasso_v1") {
    const [points, dimensions] = name === "sphere_v1" ? [path, 3] : [polygon, 2];
    check_count(list(points, where).length, MAX_EDIT_POINTS, `points of an edit in "${where}"`);
    for (const point of points) numbers(point, dimensions, where);
  }
  check_count(list(slices, where).length, MAX_MASK_SLICES, `slices of an edit in "${where}"`);
  return value;
}

/** @type {(value: any, where: string) => import("../prompts/paths.js").PathPoint[]} */
function polygon_in(value, where) {
  check_count(list(value, where).length, MAX_POLYGON_POINTS, `points of a polygon in "${where}"`);
  check(value.length >= 3, where);
  return value.map((/** @type {any} */ point) => numbers(point, 2, where));
}

/** @type {(value: any, where: string) => FilePrompt} */
export function prompt_in(value, where) {
  const { box = null, points = [], polygon, multimask = false, candidate = null, refine_carried = false } = value ?? {};
  check_count(list(points, where).length, MAX_POINTS, `points of a prompt in "${where}"`);
  const read = points.map((/** @type {any} */ each) => {
    const [x, y, label] = numbers(each, 3, where);
    check(label === 0 || label === 1, where);
    return /** @type {import("../prompts/state.js").ImagePoint} */ ([x, y, label]);
  });
  check(
    typeof multimask === "boolean" && typeof refine_carried === "boolean" && [null, 0, 1, 2].includes(candidate), where,
  );
  check(box !== null || read.length > 0 || polygon !== undefined, where);
  return {
    box: box && numbers(box, 4, where), points: read,
    ...(polygon === undefined ? {} : { polygon: polygon_in(polygon, where) }), multimask, candidate,
    ...(refine_carried ? { refine_carried } : {}),
  };
}

/** @type {(value: any, where: string) => Stroke} */
export function stroke_in(value, where) {
  const { kind, radius_px, path } = value ?? {};
  check((kind === "paint" || kind === "erase") && Number.isFinite(radius_px) && radius_px > 0, where);
  check_count(list(path, where).length, MAX_PATH_POINTS, `points of a stroke in "${where}"`);
  return { kind, radius_px, path: path.map((/** @type {any} */ point) => numbers(point, 2, where)) };
}
