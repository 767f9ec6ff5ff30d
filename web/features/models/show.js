// The list of models: the site's and the user's own.

import { megabytes } from "../../show/words.js";
import { element, keep_focus, part, write } from "../../ui/element.js";
import { warning_of } from "./default_state.js";
import { kept_copy } from "./own_state.js";
import { is_published, NOT_PUBLISHED } from "./published_state.js";
import { use_of } from "./recipes_state.js";
import { facts_list } from "./show_facts.js";

/** @typedef {import("./state.js").ModelEntry} ModelEntry */
/** @typedef {import("../../state/reduce.js").State} State */
/**
 * @typedef {object} ModelCommands
 * @property {import("../../state/reduce.js").Dispatch} dispatch
 * @property {(entry: ModelEntry) => void} keep_model in this browser
 * @property {(entry: ModelEntry) => void} remove_kept
 * @property {(sha256: string) => void} copy_checksum to the clipboard
 */

/** A stored copy is listed only if its original is not. @type {(entries: ModelEntry[]) => ModelEntry[]} */
export const listed = (entries) => entries.filter((entry) => entry.source !== "kept"
  || !entries.some((other) => other.source !== "kept" && kept_copy([entry], other)));

/** @type {(entry: ModelEntry, state: State) => string} */
function about(entry, { engine: { device }, models: { entries } }) {
  const copy = kept_copy(entries, entry);
  const kept = copy ? `stored in this browser, ${megabytes(copy.bytes)} MB` : "";
  const size = entry.source === "kept" ? "" : `${megabytes(entry.bytes)} MB`;
  const doubt = is_published(entry) ? "" : NOT_PUBLISHED;
  return [size, entry.licence, use_of(entry.recipe), doubt, kept, warning_of(entry, device)].filter(Boolean).join(" · ");
}

/** @type {(text: string, act: string, label: string, on_click: () => void) => HTMLButtonElement} */
function button(text, act, label, on_click) {
  const made = part("button", "", text);
  made.type = "button";
  made.dataset.act = act;
  made.setAttribute("aria-label", label);
  made.addEventListener("click", on_click);
  return made;
}

/** @type {(entry: ModelEntry, state: State, commands: ModelCommands) => HTMLLIElement} */
function item(entry, state, { dispatch, keep_model, remove_kept, copy_checksum }) {
  const radio = part("input", "", "");
  radio.type = "radio";
  radio.name = "model";
  radio.value = entry.id;
  radio.checked = entry.id === state.weights.id;
  radio.dataset.act = `model ${entry.id}`;
  radio.addEventListener("change", () => dispatch({ do: "model_wanted", id: entry.id }));
  const label = part("label", "", "");
  label.append(radio, part("span", "name", entry.name), part("span", "about small", about(entry, state)));
  const made = document.createElement("li");
  made.setAttribute("role", "none"); // the list is a group of radio buttons
  made.append(label);

  const copy = kept_copy(state.models.entries, entry);
  if (copy) {
    const forget = button("Remove", `remove ${entry.id}`, `Remove ${entry.name} from this browser`, () =>
      remove_kept(copy));
    forget.title = "Deletes the copy in this browser";
    made.append(forget);
  } else if (entry.source === "own" || (entry.id === state.weights.id && state.weights.phase === "ready")) {
    const keeps = state.keeping === entry.id;
    const text = keeps ? "Storing…" : "Store in this browser";
    const keep = button(text, `keep ${entry.id}`, `${text}: ${entry.name}`, () => keep_model(entry));
    keep.title = "Stores only the model, for your next visit";
    keep.disabled = state.keeping !== null;
    made.append(keep);
  }
  if (entry.facts) made.append(facts_list(entry.facts, copy_checksum));
  return made;
}

/** Rebuilds the list when something in it has changed.
 * @type {(list: HTMLElement, commands: ModelCommands) => (state: State) => void} */
export function model_list(list, commands) {
  /** @type {unknown[]} */
  let shown = [];
  return (state) => {
    const { models, weights, engine, keeping } = state;
    const now = [models, weights.id, weights.phase, engine.device, keeping];
    if (now.every((each, i) => each === shown[i])) return;
    shown = now;
    keep_focus(list, () =>
      list.replaceChildren(...listed(models.entries).map((entry) => item(entry, state, commands))));
    element("model-faults", HTMLElement).hidden = models.faults.length === 0;
    write("model-faults", models.faults.join("\n"));
  };
}
