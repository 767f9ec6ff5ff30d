// What an engine of the worker holds: the main one, and beside it the one of a second model.

import { to_be_asked } from "./prompts.js";

/** @typedef {import("./reduce.js").State} State */
/** @typedef {"main" | "comparison"} Side */
/** @typedef {"sam" | "medsam" | "litemedsam"} Recipe */
/** @typedef {{ id: string, name: string, trained_on_points: boolean }} LoadedModel */
/** How far the encoding is; `encode_ms` once it is done, and null where it was kept from before.
 * @typedef {{ phase: "none" | "running" | "done" | "cancelled" | "failed", stage: string, done: number, total: number, encode_ms: number | null }} Embedding */
/**
 * @typedef {object} Session
 * @property {LoadedModel | null} model that the engine holds
 * @property {string | null} scan_key the scan that it has open
 * @property {import("./view.js").Rendering | null} shown what it was last told to show, of `State.view`
 * @property {string | null} image_key the image that it shows
 * @property {import("../../boxel-bindings.js").Window | null} window that its model sees; null: as it is shown
 * @property {number[]} ids of the segments that it keeps
 * @property {number[]} numbers of the objects that it keeps through all slices
 * @property {number} budget_bytes for kept embeddings
 * @property {Embedding} embedding
 */

/** @type {Embedding} */
export const NO_EMBEDDING = { phase: "none", stage: "", done: 0, total: 0, encode_ms: null };

/** What an engine begins with. */
export const FIRST_BUDGET_BYTES = 64 * 1024 * 1024;

/** @type {Session} */
export const NO_SESSION = {
  model: null, scan_key: null, shown: null, image_key: null, window: null, ids: [], numbers: [], budget_bytes: FIRST_BUDGET_BYTES,
  embedding: NO_EMBEDDING,
};

/** @type {(state: State, side: Side, changes: Partial<Session>) => State} */
export function with_session(state, side, changes) {
  const session = state.sessions[side];
  return session ? { ...state, sessions: { ...state.sessions, [side]: { ...session, ...changes } } } : state;
}

/** Every object is to be decoded again; the masks stay until the new ones come.
 * @type {(state: State, side: Side, changes: Partial<Session>) => State} */
export const to_be_decoded = (state, side, changes) => ({
  ...with_session(state, side, changes),
  objects: state.objects.map((object) => to_be_asked(object, [side])),
});
