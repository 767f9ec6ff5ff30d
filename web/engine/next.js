// The next request to the engine: one pure function of the state, called after every reply.

import { is_drawing } from "../features/brush/state.js";
import { wanted_edit } from "../features/brush/strokes_state.js";
import { wanted_restore } from "../features/copies/state.js";
import { next_application, next_preview } from "../features/edits/next.js";
import { is_editing } from "../features/edits/state.js";
import { loadable, weights_of } from "../features/models/weights_state.js";
import { need_of } from "../features/prompts/state.js";
import { has_slices, next_propagation_step, next_of_object_masks } from "../features/propagation/next.js";
import { wanted_version } from "../features/propagation/versions_state.js";
import { sees, window_to_set } from "../features/window/model_window_state.js";
import { MAX_BATCH } from "../state/limits.js";
import { is_here, waiting_here } from "../state/here.js";
import { next_of_panels } from "./next_panels.js";

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../features/prompts/state.js").Prompt} Prompt */
/** @typedef {import("../features/prompts/state.js").PromptedObject} PromptedObject */
/** @typedef {import("../state/sessions.js").Side} Side */
/** @typedef {import("../features/propagation/state.js").Direction} Direction */
/** @typedef {import("../features/propagation/versions_state.js").VersionQuestion} VersionQuestion */
/** @typedef {import("../../boxel-bindings.js").Plane} Plane */
/** @typedef {{ number: number, serial: number, prompt: import("../../boxel-bindings.js").Prompt }} Question */
/**
 * @typedef {{ do: "start" }
 *  | { do: "open", serial: number }
 *  | { do: "reopen", scan: import("../state/scan.js").Scan }
 *  | { do: "open_same", side: "comparison", scan_key: string }
 *  | {
 *      do: "show", side: Side, rendering: import("../state/rendering.js").Rendering, with_masks: boolean,
 *      version: number,
 *    }
 *  | { do: "load_weights", side: Side, weights: import("../features/models/weights_state.js").Loadable }
 *  | { do: "model_window", side: Side, window: import("../../boxel-bindings.js").Window | null }
 *  | { do: "embed", side: Side, key: string }
 *  | { do: "remove", side: Side, id: number }
 *  | { do: "choose", side: Side, key: string, number: number, serial: number, id: number, candidate: number }
 *  | { do: "accept", side: Side, key: string, number: number, serial: number, id: number }
 *  | { do: "begin_comparison" }
 *  | { do: "end_comparison" }
 *  | import("./next_panels.js").PanelRequest
 *  | { do: "dice", key: string, number: number, id: number, comparison_id: number }
 *  | { do: "segment", side: Side, key: string, questions: Question[] }
 *  | { do: "set_budget", side: Side, bytes: number }
 *  | { do: "edit", edit: import("../features/brush/strokes_state.js").EditQuestion }
 *  | ({ do: "preview_edit" } & import("../features/edits/state.js").PreviewQuestion)
 *  | ({ do: "pending_mask" } & import("../features/edits/state.js").PendingQuestion)
 *  | ({ do: "apply_edit" } & import("../features/edits/state.js").ApplyQuestion)
 *  | { do: "drop_edit" }
 *  | { do: "remove_object", number: number }
 *  | { do: "slice_masks", key: string, plane: Plane, slice: number, version: number }
 *  | { do: "object_mask", number: number, version: number }
 *  | ({ do: "discard_propagation" } & VersionQuestion)
 *  | ({ do: "restore_propagation" } & VersionQuestion)
 *  | ({ do: "restore_object" } & import("../features/copies/state.js").RestoreQuestion)
 *  | { do: "unmark", number: number, slice: number }
 *  | {
 *      do: "begin_propagation", number: number, from: number, directions: Direction[], keep: number, rule: number,
 *      range: number | null,
 *    }
 *  | { do: "propagation_step", number: number }
 *  | { do: "end_propagation" }} Request
 */

/** @type {(state: State) => Request | null} */
export function next_request(state) {
  const { engine, opening } = state;
  if (engine.phase === "none") return { do: "start" };
  if (engine.phase !== "ready") return null;
  if (opening?.phase === "parsed") return { do: "open", serial: opening.serial };
  if (engine.has_comparison && !state.sessions.comparison) return { do: "end_comparison" };
  return next_of_side(state, "main") ?? next_of_comparison(state) ?? next_propagation_step(state)
    ?? next_of_panels(state);
}

/** @type {(state: State) => Request | null} */
function next_without_model(state) {
  const edit = wanted_edit(state);
  if (edit) return { do: "edit", edit };
  const version = wanted_version(state);
  return version ? { do: "restore_propagation", ...version }
    : next_application(state) ?? next_of_object_masks(state) ?? next_preview(state);
}

/** @type {(state: State) => Request | null} */
function next_of_comparison(state) {
  if (!loadable(state.comparison_weights)) return null;
  return state.engine.has_comparison
    ? next_of_side(state, "comparison") ?? next_dice(state)
    : { do: "begin_comparison" };
}

/** @type {(state: State) => Request | null} */
function next_dice({ objects, image }) {
  for (const { number, main, comparison, dice } of objects) {
    if (!image || dice !== null || main.restored || main.phase !== "done" || comparison.phase !== "done"
      || !main.prediction || !comparison.prediction) {
      continue;
    }
    if (main.image_key !== comparison.image_key) continue;
    return { do: "dice", key: image.key, number, id: main.prediction.id, comparison_id: comparison.prediction.id };
  }
  return null;
}

/** @type {(state: State, side: Side) => Request | null} */
function next_of_side(state, side) {
  const { scan, rendering, image, objects, opening } = state;
  const session = state.sessions[side];
  if (!session) return null;
  if (scan && session.scan_key !== scan.key) {
    if (side === "comparison") return { do: "open_same", side, scan_key: scan.key };
    // Other files are being opened: do not read this scan again.
    return opening ? null : { do: "reopen", scan };
  }
  // Restore copied masks before anything is shown or computed.
  const lacking = side === "main" && scan ? wanted_restore(state) : null;
  if (lacking) return { do: "restore_object", ...lacking };
  if (rendering && scan && session.shown !== rendering) {
    const with_masks = side === "main" && session.numbers.length > 0 && has_slices(scan);
    return { do: "show", side, rendering, with_masks, version: state.object_masks_version };
  }
  // Masks can be shown and drawn on without a model.
  const early = side === "main" && !session.model && image && session.image_key === image.key
    ? next_without_model(state)
    : null;
  if (early) return early;
  const weights = loadable(weights_of(state, side));
  if (weights && weights.id !== session.model?.id) return { do: "load_weights", side, weights };
  if (session.budget_bytes !== state.budget_bytes) return { do: "set_budget", side, bytes: state.budget_bytes };
  if (!image || !session.model || session.image_key !== image.key) return null;
  const edit = side === "main" ? wanted_edit(state) : null;
  if (edit) return { do: "edit", edit };
  const application = side === "main" ? next_application(state) : null;
  if (application) return application;
  const other_window = window_to_set(state, side);
  if (other_window) return { do: "model_window", side, ...other_window };
  if (session.embedding.phase === "none" && is_to_be_embedded(state)) return { do: "embed", side, key: image.key };

  const kept = objects.flatMap(({ [side]: { decoded, prediction, offered } }) => [
    decoded > 0 ? prediction?.id : undefined, offered?.prediction.id,
  ]);
  const unused = session.ids.find((id) => !kept.includes(id));
  if (unused !== undefined) return { do: "remove", side, id: unused };
  // Before a new prompt on the same slice.
  const [left] = state.unmarking;
  if (side === "main" && left) return { do: "unmark", ...left };
  // Before anything changes the masks. Those of a prompt that no version returns from are removed by now.
  const version = side === "main" ? wanted_version(state) : null;
  if (version) return { do: "restore_propagation", ...version };
  const next = next_choice(objects, side, image.key)
    ?? (session.embedding.phase === "done" ? next_segment(state, side, image.key) : null);
  return next ?? (side === "main" ? next_of_object_masks(state) ?? next_preview(state) : null);
}

/** Whether to encode the slice: not during scrolling, drawing or a propagation, unless a prompt waits for it.
 * @type {(state: State) => boolean} */
const is_to_be_embedded = (state) =>
  (state.settled && !state.propagating && !is_drawing(state) && !is_editing(state)) || waiting_here(state).length > 0;

/** @type {(objects: PromptedObject[], side: Side, key: string) => Request | null} */
function next_choice(objects, side, key) {
  for (const { number, prompts, [side]: result } of objects) {
    const prompt = prompts[result.decoded - 1];
    const need = need_of(prompts, result);
    if (need === "accept" && result.offered) {
      const { serial, prediction: { id } } = result.offered;
      return { do: "accept", side, key, number, serial, id };
    }
    if (need !== "choose" || !prompt || prompt.candidate === null || !result.prediction) continue;
    return {
      do: "choose", side, key, number, serial: prompt.serial, id: result.prediction.id, candidate: prompt.candidate,
    };
  }
  return null;
}

/** Objects on this slice that wait for their first mask in the model's window are decoded together. Refinements, and
 * prompts of a refused batch, are decoded alone.
 * @type {(state: State, side: Side, key: string) => Request | null} */
function next_segment(state, side, key) {
  const waiting = state.objects.filter((object) =>
    need_of(object.prompts, object[side]) === "segment" && is_here(object, state.image)
    && sees(state, side, object.window ?? null));
  const batch = waiting.filter((object) => object[side].decoded === 0 && !object.alone).slice(0, MAX_BATCH);
  const asked = batch.length ? batch : waiting.slice(0, 1);
  return asked.length
    ? { do: "segment", side, key, questions: asked.flatMap((object) => question_of(object, side)) }
    : null;
}

/** The main engine collects the masks of an object's slices.
 * @type {(object: PromptedObject, side: Side) => Question[]} */
function question_of({ number, prompts, ...results }, side) {
  const { decoded, prediction } = results[side];
  const prompt = prompts[decoded];
  if (!prompt) return [];
  const { serial, box, points, polygon, multimask, refine_carried = false, taken = false } = prompt;
  const refine = decoded > 0 && prediction ? prediction.id : null;
  return [{
    number, serial, prompt: {
      box, points, refine, multimask, object: side === "main" ? number : null,
      ...(polygon ? { polygon } : {}), ...(refine_carried ? { refine_carried } : {}), ...(taken ? { take: true } : {}),
    },
  }];
}
