// That the engine's structures, the objects through all slices, are others than they were.

/** @typedef {import("./reduce.js").State} State */

/** @type {(state: State) => State} */
export const structures_changed = (state) => ({ ...state, structure_version: state.structure_version + 1 });
