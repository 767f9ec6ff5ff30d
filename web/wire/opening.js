// Scans and weights that are picked, dropped or pasted, and the samples.

import { failure_of } from "../failure.js";
import { is_weights } from "../models/sniff.js";
import { check_amount, listen_to_drops, listen_to_pastes, listen_to_picker } from "../open/files.js";
import { fetch_sample, fetch_samples } from "../open/samples.js";
import { show_samples } from "../show/samples.js";
import { element } from "../ui/element.js";
import { listen_to_demo } from "./demo.js";
import { on_click } from "./listen.js";
import { without_session } from "./session.js";

/** @typedef {import("./listen.js").App} App */

/** @type {(app: App) => void} */
export function listen_to_opening(app) {
  const { dispatch, own_models } = app;
  let last_serial = 0;
  /** @param {unknown} error */
  const on_failure = (error) => dispatch({ do: "failed", failure: failure_of(error, "image_unreadable") });

  /** Of two scans opened in a row only the later one counts, whichever comes first. Says its serial, or null where
   * nothing came.
   * @param {() => Promise<readonly Blob[]>} bring @param {string} title empty for the user's own files */
  async function open(bring, title) {
    const serial = ++last_serial;
    try {
      const files = await bring();
      check_amount(files);
      if (serial !== last_serial) return null;
      dispatch({ do: "open_wanted", source: { serial, title, files } });
      return serial;
    } catch (error) {
      on_failure(error);
      return null;
    }
  }

  /** What comes without a hint: a session beside or before its scan; alone, weights; or a scan. @param {File[]} given */
  async function open_any(given) {
    const files = await without_session(given, dispatch);
    const [first, second] = files;
    if (!first) return;
    if (!second && await is_weights(first)) await own_models.read(first, "main");
    else await open(async () => files, "");
  }

  /** @type {(side: "main" | "other") => import("../open/files.js").FileHandlers} */
  const as_weights = (side) => ({
    on_files: ([first]) => {
      if (first) void own_models.read(first, side);
    },
    on_failure,
  });
  const handlers = { on_files: (/** @type {File[]} */ files) => void open_any(files), on_failure };
  listen_to_picker(element("file", HTMLInputElement), handlers);
  listen_to_picker(element("folder", HTMLInputElement), handlers);
  listen_to_picker(element("weights-file", HTMLInputElement), as_weights("main"));
  listen_to_picker(element("compare-file", HTMLInputElement), as_weights("other"));
  listen_to_drops(document.body, handlers);
  listen_to_pastes(document, handlers);
  on_click("scan-cancel", () => dispatch({ do: "open_given_up" }));

  const corners = ["box-x0", "box-y0", "box-x1", "box-y1"].map((id) => element(id, HTMLInputElement));
  /** @param {import("../open/samples.js").Sample} sample */
  const open_sample = (sample) => {
    corners.forEach((corner, i) => { corner.value = String(sample.box[i]); });
    return open(async () => [await fetch_sample(sample)], sample.title);
  };
  fetch_samples().then((samples) => {
    show_samples(samples, (sample) => void open_sample(sample));
    listen_to_demo(app, samples, open_sample);
  }).catch((error) => dispatch({ do: "failed", failure: failure_of(error, "samples") }));
}
