// Limits on what a session file may contain, in one place: the reader refuses a file above them. Objects, prompts, points
// of a prompt and strokes on a slice end while drawing, with a message; the others are far above what a person makes by hand
// in weeks of work on one scan.

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
/** On a slice of an object: a stroke a second for more than an hour. */
export const MAX_STROKES = 5000;
/** Of a stroke: the page thins its own to 1,000. */
export const MAX_PATH_POINTS = 10_000;
/** Of all prompts and strokes of a file. Ten organs outlined by brush on 300 slices have about two million. */
export const MAX_ALL_POINTS = 5_000_000;
/** Of an object with a mask: scans have some hundreds. */
export const MAX_MASK_SLICES = 10_000;
/** Of a slice's mask: every fourth pixel of 4000 × 4000, alone. */
export const MAX_RUNS = 4_000_000;
/** As long as DICOM allows; longer names are cut. */
export const MAX_NAME_LENGTH = 64;

/** @type {(count: number) => string} */
const thousands = (count) => count.toLocaleString("en");

/** Why an action of the user would go beyond a limit; empty if it would not. @type {(state: State, action: Action) => string} */
export function beyond_limit(state, action) {
  const { objects, selected } = state;
  const object = objects.find(({ number }) => number === selected);
  switch (action.do) {
    case "box_added": case "point_added": {
      if ((action.do === "point_added" || action.to_selected) && object) return beyond_prompts(object);
      return objects.length < MAX_OBJECTS ? ""
        : `A session holds at most ${thousands(MAX_OBJECTS)} objects. Save it, delete some, or go on in another one.`;
    }
    case "stroke_drawn": {
      const edits = objects.find(({ number }) => number === action.number)?.edits;
      const { length = 0 } = edits?.find(({ slice }) => slice === action.slice)?.strokes ?? [];
      return length < MAX_STROKES ? "" : `Object ${action.number} has ${thousands(length)} strokes on this slice, the most `
        + "that a session holds. Remove its strokes here, and draw the shape with fewer.";
    }
    default: return "";
  }
}

/** @type {(object: import("../prompts/state.js").PromptedObject) => string} */
function beyond_prompts({ number, prompts }) {
  const points = prompts.at(-1)?.points.length ?? 0;
  if (points >= MAX_POINTS) {
    return `Object ${number} has ${thousands(points)} points, the most that a session holds. Undo some, or draw a box.`;
  }
  return prompts.length < MAX_PROMPTS ? "" : `Object ${number} was refined ${thousands(prompts.length)} times, as often as `
    + "a session holds. Start it again with a box or fewer points.";
}
