// Brings everything but the canvas in line with the state.

import { element, enable } from "../ui/element.js";
import { box_list } from "./boxes.js";
import { device_of, hint_of, model_of, progress_of, resume_of, why_no_save } from "./words.js";

/** @typedef {import("../state/reduce.js").State} State */

/** Text is set only when it changes, so that screen readers speak it once.
 * @type {(id: string, text: string) => void} */
function write(id, text) {
  const target = element(id, HTMLElement);
  if (target.textContent !== text) target.textContent = text;
}

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
  const count = state.boxes.length;
  element("canvas", HTMLElement).setAttribute("aria-label", image
    ? `Scan of ${image.width} by ${image.height} pixels with ${count} ${count === 1 ? "box" : "boxes"}. Drag to draw a box, or type its corners in the form.`
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
function show_controls(state) {
  const { image, boxes, history, opacity } = state;
  const no_image = image ? "" : "Open a scan first";
  enable(element("undo", HTMLButtonElement), history.length ? "" : "Nothing to undo", "Undo (Ctrl+Z)");
  enable(element("clear", HTMLButtonElement), boxes.length ? "" : "There are no boxes", "Delete all boxes");
  enable(element("box-add", HTMLButtonElement), no_image, "Add the box with these corners");
  const no_save = why_no_save(state);
  enable(element("save-mask", HTMLButtonElement), no_save, "All masks in one: 8 bit, 0 or 255, size of the image");
  enable(element("save-probability", HTMLButtonElement), no_save, "The sigmoid before the threshold: 16 bit, size of the image");
  enable(element("save-figure", HTMLButtonElement), no_save, "Image with box, and with mask, side by side");
  element("opacity", HTMLInputElement).value = String(opacity);
  write("opacity-value", `${Math.round(opacity * 100)} %`);
  element("no-boxes", HTMLElement).hidden = boxes.length > 0;
}

/** @type {(on_remove: (number: number) => void) => (state: State) => void} */
export function page_shower(on_remove) {
  const show_boxes = box_list(element("boxes", HTMLElement), on_remove);
  return (state) => {
    show_message(state);
    show_progress(state);
    show_status(state);
    show_engine(state);
    show_controls(state);
    show_boxes(state.boxes);
  };
}
