// Wires scans and weights that are picked, dropped or pasted, and the samples.

import { failure_of } from "../failure.js";
import { listen_to_demo } from "../features/samples/listen_demo.js";
import { show_samples } from "../features/samples/show.js";
import { without_session } from "../features/sessions/listen.js";
import { new_reference_serial } from "../features/measures/reference.js";
import { use_asker } from "../features/segments/listen.js";
import { is_weights } from "../models/sniff.js";
import {
  check_amount, folder_picker_of, listen_to_drops, listen_to_folder_picker, listen_to_pastes, listen_to_picker,
} from "../open/files.js";
import { divided, possible_segmentations } from "../open/segmentation_files.js";
import { element } from "../ui/element.js";
import { on_click } from "./listen.js";

/** @typedef {import("./listen.js").App} App */

/** @type {(app: App) => void} */
export function listen_to_opening(app) {
  const { state, dispatch, own_models, after, may_leave, new_parser } = app;
  let last_serial = 0;
  let last_segments = 0;
  const ask_use = use_asker();
  /** @param {unknown} error */
  const on_failure = (error) => dispatch({ do: "failed", failure: failure_of(error, "image_unreadable") });

  /** Returns whether they are being opened. @param {readonly Blob[]} files the user's own */
  async function open(files) {
    if (!await may_leave()) return false;
    try {
      check_amount(files);
      dispatch({ do: "open_wanted", source: { serial: ++last_serial, title: "", files } });
      return true;
    } catch (error) {
      on_failure(error);
      return false;
    }
  }

  /** Divides files into segmentations and others; null if the user cancels. Files that nothing else is to be done with are
   * not looked at.
   * @param {readonly Blob[]} files */
  async function looked_at(files) {
    const { scan, opening } = state();
    const none = { segmentations: [], others: files };
    if (!scan && !opening && files.length === 1) return none;
    const possible = await possible_segmentations(files);
    if (!possible.length) return none;
    const abort = new AbortController();
    dispatch({ do: "files_looked_at", on: true });
    const cancelled = () => { if (!state().looking) abort.abort(); };
    after.push(cancelled);
    const found = await divided(files, possible, new_parser, abort.signal);
    after.splice(after.indexOf(cancelled), 1);
    dispatch({ do: "files_looked_at", on: false });
    return abort.signal.aborted ? null : found;
  }

  /** Asks what to do with segmentations; returns false if there are none, or if they are to be opened as scans.
   * @param {readonly Blob[]} files */
  async function is_segmentation_used(files) {
    const found = await looked_at(files);
    if (!found) return true;
    const { segmentations, others } = found;
    const present = state().opening ?? state().scan;
    if (!segmentations.length || (!present && !others.length)) return false;
    const use = await ask_use(segmentations.length, others.length > 0);
    if (use === "open") return false;
    if (use === null || (others.length && !await open(others))) return true;
    const of = others.length ? last_serial : present?.serial ?? 0;
    dispatch(use === "load"
      ? { do: "segments_wanted", serial: ++last_segments, of, files: segmentations }
      : { do: "reference_wanted", serial: new_reference_serial(), files: segmentations });
    return true;
  }

  /** Opens files of unknown kind: a session, alone or with its scan; a weights file; or a scan.
   * @param {File[]} given */
  async function open_any(given) {
    const { files, session } = await without_session(given, app);
    const [first, second] = files;
    if (first && !second && await is_weights(first)) await own_models.read(first, "main");
    else if (first && !session && await is_segmentation_used(files)) return;
    // A session waits for the scan given with it.
    else if (first && !await open(files)) return;
    // If there is a scan, the question was asked already.
    if (session && (first || await may_leave())) dispatch({ do: "session_opened", session });
  }

  /** @type {(side: "main" | "comparison") => import("../open/files.js").FileHandlers} */
  const as_weights = (side) => ({
    on_files: ([first]) => {
      if (first) void own_models.read(first, side);
    },
    on_failure,
  });
  const handlers = { on_files: (/** @type {File[]} */ files) => void open_any(files), on_failure };
  listen_to_picker(element("file", HTMLInputElement), handlers);
  const folder_picker = folder_picker_of(window);
  listen_to_folder_picker(element("folder", HTMLInputElement), folder_picker, handlers);
  element("upload-note", HTMLElement).hidden = folder_picker !== null;
  listen_to_picker(element("weights-file", HTMLInputElement), as_weights("main"));
  listen_to_picker(element("compare-file", HTMLInputElement), as_weights("comparison"));
  listen_to_drops(document.body, handlers);
  listen_to_pastes(document, handlers);
  on_click("scan-cancel", () => dispatch({ do: "open_given_up" }));

  const corners = ["box-x0", "box-y0", "box-x1", "box-y1"].map((id) => element(id, HTMLInputElement));
  /** @param {import("../features/samples/loader.js").Sample} sample @returns {Promise<number | null>} its serial */
  async function open_sample(sample) {
    if (!await may_leave()) return null;
    corners.forEach((corner, i) => { corner.value = String(sample.box[i]); });
    dispatch({ do: "sample_wanted", serial: ++last_serial, sample });
    return last_serial;
  }
  let is_listed = false;
  after.push(() => {
    const { phase, list } = state().samples;
    if (is_listed || phase !== "listed") return;
    is_listed = true;
    show_samples(list, (sample) => void open_sample(sample));
    listen_to_demo(app, list, open_sample);
  });
}
