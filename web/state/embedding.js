// Progress of the encoding of the image.

import { error_message } from "./message.js";
import { NO_EMBEDDING, NO_SESSION, with_session } from "./sessions.js";

/** @typedef {import("../failure.js").Failure} Failure */
/** @typedef {import("./sessions.js").Side} Side */
/**
 * @typedef {{
 *      do: "embed_progress", generation: number, side: Side, key: string, stage: string, done: number,
 *      total: number,
 *    }
 *  | {
 *      do: "embed_done", generation: number, side: Side, key: string, encode_ms: number | null, threads?: number,
 *      memory: import("../features/propagation/state.js").Memory,
 *    }
 *  | { do: "embed_stopped", generation: number, side: Side, key: string, by_user: boolean }
 *  | { do: "embed_failed", generation: number, side: Side, key: string, failure: Failure }} EmbeddingAction
 */

/** @type {import("./slices.js").Handlers<EmbeddingAction>} */
export const embedding_actions = {
  embed_progress: (state, { side, stage, done, total }) =>
    with_session(state, side, { embedding: { ...NO_EMBEDDING, phase: "running", stage, done, total } }),
  embed_done: (state, { side, encode_ms, threads = 1, memory }) => {
    const before = state.sessions[side]?.embedding ?? NO_EMBEDDING;
    const next = with_session(state, side, { embedding: { ...before, phase: "done", encode_ms, threads } });
    return side === "main" ? { ...next, memory } : next;
  },
  embed_stopped: (state, { side, by_user }) =>
    with_session(state, side, { embedding: by_user ? { ...NO_EMBEDDING, phase: "cancelled" } : NO_EMBEDDING }),
  embed_failed: (state, { side, failure }) => ({
    ...with_session(state, side, { embedding: { ...NO_EMBEDDING, phase: "failed" } }),
    message: error_message(failure, ["retry"]),
  }),
};

/** @type {import("./slices.js").Slice<EmbeddingAction, "sessions">} */
export const embedding_slice = {
  initial: { sessions: { main: NO_SESSION, comparison: null } }, actions: embedding_actions,
};
