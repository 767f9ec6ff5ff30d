// Shows the side panels: measurements, reference, the model's input.

import { agreement_text, measure_hint, measure_lines, spacing_note } from "../features/measures/words.js";
import { curve_shower } from "../features/measures/show_curve.js";
import { input_shower } from "../features/model_input/show.js";
import { selected_of } from "../features/objects/state.js";
import { element, enable, part, write } from "../ui/element.js";

/** @typedef {import("../state/reduce.js").State} State */

/** @type {(state: State) => void} */
function show_measures(state) {
  const hint = measure_hint(state);
  write("measure-hint", hint);
  element("measure-hint", HTMLElement).hidden = !hint;
  const lines = measure_lines(state);
  const list = element("measure-list", HTMLElement);
  const text = JSON.stringify(lines);
  if (list.dataset.of !== text) {
    list.dataset.of = text;
    list.replaceChildren(...lines.flatMap(({ what, value }) => [part("dt", "", what), part("dd", "", value)]));
  }
  const note = selected_of(state) ? spacing_note(state) : "";
  write("measure-note", note);
  element("measure-note", HTMLElement).hidden = !note;
  element("axes", HTMLInputElement).checked = state.measurement.axes;
}

/** @type {(state: State) => void} */
function show_reference(state) {
  const { reference, scan } = state;
  element("reference-remove", HTMLElement).hidden = !reference;
  element("reference-view", HTMLElement).hidden = reference?.label == null;
  element("reference-shown", HTMLInputElement).checked = reference?.shown ?? true;
  element("reference-legend", HTMLElement).hidden = !reference?.shown;
  enable(element("reference-file", HTMLInputElement), scan ? "" : "Open a scan first");
  const select = element("reference-label", HTMLSelectElement);
  const { labels = [], names = [] } = reference ?? {};
  element("reference-choice", HTMLElement).hidden = labels.length < 2;
  const of = JSON.stringify([labels, names]);
  if (select.dataset.of !== of) {
    select.dataset.of = of;
    select.replaceChildren(...labels.map((label, i) =>
      new Option(names[i] ? `${label}: ${names[i]}` : String(label), String(label))));
  }
  select.value = String(reference?.label ?? "");
  const text = agreement_text(state);
  write("agreement", text);
  element("agreement", HTMLElement).hidden = !text;
}

/** @type {(dispatch: import("../state/reduce.js").Dispatch) => (state: State) => void} */
export function panel_shower(dispatch) {
  const show_input = input_shower();
  const show_curve = curve_shower(dispatch);
  return (state) => {
    show_measures(state);
    show_curve(state);
    show_reference(state);
    show_input(state);
  };
}
