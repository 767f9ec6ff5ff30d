// The prompts of one object, and how far each model has answered them.
//
// An object has a chain of prompts. The first one stands alone; each later one refines the mask of the one before, as
// SAM does it. The whole chain is kept, so that another model, another worker or an undo asks the same questions again
// and comes to the same mask. An object that was loaded from a file has no prompts until the first one is set.

/** @typedef {[number, number, number, number]} ImageBox x0, y0, x1, y1 in image space, pixels */
/** @typedef {[x: number, y: number, label: 0 | 1]} ImagePoint in image space; label: 1 inside, 0 outside */
/** @typedef {import("../../state/sessions.js").Side} Side */
/**
 * @typedef {object} Prompt
 * @property {number} serial the prompt's identity: an answer to a prompt that has been replaced is dropped
 * @property {ImageBox | null} box
 * @property {ImagePoint[]} points
 * @property {import("./paths.js").PathPoint[]} [polygon] a closed line around the object, instead of a box
 * @property {boolean} multimask ask for three candidate masks
 * @property {number | null} candidate which of the three the user chose; null leaves the choice to the model
 * @property {boolean} [refine_carried] the chain starts from the propagated mask of the slice
 * @property {boolean} [taken] the user has accepted the mask, however much it loses
 */
/**
 * The model's answer to one prompt.
 * @typedef {object} Prediction
 * @property {number} id the engine's
 * @property {Uint8Array<ArrayBuffer>} mask 0 or 1, row-major, size of the image
 * @property {number[]} candidates predicted IoU of each candidate mask
 * @property {number} chosen index of the candidate that `mask` is
 * @property {number} iou predicted by the model
 * @property {number} area_px
 * @property {ImageBox | null | undefined} bounds
 * @property {number} decode_ms
 */
/**
 * How far one engine has answered an object's prompts.
 * @typedef {object} Result
 * @property {"waiting" | "done" | "refused" | "offered"} phase
 * @property {number} decoded how many prompts of the chain are answered
 * @property {Prediction | null} prediction the last answer; while `decoded` is 0 it may be of an earlier worker,
 *   model or window, but it is of the same slice
 * @property {string | null} image_key what the model saw: the slice in the object's window
 * @property {boolean} restored the engine has the mask from a copy and none of the prompts; they are asked again
 *   only together with a new one
 * @property {Maker} [made_by] the model that made the mask; if absent, the loaded one
 * @property {Offered} [offered] the answer to the next prompt, which the user may accept or reject
 */
/**
 * @typedef {object} PromptedObject
 * @property {number} number
 * @property {string} name the user's; it goes into exports
 * @property {{ plane: import("../../../boxel-bindings.js").Plane, slice: number }} at the slice that the prompts
 *   are on
 * @property {number} colour index into the palette; objects of the same name share it
 * @property {Prompt[]} prompts none for one that was loaded from a file
 * @property {SegmentFacts} [segment] what that file says about it
 * @property {import("../brush/strokes_state.js").Edit[]} edits the user's strokes on top of the model's masks, by
 *   slice of the plane of `at`
 * @property {number} propagation_version the version of its propagated masks that the object wants:
 *   propagation/versions_state.js
 * @property {number} [volume_edit] the version that the last edit in the volume made
 * @property {import("../../../boxel-bindings.js").Window} [window] that the model sees for its prompts
 * @property {boolean} hidden
 * @property {boolean} locked
 * @property {boolean} alone decode it alone: its batch was refused
 * @property {Result} main
 * @property {Result} comparison
 * @property {number | null} dice of the two engines' masks, once known
 */

/** @typedef {import("../../../boxel-bindings.js").SegmentFacts} SegmentFacts */
/** A model as a session file names it. `published` is absent unless its file is not a published one.
 * @typedef {{
 *   name: string, recipe: import("../../state/sessions.js").Recipe, sha256: string, published?: false,
 * }} Maker */

/** An answer that waits for the user's decision, and why.
 * @typedef {{ serial: number, prediction: Prediction, why: import("../../../boxel-bindings.js").Offer }} Offered */

/** @type {Result} */
export const NO_RESULT = { phase: "waiting", decoded: 0, prediction: null, image_key: null, restored: false };

/** An object without any answer yet.
 * @type {(
 *   about: Pick<
 *     PromptedObject, "number" | "name" | "colour" | "at" | "prompts"
 *   > & Partial<Pick<PromptedObject, "hidden" | "locked" | "window" | "segment">>,
 * ) => PromptedObject} */
export const new_object = (about) => ({
  hidden: false, locked: false, ...about, edits: [], propagation_version: 0, alone: false, main: NO_RESULT,
  comparison: NO_RESULT, dice: null,
});

/** The prompt without the user's choice among its masks. @type {(prompt: Prompt) => Prompt} */
export const without_choice = ({ taken: _, ...prompt }) => ({ ...prompt, candidate: null });

/** What an object without prompts was asked. @type {Prompt} */
const NO_PROMPT = { serial: 0, box: null, points: [], multimask: false, candidate: null };

/** @type {(object: Pick<PromptedObject, "prompts">) => Prompt} */
export const last_prompt = ({ prompts }) => prompts.at(-1) ?? NO_PROMPT;

/** The box that the model gets of a prompt: its own, or the bounds of its polygon.
 * @type {(prompt: Pick<Prompt, "box" | "polygon">) => ImageBox | null} */
export function box_of({ box, polygon = [] }) {
  if (!polygon.length) return box;
  const [xs, ys] = [polygon.map(([x]) => x), polygon.map(([, y]) => y)];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** The result of an object that was loaded from a file: nothing is asked for it.
 * @type {Pick<PromptedObject, "main" | "comparison">} */
export const LOADED = {
  main: { ...NO_RESULT, phase: "done", restored: true }, comparison: { ...NO_RESULT, phase: "done" },
};

/** Whether an object was loaded from a file and has no prompts. @type {(object: PromptedObject) => boolean} */
export const is_unprompted = ({ prompts }) => prompts.length === 0;

/** What the engine still has to do for a chain.
 * @type {(prompts: Prompt[], result: Result) => "segment" | "choose" | "accept" | null} */
export function need_of(prompts, { phase, decoded, prediction, offered, restored }) {
  if (phase === "refused" || restored) return null;
  if (offered) return prompts[decoded]?.serial === offered.serial && prompts[decoded].taken ? "accept" : null;
  const candidate = prompts[decoded - 1]?.candidate ?? null;
  if (candidate !== null && prediction && candidate < prediction.candidates.length && candidate !== prediction.chosen) {
    return "choose";
  }
  return decoded < prompts.length ? "segment" : null;
}

/** @type {(prompts: Prompt[], result: Result) => Result} */
const settled = (prompts, result) => ({ ...result, phase: need_of(prompts, result) ? "waiting" : "done" });

/** @type {(result: Result) => Result} */
const without_offer = ({ offered: _, ...result }) => result;

/** Offers the answer to the first waiting prompt; the current mask stays.
 * @type {(object: PromptedObject, side: Side, offered: Offered) => PromptedObject} */
export const with_offered = (object, side, offered) => ({
  ...object, [side]: { ...object[side], phase: "offered", offered },
});

/** The offer that waits for the user's decision. @type {(object: PromptedObject) => Offered | null} */
export const open_offer = ({ main: { phase, offered } }) => phase === "offered" && offered ? offered : null;

/** The object whose offer the user is asked about.
 * @type {(state: { objects: PromptedObject[], selected: number | null }) => PromptedObject | undefined} */
export function offered_object({ objects, selected }) {
  const offered = objects.filter(open_offer);
  return offered.find(({ number }) => number === selected) ?? offered[0];
}

/** The user accepts the offer. @type {(object: PromptedObject) => PromptedObject} */
export const with_offer_taken = (object) => ({
  ...object,
  prompts: object.prompts.map((prompt) =>
    prompt.serial === object.main.offered?.serial ? { ...prompt, taken: true } : prompt),
  main: { ...object.main, phase: "waiting" },
});

/** Takes the answer to the first waiting prompt, or a choice among the masks of the last answer.
 * @type {(
 *   object: PromptedObject,
 *   side: Side,
 *   prediction: Prediction,
 *   decoded: number,
 *   image_key: string,
 *   made_by?: Maker,
 * ) => PromptedObject} */
export const with_prediction = (object, side, prediction, decoded, image_key, made_by) => ({
  ...object,
  [side]: settled(object.prompts, {
    phase: "waiting", decoded, prediction, image_key, restored: false, ...(made_by ? { made_by } : {}),
  }),
  dice: null,
});

/** Asks all prompts again; the old masks stay until the new ones arrive.
 * @param {PromptedObject} object @param {Side[]} sides @returns {PromptedObject} */
export function to_be_asked(object, sides = ["main", "comparison"]) {
  if (is_unprompted(object)) return object;
  const next = { ...object, alone: false, dice: null };
  for (const side of sides) {
    next[side] = { ...without_offer(object[side]), phase: "waiting", decoded: 0, restored: false };
  }
  return next;
}

/** @type {(a: Prompt | undefined, b: Prompt | undefined) => boolean} */
const same_question = (a, b) => a !== undefined && a.serial === b?.serial && a.candidate === b.candidate;

/** Identifies what the model sees for an object's prompts. @type {(object: PromptedObject) => string} */
export const input_key_of = ({ at: { plane, slice }, window = null }) => JSON.stringify([plane, slice, window]);

/** @type {(object: PromptedObject, beginning: PromptedObject) => boolean} */
export const begins_with = (object, beginning) => input_key_of(object) === input_key_of(beginning) &&
  beginning.prompts.every((prompt, i) => same_question(prompt, object.prompts[i]));

/** @type {(a: PromptedObject, b: PromptedObject) => boolean} */
export const same_version = (a, b) =>
  a.number === b.number && a.prompts.length === b.prompts.length && begins_with(a, b);

/** The object with another chain. An answer stays only if the new chain contains all prompts that led to it.
 * @type {(object: PromptedObject, prompts: Prompt[]) => PromptedObject} */
export function asked_anew(object, prompts) {
  const first_change = prompts.findIndex((prompt, i) => prompt.serial !== object.prompts[i]?.serial);
  const kept = first_change < 0 ? prompts.length : first_change;
  const is_same = prompts.length === object.prompts.length
    && prompts.every((prompt, i) => same_question(prompt, object.prompts[i]));
  /** @type {(result: Result) => Result} */
  const kept_result = (result) =>
    settled(prompts, {
      ...without_offer(result), phase: "waiting", decoded: result.decoded <= kept ? result.decoded : 0,
      restored: is_same && result.restored,
    });
  return {
    ...object, alone: false, dice: null, prompts, main: kept_result(object.main),
    comparison: kept_result(object.comparison),
  };
}
