// Limits on what a session file may contain, in one place: the reader refuses a file above them. Whatever the user draws ends
// at them, with a message. Only the masks' own sizes show when the file is written (file.js).

import { strokes_on } from "../brush/strokes_state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/reduce.js").Action} Action */

/** 256 MiB. Masks take about 4 bytes for each run boundary in a row: 250 KB for a liver on 100 slices. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;
/** A whole-body label set has 117 structures; someone who counts lesions by hand reaches a few hundred. */
export const MAX_OBJECTS = 1000;
/** Of an object: prompts, propagations and strokes on every one of 2,000 slices. */
export const MAX_STEPS = 10_000;
/** Of all objects. */
export const MAX_ALL_STEPS = 100_000;
/** Propagations of an object that were discarded under strokes; others leave no step. */
export const MAX_TAKE_BACKS = 1000;
/** Of a chain on one slice, each refined by a click. */
export const MAX_PROMPTS = 500;
/** Of all chains of a file. */
export const MAX_ALL_PROMPTS = 100_000;
/** Of a prompt. */
export const MAX_POINTS = 500;
/** Of a prompt's polygon; the page thins those drawn on it to 400. */
export const MAX_POLYGON_POINTS = 1000;
/** On a slice of an object: a stroke a second for more than an hour. */
export const MAX_STROKES = 5000;
/** Of a stroke: the page thins its own to 1,000. */
export const MAX_PATH_POINTS = 10_000;
/** Of the path or the polygon of an edit in the volume, as the engine limits it. */
export const MAX_EDIT_POINTS = 100_000;
/** Of all prompts, strokes and edits of a file. Ten organs outlined by brush on 300 slices have about two million. */
export const MAX_ALL_POINTS = 5_000_000;
/** Of an object with a mask, and reviewed ones: scans have some hundreds. */
export const MAX_MASK_SLICES = 10_000;
/** Of a slice's mask: every fourth pixel of 4000 × 4000, alone. */
export const MAX_RUNS = 4_000_000;
/** As long as DICOM allows; longer names are cut. */
export const MAX_NAME_LENGTH = 64;

/** @type {(count: number) => string} */
const thousands = (count) => count.toLocaleString("en");

/** @typedef {import("../../state/steps.js").Step | import("./format.js").FileStep} AnyStep */
/** What a list of steps holds, as the limits count it.
 * @typedef {{ steps: number, prompts: number, points: number, take_backs: number }} Totals */

/** Steps and their lists are never mutated. @type {WeakMap<object, number>} */
const counted = new WeakMap();
/** @type {WeakMap<object, Totals>} */
const counted_lists = new WeakMap();

/** @type {(of: readonly { points?: unknown[], polygon?: unknown[], path?: unknown[] }[]) => number} */
function points_of(of) {
  const points = counted.get(of) ?? of.reduce((sum, { points, polygon = [], path = [] }) =>
    sum + (points ?? path).length + polygon.length, 0);
  counted.set(of, points);
  return points;
}

/** The points of a path or a polygon. @type {(edit: import("../../../boxel-bindings.js").EditStep) => number} */
export const points_of_edit = (edit) => "sphere_v1" in edit ? edit.sphere_v1.path.length
  : "lasso_v1" in edit ? edit.lasso_v1.polygon.length : 0;

/** @type {(list: readonly AnyStep[]) => Totals} */
export function totals_of(list) {
  const before = counted_lists.get(list);
  if (before) return before;
  const totals = { steps: list.length, prompts: 0, points: 0, take_backs: 0 };
  for (const step of list) {
    if (step.do === "prompt") {
      totals.prompts += step.prompts.length;
      totals.points += points_of(step.prompts);
    } else if (step.do === "edit") totals.points += points_of(step.strokes);
    else if (step.do === "edit_volume") totals.points += points_of_edit(step.edit);
    else if (step.do === "take_back") totals.take_backs += 1;
  }
  counted_lists.set(list, totals);
  return totals;
}

const NOTHING = { steps: 0, prompts: 0, points: 0, take_backs: 0 };

/** At most so much comes to the steps of an object with an action of the user: a slice's chain or strokes may be recorded
 * anew as a whole.
 * @type {(state: State, action: Action) => { number: number | null, more: Partial<Totals> } | null} */
function growth(state, action) {
  const { objects, selected } = state;
  switch (action.do) {
    case "box_added": case "polygon_added": case "point_added": case "scribble_added": case "box_changed": {
      const is_new = (action.do === "box_added" || action.do === "polygon_added") && !action.to_selected;
      const number = is_new ? null : action.do === "box_changed" ? action.number : selected;
      const { prompts = [] } = objects.find((each) => each.number === number) ?? {};
      // A prompt that leaves its slice takes the old mask along.
      const { length = 0 } = (action.do === "polygon_added" ? action : prompts.at(-1))?.polygon ?? [];
      const points = points_of(prompts) + MAX_POINTS + length;
      return { number, more: { steps: 2, prompts: prompts.length + 1, points } };
    }
    case "stroke_drawn": {
      const { number, slice, stroke } = action;
      const strokes = strokes_on(objects.find((each) => each.number === number)?.edits, slice);
      return { number, more: { steps: 1, points: points_of(strokes) + stroke.path.length } };
    }
    case "volume_edit_wanted": {
      const { number, edit } = action;
      // Strokes and prompts that become part of the mask get steps that say so.
      const before = (state.steps[number] ?? []).filter((step) => step.do === "prompt" || step.do === "edit").length;
      return { number, more: { steps: 1 + before, points: points_of_edit(edit) } };
    }
    case "propagation_wanted": return { number: action.number, more: { steps: action.directions.length } };
    case "discard_wanted": return { number: action.number, more: { steps: 1, take_backs: 1 } };
    case "unmark_wanted": return { number: action.number, more: { steps: 1 } };
    default: return null;
  }
}

/** @type {(state: State, number: number | null) => Totals} */
const totals_in = ({ steps }, number) => number !== null && steps[number] ? totals_of(steps[number]) : NOTHING;

/** Points of strokes that the engine does not have yet, so that no step has them. @type {(state: State) => number} */
const pending_points = ({ objects, edited }) => objects.reduce((sum, { number, edits }) => {
  if (edits === edited[number]) return sum;
  const known = new Set(edited[number]?.map(({ strokes }) => strokes));
  return edits.reduce((points, { strokes }) => points + (known.has(strokes) ? 0 : points_of(strokes)), sum);
}, 0);

/** @type {(state: State, action: Action) => string} */
function beyond_totals(state, action) {
  const grown = growth(state, action);
  if (!grown) return "";
  const { number, more: { steps = 0, prompts = 0, points = 0, take_backs = 0 } } = grown;
  const own = totals_in(state, number);
  if (own.steps + steps > MAX_STEPS) {
    return `Object ${number} was changed ${thousands(own.steps)} times, as often as a session holds. Go on with a new object.`;
  }
  if (own.take_backs + take_backs > MAX_TAKE_BACKS) {
    return `${thousands(own.take_backs)} propagations of object ${number} were discarded under strokes, as many as a session `
      + "holds. Go on with a new object.";
  }
  const all = state.objects.map((object) => totals_in(state, object.number));
  const sum = (/** @type {keyof Totals} */ what) => all.reduce((total, each) => total + each[what], 0);
  for (const [what, count, most, come] of /** @type {const} */ ([
    ["changes", sum("steps"), MAX_ALL_STEPS, steps], ["prompts", sum("prompts"), MAX_ALL_PROMPTS, prompts],
    ["points of prompts and strokes", sum("points") + pending_points(state), MAX_ALL_POINTS, points],
  ])) {
    if (count + come > most) {
      return `The objects have ${thousands(count)} ${what} together, and a session holds ${thousands(most)}. Save it, and go on `
        + "in another one.";
    }
  }
  return "";
}

/** Why a propagation could give a mask on more slices than a session holds; empty if it cannot.
 * @type {(state: State, action: Extract<Action, { do: "propagation_wanted" }>) => string} */
function beyond_slices({ image, object_masks }, { number, directions }) {
  if (!image || image.slices <= MAX_MASK_SLICES) return "";
  const reach = directions.reduce((sum, each) => sum + (each === "up" ? image.slices - 1 - image.slice : image.slice), 0);
  const { length = 0 } = object_masks[number]?.slices ?? [];
  return reach + Math.max(length, 1) <= MAX_MASK_SLICES ? "" : `A mask may have ${thousands(MAX_MASK_SLICES)} slices in a session, `
    + `and this propagation could reach ${thousands(reach)}. Propagate one way, or open a part of the scan.`;
}

/** Why an action of the user would go beyond a limit; empty if it would not. @type {(state: State, action: Action) => string} */
export function beyond_limit(state, action) {
  const { objects, selected } = state;
  const object = objects.find(({ number }) => number === selected);
  switch (action.do) {
    case "box_added": case "polygon_added": case "point_added": case "scribble_added": {
      const added = action.do === "scribble_added" ? action.points.length : 1;
      const is_of_selected = action.do === "point_added" || action.do === "scribble_added" || action.to_selected;
      const is_chained = is_of_selected && object;
      const why = is_chained ? beyond_prompts(object, added) : objects.length < MAX_OBJECTS ? ""
        : `A session holds at most ${thousands(MAX_OBJECTS)} objects. Save it, delete some, or go on in another one.`;
      return why || beyond_totals(state, action);
    }
    case "stroke_drawn": {
      const { length } = strokes_on(objects.find(({ number }) => number === action.number)?.edits, action.slice);
      return length < MAX_STROKES ? beyond_totals(state, action)
        : `Object ${action.number} has ${thousands(length)} strokes on this slice, the most that a session holds. Remove its `
          + "strokes here, and draw the shape with fewer.";
    }
    case "volume_edit_wanted": return objects.length >= MAX_OBJECTS && !objects.some(({ number }) => number === action.number)
      ? `A session holds at most ${thousands(MAX_OBJECTS)} objects. Save it, delete some, or go on in another one.`
      : beyond_totals(state, action);
    case "propagation_wanted": {
      const { others = [], ...first } = action;
      const each = [first.number, ...others].map((number) => ({ ...first, number }));
      return each.map((one) => beyond_slices(state, one) || beyond_totals(state, one)).find(Boolean) ?? "";
    }
    case "slice_reviewed": return !action.on || (state.reviewed[action.number]?.length ?? 0) < MAX_MASK_SLICES ? ""
      : `A session holds at most ${thousands(MAX_MASK_SLICES)} reviewed slices of an object.`;
    default: return beyond_totals(state, action);
  }
}

/** `added` is how many points are added at most.
 * @type {(object: import("../prompts/state.js").PromptedObject, added: number) => string} */
function beyond_prompts({ number, prompts }, added) {
  const points = prompts.at(-1)?.points.length ?? 0;
  if (points + added > MAX_POINTS) {
    return `Object ${number} has ${thousands(points)} points, the most that a session holds. Undo some, or draw a box.`;
  }
  return prompts.length < MAX_PROMPTS ? "" : `Object ${number} was refined ${thousands(prompts.length)} times, as often as `
    + "a session holds. Start it again with a box or fewer points.";
}
