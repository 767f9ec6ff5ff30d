// The next move of a replay: one pure function of the state, called after every action.

import { same_window } from "../../state/rendering.js";
import { wanted_edit } from "../brush/strokes_state.js";
import { loaded_entry } from "../models/makers_state.js";
import { loadable } from "../models/weights_state.js";
import { move_of, object_of } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/reduce.js").Action} Action */
/** @typedef {import("./state.js").Replay} Replay */
/** @typedef {import("../../state/rendering.js").Rendering} Rendering */
/** @typedef {import("./moves_state.js").Move} Move */

/** How often a slice is requested again if the user scrolls away from it. */
const MAX_LOOKS = 20;

/** Whether the masks of a session can be restored, which needs its scan and no model.
 * @type {(state: State, replay: Replay) => boolean} */
const is_scan_there = ({ scan, opening, propagating }, { session }) =>
  scan?.key === session.scan.sha256 && !opening && !propagating;

/** What a session waits for. The user decides if the loaded model is not the session's.
 * @typedef {"scan" | "model" | "engine"} Obstacle */

/** @type {(state: State, replay: Replay) => Obstacle | null} */
export function obstacle_to(state, replay) {
  const { session, other_model, by_replay } = replay;
  if (!by_replay && is_scan_there(state, replay)) return null;
  const { scan, opening, image, engine, sessions: { main }, weights } = state;
  if (scan?.key !== session.scan.sha256) return opening ? "engine" : "scan";
  if (!by_replay) return "engine";
  const model = loaded_entry(state);
  const is_coming = weights.id !== loadable(weights)?.id && weights.phase !== "failed" && weights.phase !== "cancelled";
  // Masks that no model made need none.
  if (session.model) {
    if (is_coming || !model || loadable(weights)?.id !== main.model?.id) return "engine";
    if (model.sha256 !== session.model.sha256 && !other_model) return "model";
  }
  return opening || engine.phase !== "ready" || !image || main.image_key !== image.key || state.propagating
    ? "engine"
    : null;
}

/** The session's model, if the page has it.
 * @type {(state: State, replay: Replay) => import("../models/state.js").ModelEntry | undefined} */
export const model_for = ({ models: { entries } }, { session: { model } }) =>
  entries.find(({ sha256 }) => sha256 === model?.sha256);

/** @type {(state: State) => Action | null} */
export function next_move(state) {
  const { replay } = state;
  if (replay?.phase === "waiting") {
    return obstacle_to(state, replay) ? null : { do: replay.by_replay ? "replay_begun" : "session_restored" };
  }
  if (replay?.phase === "restoring") {
    // The user may have deleted one meanwhile.
    const are_back = state.objects.every(({ number }) => !replay.numbers.includes(number)
      || state.sessions.main.numbers.includes(number) || !state.kept[number]);
    return are_back ? { do: "session_is_back" } : null;
  }
  const move = move_of(state);
  if (replay?.phase !== "running" || !move) return null;
  const why = why_stopped(state, replay, move);
  if (why) return { do: "replay_stopped", why };
  if (replay.made) return is_done(state, move) ? { do: "replay_went_on" } : halted(state, move);
  if ("at" in move) {
    if (!is_wanted(state.rendering, move.at)) return { do: "replay_looked" };
    const { image, sessions: { main } } = state;
    if (main.shown !== state.rendering || !image || main.image_key !== image.key) return null;
  }
  return move.do === "propagate" && state.propagating ? null : { do: "replay_made" };
}

/** @type {(shown: Rendering | null, wanted: Rendering) => boolean} */
const is_wanted = (shown, wanted) =>
  shown !== null && shown.plane === wanted.plane && shown.slice === wanted.slice
    && same_window(shown.window, wanted.window);

/** @type {(state: State, replay: Replay, move: Move) => string} */
function why_stopped(state, { generation, looks, moves, at, made: is_made, standing }, move) {
  if (state.engine.generation !== generation) return "The engine was started again.";
  if (state.message?.level === "error" && state.message !== standing) return state.message.text;
  if (looks > MAX_LOOKS && "at" in move && !is_wanted(state.rendering, move.at)) {
    return "Its slices could not be shown.";
  }
  const made = moves.slice(0, at + (is_made ? 1 : 0));
  const is_begun = made.some((each) => each.object === move.object && ["prompt", "load", "edit_volume"].includes(each.do));
  return is_begun && !object_of(state, move) ? "An object of it was removed." : "";
}

/** @type {(state: State, move: Move) => boolean} */
function is_done(state, move) {
  switch (move.do) {
    case "prompt": return object_of(state, move)?.main.phase === "done";
    case "load": return state.sessions.main.numbers.includes(object_of(state, move)?.number ?? 0);
    case "propagate": return state.propagating === null;
    case "take_back": return state.discarding === null;
    case "edit": return wanted_edit(state) === null;
    case "unmark": return state.unmarking.length === 0;
    case "edit_volume": return state.applying.length === 0;
    default: return true;
  }
}

/** Cancels a propagation at the slice where the recorded one was cancelled.
 * @type {(state: State, move: Move) => Action | null} */
function halted({ propagating, steps, replay }, move) {
  if (move.do !== "propagate" || move.limit === null || propagating?.phase !== "running") return null;
  const number = replay?.numbers[move.object];
  const step = number === undefined ? undefined : steps[number]?.findLast((each) => each.do === "propagate");
  return step?.do === "propagate" && step.until === move.limit ? { do: "propagation_cancelled" } : null;
}
