// An opened session in words: what it waits for, and what came of it.

import { move_of } from "../state/replay.js";
import { model_for, obstacle_to } from "../session/next_move.js";

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../state/replay.js").Replay} Replay */

/** What the note says and offers: the session's model, the model that is there, and its end.
 * @typedef {{ text: string, load: { id: string, text: string } | null, anyway: string, close: string }} SessionNote */

const NOTHING = { load: null, anyway: "" };

/** @type {(state: State) => SessionNote | null} */
export function session_note(state) {
  const { replay } = state;
  if (!replay) return null;
  switch (replay.phase) {
    case "waiting": return waiting_note(state, replay);
    case "ended": return { ...NOTHING, text: ended_words(replay), close: "Close" };
    default: return { ...NOTHING, text: "A session is replayed.", close: "" };
  }
}

/** @type {(state: State, replay: Replay) => SessionNote} */
function waiting_note(state, replay) {
  const { scan, sessions: { main } } = state;
  const { model } = replay.session;
  switch (obstacle_to(state, replay)) {
    case "scan": {
      const lead = scan ? "This session belongs to another scan than the one that is open." : "This session waits for its scan.";
      return { ...NOTHING, text: `${lead} Open its scan, and it is replayed.`, close: "Don't replay" };
    }
    case "model": {
      const entry = model_for(state, replay);
      const present = main.model?.name ?? "this model";
      const how = entry ? "" : ` Open those weights under Own weights (SHA-256 ${model.sha256.slice(0, 12)}…), or take another model: its masks will differ.`;
      return {
        text: `This session was made with ${entry?.name ?? model.name}.${how}`,
        load: entry ? { id: entry.id, text: `Load ${entry.name}` } : null,
        anyway: `Replay with ${present}: masks will differ`,
        close: "Don't replay",
      };
    }
    default: return { ...NOTHING, text: "A session is open. It is replayed as soon as the model is ready.", close: "Don't replay" };
  }
}

/** @type {(count: number) => string} */
const voxels = (count) => `${count.toLocaleString("en")} ${count === 1 ? "voxel" : "voxels"}`;

/** @type {(replay: Replay) => string} */
function ended_words({ session: { objects }, found, stopped, other_model }) {
  if (!found) return `The replay ended before its time. ${stopped} What was there before comes back with Undo.`;
  const differing = objects.flatMap(({ name, result }, i) => {
    const now = found[i];
    if (!now || now.sha256 === result.sha256) return [];
    const how = now.voxels === result.voxels ? `has ${voxels(now.voxels)} as before, but not the same ones`
      : `has ${voxels(now.voxels)}, and had ${result.voxels.toLocaleString("en")}`;
    return [`${name} ${how}`];
  });
  if (!objects.length) return "Replayed: the session has no objects.";
  if (!differing.length) return `Replayed: ${objects.length === 1 ? "the object is" : `all ${objects.length} objects are`} the same.`;
  const why = other_model ? "It is another model." : "A GPU and a CPU may differ by some voxels.";
  const count = objects.length === 1 ? "the object differs"
    : `${differing.length} of ${objects.length} objects ${differing.length === 1 ? "differs" : "differ"}`;
  return `Replayed: ${count}. ${differing.join("; ")}. ${why}`;
}

/** While it runs: which move, and how far that is. `within` is what else the page would say.
 * @type {(state: State, within: import("./words.js").Progress | null) => import("./words.js").Progress | null} */
export function replay_progress(state, within) {
  const { replay } = state;
  const move = move_of(state);
  if (replay?.phase !== "running" || !move) return null;
  const name = replay.session.objects[move.object]?.name ?? "";
  const label = `Replaying ${name}, step ${replay.at + 1} of ${replay.moves.length}${within ? `: ${within.label}` : ""}`;
  return { label, value: (replay.at + (within?.value ?? 0)) / replay.moves.length, cancels: "replay" };
}
