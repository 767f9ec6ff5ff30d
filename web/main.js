// Wires the page: the only file that knows all others. What happens is in state/.
// Names are snake_case as in the crates, so that a thing has one name on both sides.

import { ImageCanvas } from "./draw/canvas.js";
import { listen_to_keys } from "./draw/keys.js";
import { object_at } from "./draw/pick.js";
import { listen_to_prompts } from "./draw/prompt_tools.js";
import { Driver } from "./engine/driver.js";
import { failure_of } from "./failure.js";
import { fetch_catalogue } from "./models/catalogue.js";
import { sha256_with } from "./models/checksum.js";
import { Downloads } from "./models/download.js";
import { Kept } from "./models/kept.js";
import { Loader } from "./models/load.js";
import { OwnModels } from "./models/own.js";
import { is_weights } from "./models/sniff.js";
import { listen_to_drops, listen_to_pastes, listen_to_picker, read_file } from "./open/files.js";
import { fetch_sample, fetch_samples } from "./open/samples.js";
import { download, png_blob } from "./save/download.js";
import { figure_png } from "./save/figure.js";
import { inspector } from "./show/inspect.js";
import { page_shower } from "./show/page.js";
import { show_samples } from "./show/samples.js";
import { initial_state, reduce } from "./state/reduce.js";
import { element } from "./ui/element.js";

/** @typedef {import("./state/reduce.js").Action} Action */
/** @typedef {import("./state/engine.js").Wanted} Wanted */

/** @type {(text: string | null) => Wanted} */
const wanted_from = (text) => text === "gpu" || text === "cpu" ? text : "auto";

let state = initial_state(wanted_from(new URLSearchParams(location.search).get("device")));
const canvas = element("canvas", HTMLCanvasElement);
const painted = new ImageCanvas(canvas, "main");
const other_canvas = element("canvas-other", HTMLCanvasElement);
const other_painted = new ImageCanvas(other_canvas, "other");
const show_page = page_shower({
  on_select: (number) => dispatch({ do: "object_selected", number: number === state.selected ? null : number }),
  on_remove: (number) => dispatch({ do: "object_removed", number }),
  on_choose: (number, candidate) => dispatch({ do: "candidate_chosen", number, candidate }),
  on_model: (id) => dispatch({ do: "model_wanted", id }),
  on_keep: (entry) => void own_models.keep(entry),
  on_forget: (entry) => void own_models.remove(entry),
  on_copy: (sha256) => void copy(sha256),
  on_recipe: (recipe) => dispatch({ do: "own_recipe_chosen", recipe }),
});
const new_worker = () => new Worker(new URL("./engine/worker.js", import.meta.url), { type: "module" });
const driver = new Driver(() => state, dispatch, new_worker);
const sha256 = sha256_with((file) => driver.sha256(file));
const downloads = new Downloads(sha256);
const own_models = new OwnModels({
  state: () => state, dispatch, new_worker, sha256, kept: new Kept(),
  download: (entry, watch) => downloads.get(entry, watch),
});
const loader = new Loader(() => state, dispatch, (entry, watch) => own_models.bring(entry, watch));
let last_serial = 0;

/** @param {Action} action */
function dispatch(action) {
  const before = state;
  state = reduce(state, action);
  if (state === before) return;
  show_page(state);
  painted.show(state);
  other_painted.show(state);
  follow();
}

/** Starts whatever the state now asks for. */
function follow() {
  driver.follow();
  loader.follow();
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

/** Of two files opened in a row only the later one counts, whichever is read first.
 * @param {() => Promise<Uint8Array<ArrayBuffer>>} read @param {string} title empty for the user's own files */
async function open(read, title) {
  const serial = ++last_serial;
  try {
    const bytes = await read();
    if (serial === last_serial) dispatch({ do: "open_wanted", source: { serial, title, bytes } });
  } catch (error) {
    dispatch({ do: "failed", failure: failure_of(error, "image_unreadable") });
  }
}

/** A file that comes without a hint is weights or a scan. @param {File} file */
async function open_any(file) {
  if (await is_weights(file)) await own_models.read(file, "main");
  else await open(() => read_file(file), "");
}

/** @param {string} sha256 */
async function copy(sha256) {
  const copied = await navigator.clipboard?.writeText(sha256).then(() => true, () => false);
  dispatch({ do: "told", code: "sha256", text: copied ? "The SHA-256 is copied." : `SHA-256: ${sha256}` });
}

/** @param {() => Promise<Blob>} make @param {string} name */
async function save(make, name) {
  try {
    download(await make(), name);
  } catch (error) {
    dispatch({ do: "failed", failure: failure_of(error, "save") });
  }
}

/** @param {string} id @param {() => void} on_click */
const on_click = (id, on_click) => element(id, HTMLElement).addEventListener("click", on_click);

function listen_to_opening() {
  const handlers = {
    /** @param {File} file */
    on_file: (file) => void open_any(file),
    /** @param {number} count */
    on_several: (count) => dispatch({ do: "told", code: "several_files", text: `Only the first of ${count} files is opened.` }),
  };
  listen_to_picker(element("file", HTMLInputElement), handlers);
  listen_to_picker(element("weights-file", HTMLInputElement), { ...handlers, on_file: (file) => void own_models.read(file, "main") });
  listen_to_picker(element("compare-file", HTMLInputElement), { ...handlers, on_file: (file) => void own_models.read(file, "other") });
  listen_to_drops(document.body, handlers);
  listen_to_pastes(document, handlers);
}

async function list_samples() {
  show_samples(await fetch_samples(), (sample) => {
    corners.forEach((corner, i) => { corner.value = String(sample.box[i]); });
    void open(() => fetch_sample(sample), sample.title);
  });
}

const corners = ["box-x0", "box-y0", "box-x1", "box-y1"].map((id) => element(id, HTMLInputElement));

/** @type {(at: import("./draw/view.js").Point) => void} */
function select_at(at) {
  const number = object_at(at, state);
  if (number !== null) dispatch({ do: "object_selected", number });
  else dispatch({ do: "told", code: "click", text: "Drag from one corner to the other to draw a box." });
}

function listen_to_prompting() {
  const pointer = element("pointer", HTMLElement);
  /** @type {import("./draw/prompt_tools.js").PromptHandlers} */
  const handlers = {
    tool: () => state.tools.tool,
    on_box: (box, to_selected) => dispatch({ do: "box_added", box, to_selected }),
    on_point: (point) => dispatch({ do: "point_added", point }),
    on_click: select_at,
    on_hover: (at) => {
      pointer.textContent = at ? `x ${Math.floor(at.x)} y ${Math.floor(at.y)}` : "";
    },
  };
  listen_to_prompts(canvas, painted, handlers);
  listen_to_prompts(other_canvas, other_painted, handlers);
  listen_to_keys(window, {
    on_tool: (tool) => dispatch({ do: "tool_chosen", tool }),
    on_remove: () => {
      if (state.selected !== null) dispatch({ do: "object_removed", number: state.selected });
    },
    on_deselect: () => dispatch({ do: "object_selected", number: null }),
    on_undo: () => dispatch({ do: "undone" }),
  });
}

function listen_to_forms() {
  element("box-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const [x0 = NaN, y0 = NaN, x1 = NaN, y1 = NaN] = corners.map((corner) => Math.round(corner.valueAsNumber));
    dispatch({ do: "box_added", box: [x0, y0, x1, y1] });
  });
  element("point-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const [x, y] = [element("point-x", HTMLInputElement), element("point-y", HTMLInputElement)].map((field) => field.valueAsNumber);
    dispatch({ do: "point_added", point: [x ?? NaN, y ?? NaN, state.tools.tool === "negative" ? 0 : 1] });
  });
  for (const tool of /** @type {const} */ (["box", "positive", "negative"])) {
    element(`tool-${tool}`, HTMLElement).addEventListener("change", () => dispatch({ do: "tool_chosen", tool }));
  }
  for (const [id, what] of /** @type {const} */ ([["refine", "refine_set"], ["multimask", "multimask_set"]])) {
    const box = element(id, HTMLInputElement);
    box.addEventListener("change", () => dispatch({ do: what, on: box.checked }));
  }
  on_click("deselect", () => dispatch({ do: "object_selected", number: null }));
  on_click("undo", () => dispatch({ do: "undone" }));
  on_click("clear", () => dispatch({ do: "objects_cleared" }));
  const opacity = element("opacity", HTMLInputElement);
  opacity.addEventListener("input", () => dispatch({ do: "opacity_set", opacity: opacity.valueAsNumber }));
}

function listen_to_engine() {
  const device = element("device", HTMLSelectElement);
  device.addEventListener("change", () => dispatch({ do: "device_wanted", wanted: wanted_from(device.value) }));
  on_click("progress-cancel", () => {
    if ([state.weights, state.compared].some((weights) => weights?.phase === "loading")) loader.cancel();
    else driver.cancel_embedding();
  });
  on_click("resume", () => dispatch({ do: "retry" }));
  on_click("message-retry", () => dispatch({ do: "retry" }));
  on_click("message-use-cpu", () => dispatch({ do: "device_wanted", wanted: "cpu" }));
  const compare = element("compare", HTMLSelectElement);
  compare.addEventListener("change", () => dispatch({ do: "compare_wanted", id: compare.value || null }));
  on_click("recipe-cancel", () => dispatch({ do: "own_given_up" }));
  on_click("message-close", () => dispatch({ do: "message_closed" }));
}

function listen_to_saving() {
  const ids = () => state.objects.flatMap(({ main }) => main.segment?.id ?? []);
  on_click("save-mask", () => save(async () => png_blob(await driver.export_png("mask_png", ids())), "boxel-mask.png"));
  on_click("save-probability", () => save(
    async () => png_blob(await driver.export_png("probability_png", ids())), "boxel-probability.png"));
  on_click("save-figure", () => save(() => figure_png(state, state.sessions.main.model?.name ?? ""), "boxel-figure.png"));
}

listen_to_opening();
listen_to_prompting();
listen_to_forms();
listen_to_engine();
listen_to_saving();
Object.defineProperty(window, "boxel", { value: inspector(() => state) });
show_page(state);
follow();
void own_models.list();
list_samples().catch((error) => dispatch({ do: "failed", failure: failure_of(error, "samples") }));
