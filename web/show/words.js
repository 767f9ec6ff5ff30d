// Words for the state: pure functions of it.

import { is_brush, is_drawing } from "../features/brush/state.js";
import { strokes_here } from "../features/brush/strokes_state.js";
import { brush_hint } from "../features/brush/words.js";
import { is_edit_tool } from "../features/edits/state.js";
import { edit_progress, edit_tool_hint } from "../features/edits/words.js";
import { maker_of } from "../features/models/makers_state.js";
import { label_of_model, NOT_PUBLISHED } from "../features/models/published_state.js";
import { loadable } from "../features/models/weights_state.js";
import { is_unprompted, last_prompt } from "../features/prompts/state.js";
import { propagated_words, propagation_progress } from "../features/propagation/words.js";
import { segments_progress } from "../features/segments/words.js";
import { replay_progress } from "../features/sessions/words.js";
import { is_here, mask_here, waiting_here } from "../state/here.js";
import { area_of } from "../state/mask_runs.js";
import { NOT_ISOLATED } from "../state/slice_encoders.js";
import { is_of_model, steps_of } from "../state/steps.js";
import { loading_progress } from "./loading_words.js";

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../features/prompts/state.js").Prompt} Prompt */
/** @typedef {import("../features/prompts/state.js").PromptedObject} PromptedObject */

/** @type {(bytes: number) => string} */
export const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

/**
 * What the progress bar shows; `value` is null if the length is unknown. `cancels` is what the button cancels; `task`
 * is set if the remaining time can be estimated from its pace.
 * @typedef {object} Progress
 * @property {string} label
 * @property {number | null} value
 * @property {"opening" | "loading" | "embedding" | "propagation" | "replay" | "session" | "segments" | "edit" | null} cancels
 * @property {import("./time_left.js").Task} [task]
 */

/** @type {(state: State) => Progress | null} */
export function progress_of(state) {
  const progress = progress_of_work(state);
  return replay_progress(state, progress) ?? progress;
}

/** @type {(state: State) => Progress | null} */
function progress_of_work(state) {
  const { weights, comparison_weights, reading, sessions, opening, image, objects, samples: { coming: sample } } =
    state;
  const { reading_session } = state;
  if (reading_session !== null) return { label: "Reading the session", value: reading_session, cancels: "session" };
  const first = loading_progress(state);
  if (first) return first;
  if (sample?.phase === "loading") {
    return { label: `Loading the sample: ${sample.sample.title}`, value: null, cancels: "opening" };
  }
  if (opening) return opening_progress(opening);
  const segments = segments_progress(state);
  if (segments) return { ...segments, cancels: "segments" };
  const coming = [weights, comparison_weights].find((each) => each?.phase === "loading" || each?.phase === "checking");
  if (coming?.phase === "loading") {
    const { model, loaded, total } = coming;
    const label = `Loading ${model}: ${megabytes(loaded)} of ${megabytes(total)} MB`;
    const task = { key: `loading ${coming.id}`, done: loaded, total, unit: /** @type {const} */ ("bytes") };
    return { label, value: loaded / total, cancels: "loading", task };
  }
  if (coming) return { label: "Checking the model's SHA-256", value: null, cancels: null };
  if (reading && !reading.facts) return { label: "Reading the weights file", value: null, cancels: null };
  const running = [sessions.main, sessions.comparison].find((session) => session?.embedding.phase === "running");
  if (image && running) {
    const { stage, done, total } = running.embedding;
    const can_draw = objects.length ? "" : ". You can already draw boxes";
    const for_whom = sessions.comparison && running.model ? ` for ${running.model.name}` : "";
    const task = {
      key: `encoding ${running.model?.id} ${image.key}`, done, total, unit: /** @type {const} */ ("steps"),
    };
    return {
      label: `Encoding${for_whom}: ${stage} (${done} of ${total})${can_draw}`, value: done / total,
      cancels: "embedding", task,
    };
  }
  const edit = edit_progress(state);
  if (edit) return edit;
  const propagation = propagation_progress(state);
  return propagation && { ...propagation, cancels: "propagation" };
}

/** @type {(opening: import("../state/scan.js").Opening) => Progress} */
function opening_progress({ serial, phase, files, read, choices }) {
  if (phase === "asking") return { label: `Choose one of ${choices.length} scans`, value: null, cancels: "opening" };
  if (files.length === 1 || read >= files.length) return { label: "Opening the scan", value: null, cancels: "opening" };
  const task = { key: `opening ${serial}`, done: read, total: files.length, unit: /** @type {const} */ ("steps") };
  return {
    label: `Opening the scan: file ${read + 1} of ${files.length}`, value: read / files.length, cancels: "opening",
    task,
  };
}

/** What to do next or what is pending, unless the progress bar says it.
 * @type {(state: State) => string} */
export function hint_of(state) {
  const { engine, weights, models, image, sessions: { main: { embedding } } } = state;
  if (!image || progress_of(state)) return "";
  if (engine.phase === "failed") return "The engine has stopped.";
  if (is_edit_tool(state.tools.tool)) return edit_tool_hint(state);
  const is_none_coming = is_stopped(weights) || (!weights.id && ["listed", "failed"].includes(models.phase));
  if (!loadable(weights) && is_none_coming) return "No model is loaded, so there are no masks.";
  if (is_drawing(state) && !waiting_here(state).length) return brush_hint(state);
  if (embedding.phase === "failed" || embedding.phase === "cancelled") {
    return "The slice is not encoded; boxes wait for it.";
  }
  // Nothing is encoded while the user scrolls through the slices.
  if (embedding.phase !== "done") return state.settled ? "The engine is starting; boxes wait for it." : "";
  if (waiting_here(state).length) return "Decoding…";
  return next_step(state);
}

/** @type {(state: State) => string} */
function next_step(state) {
  const { tools: { tool }, objects, selected } = state;
  if (is_brush(state.tools)) return brush_hint(state);
  if (tool === "box") return objects.length ? "Draw another box or save the mask." : "Drag on the scan to draw a box.";
  if (tool === "polygon") return objects.length ? "Draw another polygon or save the mask."
    : "Drag around an object to segment it.";
  if (selected !== null) return tool === "positive" ? "Click inside the object." : "Click outside the object.";
  return tool === "positive" ? "Click on a new object." : "Select an object, then click outside it.";
}

/** The label of the button that resumes a failed step; empty if there is none. @type {(state: State) => string} */
export function resume_of({
  module, engine, models, samples, unopened, weights, comparison_weights, sessions, image,
}) {
  if (module.phase === "failed") return "Load Boxel";
  if (engine.phase === "failed") return "Start the engine";
  if (unopened) return "Open the scan";
  if (samples.coming?.phase === "failed") return "Load the sample";
  if (models.phase === "failed") return "Load the list of models";
  if (samples.phase === "failed") return "Load the list of samples";
  if (is_stopped(weights)) return "Load the model";
  if (comparison_weights && is_stopped(comparison_weights)) return "Load the second model";
  const stopped = [sessions.main, sessions.comparison].some((session) =>
    session?.embedding.phase === "cancelled" || session?.embedding.phase === "failed");
  return image && stopped ? "Encode" : "";
}

/** @type {(prompt: Prompt) => string} */
export function kind_of({ box, points, polygon }) {
  const shape = polygon ? "polygon" : box ? "box" : "";
  return shape ? points.length ? `${shape} with points` : shape : points.length ? "points" : "segment";
}

/** Where an object's mask comes from, in one line. @type {(object: PromptedObject) => string} */
export const source_of = (object) => is_unprompted(object) && !object.segment
  ? "Edited mask" : prompt_text(last_prompt(object));

/** An object's prompt in one line. @type {(prompt: Prompt) => string} */
export function prompt_text({ box, points, polygon }) {
  const inside = points.filter(([, , label]) => label === 1).length;
  const outside = points.length - inside;
  const signs = [inside ? `${inside} +` : "", outside ? `${outside} −` : ""].filter(Boolean).join(", ");
  if (polygon) return `Polygon of ${polygon.length} corners${signs ? ` with ${signs}` : ""}`;
  if (!box) return signs ? `Points ${signs}` : "Loaded segment";
  return `Box ${box.join(", ")}${signs ? ` with ${signs}` : ""}`;
}

/** @type {(object: PromptedObject, state: State) => number} */
const area_here = (object, state) => {
  const here = mask_here(object, state);
  return here ? area_of(here.mask) : 0;
};

/** A mask from a session file: only the engine knows its predicted IoU.
 * @type {(object: PromptedObject, state: State) => string} */
function restored_words(object, state) {
  const found = state.slice_masks?.masks.find((mask) => mask.object === object.number);
  if (!is_here(object, state.image) || !found) return `mask on slice ${object.at.slice + 1}`;
  const area = `${area_here(object, state).toLocaleString("en")} px`;
  return found.iou === null ? area : `predicted IoU ${found.iou.toFixed(3)} · ${area}`;
}

/** A model's result for an object.
 * @type {(object: PromptedObject, state: State, side: "main" | "comparison") => string} */
export function facts_of(object, state, side) {
  const { phase, prediction, restored } = object[side];
  if (phase === "refused") return "this prompt was rejected";
  if (side === "comparison" && is_unprompted(object)) return "no prompt yet";
  if (phase === "offered") return "a refined mask awaits your decision";
  const propagated = side === "main" ? propagated_words(object, state) : "";
  if (propagated) return propagated;
  if (phase === "done" && !prediction && restored) return restored_words(object, state);
  if (phase !== "done" || !prediction) {
    return is_here(object, state.image) ? "waiting for the encoding" : "waiting until its slice is shown";
  }
  const area_px = side === "main" && strokes_here(object, state.image).length
    ? area_here(object, state)
    : prediction.area_px;
  return `predicted IoU ${prediction.iou.toFixed(3)} · ${area_px.toLocaleString("en")} px`;
}

/** @type {(ms: number) => string} */
export const seconds = (ms) => ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

/** The results of both models for an object, and their agreement.
 * @type {(object: PromptedObject, state: State) => { main: string, comparison: string, dice: string }} */
export function comparison_facts(object, state) {
  const { sessions, weights, comparison_weights } = state;
  /** @type {(side: "main" | "comparison", name: string) => string} */
  const line = (side, name) => {
    const { phase, prediction } = object[side];
    const time = phase === "done" && prediction ? ` · ${seconds(prediction.decode_ms)}` : "";
    return `${name}: ${facts_of(object, state, side)}${time}`;
  };
  const { dice } = object;
  return {
    main: line("main", sessions.main.model?.name ?? weights.model),
    comparison: line("comparison", sessions.comparison?.model?.name ?? comparison_weights?.model ?? ""),
    dice: dice === null ? "" : `Dice ${Number.isNaN(dice) ? "not known" : dice.toFixed(3)}`,
  };
}

/** The caption of a canvas. @type {(state: State, side: "main" | "comparison") => string} */
export function caption_of({ sessions, weights, comparison_weights }, side) {
  const session = sessions[side];
  const wanted = side === "main" ? weights : comparison_weights;
  const { encode_ms } = session?.embedding ?? { encode_ms: null };
  const name = session?.model ? label_of_model(session.model) : wanted?.model ?? "";
  return encode_ms === null ? name : `${name} · encoded in ${seconds(encode_ms)}`;
}

/** Shown if points are used, or about to be, with a checkpoint that was not trained on them.
 * @type {(state: State) => string} */
export function points_hint_of({ sessions, tools, objects }) {
  const used = tools.tool === "positive" || tools.tool === "negative"
    || objects.some((object) => last_prompt(object).points.length > 0);
  const names = [sessions.main, sessions.comparison].flatMap((session) =>
    session?.model && !session.model.trained_on_points ? session.model.name : []);
  if (!used || !names.length) return "";
  const models = [...new Set(names)];
  return `${models.join(" and ")} ${models.length > 1 ? "were" : "was"} trained on box prompts only: `
    + "expect poor masks from points alone.";
}

/** Shown next to masks that a model made whose file is not a published one. @type {(state: State) => string} */
export function weights_hint_of(state) {
  const { objects, sessions: { main, comparison } } = state;
  const made = objects.filter((object) => !is_unprompted(object) || is_of_model(steps_of(state.steps, object.number)));
  const makers = made.map((object) => maker_of(object, state));
  const used = [...makers, ...made.length ? [main.model, comparison?.model] : []];
  const names = [...new Set(used.flatMap((model) => model?.published === false ? model.name : []))];
  return names.length
    ? `${names.join(" and ")}: ${NOT_PUBLISHED}. Nothing shows that the weights are undamaged, so check the masks.`
    : "";
}

/** @type {(state: State) => string} */
export function device_of({ engine: { phase, kind, name } }) {
  if (phase === "failed") return "stopped";
  return kind ? `${kind === "gpu" ? "GPU" : "CPU"}${name ? `: ${name}` : ""}` : "starting…";
}

/** @type {(state: State) => string} */
export function model_of({ weights: { model, phase, total, published, former } }) {
  const name = model || "the model";
  const used = former ? `; using ${former.model}` : "";
  switch (phase) {
    case "ready": return `${name}, ${megabytes(total)} MB, ${published === false ? NOT_PUBLISHED : "SHA-256 checked"}`;
    case "failed": return `${name} could not be loaded${used}`;
    case "cancelled": return `${name} is not loaded`;
    default: return `${name} is loading…`;
  }
}

/** The size of the encoding cache. @type {(state: State) => string} */
export function memory_of({ memory }) {
  if (!memory) return "empty";
  const { count, bytes, budget_bytes } = memory;
  return `${count} ${count === 1 ? "slice" : "slices"} cached, ${Math.round(bytes / 1048576)} of `
    + `${Math.round(budget_bytes / 1048576)} MiB`;
}

/** How many threads encode, and why no more. @type {(state: State) => string} */
export function threads_of({ engine, offline, scan, slice_encoders: { wanted, running, lost, apart } }) {
  if (engine.kind === "gpu") return "one slice at a time, on the GPU";
  const count = running ? `with ${running + 1} threads` : "with one thread";
  const is_apart = apart && wanted !== 1 && (running > 0 || !scan?.volume);
  const why = is_apart ? `${running ? "; an image with one" : ""}, because ${apart_words(apart, offline)}` : "";
  return `${count}${why}${lost ? `. A worker stopped, and the others did its part: ${lost}` : ""}`;
}

/** @type {(apart: string, offline: State["offline"]) => string} */
function apart_words(apart, { phase, host_isolates }) {
  if (apart !== NOT_ISOLATED || !host_isolates) return apart;
  const { opener, embedder } = host_isolates;
  if (opener && embedder) return "this browser does not isolate the page here";
  const lacking = [...opener ? [] : ["Cross-Origin-Opener-Policy"], ...embedder ? [] : ["Cross-Origin-Embedder-Policy"]];
  const cure = phase === "ready" ? ". Reload: the offline copy does" : "";
  return `the host does not send ${lacking.join(" and ")}${cure}`;
}

/** @type {(weights: import("../features/models/weights_state.js").Weights) => boolean} */
const is_stopped = ({ phase }) => phase === "failed" || phase === "cancelled";
