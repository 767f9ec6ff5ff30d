// The current scan, and the files that are being opened to replace it.

import { FIRST_DISPLAY } from "../features/display/state.js";
import { NO_EDITS } from "../features/edits/state.js";
import { reference_forgotten } from "../features/measures/reference_state.js";
import { NO_OBJECT_MASKS } from "../features/propagation/state.js";
import { waiting_replay } from "../features/sessions/state.js";
import { READER_NOT_LOADED } from "./failure_codes.js";
import { error_message, lasting_message, unloaded_message } from "./message.js";
import { panels_of_new_scan } from "./panels.js";
import { NO_EMBEDDING, NO_SESSION, to_be_decoded, with_session } from "./sessions.js";
import { image_of } from "./rendering.js";

/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("./sessions.js").Side} Side */
/** @typedef {import("../failure.js").Failure} Failure */
/** @typedef {import("../../boxel-bindings.js").OpenedScan} OpenedScan */
/** Files to open. `files` are handles, whose bytes are read by the parser. `title` is a sample's, and empty for the
 * user's files.
 * @typedef {{ serial: number, title: string, files: readonly Blob[] }} Source */
/** `read` counts files. If the files contain several scans, the user is asked to choose one. `notes` are on the files
 * that were left out.
 * @typedef {Source & {
 *   phase: "reading" | "asking" | "parsed", read: number, choices: string[], choice: number | null,
 *   notes: OpenedScan["notes"],
 * }} Opening */
/** `choice`: index of the scan in the files. `not_ct`: the user says it is not a CT, although its values look like one.
 * @typedef {Source & { choice: number, not_ct?: boolean } & Omit<OpenedScan, "shown">} Scan */
/**
 * @typedef {{ do: "open_wanted", source: Source }
 *  | { do: "open_progress", serial: number, read: number }
 *  | { do: "scan_choices", serial: number, choices: string[] }
 *  | { do: "scan_chosen", choice: number }
 *  | { do: "open_given_up" }
 *  | { do: "scan_parsed", serial: number, choice: number, notes?: OpenedScan["notes"] }
 *  | { do: "scan_opened", generation: number, serial: number, scan: OpenedScan }
 *  | { do: "scan_reopened", generation: number, side: Side, scan_key: string }
 *  | { do: "open_failed", serial: number, failure: Failure }} ScanAction
 */

/** @type {(state: State, serial: number, changes: Partial<Opening>) => State} */
const with_opening = (state, serial, changes) =>
  state.opening?.serial === serial ? { ...state, opening: { ...state.opening, ...changes } } : state;

/** @type {import("./slices.js").Handlers<ScanAction>} */
export const scan_actions = {
  open_wanted: (state, { source }) => ({
    ...state, samples: { ...state.samples, coming: null }, unopened: null, engine: { ...state.engine, deaths: 0 },
    opening: { ...source, phase: "reading", read: 0, choices: [], choice: null, notes: [] },
    message: lasting_message(state),
  }),
  open_progress: (state, { serial, read }) => with_opening(state, serial, { read }),
  scan_choices: (state, { serial, choices }) => with_opening(state, serial, { phase: "asking", choices }),
  scan_chosen(state, { choice }) {
    const { opening } = state;
    return opening?.phase === "asking" && choice in opening.choices
      ? { ...state, opening: { ...opening, phase: "reading", choice } } : state;
  },
  open_given_up: (state) => state.opening || state.samples.coming
    ? { ...state, opening: null, samples: { ...state.samples, coming: null } } : state,
  scan_parsed: (state, { serial, choice, notes = [] }) =>
    with_opening(state, serial, { phase: "parsed", choice, notes }),
  scan_opened: (state, { serial, scan }) => scan_opened(state, serial, scan),
  // The engine now shows another slice than the page, until it is told.
  scan_reopened: (state, { side, scan_key }) => ({
    ...to_be_decoded(side === "main" ? reference_forgotten(state) : state, side, {
      scan_key, shown: null, image_key: null, window: null, ids: [], numbers: [],
    }),
    ...(side === "main" ? NO_OBJECT_MASKS : {}),
  }),
  open_failed: (state, { serial, failure }) => open_failed(state, serial, failure),
};

/** @type {import("./slices.js").Slice<ScanAction, "scan" | "opening" | "unopened">} */
export const scan_slice = { initial: { scan: null, opening: null, unopened: null }, actions: scan_actions };

/** If the reader did not load, nothing is wrong with the files, and a retry opens them.
 * @type {(state: State, serial: number, failure: Failure) => State} */
function open_failed(state, serial, failure) {
  const { opening } = state;
  if (serial !== opening?.serial) return state;
  const again = failure.code === READER_NOT_LOADED;
  const { title, files } = opening;
  return {
    ...state, opening: null, unopened: again ? { serial, title, files } : null,
    message: error_message(failure, again ? ["retry"] : []),
  };
}

/** @type {(state: State, serial: number, opened: OpenedScan) => State} */
function scan_opened(state, serial, opened) {
  const { opening } = state;
  const nothing = { ids: [], numbers: [], window: null, embedding: NO_EMBEDDING };
  // The user has asked for other files meanwhile: the worker holds a scan that is no longer wanted.
  if (opening?.serial !== serial) {
    return {
      ...to_be_decoded(state, "main", { ...nothing, scan_key: null, shown: null, image_key: null }), ...NO_OBJECT_MASKS,
    };
  }
  const { shown, ...facts } = opened;
  const { title, files, choice, notes } = opening;
  const scan = { serial, title, files, choice: choice ?? 0, ...facts, notes: [...facts.notes, ...notes] };
  const { key, plane, slice, window } = shown;
  const rendering = { plane, slice, window };
  const other = state.sessions.comparison;
  const next = other
    ? with_session(state, "comparison", { ...NO_SESSION, model: other.model, budget_bytes: other.budget_bytes })
    : state;
  return {
    ...with_session(next, "main", { ...nothing, scan_key: scan.key, shown: rendering, image_key: key }),
    opening: null,
    scan,
    rendering,
    left_at: {},
    settled: true,
    image: image_of(scan, shown),
    display: FIRST_DISPLAY,
    objects: [],
    history: [],
    future: [],
    nudged: null,
    selected: null,
    kept: {},
    reviewed: {},
    saved: "",
    ...panels_of_new_scan(state),
    replay: waiting_replay(state),
    ...NO_OBJECT_MASKS,
    ...NO_EDITS,
    message: unloaded_message(state),
  };
}
