// The workers that encode slices next to the engine.

import { loadable } from "../features/models/weights_state.js";

/** @typedef {import("./reduce.js").State} State */
/** What the browser says of the machine. @typedef {{ cores: number, memory_gib: number }} Machine */
/** Slices at a time, with the engine's own. @typedef {"auto" | number} SlicesAtATime */
/**
 * @typedef {object} SliceEncoders
 * @property {SlicesAtATime} wanted
 * @property {number} running workers besides the engine's own
 * @property {string} lost why the last one stopped; empty if all run
 */
/**
 * @typedef {{ do: "slices_at_a_time_wanted", wanted: SlicesAtATime }
 *  | { do: "slice_encoders_changed", generation: number, running: number, lost: string }} SliceEncodersAction
 */

const MIB = 1024 ** 2;
export const MAX_SLICES_AT_A_TIME = 8;
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

/** How many workers should encode slices besides the engine's own: none on a GPU, and for a single image.
 * @type {(state: Pick<State, "engine" | "scan" | "sessions" | "weights" | "slice_encoders">, machine: Machine) => number} */
export function others_wanted({ engine, scan, sessions: { main }, weights, slice_encoders: { wanted } }, machine) {
  if (engine.phase !== "ready" || engine.kind !== "cpu" || !scan || !scan.volume || !main.model) return 0;
  if (wanted !== "auto") return Math.min(wanted, MAX_SLICES_AT_A_TIME) - 1;
  const file_bytes = loadable(weights)?.file?.size ?? 0;
  const fitting = Math.floor(machine.memory_gib * 1024 * MIB * PART_OF_MEMORY / bytes_of_worker(file_bytes));
  return Math.max(0, Math.min(machine.cores - 1, fitting, MAX_SLICES_AT_A_TIME - 1));
}

/** @type {import("./slices.js").Handlers<SliceEncodersAction>} */
const actions = {
  slices_at_a_time_wanted: (state, { wanted }) => ({ ...state, slice_encoders: { ...state.slice_encoders, wanted } }),
  slice_encoders_changed: (state, { running, lost }) =>
    ({ ...state, slice_encoders: { ...state.slice_encoders, running, lost } }),
};

/** @type {import("./slices.js").Slice<SliceEncodersAction, "slice_encoders">} */
export const slice_encoders_slice = {
  initial: { slice_encoders: { wanted: "auto", running: 0, lost: "" } }, actions,
};
