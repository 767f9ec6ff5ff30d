// Wires the page together: with wire/, the only file that knows all others. What happens is in state/.
// Names are snake_case as in the crates, so that one search finds a thing in every layer.

import { ImageCanvas } from "./draw/canvas.js";
import { Driver } from "./engine/driver.js";
import { failure_of } from "./failure.js";
import { listen_to_brush_form } from "./features/brush/listen.js";
import { Keeper } from "./features/copies/keeper.js";
import { listen_to_display } from "./features/display/listen.js";
import { listen_to_edits } from "./features/edits/listen.js";
import { save, saved_session } from "./features/exports/exporter.js";
import { listen_to_keyboard } from "./features/keyboard/listen.js";
import { ReferenceReader } from "./features/measures/reference.js";
import { listen_to_offline } from "./features/offline/listen.js";
import { Offline } from "./features/offline/offline.js";
import { Replaced } from "./features/offline/replaced.js";
import { listen_to_forms } from "./features/prompts/listen.js";
import { listen_to_propagation } from "./features/propagation/listen.js";
import { listen_to_review } from "./features/review/listen.js";
import { parameters_of } from "./features/samples/demo_link.js";
import { SampleLoader } from "./features/samples/loader.js";
import { listen_to_self_test } from "./features/self_test/listen.js";
import { choice_asker } from "./features/segments/choice.js";
import { resampling_asker } from "./features/segments/listen.js";
import { SegmentLoader } from "./features/segments/loader.js";
import { listen_to_session } from "./features/sessions/listen.js";
import { Replayer } from "./features/sessions/replayer.js";
import { Autosave } from "./features/unsaved/autosave.js";
import { AutosaveFiles } from "./features/unsaved/files.js";
import { leaver, listen_to_unsaved } from "./features/unsaved/listen.js";
import { listen_to_window_form } from "./features/window/listen.js";
import { fetch_catalogue } from "./models/catalogue.js";
import { sha256_with } from "./models/checksum.js";
import { Downloads } from "./models/download.js";
import { Kept } from "./models/kept.js";
import { Loader } from "./models/load.js";
import { OwnModels } from "./models/own.js";
import { ModuleLoader } from "./module_loader.js";
import { fence } from "./offline/fence.js";
import { kept_file } from "./offline/kept_file.js";
import { start_worker } from "./offline/own_scripts.js";
import { Opening } from "./open/opening.js";
import { parse, read_segments } from "./open/parser.js";
import { inspector } from "./show/inspect.js";
import { page_shower } from "./show/page.js";
import { initial_state, reduce } from "./state/reduce.js";
import { apart_of, machine_of } from "./state/slice_encoders.js";
import { built_number, element } from "./ui/element.js";
import { listen_to_engine, wanted_from } from "./wire/engine.js";
import { listen_to_opening } from "./wire/opening.js";
import { listen_to_panels } from "./wire/panels.js";
import { listen_to_slices } from "./wire/slices.js";
import { listen_to_pointer } from "./wire/tools.js";

/** @typedef {import("./state/reduce.js").Action} Action */

fence();
document.getElementById("not-started")?.remove();
let state = initial_state(wanted_from(parameters_of(location).get("device")));
/** @type {(
 *   id: string, side: import("./state/sessions.js").Side,
 * ) => import("./wire/listen.js").App["canvases"][number]} */
function canvas_of(id, side) {
  const canvas = element(id, HTMLCanvasElement);
  return { canvas, painted: new ImageCanvas(canvas, side) };
}
const canvases = [canvas_of("canvas", "main"), canvas_of("canvas-comparison", "comparison")];
const show_page = page_shower({
  dispatch,
  save: (format, winner) => void save(format, () => state, dispatch, driver, winner),
  keep_model: (entry) => void own_models.keep(entry),
  remove_kept: (entry) => void own_models.remove(entry),
  copy_checksum: (sha256) => void copy(sha256),
});
/** Reports what a worker requests, which only the worker itself can see. @type {(worker: Worker) => Worker} */
function watched(worker) {
  worker.addEventListener("message", ({ data }) => {
    if (data?.requests) dispatch({ do: "requested", requests: data.requests });
  });
  return worker;
}
const modules = new ModuleLoader(() => state, dispatch, built_number("module-bytes"));
const new_worker = () => modules.give(watched(start_worker(new URL("./engine/worker.js", import.meta.url))));
const new_parser = () => modules.give(watched(start_worker(new URL("./open/parse_worker.js", import.meta.url))));
const new_slice_encoder = () =>
  modules.give(watched(start_worker(new URL("./engine/slice_encoder.js", import.meta.url))));
const samples = new SampleLoader(() => state, dispatch);
const opening = new Opening(() => state, dispatch, new_parser, () => app.may_leave());
const driver = new Driver(() => state, dispatch, new_worker, opening, new_slice_encoder, machine_of(navigator));
const references = new ReferenceReader(() => state, dispatch, async (files) => {
  const signal = new AbortController().signal;
  // The last choice plus one opens all segments of a DICOM SEG as one label map.
  return (await parse(new_parser, files, {
    on_read: () => {}, choose: async (choices) => choices.length, signal,
  })).scan;
});
const segment_loader = new SegmentLoader(() => state, dispatch, async (files, resample, choose, on_part, signal) =>
  read_segments(new_parser, { files, place: await driver.scan_place(), resample }, choose, on_part, signal),
resampling_asker(), choice_asker());
const replayer = new Replayer(() => state, dispatch, (number, recorded) => driver.check_object(number, recorded));
const keeper = new Keeper(() => state, dispatch, (number) => driver.object_masks(number));
const autosave = new Autosave(() => state, dispatch, (now) => saved_session(now, driver), new AutosaveFiles());
const sha256 = sha256_with((file) => driver.sha256(file));
const downloads = new Downloads(sha256, { kept: kept_file });
const kept = new Kept();
const own_models = new OwnModels({
  state: () => state, dispatch, new_worker, sha256, kept,
  download: (entry, watch) => downloads.get(entry, watch),
});
const offline = new Offline(() => state, dispatch, {
  container: navigator.serviceWorker, caches: globalThis.caches, locks: navigator.locks,
  reload: () => location.reload(),
});
const replaced = new Replaced(() => state, dispatch);
const loader = new Loader(
  () => state, dispatch, (entry, watch) => own_models.bring(entry, watch),
  () => Boolean(navigator.serviceWorker?.controller),
);

/** @param {Action} action */
function dispatch(action) {
  const before = state;
  state = reduce(state, action);
  if (state === before) return;
  show_page(state);
  for (const { painted } of canvases) painted.show(state);
  for (const each of app.after) each();
  follow();
}

/** Starts what the state now asks for. */
function follow() {
  modules.follow();
  opening.follow();
  driver.follow();
  loader.follow();
  offline.follow();
  replaced.follow();
  references.follow();
  segment_loader.follow();
  samples.follow();
  replayer.follow();
  keeper.follow();
  autosave.follow();
  if (state.models.phase === "none") void list_models();
}

async function list_models() {
  dispatch({ do: "models_listing" });
  try {
    dispatch({ do: "models_listed", ...await fetch_catalogue() });
  } catch (error) {
    dispatch({ do: "models_failed", failure: failure_of(error, "catalogue") });
  }
}

/** @param {string} sha256 */
async function copy(sha256) {
  const copied = await navigator.clipboard?.writeText(sha256).then(() => true, () => false);
  dispatch({ do: "told", code: "sha256", text: copied ? "SHA-256 copied." : `SHA-256: ${sha256}` });
}

/** @type {import("./wire/listen.js").App} */
const app = {
  state: () => state, dispatch, driver, loader, own_models, kept, offline, autosave, new_worker, new_parser, canvases,
  after: [],
  save: (format) => save(format, () => state, dispatch, driver),
  may_leave: leaver({ state: () => state, save: (format) => save(format, () => state, dispatch, driver) }),
};
for (const listen of [
  listen_to_session, listen_to_unsaved,
  listen_to_opening, listen_to_pointer, listen_to_forms, listen_to_brush_form, listen_to_display, listen_to_slices,
  listen_to_window_form, listen_to_propagation, listen_to_edits, listen_to_review,
  listen_to_engine, listen_to_panels, listen_to_offline, listen_to_self_test, listen_to_keyboard,
]) listen(app);
Object.defineProperty(window, "boxel", { value: inspector(() => state) });
dispatch({ do: "apart_seen", apart: apart_of(window) });
show_page(state);
follow();
void own_models.list();
void autosave.begin();
