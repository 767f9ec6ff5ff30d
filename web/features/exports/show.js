// Shows the export formats, each with a description and the reason if it is disabled.

import { element, enable, part, write } from "../../ui/element.js";
import { FORMATS, is_offered, warnings_of, why_no_save, why_not } from "./formats.js";
import { overlap_words } from "./overlap_words.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("./formats.js").Format} Format */
/** @typedef {import("./state.js").Identity} Identity */
/** @typedef {import("./exporter.js").Winner} Winner */
/**
 * @typedef {object} Saving
 * @property {import("../../state/reduce.js").Dispatch} dispatch
 * @property {(format: Format, winner?: Winner) => void} save
 */

/** @type {Record<Identity, { name: string, line: string }>} */
const IDENTITIES = {
  linked: {
    name: "Linked",
    line: "Contains patient identifiers, study and series of the source, so that viewers can overlay it on the scan. "
      + "Treat it like the scan.",
  },
  de_identified: {
    name: "De-identified",
    line: "Contains new UIDs and only the geometry of the source, so viewers cannot match it to the scan. "
      + "It contains the names of your objects.",
  },
};

/** Capitalizes a reason of the engine. @type {(text: string) => string} */
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** @type {(format: Format, save: Saving["save"]) => HTMLLIElement} */
function row(format, save) {
  const button = part("button", "", format.name);
  button.type = "button";
  button.id = format.id;
  button.setAttribute("aria-describedby", `${format.id}-about ${format.id}-why exports-why`);
  button.addEventListener("click", () => save(format));
  const about = part("span", "about small", format.about);
  about.id = `${format.id}-about`;
  const why = part("span", "why small", "");
  why.id = `${format.id}-why`;
  const made = document.createElement("li");
  made.append(button, about, why);
  return made;
}

/** @type {(dispatch: Saving["dispatch"]) => HTMLElement} */
function identity_choice(dispatch) {
  const made = part("fieldset", "identities small", "");
  made.append(part("legend", "unseen", "Identity of DICOM SEG and RTSTRUCT"));
  for (const identity of /** @type {const} */ (["linked", "de_identified"])) {
    const { name, line } = IDENTITIES[identity];
    const radio = part("input", "", "");
    radio.type = "radio";
    radio.name = "identity";
    radio.id = `identity-${identity}`;
    radio.value = identity;
    radio.addEventListener("change", () => dispatch({ do: "identity_chosen", identity }));
    const label = part("label", "", "");
    const text = part("span", "", "");
    text.append(part("b", "", name), `: ${line}`);
    label.append(radio, text);
    made.append(label);
  }
  return made;
}

/** @type {(dispatch: Saving["dispatch"]) => HTMLElement} */
function label_map_choice(dispatch) {
  const box = part("input", "", "");
  box.type = "checkbox";
  box.id = "seg-label-map";
  box.addEventListener("change", () => dispatch({ do: "seg_form_chosen", form: box.checked ? "label_map" : "auto" }));
  const label = part("label", "check", "");
  label.append(box, part(
    "span",
    "",
    "As a label map (DICOM 2024d): 3D Slicer keeps the objects apart at every image size; ITK cannot read it yet",
  ));
  return label;
}

/** Asks which object keeps shared voxels before a label map is written.
 * @type {(saving: Saving) => (state: State) => void} */
function overlap_question({ save, dispatch }) {
  const made = part("div", "note", "");
  made.id = "exports-overlap";
  made.setAttribute("role", "group");
  made.setAttribute("aria-labelledby", "exports-overlap-text");
  const text = part("p", "", "");
  text.id = "exports-overlap-text";
  text.setAttribute("role", "alert");
  const [later, earlier, cancel] = ["later", "earlier", "cancel"].map((id) => {
    const button = part("button", "", "");
    button.type = "button";
    button.id = `overlap-${id}`;
    return button;
  });
  made.append(text, .../** @type {HTMLButtonElement[]} */ ([later, earlier, cancel]));
  element("exports-warning", HTMLElement).after(made);
  /** @type {State["exports"]["question"]} */
  let shown = null;
  const answered = (/** @type {Winner} */ winner) => {
    const format = FORMATS.find(({ format }) => format === shown?.what);
    if (format) save(format, winner);
  };
  later?.addEventListener("click", () => answered("later"));
  earlier?.addEventListener("click", () => answered("earlier"));
  cancel?.addEventListener("click", () => dispatch({ do: "overlap_answered" }));
  return (state) => {
    const { question } = state.exports;
    made.hidden = !question;
    if (question === shown) return;
    shown = question;
    if (!question) return;
    const words = overlap_words(question.overlaps, state.objects);
    text.textContent = words.text;
    for (const [button, label] of /** @type {const} */ ([
      [later, words.later], [earlier, words.earlier], [cancel, "Cancel"],
    ])) {
      if (button) button.textContent = label;
    }
    later?.focus();
  };
}

/** The coded terms of the objects in a DICOM SEG. @type {(state: State) => string} */
export function terms_line({ objects, exports: { terms } }) {
  const names = terms.of.split("\n");
  const coded = objects.map(({ name, segment }) => {
    // A loaded segment keeps its file's codes with its file's name.
    const loaded = segment?.name === name ? segment.kind : null;
    if (loaded) return `${name}: ${loaded.meaning} (${loaded.scheme} ${loaded.value})`;
    const term = terms.found[names.indexOf(name)];
    return `${name}: ${term ? `${term.meaning} (${term.scheme} ${term.value})` : "Tissue, free text"}`;
  });
  return [...new Set(coded)].join(" · ");
}

/** @type {(saving: Saving) => (state: State) => void} */
export function export_shower(saving) {
  const { dispatch, save } = saving;
  for (const of of /** @type {const} */ (["slice", "all"])) {
    const list = element(`exports-${of}`, HTMLElement);
    list.replaceChildren(...FORMATS.filter((format) => format.of === of).map((format) => row(format, save)));
  }
  const identities = identity_choice(dispatch);
  const label_map = label_map_choice(dispatch);
  const terms = part("p", "small quiet", "");
  terms.id = "seg-terms";
  element("save-seg", HTMLElement).parentElement?.append(identities, label_map, terms);
  const show_question = overlap_question(saving);
  return (state) => {
    const none = why_no_save(state);
    write("exports-why", none);
    element("exports-why", HTMLElement).hidden = !none;
    for (const format of FORMATS) {
      const why = sentence(why_not(format, state));
      enable(element(format.id, HTMLButtonElement), none || why, format.about);
      // If nothing can be saved, one reason is enough.
      write(`${format.id}-why`, none ? "" : why);
      const item = element(format.id, HTMLButtonElement).parentElement;
      if (item) item.hidden = !is_offered(format, state);
    }
    identities.hidden = label_map.hidden = terms.hidden = Boolean(state.exports.refusals.dicom_seg);
    element("seg-label-map", HTMLInputElement).checked = state.exports.seg_form === "label_map";
    write("seg-terms", terms_line(state) && `Coded as ${terms_line(state)}`);
    show_question(state);
    const warnings = none ? "" : warnings_of(state).join("\n");
    write("exports-warning", warnings);
    element("exports-warning", HTMLElement).hidden = !warnings;
    for (const identity of /** @type {const} */ (["linked", "de_identified"])) {
      element(`identity-${identity}`, HTMLInputElement).checked = state.exports.identity === identity;
    }
  };
}
