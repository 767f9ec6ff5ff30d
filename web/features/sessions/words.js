// Words for an opened session: what it waits for, and its result.

import { label_of_model } from "../models/published_state.js";
import { model_for, obstacle_to } from "./next_move.js";
import { move_of } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("./state.js").Replay} Replay */

/**
 * The note and its buttons: load the session's model, use the present one, check by replay, close.
 * @typedef {object} SessionNote
 * @property {string} text
 * @property {{ id: string, text: string } | null} load
 * @property {string} anyway
 * @property {string} check
 * @property {string} close
 */

const NOTHING = { load: null, anyway: "", check: "" };

/** @type {(state: State) => SessionNote | null} */
export function session_note(state) {
  const { replay } = state;
  if (!replay) return null;
  switch (replay.phase) {
    case "waiting": return waiting_note(state, replay);
    case "restoring": return { ...NOTHING, text: "Restoring the masks of the session…", close: "" };
    case "restored": return {
      ...NOTHING, text: restored_words(state, replay), check: replay.session.objects.length ? "Check by replay" : "",
      close: "Close",
    };
    case "ended": return { ...NOTHING, text: ended_words(replay), close: "Close" };
    default: return {
      ...NOTHING, close: "",
      text: replay.checks
        ? "Checking the session: replaying its steps and comparing the masks…"
        : "Replaying the session…",
    };
  }
}

/** @type {(state: State, replay: Replay) => SessionNote} */
function waiting_note(state, replay) {
  const { scan, sessions: { main } } = state;
  const { model } = replay.session;
  switch (obstacle_to(state, replay)) {
    case "scan": {
      const lead = scan ? "This session belongs to another scan." : "The session is loaded.";
      const next = replay.by_replay ? "replay it" : "restore its masks";
      return {
        ...NOTHING, text: `${lead} Open its scan to ${next}.`,
        close: replay.by_replay ? "Don't replay" : "Close the session",
      };
    }
    case "model": {
      if (!model) return { ...NOTHING, text: "", close: "" };
      const entry = model_for(state, replay);
      const present = main.model?.name ?? "this model";
      const how = entry ? "" : ` Open those weights with "Load weights…" (SHA-256 ${model.sha256.slice(0, 12)}…), `
        + "or use another model: its masks will differ.";
      return {
        ...NOTHING,
        text: `This session was made with ${label_of_model({ ...model, name: entry?.name ?? model.name })}.${how}`,
        load: entry ? { id: entry.id, text: `Load ${entry.name}` } : null,
        anyway: `Replay with ${present}: masks will differ`,
        close: "Don't replay",
      };
    }
    default: return replay.by_replay
      ? { ...NOTHING, text: "Session loaded. It is replayed once the model is ready.", close: "Don't replay" }
      : {
        ...NOTHING, text: "Session loaded. Its masks are restored once the scan is open.", close: "Close the session",
      };
  }
}

/** @type {(count: number) => string} */
const voxels = (count) => `${count.toLocaleString("en")} ${count === 1 ? "voxel" : "voxels"}`;

/** @type {(state: State, replay: Replay) => string} */
function restored_words({ objects: present }, { session: { objects }, numbers, found_as }) {
  const count = `${objects.length} ${objects.length === 1 ? "object" : "objects"}`;
  const lacking = present.filter(({ number, main }) => numbers.includes(number) && main.phase === "waiting")
    .map(({ name }) => name);
  const lead = found_as === null
    ? `The session is open: ${count} with masks.`
    : `Your unsaved work is back: ${count} with masks. Save it.`;
  return lacking.length
    ? `${lead} No mask yet for ${lacking.join(", ")}: show the slice of its prompts to compute it again.`
    : lead;
}

/** Rounded down, so that only 1 is shown as 1. @type {(dice: number) => string} */
const dice_words = (dice) => `Dice ${(Math.floor(dice * 1e6) / 1e6).toFixed(6)}`;

/** Compares an object with the recorded one, in the same words as the command line.
 * @type {(name: string, check: import("../../../boxel-bindings.js").ReplayCheck) => string} */
function check_words(name, { voxels: now, recorded_voxels: had, dice, differing, agrees }) {
  if (dice !== null && differing !== null) return `${name}: ${dice_words(dice)}, `
    + `${voxels(differing)} of ${had.toLocaleString("en")} ${differing === 1 ? "differs" : "differ"}`;
  const counts = `${name} has ${voxels(now)}, and had ${had.toLocaleString("en")}`;
  return agrees ? `${counts}; the session has no masks to compare with` : counts;
}

/** @type {(replay: Replay) => string} */
function ended_words({ session: { objects }, found, stopped, other_model, checks }) {
  const lead = checks ? "Checked" : "Replayed";
  if (!found) {
    return "The replay stopped early. "
      + `${stopped} ${checks ? "Your masks are unchanged." : "Undo restores what was there before."}`;
  }
  if (!objects.length) return `${lead}: the session has no objects.`;
  const checked = objects.map(({ name, model }, i) => ({
    name: model ? `${name} (made with ${model.name})` : name, check: found[i],
  }));
  /** @type {(fits: (check: import("../../../boxel-bindings.js").ReplayCheck) => boolean) => string[]} */
  const of = (fits) => checked.flatMap(({ name, check }) => check && fits(check) ? [check_words(name, check)] : []);
  const [differing, alike] = [of(({ agrees }) => !agrees), of(({ identical, agrees }) => agrees && !identical)];
  if (!differing.length && !alike.length) {
    return `${lead}: ${objects.length === 1 ? "the object is" : `all ${objects.length} objects are`} the `
      + "same, voxel for voxel.";
  }
  if (!differing.length) {
    return `${lead}: ${objects.length === 1 ? "the object agrees" : `all ${objects.length} objects agree`}. `
      + `${alike.join("; ")}. Devices round differently; from Dice 0.999 on, a mask counts as the same.`;
  }
  const why = other_model
    ? "Another model was used."
    : "Below Dice 0.999, the difference is more than another device's rounding.";
  const count = objects.length === 1 ? "the object differs"
    : `${differing.length} of ${objects.length} objects ${differing.length === 1 ? "differs" : "differ"}`;
  return `${lead}: ${count}. ${differing.join("; ")}. ${why}`;
}

/** The progress of a replay. `within` is the progress that the page would show otherwise.
 * @type {(
 *   state: State, within: import("../../show/words.js").Progress | null,
 * ) => import("../../show/words.js").Progress | null} */
export function replay_progress(state, within) {
  const { replay } = state;
  const move = move_of(state);
  if (replay?.phase !== "running" || !move) return null;
  const name = replay.session.objects[move.object]?.name ?? "";
  const label =
    `Replaying ${name}, step ${replay.at + 1} of ${replay.moves.length}${within ? `: ${within.label}` : ""}`;
  return { label, value: (replay.at + (within?.value ?? 0)) / replay.moves.length, cancels: "replay" };
}
