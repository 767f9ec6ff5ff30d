// What the model is asked for one object, and how far each model has answered.
//
// An object is a chain of prompts. The first stands alone; every later one is put together with the
// mask that the one before gave, which is SAM's refinement. The chain is kept whole, so that another
// model, another worker or an undo asks the same questions again and comes to the same mask.

/** @typedef {[number, number, number, number]} ImageBox x0, y0, x1, y1 in image space, pixels */
/** @typedef {[x: number, y: number, label: 0 | 1]} ImagePoint in image space; 1 belongs to the object, 0 does not */
/** @typedef {import("./sessions.js").Side} Side */
/**
 * `serial` is the prompt's identity: an answer to a prompt that has been replaced is dropped.
 * `candidate`: which of three masks the user chose; null leaves it to the model.
 * `refine_carried`: its chain starts from the mask that a propagation left on the slice. `taken`: the user has taken its
 * mask, whatever it loses.
 * @typedef {{ serial: number, box: ImageBox | null, points: ImagePoint[], multimask: boolean, candidate: number | null, refine_carried?: boolean, taken?: boolean }} Prompt
 */
/** @typedef {{ id: number, mask: Uint8Array<ArrayBuffer>, candidates: number[], chosen: number, iou: number, area_px: number, bounds: ImageBox | null | undefined, decode_ms: number }} Prediction */
/**
 * `decoded` counts the prompts of the chain that this engine has answered; `prediction` is the last answer.
 * While nothing is decoded it may be one of an earlier worker, model or window: it is of the same slice.
 * `image_key` names what the model saw: the slice in the object's window.
 * `offered` is the answer to the next prompt, which the user may take or leave.
 * `restored`: the engine has the mask from a copy, and none of the prompts: they are asked only with another one after them.
 * `made_by`: the model that the mask is of; the one that is loaded where nothing is said.
 * @typedef {{ phase: "waiting" | "done" | "refused" | "offered", decoded: number, prediction: Prediction | null, image_key: string | null, restored: boolean, made_by?: Maker, offered?: Offered }} Result
 */
/**
 * `name` is the user's, and goes into exports. `at`: the slice that the prompts are on. `colour` counts into the palette, and is that of all objects of the name. `alone`: not to be decoded in a batch, for one of its batch was refused.
 * `edits`: the user's strokes over what the model finds, by slices of the plane of `at`.
 * `propagation_version`: which version of its propagated masks it is to have, see propagation_versions.js.
 * `window`: that the model sees for its prompts.
 * `dice` is that of the two engines' masks, once it is known.
 * @typedef {{ number: number, name: string, at: { plane: import("../../boxel-bindings.js").Plane, slice: number }, colour: number, prompts: Prompt[], edits: import("./strokes.js").Edit[], propagation_version: number, window?: import("../../boxel-bindings.js").Window, hidden: boolean, locked: boolean, alone: boolean, main: Result, comparison: Result, dice: number | null }} PromptedObject
 */

/** A model as a session file names it. @typedef {{ name: string, recipe: import("./sessions.js").Recipe, sha256: string }} Maker */

/** Why an answer is only offered.
 * @typedef {{ serial: number, prediction: Prediction, why: import("../../boxel-bindings.js").Offer }} Offered */

/** @type {Result} */
export const NO_RESULT = { phase: "waiting", decoded: 0, prediction: null, image_key: null, restored: false };

/** One that nothing has been found for yet.
 * @type {(about: Pick<PromptedObject, "number" | "name" | "colour" | "at" | "prompts"> & Partial<Pick<PromptedObject, "hidden" | "locked" | "window">>) => PromptedObject} */
export const new_object = (about) => ({ hidden: false, locked: false, ...about, edits: [], propagation_version: 0, alone: false, main: NO_RESULT, comparison: NO_RESULT, dice: null });

/** Without what the user has said of its masks. @type {(prompt: Prompt) => Prompt} */
export const without_word = ({ taken: _, ...prompt }) => ({ ...prompt, candidate: null });

/** @type {(object: PromptedObject) => Prompt} */
export function last_prompt({ prompts }) {
  const last = prompts.at(-1);
  if (!last) throw new Error("an object without a prompt");
  return last;
}

/** What the engine still has to do. @type {(prompts: Prompt[], result: Result) => "segment" | "choose" | "accept" | null} */
export function need_of(prompts, { phase, decoded, prediction, offered, restored }) {
  if (phase === "refused" || restored) return null;
  if (offered) return prompts[decoded]?.serial === offered.serial && prompts[decoded].taken ? "accept" : null;
  const candidate = prompts[decoded - 1]?.candidate ?? null;
  if (candidate !== null && prediction && candidate < prediction.candidates.length && candidate !== prediction.chosen) return "choose";
  return decoded < prompts.length ? "segment" : null;
}

/** @type {(prompts: Prompt[], result: Result) => Result} */
const settled = (prompts, result) => ({ ...result, phase: need_of(prompts, result) ? "waiting" : "done" });

/** @type {(result: Result) => Result} */
const without_offer = ({ offered: _, ...result }) => result;

/** The answer to the first prompt that waits is only offered: the mask stays that is there.
 * @type {(object: PromptedObject, side: Side, offered: Offered) => PromptedObject} */
export const with_offered = (object, side, offered) => ({ ...object, [side]: { ...object[side], phase: "offered", offered } });

/** The offer that waits for the user's word. @type {(object: PromptedObject) => Offered | null} */
export const open_offer = ({ main: { phase, offered } }) => phase === "offered" && offered ? offered : null;

/** The object whose offer the user is asked about. @type {(state: { objects: PromptedObject[], selected: number | null }) => PromptedObject | undefined} */
export function offered_object({ objects, selected }) {
  const offered = objects.filter(open_offer);
  return offered.find(({ number }) => number === selected) ?? offered[0];
}

/** The user takes it. @type {(object: PromptedObject) => PromptedObject} */
export const with_offer_taken = (object) => ({
  ...object,
  prompts: object.prompts.map((prompt) => prompt.serial === object.main.offered?.serial ? { ...prompt, taken: true } : prompt),
  main: { ...object.main, phase: "waiting" },
});

/** The answer to the first prompt that waits, or a choice among the masks of the last answer.
 * @type {(object: PromptedObject, side: Side, prediction: Prediction, decoded: number, image_key: string, made_by?: Maker) => PromptedObject} */
export const with_prediction = (object, side, prediction, decoded, image_key, made_by) => ({
  ...object,
  [side]: settled(object.prompts, { phase: "waiting", decoded, prediction, image_key, restored: false, ...(made_by ? { made_by } : {}) }),
  dice: null,
});

/** Everything is to be asked again; the masks stay until the new ones come.
 * @param {PromptedObject} object @param {Side[]} sides @returns {PromptedObject} */
export function to_be_asked(object, sides = ["main", "comparison"]) {
  const next = { ...object, alone: false, dice: null };
  for (const side of sides) next[side] = { ...without_offer(object[side]), phase: "waiting", decoded: 0, restored: false };
  return next;
}

/** @type {(a: Prompt | undefined, b: Prompt | undefined) => boolean} */
const same_question = (a, b) => a !== undefined && a.serial === b?.serial && a.candidate === b.candidate;

/** Names what the model sees for an object's prompts. @type {(object: PromptedObject) => string} */
export const input_key_of = ({ at: { plane, slice }, window = null }) => JSON.stringify([plane, slice, window]);

/** @type {(object: PromptedObject, beginning: PromptedObject) => boolean} */
export const begins_with = (object, beginning) => input_key_of(object) === input_key_of(beginning) &&
  beginning.prompts.every((prompt, i) => same_question(prompt, object.prompts[i]));

/** @type {(a: PromptedObject, b: PromptedObject) => boolean} */
export const same_version = (a, b) => a.number === b.number && a.prompts.length === b.prompts.length && begins_with(a, b);

/** The object with another chain. An answer stays only if all that led to it is in the new chain too.
 * @type {(object: PromptedObject, prompts: Prompt[]) => PromptedObject} */
export function asked_anew(object, prompts) {
  const first_change = prompts.findIndex((prompt, i) => prompt.serial !== object.prompts[i]?.serial);
  const kept = first_change < 0 ? prompts.length : first_change;
  const is_same = prompts.length === object.prompts.length && prompts.every((prompt, i) => same_question(prompt, object.prompts[i]));
  /** @type {(result: Result) => Result} */
  const kept_result = (result) =>
    settled(prompts, { ...without_offer(result), phase: "waiting", decoded: result.decoded <= kept ? result.decoded : 0, restored: is_same && result.restored });
  return { ...object, alone: false, dice: null, prompts, main: kept_result(object.main), comparison: kept_result(object.comparison) };
}
