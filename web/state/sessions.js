// What each engine of the worker holds: the main one, and the one of the comparison model.

import { DEFAULT_EMBEDDING_BUDGET_BYTES } from "./limits.js";
import { to_be_asked } from "../features/prompts/state.js";

/** @typedef {import("./reduce.js").State} State */
/** @typedef {"main" | "comparison"} Side */
/** @typedef {"sam" | "medsam" | "litemedsam" | "sam2" | "medsam2"} Recipe */
/** @typedef {{ id: string, name: string, trained_on_points: boolean, published: boolean }} LoadedModel */
/**
 * Progress of the encoding; `encode_ms` is set when it is done, and null if it came from the cache.
 * @typedef {object} Embedding
 * @property {"none" | "running" | "done" | "cancelled" | "failed"} phase
 * @property {string} stage
 * @property {number} done
 * @property {number} total
 * @property {number | null} encode_ms
 * @property {number} threads that encoded it together
 */
/**
 * @typedef {object} Session
 * @property {LoadedModel | null} model that the engine holds
 * @property {string | null} scan_key the scan that it has open
 * @property {import("./rendering.js").Rendering | null} shown the rendering it was last told to show
 * @property {string | null} image_key the image that it shows
 * @property {import("../../boxel-bindings.js").Window | null} window that its model sees; null: the display window
 * @property {number[]} ids of the predictions that it keeps
 * @property {number[]} numbers of the objects whose masks it keeps
 * @property {number} budget_bytes for cached embeddings
 * @property {Embedding} embedding
 */

/** @type {Embedding} */
export const NO_EMBEDDING = { phase: "none", stage: "", done: 0, total: 0, encode_ms: null, threads: 1 };

/** @type {Session} */
export const NO_SESSION = {
  model: null, scan_key: null, shown: null, image_key: null, window: null, ids: [], numbers: [],
  budget_bytes: DEFAULT_EMBEDDING_BUDGET_BYTES,
  embedding: NO_EMBEDDING,
};

/** @type {(state: State, side: Side, changes: Partial<Session>) => State} */
export function with_session(state, side, changes) {
  const session = state.sessions[side];
  return session ? { ...state, sessions: { ...state.sessions, [side]: { ...session, ...changes } } } : state;
}

/** Decodes every object again; the old masks stay until the new ones arrive.
 * @type {(state: State, side: Side, changes: Partial<Session>) => State} */
export const to_be_decoded = (state, side, changes) => ({
  ...with_session(state, side, changes),
  objects: state.objects.map((object) => to_be_asked(object, [side])),
});
