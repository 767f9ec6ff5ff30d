// The state in words: pure functions of it.

/** @typedef {import("../state/reduce.js").State} State */

/** @type {(bytes: number) => string} */
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

/** What is under way, for the progress bar; `value` is null while its length is unknown.
 * @type {(state: State) => { label: string, value: number | null, can_cancel: boolean } | null} */
export function progress_of({ weights, embedding, opening, image, boxes }) {
  if (weights.phase === "loading") {
    const { loaded, total } = weights;
    const label = total ? `Loading the model: ${megabytes(loaded)} of ${megabytes(total)} MB` : "Loading the model";
    return { label, value: total ? loaded / total : null, can_cancel: true };
  }
  if (weights.phase === "checking") return { label: "Checking the model's SHA-256", value: null, can_cancel: false };
  if (image && embedding.phase === "running") {
    const { stage, done, total } = embedding;
    const can_draw = boxes.length ? "" : ". You can already draw boxes";
    return { label: `Encoding: ${stage} (${done} of ${total})${can_draw}`, value: done / total, can_cancel: true };
  }
  return opening ? { label: "Opening the scan", value: null, can_cancel: false } : null;
}

/** What to do next, or what is waited for, while the progress bar does not say it.
 * @type {(state: State) => string} */
export function hint_of(state) {
  const { engine, weights, image, embedding, boxes } = state;
  if (!image || progress_of(state)) return "";
  if (engine.phase === "failed") return "The engine is stopped.";
  if (weights.phase === "failed" || weights.phase === "cancelled") return "Without the model there are no masks.";
  if (embedding.phase === "failed" || embedding.phase === "cancelled") return "The scan is not encoded; boxes wait for it.";
  if (embedding.phase !== "done") return "The engine is getting ready; boxes wait for it.";
  if (boxes.some((box) => box.phase === "waiting")) return "Decoding…";
  return boxes.length ? "Draw another box, or save the mask." : "Drag on the scan to draw a box.";
}

/** What the button for carrying on is called, or nothing to carry on. @type {(state: State) => string} */
export function resume_of({ weights, embedding, image }) {
  if (weights.phase === "cancelled" || weights.phase === "failed") return "Load the model";
  return image && (embedding.phase === "cancelled" || embedding.phase === "failed") ? "Encode" : "";
}

/** @type {(state: State) => string} */
export function device_of({ engine: { phase, kind, name } }) {
  if (phase === "failed") return "nothing: it is stopped";
  return kind ? `${kind === "gpu" ? "GPU" : "CPU"}${name ? `: ${name}` : ""}` : "starting…";
}

/** @type {(state: State) => string} */
export function model_of({ weights: { model, phase, total } }) {
  const name = model || "the model";
  switch (phase) {
    case "ready": return `${name}, ${megabytes(total)} MB, SHA-256 checked`;
    case "failed": return `${name} could not be loaded`;
    case "cancelled": return `${name} is not loaded`;
    default: return `${name} is loading…`;
  }
}

/** Why there is nothing to save; empty when there is. @type {(state: State) => string} */
export function why_no_save({ image, boxes }) {
  if (!image) return "Open a scan first";
  if (boxes.length === 0) return "Draw a box first";
  return boxes.some((box) => box.phase === "waiting") ? "Wait until every box has its mask" : "";
}
