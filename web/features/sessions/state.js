// An opened session file. Its masks are restored; if it has none, or if the user wants to check them, its steps are
// replayed and the masks compared. replayer.js makes the moves as a user would. A check ends with the objects from
// before it.

import { with_objects } from "../../state/history.js";
import { error_message, standing_of } from "../../state/message.js";
import { rendering_actions } from "../../state/rendering.js";
import { with_strokes } from "../brush/strokes_state.js";
import { kept_as_loaded } from "../copies/state.js";
import { with_edit_to_apply } from "../edits/state.js";
import { label_of } from "../objects/labels_state.js";
import { LOADED, new_object, NO_RESULT, to_be_asked } from "../prompts/state.js";
import { propagation_actions, without_orphans } from "../propagation/state.js";
import { work_of } from "../unsaved/state.js";
import { misfit, moves_of } from "./moves_state.js";
import { objects_in } from "./objects_state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */
/** @typedef {import("./format.js").SessionFile} SessionFile */
/** @typedef {import("../../../boxel-bindings.js").ReplayCheck} ReplayCheck */
/** What a replay check sets aside.
 * @typedef {Pick<State, "objects" | "selected" | "history" | "future"> & {
 *   generation: number, model: State["sessions"]["main"]["model"],
 * }} Before */
/** @typedef {import("./moves_state.js").Move} Move */
/**
 * @typedef {object} Replay
 * @property {SessionFile} session
 * @property {"waiting" | "restoring" | "restored" | "running" | "comparing" | "ended"} phase "waiting" for its
 *   scan, its model or the engine
 * @property {boolean} by_replay its masks are recomputed, not restored
 * @property {string | null} found_as the id of the earlier tab's work, if it is that
 * @property {Before | null} before of a check
 * @property {boolean} checks it only checks the restored masks, which stay
 * @property {boolean} other_model the user accepts another model than the session's
 * @property {number} generation of the engine that replays it
 * @property {number[]} numbers that the session's objects have here
 * @property {Move[]} moves
 * @property {number} at index of the current move
 * @property {boolean} made the engine has been asked for the current move
 * @property {import("../../state/message.js").Message | null} standing the message from before it, which does not
 *   stop it
 * @property {number} looks how often the slice of the move was requested
 * @property {ReplayCheck[] | null} found at the end, in the order of the objects
 * @property {string} stopped why it stopped early; empty if it did not
 */
/**
 * @typedef {{ do: "session_reading", part: number }
 *  | { do: "session_read" }
 *  | { do: "session_opened", session: SessionFile, found_as?: string }
 *  | { do: "session_restored" }
 *  | { do: "session_is_back" }
 *  | { do: "replay_wanted" }
 *  | { do: "replay_model_accepted" }
 *  | { do: "replay_begun" }
 *  | { do: "replay_looked" }
 *  | { do: "replay_made" }
 *  | { do: "replay_went_on" }
 *  | { do: "replay_stopped", why: string }
 *  | { do: "replay_compared", generation: number, found: ReplayCheck[] }
 *  | { do: "replay_closed" }} ReplayAction
 */

/** @type {(state: State, changes: Partial<Replay>) => State} */
const with_replay = (state, changes) => state.replay ? { ...state, replay: { ...state.replay, ...changes } } : state;

/** @type {import("../../state/slices.js").Handlers<ReplayAction>} */
export const replay_actions = {
  session_reading: (state, { part }) => ({ ...state, reading_session: part }),
  // Read, refused, or cancelled by the user.
  session_read: (state) => ({ ...state, reading_session: null }),
  session_opened: (state, { session, found_as = null }) => ({
    ...state, message: null,
    replay: {
      session, phase: "waiting", by_replay: !session.objects.every(({ masks }) => masks), found_as, before: null,
      checks: false, other_model: false, generation: 0, numbers: [], moves: moves_of(session), at: 0, made: false,
      looks: 0, standing: null, found: null, stopped: "",
    },
  }),
  session_restored: (state) => restored(state),
  session_is_back: (state) => with_replay(state, { phase: "restored" }),
  replay_wanted: (state) => state.replay?.phase === "restored" || state.replay?.phase === "ended"
    ? with_replay(state, {
      phase: "waiting", by_replay: true, checks: true, found: null, stopped: "", at: 0, made: false, looks: 0,
    }) : state,
  replay_model_accepted: (state) => with_replay(state, { other_model: true }),
  replay_begun: (state) => begun(state),
  replay_looked: (state) => {
    const move = move_of(state);
    if (!state.replay || !move || !("at" in move)) return state;
    return rendering_actions.rendering_wanted(with_replay(state, { looks: state.replay.looks + 1 }), {
      do: "rendering_wanted", ...move.at,
    });
  },
  replay_made: (state) => made(with_replay(state, { made: true })),
  replay_went_on: (state) => {
    const { replay } = state;
    if (!replay) return state;
    const at = replay.at + 1;
    return with_replay(state, {
      at, made: false, looks: 0, ...(at < replay.moves.length ? {} : { phase: "comparing" }),
    });
  },
  // What has been replayed so far stays; undo restores what was there before.
  replay_stopped: (state, { why }) => {
    const ended = with_replay(state, { phase: "ended", stopped: why });
    return put_back(
      state.propagating ? propagation_actions.propagation_cancelled(ended, { do: "propagation_cancelled" }) : ended,
    );
  },
  replay_compared: (state, { found }) => put_back(with_replay(state, { phase: "ended", found })),
  replay_closed: (state) => ({ ...state, replay: null }),
};

/** @type {import("../../state/slices.js").Slice<ReplayAction, "replay" | "reading_session">} */
export const replay_slice = { initial: { replay: null, reading_session: null }, actions: replay_actions };

/** A session that waits for a scan survives the opening of another one. @type {(state: State) => Replay | null} */
export const waiting_replay = ({ replay }) => replay?.phase === "waiting" ? replay : null;

/** @type {(state: State) => Move | undefined} */
export const move_of = ({ replay }) => replay?.moves[replay.at];

/** The object that a move is for. @type {(state: State, move: Move) => PromptedObject | undefined} */
export const object_of = ({ replay, objects }, move) =>
  objects.find(({ number }) => number === replay?.numbers[move.object]);

/** Restores the masks of the file, which the engine gets as copies. The present objects go into the history.
 * @type {(state: State) => State} */
function restored(state) {
  const { replay, scan, next_number, next_serial } = state;
  if (!replay || !scan) return state;
  const why = misfit(replay.session, scan);
  if (why) return { ...state, replay: null, message: error_message({ code: "session_invalid", message: why }) };
  const { objects, kept, serial, reviewed } = objects_in(replay.session, next_number, next_serial);
  const cleared = state.objects.length ? without_orphans(with_objects(state, [], null)) : state;
  const next = {
    ...cleared, objects, kept: { ...state.kept, ...kept }, reviewed: { ...state.reviewed, ...reviewed }, message: null,
    next_number: next_number + objects.length, next_serial: serial, selected: objects[0]?.number ?? null,
  };
  // The work of an earlier tab was never saved.
  const told = { ...next, saved: replay.found_as === null ? work_of({ ...next, replay: null }) : "" };
  const looked = rendering_actions.rendering_wanted(told, { do: "rendering_wanted", ...replay.session.view });
  return with_replay(looked, { phase: "restoring", numbers: objects.map(({ number }) => number) });
}

/** Restores what a check has set aside, next to what the user has drawn meanwhile. @type {(state: State) => State} */
function put_back(state) {
  const { replay, objects } = state;
  if (!replay?.before) return state;
  const { before, numbers } = replay;
  const is_same_engine = before.generation === state.engine.generation && before.model === state.sessions.main.model;
  const brought = is_same_engine ? before.objects : before.objects.map((object) => to_be_asked(object));
  const drawn = objects.filter(({ number }) => !numbers.includes(number));
  return with_replay({
    ...state, objects: [...brought, ...drawn], selected: before.selected,
    history: drawn.length ? [...before.history, before.objects] : before.history,
    future: drawn.length ? [] : before.future,
  }, { before: null });
}

/** Begins a replay; the present objects go into the history. @type {(state: State) => State} */
function begun(state) {
  const { replay, scan, next_number } = state;
  if (!replay || !scan) return state;
  const why = misfit(replay.session, scan);
  if (why) return { ...state, replay: null, message: error_message({ code: "session_invalid", message: why }) };
  const { objects, selected, history, future, engine: { generation }, sessions: { main: { model } } } = state;
  const before = replay.checks ? { objects, selected, history, future, generation, model } : null;
  const numbers = replay.session.objects.map((_, i) => next_number + i);
  const next = state.objects.length ? without_orphans(with_objects(state, [], null)) : state;
  return with_replay({ ...next, next_number: next_number + numbers.length, message: null },
    { phase: "running", generation: state.engine.generation, numbers, before, standing: standing_of(state.message) });
}

/** @type {(state: State) => State} */
function made(state) {
  const { replay } = state;
  const move = move_of(state);
  const number = move && replay?.numbers[move.object];
  if (!move || number === undefined) return state;
  switch (move.do) {
    case "load": return loaded(state, move, number);
    case "prompt": return prompted(state, move, number);
    case "propagate": return unrecorded(state, propagation_actions.propagation_wanted(
      in_window(state, number, move.at.window),
      { do: "propagation_wanted", number, directions: [move.direction], rule: move.rule, range: move.range ?? null },
    ));
    case "edit": return drawn(state, move, number);
    case "take_back":
      return unrecorded(state, propagation_actions.discard_wanted(state, { do: "discard_wanted", number }));
    case "edit_volume": return edited(state, move, number);
    case "unmark": return propagation_actions.unmark_wanted(state, { do: "unmark_wanted", number, slice: move.slice });
    default: return state;
  }
}

/** @type {(state: State, number: number, window: import("../../../boxel-bindings.js").Window) => State} */
const in_window = (state, number, window) =>
  ({ ...state, objects: state.objects.map((object) => object.number === number ? { ...object, window } : object) });

/** Undo reverts the whole replay at once. @type {(before: State, after: State) => State} */
const unrecorded = ({ history, future }, after) => ({ ...after, history, future });

/** Sets all strokes of a slice at once.
 * @type {(state: State, move: Extract<Move, { do: "edit" }>, number: number) => State} */
const drawn = (state, { slice, strokes }, number) => ({
  ...state,
  objects: state.objects.map((object) =>
    object.number === number ? { ...object, edits: with_strokes(object.edits, slice, strokes) } : object),
});

/** The engine gets what was loaded from the session's masks.
 * @type {(state: State, move: Extract<Move, { do: "load" }>, number: number) => State} */
function loaded(state, move, number) {
  const { session } = /** @type {Replay} */ (state.replay);
  const masks = session.objects[move.object]?.masks ?? "";
  const next = with_unprompted(state, move.object, number);
  const object = /** @type {PromptedObject} */ (next.objects.at(-1));
  /** @type {import("../copies/state.js").Kept} */
  const kept = { ...kept_as_loaded(object, masks), only_loaded: true };
  return { ...next, kept: { ...next.kept, [number]: kept } };
}

/** Adds an object of the session, without prompts. @type {(state: State, place: number, number: number) => State} */
function with_unprompted(state, place, number) {
  const { session } = /** @type {Replay} */ (state.replay);
  const from = /** @type {import("./format.js").FileObject} */ (session.objects[place]);
  const { name, colour, hidden, locked, plane, segment, reach: [slice] = [0, 0] } = from;
  const object = {
    ...new_object({
      number, name, colour: label_of(state.objects, name)[0]?.colour ?? colour, hidden, locked, at: { plane, slice },
      prompts: [], ...(segment ? { segment } : {}),
    }),
    ...LOADED,
  };
  return { ...state, objects: [...state.objects, object], selected: number };
}

/** An object without other steps is made by the edit.
 * @type {(state: State, move: Extract<Move, { do: "edit_volume" }>, number: number) => State} */
function edited(state, { object, edit, other }, number) {
  const is_there = state.objects.some((each) => each.number === number);
  const next = is_there ? state : with_unprompted(state, object, number);
  return with_edit_to_apply(next, { number, edit, ...(other === undefined ? {} : { other }) });
}

/** Sets the whole chain at once, as an undo does; the engine is asked prompt by prompt.
 * @type {(state: State, move: Extract<Move, { do: "prompt" }>, number: number) => State} */
function prompted(state, move, number) {
  const { session } = /** @type {Replay} */ (state.replay);
  const { name, colour, hidden, locked } =
    /** @type {import("./format.js").FileObject} */ (session.objects[move.object]);
  // The file has only accepted masks.
  const prompts = move.prompts.map((prompt, i) => ({ ...prompt, taken: true, serial: state.next_serial + i }));
  const { plane, slice, window } = move.at;
  const at = { plane, slice };
  const before = object_of(state, move);
  const objects = before
    ? state.objects.map((each) => each === before
      ? { ...before, at, window, prompts, alone: false, dice: null, main: NO_RESULT, comparison: NO_RESULT }
      : each)
    : [...state.objects, new_object({
      number, window, name, colour: label_of(state.objects, name)[0]?.colour ?? colour, hidden, locked, at, prompts,
    })];
  return { ...state, objects, selected: number, next_serial: state.next_serial + prompts.length };
}
