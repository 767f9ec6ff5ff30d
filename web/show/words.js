// The state in words: pure functions of it.

import { last_prompt } from "../state/prompts.js";
import { loadable } from "../state/weights.js";

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../state/prompts.js").Prompt} Prompt */
/** @typedef {import("../state/prompts.js").PromptedObject} PromptedObject */

/** @type {(bytes: number) => string} */
export const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

/** What is under way, for the progress bar; `value` is null while its length is unknown.
 * @type {(state: State) => { label: string, value: number | null, can_cancel: boolean } | null} */
export function progress_of({ weights, compared, reading, sessions, opening, image, objects }) {
  const coming = [weights, compared].find((each) => each?.phase === "loading" || each?.phase === "checking");
  if (coming?.phase === "loading") {
    const { model, loaded, total } = coming;
    const which = weights.former || coming === compared ? model : "the model";
    const label = `Loading ${which}: ${megabytes(loaded)} of ${megabytes(total)} MB`;
    return { label, value: loaded / total, can_cancel: true };
  }
  if (coming) return { label: "Checking the model's SHA-256", value: null, can_cancel: false };
  if (reading && !reading.facts) return { label: "Reading the file of weights", value: null, can_cancel: false };
  const running = [sessions.main, sessions.other].find((session) => session?.embedding.phase === "running");
  if (image && running) {
    const { stage, done, total } = running.embedding;
    const can_draw = objects.length ? "" : ". You can already draw boxes";
    const for_whom = sessions.other && running.model ? ` for ${running.model.name}` : "";
    return { label: `Encoding${for_whom}: ${stage} (${done} of ${total})${can_draw}`, value: done / total, can_cancel: true };
  }
  return opening ? { label: "Opening the scan", value: null, can_cancel: false } : null;
}

/** What to do next, or what is waited for, while the progress bar does not say it.
 * @type {(state: State) => string} */
export function hint_of(state) {
  const { engine, weights, image, sessions: { main: { embedding } }, objects } = state;
  if (!image || progress_of(state)) return "";
  if (engine.phase === "failed") return "The engine is stopped.";
  if (!loadable(weights) && is_stopped(weights)) return "Without the model there are no masks.";
  if (embedding.phase === "failed" || embedding.phase === "cancelled") return "The scan is not encoded; boxes wait for it.";
  if (embedding.phase !== "done") return "The engine is getting ready; boxes wait for it.";
  if (objects.some(({ main }) => main.phase === "waiting")) return "Decoding…";
  return next_step(state);
}

/** @type {(state: State) => string} */
function next_step({ tools: { tool }, objects, selected }) {
  if (tool === "box") return objects.length ? "Draw another box, or save the mask." : "Drag on the scan to draw a box.";
  if (selected !== null) return tool === "positive" ? "Click on what belongs to the object." : "Click on what does not belong to it.";
  return tool === "positive" ? "Click on a new object." : "Select an object, then click on what does not belong to it.";
}

/** What the button for carrying on is called, or nothing to carry on. @type {(state: State) => string} */
export function resume_of({ weights, compared, sessions, image }) {
  if (is_stopped(weights)) return "Load the model";
  if (compared && is_stopped(compared)) return "Load the second model";
  const stopped = [sessions.main, sessions.other].some((session) =>
    session?.embedding.phase === "cancelled" || session?.embedding.phase === "failed");
  return image && stopped ? "Encode" : "";
}

/** @type {(prompt: Prompt) => string} */
export const kind_of = ({ box, points }) => box ? points.length ? "box with points" : "box" : "points";

/** An object's prompt in one line. @type {(prompt: Prompt) => string} */
export function prompt_text({ box, points }) {
  const inside = points.filter(([, , label]) => label === 1).length;
  const outside = points.length - inside;
  const signs = [inside ? `${inside} +` : "", outside ? `${outside} −` : ""].filter(Boolean).join(", ");
  if (!box) return `Points ${signs}`;
  return `Box ${box.join(", ")}${signs ? ` with ${signs}` : ""}`;
}

/** What a model says of an object. @type {(object: PromptedObject, side: "main" | "other") => string} */
export function facts_of(object, side) {
  const { phase, segment } = object[side];
  if (phase === "refused") return "refused this prompt";
  if (phase !== "done" || !segment) return "waits for the encoding";
  return `predicted IoU ${segment.iou.toFixed(3)} · ${segment.area_px.toLocaleString("en")} px`;
}

/** @type {(ms: number) => string} */
const seconds = (ms) => ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

/** Each model's word on an object, and how far they agree.
 * @type {(object: PromptedObject, state: State) => { main: string, other: string, dice: string }} */
export function compared_facts(object, { sessions, weights, compared }) {
  /** @type {(side: "main" | "other", name: string) => string} */
  const line = (side, name) => {
    const { phase, segment } = object[side];
    const time = phase === "done" && segment ? ` · ${seconds(segment.decode_ms)}` : "";
    return `${name}: ${facts_of(object, side)}${time}`;
  };
  const { dice } = object;
  return {
    main: line("main", sessions.main.model?.name ?? weights.model),
    other: line("other", sessions.other?.model?.name ?? compared?.model ?? ""),
    dice: dice === null ? "" : `Dice ${Number.isNaN(dice) ? "not known" : dice.toFixed(3)}`,
  };
}

/** Over each of the two canvases. @type {(state: State, side: "main" | "other") => string} */
export function caption_of({ sessions, weights, compared }, side) {
  const session = sessions[side];
  const wanted = side === "main" ? weights : compared;
  const { encode_ms } = session?.embedding ?? { encode_ms: null };
  const name = session?.model?.name ?? wanted?.model ?? "";
  return encode_ms === null ? name : `${name} · encoded in ${seconds(encode_ms)}`;
}

/** Shown where points are used, or about to be, and the checkpoint does not know them.
 * @type {(state: State) => string} */
export function points_hint_of({ sessions, tools, objects }) {
  const used = tools.tool !== "box" || objects.some((object) => last_prompt(object).points.length > 0);
  const names = [sessions.main, sessions.other].flatMap((session) =>
    session?.model && !session.model.trained_on_points ? session.model.name : []);
  if (!used || !names.length) return "";
  return `${[...new Set(names)].join(" and ")} learned from boxes, not from points: expect poor masks from points alone.`;
}

/** @type {(state: State) => string} */
export function device_of({ engine: { phase, kind, name } }) {
  if (phase === "failed") return "nothing: it is stopped";
  return kind ? `${kind === "gpu" ? "GPU" : "CPU"}${name ? `: ${name}` : ""}` : "starting…";
}

/** @type {(state: State) => string} */
export function model_of({ weights: { model, phase, total, former } }) {
  const name = model || "the model";
  const used = former ? `; ${former.model} is used` : "";
  switch (phase) {
    case "ready": return `${name}, ${megabytes(total)} MB, SHA-256 checked`;
    case "failed": return `${name} could not be loaded${used}`;
    case "cancelled": return `${name} is not loaded`;
    default: return `${name} is loading…`;
  }
}

/** @type {(weights: import("../state/weights.js").Weights) => boolean} */
const is_stopped = ({ phase }) => phase === "failed" || phase === "cancelled";

/** Why there is nothing to save; empty when there is. @type {(state: State) => string} */
export function why_no_save({ image, objects }) {
  if (!image) return "Open a scan first";
  if (objects.length === 0) return "Draw a box first";
  return objects.some(({ main }) => main.phase === "waiting") ? "Wait until every object has its mask" : "";
}
