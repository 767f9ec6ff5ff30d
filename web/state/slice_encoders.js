// The workers that encode slices next to the engine.

import { loadable } from "../features/models/weights_state.js";

/** @typedef {import("./reduce.js").State} State */
/** What the browser says of the machine. @typedef {{ cores: number, memory_gib: number }} Machine */
/** Workers that encode, the engine's own included. @typedef {"auto" | number} Threads */
/**
 * @typedef {object} SliceEncoders
 * @property {Threads} wanted
 * @property {number} running workers besides the engine's own
 * @property {string} lost why the last one stopped; empty if all run
 * @property {string} apart why several can't encode one image together; empty if they can
 */
/**
 * @typedef {{ do: "threads_wanted", wanted: Threads }
 *  | { do: "apart_seen", apart: string }
 *  | { do: "slice_encoders_changed", generation: number, running: number, lost: string }} SliceEncodersAction
 */

const MIB = 1024 ** 2;
export const MAX_THREADS = 8;
/** The host does not send the headers for it, or the browser does not follow them. */
export const NOT_ISOLATED = "the page is not isolated";
/** Unless the user chooses more. Measured on two cores only. */
const MAX_OTHERS_FOR_AN_IMAGE = 1;
/** What a browser without `deviceMemory` is taken to have. */
const UNKNOWN_MEMORY_GIB = 2;
/** The part of the memory that the workers may take. */
const PART_OF_MEMORY = 1 / 4;

/** @type {(machine: { hardwareConcurrency?: number, deviceMemory?: number }) => Machine} */
export const machine_of = ({ hardwareConcurrency, deviceMemory }) =>
  ({ cores: hardwareConcurrency ?? 1, memory_gib: deviceMemory ?? UNKNOWN_MEMORY_GIB });

/** While a worker loads, it holds the file, its tensors and the model; 64 MiB are for an encoding. Measured with
 * LiteMedSAM: see docs/performance.md. @type {(file_bytes: number) => number} */
const bytes_of_worker = (file_bytes) => 64 * MIB + 3 * file_bytes;

/** Whether several workers encode one image together. @type {(state: Pick<State, "slice_encoders">) => boolean} */
export const encodes_together = ({ slice_encoders: { apart } }) => apart === "";

/** How many workers should encode besides the engine's own: none on a GPU, and for a single image only where they can
 * encode it together.
 * @type {(state: Pick<State, "engine" | "scan" | "sessions" | "weights" | "slice_encoders">, machine: Machine) => number} */
export function others_wanted(state, machine) {
  const { engine, scan, sessions: { main }, weights, slice_encoders: { wanted } } = state;
  if (engine.phase !== "ready" || engine.kind !== "cpu") return 0;
  const model = loadable(weights);
  if (encodes_together(state) ? !model && !main.model : !scan?.volume || !main.model) return 0;
  if (wanted !== "auto") return Math.min(wanted, MAX_THREADS) - 1;
  const fitting =
    Math.floor(machine.memory_gib * 1024 * MIB * PART_OF_MEMORY / bytes_of_worker(model?.file?.size ?? 0));
  const most = scan?.volume ? MAX_THREADS - 1 : MAX_OTHERS_FOR_AN_IMAGE;
  return Math.max(0, Math.min(machine.cores - 1, fitting, most));
}

/** Why workers can't encode an image together, which takes shared memory; empty if they can.
 * @param {{
 *   crossOriginIsolated?: boolean, SharedArrayBuffer?: unknown, isSecureContext?: boolean, top?: unknown, self?: unknown,
 * }} scope of the page */
export function apart_of({ crossOriginIsolated, SharedArrayBuffer: shared, isSecureContext, top, self }) {
  if (crossOriginIsolated) return shared ? "" : "this browser has no SharedArrayBuffer";
  if (top !== self) return "the page is in a frame of another one";
  if (!isSecureContext) return "the page's address is not encrypted";
  return NOT_ISOLATED;
}

/** @type {import("./slices.js").Handlers<SliceEncodersAction>} */
const actions = {
  threads_wanted: (state, { wanted }) => ({ ...state, slice_encoders: { ...state.slice_encoders, wanted } }),
  apart_seen: (state, { apart }) => ({ ...state, slice_encoders: { ...state.slice_encoders, apart } }),
  slice_encoders_changed: (state, { running, lost }) =>
    ({ ...state, slice_encoders: { ...state.slice_encoders, running, lost } }),
};

/** @type {import("./slices.js").Slice<SliceEncodersAction, "slice_encoders">} */
export const slice_encoders_slice = {
  initial: { slice_encoders: { wanted: "auto", running: 0, lost: "", apart: NOT_ISOLATED } }, actions,
};
