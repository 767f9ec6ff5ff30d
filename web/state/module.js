// Download of the wasm module, which every worker needs.

import { error_message } from "./message.js";

/** @typedef {import("../failure.js").Failure} Failure */
/** `total` is 0 if unknown.
 * @typedef {{ phase: "none" | "loading" | "ready" | "failed", loaded: number, total: number }} Module */
/**
 * @typedef {{ do: "module_progress", loaded: number, total: number }
 *  | { do: "module_ready" }
 *  | { do: "module_failed", failure: Failure }} ModuleAction
 */

/** @type {Module} */
export const NO_MODULE = { phase: "none", loaded: 0, total: 0 };

/** @type {import("./slices.js").Handlers<ModuleAction>} */
export const module_actions = {
  module_progress: (state, { loaded, total }) => ({ ...state, module: { phase: "loading", loaded, total } }),
  module_ready: (state) => ({ ...state, module: { ...state.module, phase: "ready" } }),
  // Everything that needs the module keeps waiting; a retry continues it.
  module_failed: (state, { failure }) =>
    ({ ...state, module: { ...state.module, phase: "failed" }, message: error_message(failure, ["retry"]) }),
};

/** @type {import("./slices.js").Slice<ModuleAction, "module">} */
export const module_slice = { initial: { module: NO_MODULE }, actions: module_actions };
