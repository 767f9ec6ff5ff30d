// The list of models: what the site offers, and the user's own.

import { warning_of } from "../models/default.js";
import { element, keep_focus, part, write } from "../ui/element.js";
import { megabytes } from "./words.js";

/** @typedef {import("../state/models.js").ModelEntry} ModelEntry */
/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {{ on_model: (id: string) => void }} ModelHandlers */

/** @type {(entry: ModelEntry, state: State) => string} */
function about(entry, { engine: { device } }) {
  const warning = warning_of(entry, device);
  return [`${megabytes(entry.bytes)} MB`, entry.licence, warning].filter(Boolean).join(" · ");
}

/** @type {(entry: ModelEntry, state: State, handlers: ModelHandlers) => HTMLLIElement} */
function item(entry, state, { on_model }) {
  const radio = part("input", "", "");
  radio.type = "radio";
  radio.name = "model";
  radio.value = entry.id;
  radio.checked = entry.id === state.weights.id;
  radio.dataset.act = `model ${entry.id}`;
  radio.addEventListener("change", () => on_model(entry.id));
  const label = part("label", "", "");
  label.append(radio, part("span", "name", entry.name), part("span", "about small", about(entry, state)));
  const made = document.createElement("li");
  made.append(label);
  return made;
}

/** Rebuilds the list when anything in it has changed.
 * @type {(list: HTMLElement, handlers: ModelHandlers) => (state: State) => void} */
export function model_list(list, handlers) {
  /** @type {unknown[]} */
  let shown = [];
  return (state) => {
    const now = [state.models, state.weights.id, state.engine.device];
    if (now.every((each, i) => each === shown[i])) return;
    shown = now;
    keep_focus(list, () => list.replaceChildren(...state.models.entries.map((entry) => item(entry, state, handlers))));
    element("model-faults", HTMLElement).hidden = state.models.faults.length === 0;
    write("model-faults", state.models.faults.join("\n"));
  };
}
