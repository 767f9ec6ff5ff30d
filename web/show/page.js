// Shows the state, except on the canvas.

import { show_brush } from "../features/brush/show.js";
import { comparison_shower } from "../features/comparison/show.js";
import { show_display } from "../features/display/show.js";
import { show_edits } from "../features/edits/show.js";
import { export_shower } from "../features/exports/show.js";
import { model_list } from "../features/models/show.js";
import { show_recipe_choice } from "../features/models/show_facts.js";
import { object_list } from "../features/objects/show.js";
import { selected_of } from "../features/objects/state.js";
import { request_shower } from "../features/offline/show.js";
import { changeable_box } from "../features/prompts/boxes_state.js";
import { show_offer } from "../features/prompts/show_offer.js";
import { last_prompt } from "../features/prompts/state.js";
import { propagation_shower } from "../features/propagation/show.js";
import { review_shower } from "../features/review/show.js";
import { self_test_shower } from "../features/self_test/show.js";
import { session_shower } from "../features/sessions/show.js";
import { show_unsaved } from "../features/unsaved/show.js";
import { window_shower } from "../features/window/show.js";
import { is_here } from "../state/here.js";
import { text_of_message } from "../state/message.js";
import { element, enable, write } from "../ui/element.js";
import { panel_shower } from "./panels.js";
import { scan_shower } from "./scan.js";
import { image_facts, slice_words } from "./scan_words.js";
import { state_line_shower } from "./state_line.js";
import { left_words, NO_PACE, paced } from "./time_left.js";
import { view_shower } from "./views.js";
import {
  device_of, hint_of, memory_of, model_of, points_hint_of, progress_of, resume_of, threads_of,
  weights_hint_of,
} from "./words.js";

/** @typedef {import("../state/reduce.js").State} State */

/** @type {(state: State) => void} */
function show_message({ message }) {
  element("message", HTMLElement).hidden = !message;
  element("message", HTMLElement).dataset.level = message?.level ?? "";
  element("message", HTMLElement).dataset.code = message?.code ?? "";
  write("message-text", text_of_message(message));
  element("message-retry", HTMLElement).hidden = !message?.offers.includes("retry");
  element("message-use-cpu", HTMLElement).hidden = !message?.offers.includes("use_cpu");
  element("message-reload", HTMLElement).hidden = !message?.offers.includes("reload");
}

/** The only part of showing that uses a clock. @type {() => (state: State) => void} */
function progress_shower() {
  let pace = NO_PACE;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @param {State} state */
  const show = (state) => {
    clearTimeout(timer);
    const progress = progress_of(state);
    const now_ms = performance.now();
    pace = paced(pace, progress?.task ?? null, now_ms);
    element("progress", HTMLElement).hidden = !progress;
    if (!progress) return;
    write("progress-label", progress.label);
    write("progress-left", left_words(pace, progress.task ?? null, now_ms));
    const bar = element("progress-bar", HTMLProgressElement);
    if (progress.value === null) bar.removeAttribute("value");
    else bar.value = progress.value;
    enable(element("progress-cancel", HTMLButtonElement), progress.cancels ? "" : "This step cannot be cancelled");
    // The estimate counts down between two steps of a large model.
    if (progress.task) timer = setTimeout(() => show(state), 1000);
  };
  return show;
}

/** @type {(state: State) => void} */
function show_status(state) {
  const { image } = state;
  write("image-facts", image_facts(state));
  write("hint", hint_of(state));
  const resume = resume_of(state);
  element("resume", HTMLElement).hidden = !resume;
  write("resume", resume);
  element("empty", HTMLElement).hidden = image !== null;
  const count = state.objects.length;
  element("canvas", HTMLElement).setAttribute("aria-label", image
    ? `${slice_words(state) || "Scan"} of ${image.width} by ${image.height} pixels with ${count} `
      + `${count === 1 ? "object" : "objects"}. Drag to draw a box, click to set a point, press Enter to do both with `
      + "the arrows, or type the coordinates in the form."
    : "No scan is open");
  for (const id of ["canvas", "canvas-comparison"]) {
    const canvas = element(id, HTMLElement);
    canvas.setAttribute("role", image ? "application" : "img");
    canvas.tabIndex = image ? 0 : -1;
  }
}

/** @type {(state: State) => void} */
function show_engine(state) {
  element("device", HTMLSelectElement).value = state.wanted;
  write("device-name", device_of(state));
  write("device-reason", state.engine.reason || "…");
  write("model", model_of(state));
  write("memory", memory_of(state));
  element("budget", HTMLSelectElement).value = String(state.budget_bytes);
  element("threads", HTMLSelectElement).value = String(state.slice_encoders.wanted);
  write("slice-encoders", threads_of(state));
}

/** @type {(state: State) => void} */
function show_tools(state) {
  const { image, tools: { tool, refine, multimask } } = state;
  for (const each of /** @type {const} */ ([
    "box", "positive", "negative", "polygon", "brush", "eraser", "sphere", "lasso", "grow",
  ])) {
    element(`tool-${each}`, HTMLInputElement).checked = each === tool;
  }
  document.body.dataset.tool = tool;
  element("box-form", HTMLElement).hidden = tool !== "box";
  element("point-form", HTMLElement).hidden = tool !== "positive" && tool !== "negative";
  const no_image = image ? "" : "Open a scan first";
  enable(element("box-add", HTMLButtonElement), no_image, "Add the box with these corners");
  enable(element("point-add", HTMLButtonElement), no_image, "Add the point at this place");
  write("point-add", tool === "negative" ? "Add −" : "Add +");
  element("refine", HTMLInputElement).checked = refine;
  const selected = selected_of(state);
  element("multimask", HTMLInputElement).checked = selected && is_here(selected, image)
    ? last_prompt(selected).multimask
    : multimask;
  element("deselect", HTMLElement).hidden = !selected;
  const hint = points_hint_of(state);
  element("points-hint", HTMLElement).hidden = !hint;
  write("points-hint", hint);
  const weights_hint = weights_hint_of(state);
  element("weights-hint", HTMLElement).hidden = !weights_hint;
  write("weights-hint", weights_hint);
}

/** Shows the corners of the selected box in the form.
 * @type {() => (state: State) => void} */
function box_form_shower() {
  /** @type {import("../features/prompts/state.js").ImageBox | null} */
  let shown = null;
  return (state) => {
    const box = changeable_box(state);
    element("box-change", HTMLElement).hidden = !box;
    // Keep what is being typed.
    const is_typed = document.activeElement instanceof HTMLInputElement
      && element("box-form", HTMLElement).contains(document.activeElement);
    if (!box || is_typed || box.every((value, i) => value === shown?.[i])) return;
    shown = box;
    for (const [i, id] of ["box-x0", "box-y0", "box-x1", "box-y1"].entries()) {
      element(id, HTMLInputElement).value = String(box[i]);
    }
  };
}

/** @type {(state: State) => void} */
function show_controls(state) {
  const { objects, history, future, opacity } = state;
  enable(element("undo", HTMLButtonElement), history.length ? "" : "Nothing to undo", "Undo (Ctrl+Z)");
  enable(element("redo", HTMLButtonElement), future.length ? "" : "Nothing to redo", "Redo (Ctrl+Y)");
  enable(element("clear", HTMLButtonElement), objects.length ? "" : "There are no objects", "Delete all objects");
  element("opacity", HTMLInputElement).value = String(opacity);
  write("opacity-value", `${Math.round(opacity * 100)} %`);
  element("no-boxes", HTMLElement).hidden = objects.length > 0;
}

/** Makes the function that shows the state. `commands` are what its controls can do.
 * @type {(
 *   commands: import("../features/exports/show.js").Saving & import("../features/models/show.js").ModelCommands,
 * ) => (state: State) => void} */
export function page_shower(commands) {
  const { dispatch } = commands;
  const show_objects = object_list(element("boxes", HTMLElement), dispatch);
  const show_box_form = box_form_shower();
  const show_models = model_list(element("models", HTMLElement), commands);
  const show_progress = progress_shower();
  const show_state_line = state_line_shower();
  const show_comparison = comparison_shower();
  const show_exports = export_shower(commands);
  const show_panels = panel_shower(dispatch);
  const show_requests = request_shower();
  const show_self_test = self_test_shower();
  const show_scan = scan_shower(dispatch);
  const show_session = session_shower();
  const show_view = view_shower(dispatch);
  const show_window = window_shower(dispatch);
  const show_propagation = propagation_shower();
  const show_review = review_shower(dispatch);
  return (state) => {
    show_message(state);
    show_offer(state);
    show_progress(state);
    show_status(state);
    show_state_line(state);
    show_scan(state);
    show_session(state);
    show_unsaved(state);
    show_view(state);
    show_display(state);
    show_window(state);
    show_propagation(state);
    show_edits(state);
    show_review(state);
    show_engine(state);
    show_models(state);
    show_comparison(state);
    show_recipe_choice(state, dispatch);
    show_tools(state);
    show_box_form(state);
    show_brush(state);
    show_controls(state);
    show_objects(state);
    show_exports(state);
    show_panels(state);
    show_requests(state);
    show_self_test(state);
  };
}
