// How far the encoding of the image is.

import { error_message } from "./message.js";

/** @typedef {import("../failure.js").Failure} Failure */
/** @typedef {{ phase: "none" | "running" | "done" | "cancelled" | "failed", stage: string, done: number, total: number }} Embedding */
/**
 * @typedef {{ do: "embed_progress", generation: number, key: string, stage: string, done: number, total: number }
 *  | { do: "embed_done", generation: number, key: string }
 *  | { do: "embed_stopped", generation: number, key: string, by_user: boolean }
 *  | { do: "embed_failed", generation: number, key: string, failure: Failure }} EmbeddingAction
 */

/** @type {Embedding} */
export const NO_EMBEDDING = { phase: "none", stage: "", done: 0, total: 0 };

/** @type {import("./reduce.js").Handlers<EmbeddingAction>} */
export const embedding_actions = {
  embed_progress: (state, { stage, done, total }) => ({ ...state, embedding: { phase: "running", stage, done, total } }),
  embed_done: (state) => ({ ...state, embedding: { ...state.embedding, phase: "done" } }),
  embed_stopped: (state, { by_user }) =>
    ({ ...state, embedding: by_user ? { ...NO_EMBEDDING, phase: "cancelled" } : NO_EMBEDDING }),
  embed_failed: (state, { failure }) =>
    ({ ...state, embedding: { ...NO_EMBEDDING, phase: "failed" }, message: error_message(failure, ["retry"]) }),
};
