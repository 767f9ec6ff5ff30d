// What the engine is to do next: one pure function of the state, asked again after every reply.

import { need_of } from "../state/prompts.js";
import { loadable, weights_of } from "../state/weights.js";

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../state/prompts.js").Prompt} Prompt */
/** @typedef {import("../state/prompts.js").PromptedObject} PromptedObject */
/** @typedef {import("../state/sessions.js").Side} Side */
/** @typedef {{ number: number, serial: number, prompt: import("../../boxel-bindings.js").Prompt }} Question */
/**
 * @typedef {{ do: "start" }
 *  | { do: "open", serial: number, bytes: Uint8Array<ArrayBuffer> }
 *  | { do: "reopen", side: Side, key: string, bytes: Uint8Array<ArrayBuffer> }
 *  | { do: "load_weights", side: Side, weights: import("../state/weights.js").Loadable }
 *  | { do: "embed", side: Side, key: string }
 *  | { do: "remove", side: Side, id: number }
 *  | { do: "choose", side: Side, key: string, number: number, serial: number, id: number, candidate: number }
 *  | { do: "begin_beside" }
 *  | { do: "end_beside" }
 *  | { do: "dice", key: string, number: number, id: number, other_id: number }
 *  | { do: "segment", side: Side, key: string, questions: Question[] }} Request
 */

/** Of a batch the decoder keeps 8 MiB for each prompt in one buffer, and adapters bind 128 MiB. */
const MAX_BATCH = 8;

/** @type {(state: State) => Request | null} */
export function next_request(state) {
  const { engine, opening } = state;
  if (engine.phase === "none") return { do: "start" };
  if (engine.phase !== "ready") return null;
  if (opening) return { do: "open", serial: opening.serial, bytes: opening.bytes };
  if (engine.beside && !state.sessions.other) return { do: "end_beside" };
  const next = next_of_side(state, "main");
  if (next || !loadable(state.compared)) return next;
  return engine.beside ? next_of_side(state, "other") ?? next_dice(state) : { do: "begin_beside" };
}

/** @type {(state: State) => Request | null} */
function next_dice({ objects, image }) {
  for (const { number, main, other, dice } of objects) {
    if (!image || dice !== null || main.phase !== "done" || other.phase !== "done" || !main.segment || !other.segment) continue;
    return { do: "dice", key: image.key, number, id: main.segment.id, other_id: other.segment.id };
  }
  return null;
}

/** @type {(state: State, side: Side) => Request | null} */
function next_of_side(state, side) {
  const { image, objects } = state;
  const session = state.sessions[side];
  if (!session) return null;
  if (image && session.image_key !== image.key) return { do: "reopen", side, key: image.key, bytes: image.bytes };
  const weights = loadable(weights_of(state, side));
  if (weights && weights.id !== session.model?.id) return { do: "load_weights", side, weights };
  if (!image || !session.model) return null;
  if (session.embedding.phase === "none") return { do: "embed", side, key: image.key };
  if (session.embedding.phase !== "done") return null;

  const kept = objects.map((object) => object[side].decoded > 0 ? object[side].segment?.id : undefined);
  const unused = session.ids.find((id) => !kept.includes(id));
  if (unused !== undefined) return { do: "remove", side, id: unused };
  return next_choice(objects, side, image.key) ?? next_segment(objects, side, image.key);
}

/** @type {(objects: PromptedObject[], side: Side, key: string) => Request | null} */
function next_choice(objects, side, key) {
  for (const { number, prompts, [side]: result } of objects) {
    const prompt = prompts[result.decoded - 1];
    if (need_of(prompts, result) !== "choose" || !prompt || prompt.candidate === null || !result.segment) continue;
    return { do: "choose", side, key, number, serial: prompt.serial, id: result.segment.id, candidate: prompt.candidate };
  }
  return null;
}

/** All that wait for a first mask go together; a refinement, and what was refused in a batch, goes alone.
 * @type {(objects: PromptedObject[], side: Side, key: string) => Request | null} */
function next_segment(objects, side, key) {
  const waiting = objects.filter((object) => need_of(object.prompts, object[side]) === "segment");
  const batch = waiting.filter((object) => object[side].decoded === 0 && !object.alone).slice(0, MAX_BATCH);
  const asked = batch.length ? batch : waiting.slice(0, 1);
  return asked.length ? { do: "segment", side, key, questions: asked.flatMap((object) => question_of(object, side)) } : null;
}

/** @type {(object: PromptedObject, side: Side) => Question[]} */
function question_of({ number, prompts, ...results }, side) {
  const { decoded, segment } = results[side];
  const prompt = prompts[decoded];
  if (!prompt) return [];
  const { serial, box, points, multimask } = prompt;
  const refine = decoded > 0 && segment ? segment.id : null;
  return [{ number, serial, prompt: { box, points, refine, multimask } }];
}
