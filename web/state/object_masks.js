// Counts changes of the engine's object masks.

/** @typedef {import("./reduce.js").State} State */

/** @type {(state: State) => State} */
export const object_masks_changed = (state) => ({ ...state, object_masks_version: state.object_masks_version + 1 });
