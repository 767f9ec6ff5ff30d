// The page's whole state and the one pure function that changes it: no DOM, no worker, no clock. What an action does is
// in the file of its slice.
//
// Every reply of the engine carries the engine's generation (a new one per worker) and, once an
// image is involved, the image's key, which names the scan, the slice and the window. Replies of an older worker or
// for an older image are dropped, so a new image never shows an old mask.

import { locked_against } from "../features/objects/locks_state.js";
import { beyond_limit } from "../features/sessions/limits_state.js";
import { message_actions, with_standing_offers } from "./message.js";
import { FIRST_STATE, handlers } from "./slices.js";

/** @typedef {import("./sessions.js").Session} Session */
/**
 * @typedef {object} State
 * @property {import("./engine.js").Wanted} wanted
 * @property {import("./engine.js").Engine} engine
 * @property {{ main: Session, comparison: Session | null }} sessions
 * @property {import("./slice_encoders.js").SliceEncoders} slice_encoders
 * @property {import("./module.js").Module} module
 * @property {import("../features/models/state.js").Models} models
 * @property {import("../features/models/weights_state.js").Weights} weights of the main model
 * @property {import("../features/models/weights_state.js").Weights | null} comparison_weights of the second model;
 *   null without one
 * @property {import("../features/models/own_state.js").Reading | null} reading a file of weights
 * @property {string | null} keeping the id of the model that is being stored
 * @property {import("../features/samples/state.js").Samples} samples
 * @property {import("./scan.js").Opening | null} opening
 * @property {import("./scan.js").Source | null} unopened what a retry opens again
 * @property {import("./scan.js").Scan | null} scan
 * @property {import("./rendering.js").Rendering | null} rendering the slice that is wanted, and its window
 * @property {Partial<Record<import("../../boxel-bindings.js").Plane, number>>} left_at the slice at which each
 *   plane was left
 * @property {import("./rendering.js").Image | null} image the slice that is shown
 * @property {import("../features/display/state.js").Display} display how that slice lies on the screen
 * @property {boolean} settled the user stays with that slice
 * @property {number} object_masks_version counts the changes of what the engine holds of the objects
 * @property {import("../features/propagation/state.js").SliceMasks | null} slice_masks
 * @property {Record<number, import("../features/propagation/state.js").ObjectMask>} object_masks by the object's
 *   number
 * @property {Record<number, import("../features/propagation/state.js").Stops>} stops by the object's number
 * @property {import("./steps.js").Steps} steps by the object's number
 * @property {import("../features/review/state.js").Reviewed} reviewed slices that the user has ticked
 * @property {import("../features/brush/strokes_state.js").Edits} edited the strokes that the engine has
 * @property {import("../features/propagation/versions_state.js").PropagationVersions} propagation_versions that the
 *   engine has
 * @property {import("../features/copies/state.js").KeptMasks} kept copies of masks on the page
 * @property {string} saved the work as it was last saved, as `work_of` names it; empty if never
 * @property {import("../features/unsaved/state.js").Found[]} found work that earlier tabs have left in this browser
 * @property {import("../features/unsaved/state.js").Autosave} autosave
 * @property {import("../features/propagation/state.js").Propagation | null} propagating
 * @property {number} propagation_range how many slices a model with a memory goes each way
 * @property {number | null} discarding the number of an object
 * @property {{ number: number, slice: number }[]} unmarking slices from which the engine must remove what a prompt
 *   added, in order
 * @property {import("../features/edits/state.js").Editing | null} editing the edit in the volume that is previewed
 * @property {import("../features/edits/state.js").ToApply[]} applying edits in the volume that are to be applied, in order
 * @property {number} edit_part the part of the edit that the engine has computed, 0 to 1
 * @property {string} previewed the edit whose result the engine holds; empty if it holds none
 * @property {boolean} overwriting edits in the volume take the voxels of their result away from other objects
 * @property {import("../features/propagation/state.js").Memory | null} memory of cached embeddings
 * @property {number} budget_bytes that it may take
 * @property {import("../features/prompts/state.js").PromptedObject[]} objects
 * @property {import("../features/prompts/state.js").PromptedObject[][]} history for undo, newest last
 * @property {import("../features/prompts/state.js").PromptedObject[][]} future for redo, next last
 * @property {import("../features/prompts/boxes_state.js").Nudged | null} nudged
 * @property {number | null} selected the number of the object that points are added to
 * @property {number} next_number objects are never renumbered
 * @property {number} next_serial of a prompt
 * @property {import("./tools.js").Tools} tools
 * @property {import("../features/model_input/state.js").InputPanel} model_input
 * @property {import("../features/measures/state.js").Measurement} measurement
 * @property {import("../features/measures/reference_state.js").Reference | null} reference
 * @property {import("../features/measures/curve_state.js").Curve} curve of the selected object over the slices
 * @property {import("../features/exports/state.js").Exports} exports
 * @property {import("../features/sessions/state.js").Replay | null} replay of a session file
 * @property {import("../features/segments/state.js").Segments | null} segments of a file that are being loaded
 * @property {boolean} looking at files that may be segmentations
 * @property {number | null} reading_session the part of a large session file that is read, 0 to 1
 * @property {import("../features/offline/state.js").Offline} offline
 * @property {import("../features/offline/state.js").Tally[]} requests of the page and its workers
 * @property {import("../features/self_test/state.js").SelfTest} self_test
 * @property {number} opacity of the masks, 0 to 1
 * @property {number} opacity_before they were switched off
 * @property {import("./message.js").Message | null} message
 */
/** @typedef {import("./slices.js").Action} Action */
/** @typedef {(action: Action) => void} Dispatch */

/** @type {(wanted: import("./engine.js").Wanted) => State} */
export const initial_state = (wanted) => ({ ...FIRST_STATE, wanted });

/** @type {(state: State, action: Action) => boolean} */
function is_stale(state, action) {
  if ("generation" in action && action.generation !== state.engine.generation) return true;
  if (!("key" in action)) return false;
  return action.key !== state.sessions[action.side]?.image_key || action.key !== state.image?.key;
}

/** @type {(state: State, action: Action) => State} */
export function reduce(state, action) {
  if (is_stale(state, action)) return state;
  // Only the user removes an offer: by closing the message, or by using it.
  return action.do === "message_closed" || action.do === "retry"
    ? reduced(state, action)
    : with_standing_offers(state, reduced(state, action));
}

/** @type {(state: State, action: Action) => State} */
function reduced(state, action) {
  const locked = locked_against(state, action);
  if (locked !== null) return message_actions.told(state, {
    do: "told", code: "locked", text: `Object ${locked} is locked. Unlock it in the list to change it.`,
  });
  const beyond = beyond_limit(state, action);
  if (beyond) return message_actions.told(state, { do: "told", code: "limit", text: beyond });
  // The table maps each action name to the function for that action.
  const handle = /** @type {(state: State, action: Action) => State} */ (handlers[action.do]);
  return handle(state, action);
}
