// Brings everything but the canvas in line with the state.

import { selected_of } from "../state/objects.js";
import { last_prompt } from "../state/prompts.js";
import { element, enable, write } from "../ui/element.js";
import { comparison_shower } from "./comparison.js";
import { show_recipe_choice } from "./facts.js";
import { model_list } from "./models.js";
import { object_list } from "./objects.js";
import { device_of, hint_of, model_of, points_hint_of, progress_of, resume_of, why_no_save } from "./words.js";

/** @typedef {import("../state/reduce.js").State} State */

/** @type {(state: State) => void} */
function show_message({ message }) {
  element("message", HTMLElement).hidden = !message;
  element("message", HTMLElement).dataset.level = message?.level ?? "";
  element("message", HTMLElement).dataset.code = message?.code ?? "";
  write("message-text", message?.text ?? "");
  element("message-retry", HTMLElement).hidden = !message?.offers.includes("retry");
  element("message-use-cpu", HTMLElement).hidden = !message?.offers.includes("use_cpu");
}

/** @type {(state: State) => void} */
function show_progress(state) {
  const progress = progress_of(state);
  element("progress", HTMLElement).hidden = !progress;
  if (!progress) return;
  write("progress-label", progress.label);
  const bar = element("progress-bar", HTMLProgressElement);
  if (progress.value === null) bar.removeAttribute("value");
  else bar.value = progress.value;
  enable(element("progress-cancel", HTMLButtonElement), progress.can_cancel ? "" : "This takes only a moment");
}

/** @type {(state: State) => void} */
function show_status(state) {
  const { image } = state;
  const facts = image ? `${image.title ? `${image.title} · ` : ""}${image.width} × ${image.height} · ${image.format}, ${image.bits} bit` : "";
  write("image-facts", facts);
  write("hint", hint_of(state));
  const resume = resume_of(state);
  element("resume", HTMLElement).hidden = !resume;
  write("resume", resume);
  element("empty", HTMLElement).hidden = image !== null;
  const count = state.objects.length;
  element("canvas", HTMLElement).setAttribute("aria-label", image
    ? `Scan of ${image.width} by ${image.height} pixels with ${count} ${count === 1 ? "object" : "objects"}. Drag to draw a box, click to set a point, or type the coordinates in the form.`
    : "No scan is open");
}

/** @type {(state: State) => void} */
function show_engine(state) {
  element("device", HTMLSelectElement).value = state.wanted;
  write("device-name", device_of(state));
  write("device-reason", state.engine.reason || "…");
  write("model", model_of(state));
}

/** @type {(state: State) => void} */
function show_tools(state) {
  const { image, tools: { tool, refine, multimask } } = state;
  for (const each of /** @type {const} */ (["box", "positive", "negative"])) {
    element(`tool-${each}`, HTMLInputElement).checked = each === tool;
  }
  document.body.dataset.tool = tool;
  element("box-form", HTMLElement).hidden = tool !== "box";
  element("point-form", HTMLElement).hidden = tool === "box";
  const no_image = image ? "" : "Open a scan first";
  enable(element("box-add", HTMLButtonElement), no_image, "Add the box with these corners");
  enable(element("point-add", HTMLButtonElement), no_image, "Add the point at this place");
  write("point-add", tool === "negative" ? "Add −" : "Add +");
  element("refine", HTMLInputElement).checked = refine;
  const selected = selected_of(state);
  element("multimask", HTMLInputElement).checked = selected ? last_prompt(selected).multimask : multimask;
  element("deselect", HTMLElement).hidden = !selected;
  const hint = points_hint_of(state);
  element("points-hint", HTMLElement).hidden = !hint;
  write("points-hint", hint);
}

/** @type {(state: State) => void} */
function show_controls(state) {
  const { objects, history, opacity } = state;
  enable(element("undo", HTMLButtonElement), history.length ? "" : "Nothing to undo", "Undo (Ctrl+Z)");
  enable(element("clear", HTMLButtonElement), objects.length ? "" : "There are no objects", "Delete all objects");
  const no_save = why_no_save(state);
  enable(element("save-mask", HTMLButtonElement), no_save, "All masks in one: 8 bit, 0 or 255, size of the image");
  enable(element("save-probability", HTMLButtonElement), no_save, "The sigmoid before the threshold: 16 bit, size of the image");
  enable(element("save-figure", HTMLButtonElement), no_save, "Image with its prompts, and with masks, side by side");
  element("opacity", HTMLInputElement).value = String(opacity);
  write("opacity-value", `${Math.round(opacity * 100)} %`);
  element("no-boxes", HTMLElement).hidden = objects.length > 0;
}

/** @type {(handlers: import("./objects.js").ObjectHandlers & import("./models.js").ModelHandlers & { on_recipe: (recipe: import("../state/sessions.js").Recipe) => void }) => (state: State) => void} */
export function page_shower(handlers) {
  const show_objects = object_list(element("boxes", HTMLElement), handlers);
  const show_models = model_list(element("models", HTMLElement), handlers);
  const show_comparison = comparison_shower();
  return (state) => {
    show_message(state);
    show_progress(state);
    show_status(state);
    show_engine(state);
    show_models(state);
    show_comparison(state);
    show_recipe_choice(state, handlers.on_recipe);
    show_tools(state);
    show_controls(state);
    show_objects(state);
  };
}
