// The page's whole state and the one pure function that changes it. No DOM, no worker, no clock. What
// an action does stands in the file of its slice.
//
// Every reply of the engine carries the engine's generation (a new one per worker) and, once an
// image is involved, the image's key. A reply of an older worker or an older image changes nothing:
// that is how a new image never shows an old mask.

import { comparison_actions } from "./comparison.js";
import { embedding_actions } from "./embedding.js";
import { engine_actions, new_engine } from "./engine.js";
import { image_actions } from "./image.js";
import { message_actions } from "./message.js";
import { model_actions, NO_MODELS } from "./models.js";
import { object_actions } from "./objects.js";
import { own_actions } from "./own.js";
import { retry_actions } from "./retry.js";
import { NO_SESSION } from "./sessions.js";
import { FIRST_TOOLS, tool_actions } from "./tools.js";
import { NO_WEIGHTS, weights_actions } from "./weights.js";

/** @typedef {import("./sessions.js").Session} Session */
/**
 * @typedef {object} State
 * @property {import("./engine.js").Wanted} wanted
 * @property {import("./engine.js").Engine} engine
 * @property {{ main: Session, other: Session | null }} sessions
 * @property {import("./models.js").Models} models
 * @property {import("./weights.js").Weights} weights of the main model
 * @property {import("./weights.js").Weights | null} compared of the second model, where there is one
 * @property {import("./own.js").Reading | null} reading a file of weights
 * @property {string | null} keeping the id of the model that is being stored
 * @property {import("./image.js").Source | null} opening
 * @property {import("./image.js").Image | null} image
 * @property {import("./prompts.js").PromptedObject[]} objects
 * @property {import("./prompts.js").PromptedObject[][]} history for undo, newest last
 * @property {number | null} selected the number of the object that points are added to
 * @property {number} next_number objects are never renumbered
 * @property {number} next_serial of a prompt
 * @property {import("./tools.js").Tools} tools
 * @property {number} opacity of the masks, 0 to 1
 * @property {import("./message.js").Message | null} message
 */
/**
 * @typedef {import("./engine.js").EngineAction
 *  | import("./models.js").ModelAction
 *  | import("./own.js").OwnAction
 *  | import("./weights.js").WeightsAction
 *  | import("./image.js").ImageAction
 *  | import("./embedding.js").EmbeddingAction
 *  | import("./objects.js").ObjectAction
 *  | import("./comparison.js").ComparisonAction
 *  | import("./tools.js").ToolAction
 *  | import("./message.js").MessageAction
 *  | import("./retry.js").RetryAction} Action
 */
/** What a slice does, one function for each of its actions.
 * @template {{ do: string }} A
 * @typedef {{ [D in A["do"]]: (state: State, action: Extract<A, { do: D }>) => State }} Handlers */

/** @type {Handlers<Action>} */
const handlers = {
  ...engine_actions,
  ...model_actions,
  ...own_actions,
  ...weights_actions,
  ...image_actions,
  ...embedding_actions,
  ...object_actions,
  ...comparison_actions,
  ...tool_actions,
  ...message_actions,
  ...retry_actions,
};

/** @type {(wanted: import("./engine.js").Wanted) => State} */
export const initial_state = (wanted) => ({
  wanted,
  engine: new_engine(1),
  sessions: { main: NO_SESSION, other: null },
  models: NO_MODELS,
  weights: NO_WEIGHTS,
  compared: null,
  reading: null,
  keeping: null,
  opening: null,
  image: null,
  objects: [],
  history: [],
  selected: null,
  next_number: 1,
  next_serial: 1,
  tools: FIRST_TOOLS,
  opacity: 0.6,
  message: null,
});

/** @type {(state: State, action: Action) => boolean} */
function is_stale(state, action) {
  if ("generation" in action && action.generation !== state.engine.generation) return true;
  if (!("key" in action)) return false;
  return action.key !== state.sessions[action.side]?.image_key || action.key !== state.image?.key;
}

/** @type {(state: State, action: Action) => State} */
export function reduce(state, action) {
  if (is_stale(state, action)) return state;
  // The table has for each name the function that takes this very action.
  const handle = /** @type {(state: State, action: Action) => State} */ (handlers[action.do]);
  return handle(state, action);
}
