// Wires scans and weights that are picked, dropped or pasted, and the samples.

import { failure_of } from "../failure.js";
import { listen_to_demo } from "../features/samples/listen_demo.js";
import { show_samples } from "../features/samples/show.js";
import { without_session } from "../features/sessions/listen.js";
import { is_weights } from "../models/sniff.js";
import {
  check_amount, folder_picker_of, listen_to_drops, listen_to_folder_picker, listen_to_pastes, listen_to_picker,
} from "../open/files.js";
import { element } from "../ui/element.js";
import { on_click } from "./listen.js";

/** @typedef {import("./listen.js").App} App */

/** @type {(app: App) => void} */
export function listen_to_opening(app) {
  const { state, dispatch, own_models, after, may_leave } = app;
  let last_serial = 0;
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

  /** Opens files of unknown kind: a session, alone or with its scan; a weights file; or a scan.
   * @param {File[]} given */
  async function open_any(given) {
    const { files, session } = await without_session(given, app);
    const [first, second] = files;
    if (first && !second && await is_weights(first)) await own_models.read(first, "main");
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
