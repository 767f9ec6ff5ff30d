// The list of formats, each with what it is and why it is off.

import { FORMATS, is_offered, warnings_of, why_no_save, why_not } from "../save/formats.js";
import { element, enable, part, write } from "../ui/element.js";

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../save/formats.js").Format} Format */
/** @typedef {import("../state/exports.js").Identity} Identity */
/** @typedef {{ on_save: (format: Format) => void, on_identity: (identity: Identity) => void }} ExportHandlers */

/** @type {Record<Identity, { name: string, line: string }>} */
const IDENTITIES = {
  linked: {
    name: "Linked",
    line: "Carries the source's patient, study and series, so that a viewer lays it over the scan. Treat it like the scan.",
  },
  de_identified: {
    name: "De-identified",
    line: "Has new UIDs and nothing of the source but its geometry, so no viewer can tell which scan it belongs to. Your names of the objects stay in it.",
  },
};

/** The engine's reasons begin like the rest of a sentence. @type {(text: string) => string} */
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** @type {(format: Format, on_save: ExportHandlers["on_save"]) => HTMLLIElement} */
function row(format, on_save) {
  const button = part("button", "", format.name);
  button.type = "button";
  button.id = format.id;
  button.setAttribute("aria-describedby", `${format.id}-about ${format.id}-why exports-why`);
  button.addEventListener("click", () => on_save(format));
  const about = part("span", "about small", format.about);
  about.id = `${format.id}-about`;
  const why = part("span", "why small", "");
  why.id = `${format.id}-why`;
  const made = document.createElement("li");
  made.append(button, about, why);
  return made;
}

/** @type {(on_identity: ExportHandlers["on_identity"]) => HTMLElement} */
function identity_choice(on_identity) {
  const made = part("fieldset", "identities small", "");
  made.append(part("legend", "unseen", "Identity of the DICOM SEG"));
  for (const identity of /** @type {const} */ (["linked", "de_identified"])) {
    const { name, line } = IDENTITIES[identity];
    const radio = part("input", "", "");
    radio.type = "radio";
    radio.name = "identity";
    radio.id = `identity-${identity}`;
    radio.value = identity;
    radio.addEventListener("change", () => on_identity(identity));
    const label = part("label", "", "");
    const text = part("span", "", "");
    text.append(part("b", "", name), `: ${line}`);
    label.append(radio, text);
    made.append(label);
  }
  return made;
}

/** @type {(handlers: ExportHandlers) => (state: State) => void} */
export function export_shower({ on_save, on_identity }) {
  for (const of of /** @type {const} */ (["slice", "all"])) {
    const list = element(`exports-${of}`, HTMLElement);
    list.replaceChildren(...FORMATS.filter((format) => format.of === of).map((format) => row(format, on_save)));
  }
  const identities = identity_choice(on_identity);
  element("save-seg", HTMLElement).parentElement?.append(identities);
  return (state) => {
    const none = why_no_save(state);
    write("exports-why", none);
    element("exports-why", HTMLElement).hidden = !none;
    for (const format of FORMATS) {
      const why = sentence(why_not(format, state));
      enable(element(format.id, HTMLButtonElement), none || why, format.about);
      // While nothing can be saved, one reason is enough.
      write(`${format.id}-why`, none ? "" : why);
      const item = element(format.id, HTMLButtonElement).parentElement;
      if (item) item.hidden = !is_offered(format, state);
    }
    identities.hidden = Boolean(state.exports.refusals.dicom_seg);
    const warnings = none ? "" : warnings_of(state).join("\n");
    write("exports-warning", warnings);
    element("exports-warning", HTMLElement).hidden = !warnings;
    for (const identity of /** @type {const} */ (["linked", "de_identified"])) {
      element(`identity-${identity}`, HTMLInputElement).checked = state.exports.identity === identity;
    }
  };
}
