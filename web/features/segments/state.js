// Segmentations that are opened on the scan: the question what to do with a file, and the segments that become objects.

import { with_objects } from "../../state/history.js";
import { error_message, lasting_message, message_actions } from "../../state/message.js";
import { kept_as_loaded } from "../copies/state.js";
import { free_colour, free_number, label_of } from "../objects/labels_state.js";
import { LOADED, new_object } from "../prompts/state.js";
import { MAX_OBJECTS } from "../sessions/limits_state.js";
import { is_unsaved, work_of } from "../unsaved/state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */
/** @typedef {import("../../../boxel-bindings.js").FileSegment} FileSegment */
/**
 * Segments on their way. `serial` distinguishes them; `of` is the serial of the scan that they go on, which may still be
 * opening. `part` is what is read, 0 to 1.
 * @typedef {object} Segments
 * @property {number} serial
 * @property {number} of
 * @property {readonly Blob[]} files handles
 * @property {number} part
 */
/**
 * @typedef {{ do: "files_looked_at", on: boolean }
 *  | { do: "segments_wanted", serial: number, of: number, files: readonly Blob[] }
 *  | { do: "segments_reading", serial: number, part: number }
 *  | { do: "segments_read", serial: number, found: FileSegment[], resampled?: boolean }
 *  | { do: "segments_failed", serial: number, failure: import("../../failure.js").Failure }
 *  | { do: "segments_given_up" }} SegmentAction
 */

/** @type {import("../../state/slices.js").Handlers<SegmentAction>} */
export const segment_actions = {
  files_looked_at: (state, { on }) => ({ ...state, looking: on }),
  segments_wanted: (state, { serial, of, files }) =>
    ({ ...state, segments: { serial, of, files, part: 0 }, message: lasting_message(state) }),
  segments_reading: (state, { serial, part }) =>
    state.segments?.serial === serial ? { ...state, segments: { ...state.segments, part } } : state,
  segments_read: (state, { serial, found, resampled = false }) =>
    state.segments?.serial === serial ? with_segments({ ...state, segments: null }, found, resampled) : state,
  segments_failed: (state, { serial, failure }) =>
    state.segments?.serial === serial ? { ...state, segments: null, message: error_message(failure) } : state,
  segments_given_up: (state) => ({ ...state, segments: null, looking: false }),
};

/** @type {import("../../state/slices.js").Slice<SegmentAction, "segments" | "looking">} */
export const segments_slice = { initial: { segments: null, looking: false }, actions: segment_actions };

/** Where wanted segments go: their scan is open, still opening, or not wanted any more.
 * @type {(state: Pick<State, "segments" | "scan" | "opening" | "sessions" | "engine">) => "ready" | "waiting" | "gone" | null} */
export function way_of_segments({ segments, scan, opening, sessions: { main }, engine }) {
  if (!segments) return null;
  if (opening?.serial === segments.of) return "waiting";
  if (scan?.serial !== segments.of) return "gone";
  return engine.phase === "ready" && main.scan_key === scan.key && !opening ? "ready" : "waiting";
}

/** Makes objects of segments, as one change that can be undone.
 * @type {(state: State, found: FileSegment[], resampled: boolean) => State} */
function with_segments(state, found, resampled) {
  if (!found.length) {
    return {
      ...state,
      message: error_message({ code: "segments_empty", message: "The segmentation has no voxels on this scan." }),
    };
  }
  const count = state.objects.length + found.length;
  if (count > MAX_OBJECTS) {
    return {
      ...state, message: error_message({
        code: "segments_limit",
        message: `There would be ${count.toLocaleString("en")} objects, and a session holds `
          + `${MAX_OBJECTS.toLocaleString("en")}. Delete some, or load a part of the segmentation.`,
      }),
    };
  }
  /** @type {PromptedObject[]} */
  const added = [];
  const kept = { ...state.kept };
  let number = state.next_number;
  for (const { facts, colour, plane, slice, masks } of found) {
    const present = [...state.objects, ...added];
    number = free_number({ objects: present, next_number: number });
    const object = {
      ...new_object({
        number, name: facts.name, colour: label_of(present, facts.name)[0]?.colour ?? colour ?? free_colour(present),
        at: { plane, slice }, prompts: [], segment: facts,
      }),
      ...LOADED,
    };
    added.push(object);
    kept[number] = kept_as_loaded(object, masks);
    number += 1;
  }
  const first = added[0]?.number ?? null;
  const next = with_objects({ ...state, kept, next_number: number }, [...state.objects, ...added], first);
  // The file still has them.
  const saved = is_unsaved(state) ? state.saved : work_of(next);
  return message_actions.told({ ...next, saved }, { do: "told", code: "segments", text: loaded_words(added, found, resampled) });
}

/** Names that are told. */
const MAX_NAMES = 5;

/** Notes about how segments are linked to the scan. @type {Partial<Record<FileSegment["link"], string>>} */
const LINKS = {
  other_images: " The file names other images than this scan's, in the same frame of reference. Check that it fits.",
  geometry: " Only geometry links the file to this scan: one of them is de-identified, and they name different frames of "
    + "reference. Check that they fit.",
  order: " The file gives no position in the patient: its slices were placed on the scan's in their order.",
  shown_slice: " It was placed on the current slice.",
};

/** @type {(added: PromptedObject[], found: FileSegment[], resampled: boolean) => string} */
function loaded_words(added, found, resampled) {
  const count = `${added.length} ${added.length === 1 ? "segment" : "segments"}`;
  const names = added.slice(0, MAX_NAMES).map(({ name }) => name).join(", ");
  const more = added.length > MAX_NAMES ? `, and ${added.length - MAX_NAMES} more` : "";
  const how = resampled ? ", resampled to the scan's voxels from the nearest ones" : "";
  const links = [...new Set(found.map(({ link }) => LINKS[link] ?? ""))].join("");
  return `Loaded ${count}${how}: ${names}${more}.${links} Undo removes ${added.length === 1 ? "it" : "them"}.`;
}
