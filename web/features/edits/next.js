// The next request for edits in the volume.

import { wanted_application, wanted_pending_mask, wanted_preview } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../engine/next.js").Request} Request */

/** Applies what the user has accepted. @type {(state: State) => Request | null} */
export function next_application(state) {
  const question = wanted_application(state);
  return question && { do: "apply_edit", ...question };
}

/** Computes the preview, and gets it for the shown slice; after everything that changes masks.
 * @type {(state: State) => Request | null} */
export function next_preview(state) {
  const preview = wanted_preview(state);
  if (preview) return { do: "preview_edit", ...preview };
  const mask = wanted_pending_mask(state);
  if (mask) return { do: "pending_mask", ...mask };
  return !state.editing && state.previewed && !state.applying.length ? { do: "drop_edit" } : null;
}
