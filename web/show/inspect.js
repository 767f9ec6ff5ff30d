// `window.boxel`: read-only access to the page's state, for tests and for the curious.

import { to_be_kept } from "../features/copies/state.js";
import { last_prompt } from "../features/prompts/state.js";
import { is_unsaved } from "../features/unsaved/state.js";
import { is_here, mask_here } from "../state/here.js";

/** @typedef {import("../state/reduce.js").State} State */

/** The state, flattened. `boxes` are the objects as the list shows them, with the comparison model's result in
 * `comparison`. `slice_masks` lists the objects that have a mask on the slice, `slice_version` the version of the
 * object masks.
 * @type {(state: State) => object} */
function seen_of({
  objects, sessions: { main, comparison }, engine, history, future, slice_masks, opening, scan, kept, replay, ...rest
}) {
  const { image, saved } = rest;
  const boxes = objects.map((object) => {
    const { number, name, at, colour, hidden, locked, main: { phase, prediction }, comparison, dice } = object;
    const { box, points, polygon, multimask } = last_prompt(object);
    const here = is_here(object, image);
    return {
      number, name, hidden, locked, at, here, window: object.window, colour, box, points, polygon, multimask,
      rounds: object.prompts.length, phase, prediction, edits: object.edits, comparison, dice,
    };
  });
  const { model, embedding, image_key } = main;
  /** @type {<T extends { files: unknown }>(source: T | null) => object | null} */
  const without_files = (source) => source && { ...source, files: undefined };
  return {
    ...rest, opening: without_files(opening), scan: without_files(scan),
    slice_masks: slice_masks?.masks.map((mask) => mask.object) ?? [],
    slice_version: slice_masks?.version ?? null,
    kept: Object.keys(kept).map(Number),
    unkept: to_be_kept({ objects, kept, steps: rest.steps, sessions: { main, comparison } }),
    replay: replay && { ...replay, session: undefined, before: undefined, moves: undefined },
    unsaved: is_unsaved({ objects, replay, saved, reviewed: rest.reviewed }),
    engine: { ...engine, has_weights: model !== null, model, image_key }, embedding, boxes, comparison,
  };
}

/**
 * One model's result for one object.
 * @typedef {object} SeenResult
 * @property {string} phase
 * @property {{
 *   iou: number, area_px: number, candidates: number[], chosen: number,
 *   decode_ms: number,
 * } | null} prediction
 */
/**
 * @typedef {object} SeenObject
 * @property {number} number
 * @property {string} name
 * @property {boolean} hidden
 * @property {boolean} locked
 * @property {{ plane: string, slice: number }} at
 * @property {boolean} here whether its prompts are on the shown slice
 * @property {import("../../boxel-bindings.js").Window} [window]
 * @property {number} colour
 * @property {number[] | null} box
 * @property {number[][]} points
 * @property {number[][]} [polygon]
 * @property {boolean} multimask
 * @property {number} rounds prompts in its chain
 * @property {import("../features/brush/strokes_state.js").Edit[]} edits
 * @property {SeenResult} comparison
 * @property {number | null} dice
 */
/**
 * Fields of the state that are shown as they are.
 * @typedef {"wanted" | "opening" | "module" | "scan" | "rendering" | "image" | "display" | "settled" | "object_masks"
 *   | "stops" | "propagating" | "memory" | "slice_encoders" | "weights" | "edited" | "object_masks_version" | "message"
 *   | "selected" | "tools" | "model_input" | "measurement" | "curve" | "reviewed" | "reference" | "exports" | "autosave"
 *   | "found" | "editing" | "applying" | "previewed" | "overwriting" | "steps"} SeenField
 */
/** What `state()` returns, as far as the tests use it.
 * @typedef {Pick<State, SeenField> & {
 *   slice_masks: number[], slice_version: number | null,
 *   kept: number[], unkept: number[], unsaved: boolean, replay: { phase: string } | null,
 *   engine: State["engine"] & { has_weights: boolean, model: import("../state/sessions.js").LoadedModel | null },
 *   embedding: { phase: string, encode_ms: number | null, threads: number },
 *   boxes: (SeenResult & SeenObject)[],
 *   comparison: State["sessions"]["comparison"],
 * }} Seen */

/** `state()` returns a copy without pixels, files and weights. `mask(number)` returns a copy of the mask that an object
 * shows on this slice (0 or 1, row-major, size of the image), `comparison_mask(number)` that of the comparison model,
 * and `maskCount` the number of shown masks.
 * @type {(state: () => State) => object} */
export const inspector = (state) => Object.freeze({
  /** @returns {Seen} */
  state: () =>
    JSON.parse(JSON.stringify(seen_of(state()), (_, value) => ArrayBuffer.isView(value) ? undefined : value)),
  /** @param {number} number */
  mask: (number) => mask_copy(state(), number, "main"),
  /** @param {number} number */
  comparison_mask: (number) => mask_copy(state(), number, "comparison"),
  get maskCount() {
    return state().objects.filter((object) => mask_here(object, state())).length;
  },
});

/** @type {(state: State, number: number, side: import("../state/sessions.js").Side) => Uint8Array | null} */
function mask_copy(state, number, side) {
  const object = state.objects.find((each) => each.number === number);
  return (object && mask_here(object, state, side)?.mask.slice()) ?? null;
}
