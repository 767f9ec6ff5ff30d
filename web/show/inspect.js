// `window.boxel`: a read-only look at the page's state, for tests and for the curious.

import { last_prompt } from "../state/prompts.js";

/** @typedef {import("../state/reduce.js").State} State */

/** The state flat, with the objects (`boxes`) as the list shows them; what the second model makes of
 * them is in `compared`. @type {(state: State) => object} */
function view_of({ objects, sessions: { main, other }, engine, history, ...rest }) {
  const boxes = objects.map((object) => {
    const { number, colour, main: { phase, segment }, other: compared, dice } = object;
    const { box, points, multimask } = last_prompt(object);
    return { number, colour, box, points, multimask, rounds: object.prompts.length, phase, segment, compared, dice };
  });
  const { model, embedding, image_key } = main;
  return { ...rest, engine: { ...engine, has_weights: model !== null, model, image_key }, embedding, boxes, other };
}

/** Of one model for one object. @typedef {{ phase: string, segment: { iou: number, area_px: number, candidates: number[], chosen: number, decode_ms: number } | null }} SeenResult */
/** What `state()` gives, as far as the tests look at it.
 * @typedef {Pick<State, "wanted" | "opening" | "image" | "weights" | "message" | "selected" | "tools"> & {
 *   engine: State["engine"] & { has_weights: boolean, model: import("../state/sessions.js").LoadedModel | null },
 *   embedding: { phase: string, encode_ms: number | null },
 *   boxes: (SeenResult & { number: number, colour: number, box: number[] | null, points: number[][], multimask: boolean, rounds: number, compared: SeenResult, dice: number | null })[],
 *   other: State["sessions"]["other"],
 * }} Seen */

/** `state()` is a copy without pixels and weights; `mask(number)` a copy of an object's mask (0 or 1,
 * row-major, size of the image), by the object's `number`, and `other_mask(number)` that of the second
 * model; `maskCount` how many masks are shown.
 * @type {(state: () => State) => object} */
export const inspector = (state) => Object.freeze({
  /** @returns {Seen} */
  state: () => JSON.parse(JSON.stringify(view_of(state()), (_, value) => ArrayBuffer.isView(value) ? undefined : value)),
  /** @param {number} number */
  mask: (number) => state().objects.find((object) => object.number === number)?.main.segment?.mask.slice() ?? null,
  /** @param {number} number */
  other_mask: (number) => state().objects.find((object) => object.number === number)?.other.segment?.mask.slice() ?? null,
  get maskCount() {
    return state().objects.filter((object) => object.main.segment).length;
  },
});
