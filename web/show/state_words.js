// The state line: model, device, window, masks and times. Pure functions of the state.

import { recipe_in_use, use_of } from "../features/models/recipes_state.js";
import { is_unprompted } from "../features/prompts/state.js";
import { presets_of } from "../features/window/state.js";
import { is_here, mask_here, waiting_here } from "../state/here.js";
import { fields_of, same_window } from "../state/rendering.js";
import { seconds } from "./words.js";

/** @typedef {import("../state/reduce.js").State} State */
/** `warns`: shown as a warning. @typedef {{ what: string, text: string, title: string, warns?: boolean }} Part */

/** @type {(state: State) => string} */
function device_words({ engine: { phase, kind }, module }) {
  if (phase === "failed") return "engine stopped";
  if (module.phase === "failed") return "engine not loaded";
  return kind ? kind.toUpperCase() : "engine starting";
}

/** The model, and what its weights may be used for if not for everything. @type {(state: State) => string} */
function model_words(state) {
  const { sessions: { main }, weights } = state;
  const name = main.model?.name ?? (weights.model ? `${weights.model} not loaded yet` : "");
  return [name, use_of(recipe_in_use(state))].filter(Boolean).join(", ");
}

/** Formatted as in the fields of the window. @type {(value: number) => string} */
const number = (value) => String(Number(value.toPrecision(6))).replace("-", "−");

/** @type {(state: State) => string} */
export function window_words({ scan, rendering, image }) {
  if (!scan || !rendering || !image || scan.colour) return "";
  const preset = presets_of(scan).find(({ window }) => same_window(window, rendering.window));
  const { level, width } = fields_of(rendering.window, image);
  const numbers = level === null || width === null ? "" : `level ${number(level)}, width ${number(width)}`;
  if (!preset) return numbers;
  return numbers ? `${preset.name} (${numbers})` : preset.name;
}

/** The window that the model sees for an object; empty for colours.
 * @type {(
 *   object: Pick<import("../features/prompts/state.js").PromptedObject, "window">, state: Pick<State, "scan">,
 * ) => string} */
export function model_window_words({ window }, { scan }) {
  if (!window || !scan || scan.colour) return "";
  const preset = presets_of(scan).find((each) => same_window(each.window, window));
  const numbers = "level" in window ? `level ${number(window.level)}, width ${number(window.width)}` : "";
  if (!preset) return numbers || "a window from the file";
  return numbers ? `${preset.name} (${numbers})` : preset.name;
}

/** Whether the masks on this slice are ready. @type {(state: State) => { text: string, warns: boolean }} */
export function mask_words(state) {
  const here = state.objects.filter((object) =>
    is_unprompted(object) ? mask_here(object, state) !== null : is_here(object, state.image));
  const waiting = waiting_here(state).length;
  /** @type {(count: number) => string} */
  const masks = (count) => `${count} ${count === 1 ? "mask" : "masks"}`;
  if (waiting) return { text: `${masks(waiting)} pending`, warns: false };
  return { text: here.length ? `${masks(here.length)} up to date` : "", warns: false };
}

/** The times of the last encoding and decoding. @type {(state: State) => string[]} */
function time_words({ sessions: { main: { embedding } }, objects, image, selected }) {
  const decoded = objects.filter((object) =>
    is_here(object, image) && object.main.phase === "done" && object.main.prediction);
  const last = decoded.find(({ number }) => number === selected) ?? decoded.at(-1);
  const encoded = embedding.phase !== "done" ? ""
    : embedding.encode_ms === null ? "encoding cached" : `encoded in ${seconds(embedding.encode_ms)}`;
  return [encoded, last?.main.prediction ? `decoded in ${seconds(last.main.prediction.decode_ms)}` : ""];
}

/** @type {(state: State) => Part[]} */
export function state_parts(state) {
  const { sessions: { main }, engine, module } = state;
  const [encoded = "", decoded = ""] = time_words(state);
  const { text: masks } = mask_words(state);
  return [
    {
      what: "model", text: model_words(state),
      title: "The model that answers the prompts",
    },
    {
      what: "device", text: device_words(state), title: engine.name || "Where the model runs",
      warns: engine.phase === "failed" || module.phase === "failed",
    },
    {
      what: "window", text: window_words(state),
      title: "The display window; each object has a window of its own for the model",
    },
    { what: "masks", text: masks, title: "Masks on this slice: prompted, loaded or edited" },
    { what: "encoded", text: encoded, title: embedding_title(main.embedding.encode_ms) },
    { what: "decoded", text: decoded, title: "Time from the prompt to the mask" },
  ].filter(({ text }) => text !== "");
}

/** @type {(encode_ms: number | null) => string} */
const embedding_title = (encode_ms) =>
  encode_ms === null ? "This slice was encoded before; its encoding is still cached"
  : "Time to encode this slice";
