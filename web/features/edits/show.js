// Shows the panel of edits in the volume, and the fields of their tools.

import { element, enable, write } from "../../ui/element.js";
import { selected_of } from "../objects/state.js";
import { EDITS } from "./form.js";
import { is_edit_tool } from "./state.js";
import { preview_words, why_not_apply, why_not_edit } from "./words.js";

/** @typedef {import("../../state/reduce.js").State} State */

const FIELDS = ["size", "where", "radius", "distance", "range", "between", "other"];

/** Fills the list of other objects. @type {(state: State) => void} */
function show_others({ objects, selected }) {
  const list = element("edit-other", HTMLSelectElement);
  const others = objects.filter(({ number }) => number !== selected);
  const wanted = others.map(({ number, name }) => `${number} ${name}`).join("\n");
  if (list.dataset.shown === wanted) return;
  const { value } = list;
  list.dataset.shown = wanted;
  list.replaceChildren(new Option("Choose…", ""), ...others.map(({ number, name }) => new Option(name, String(number))));
  if (others.some(({ number }) => String(number) === value)) list.value = value;
}

/** @type {(state: State) => void} */
export function show_edits(state) {
  const { scan, image, editing, tools: { tool }, overwriting } = state;
  element("edits-section", HTMLElement).hidden = !image;
  if (!image) return;
  const kind = element("edit-kind", HTMLSelectElement);
  // An edit that is applied or cancelled leaves the form.
  if (!editing && kind.dataset.open === "true") kind.value = "";
  kind.dataset.open = String(editing !== null);
  const chosen = EDITS[kind.value];
  const why_not = why_not_edit(state, chosen?.makes_object ?? kind.value === "");
  enable(kind, why_not_edit(state, true), "Changes the mask in the whole volume, after a preview");
  for (const field of FIELDS) {
    element(`edit-${field}-row`, HTMLElement).hidden = !chosen?.fields.some((each) => each === field);
  }
  const unit = scan?.unit ?? "";
  write("edit-range-unit", unit);
  write("edit-tool-unit", unit);
  show_others(state);
  const name = selected_of(state)?.name;
  write("edits-object", name ? `For ${name}` : chosen?.makes_object ? "For a new object" : "");
  element("edit-buttons", HTMLElement).hidden = !chosen;
  element("edit-legend", HTMLElement).hidden = !editing;
  write("edit-facts", chosen ? why_not ? `${why_not}.` : preview_words(state) || (kind.dataset.why ?? "") : "");
  enable(element("edit-apply", HTMLButtonElement), why_not || why_not_apply(state), "Apply the edit (Enter)");
  const why_no_copy = why_not_edit(state);
  const last = image.slices - 1;
  enable(element("copy-before", HTMLButtonElement), why_no_copy || (image.slice === 0 ? "This is the first slice" : ""),
    "Replaces the mask on the previous slice by the one shown here, and goes there (,)");
  enable(element("copy-after", HTMLButtonElement), why_no_copy || (image.slice === last ? "This is the last slice" : ""),
    "Replaces the mask on the next slice by the one shown here, and goes there (.)");
  element("edit-copies", HTMLElement).hidden = image.slices < 2;
  element("overwriting", HTMLInputElement).checked = overwriting;
  element("edit-tool-form", HTMLElement).hidden = !is_edit_tool(tool) || tool === "lasso";
  element("edit-tool-only", HTMLElement).hidden = tool !== "sphere";
  element("edit-tool-limit", HTMLElement).hidden = tool !== "grow";
  element("edit-tool-range", HTMLElement).hidden =
    tool === "sphere" && !element("edit-tool-limits", HTMLInputElement).checked;
}
