// Shows facts about a weights file, and asks for its recipe.

import { element, part, write } from "../../ui/element.js";

/** @typedef {import("../../../boxel-bindings.js").WeightsFile} WeightsFile */
/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/sessions.js").Recipe} Recipe */

/** @type {Record<Recipe, { name: string, line: string }>} */
export const RECIPE_WORDS = {
  sam: { name: "SAM", line: "trained on photographs, with boxes and points" },
  medsam: { name: "MedSAM", line: "SAM trained further on medical scans, with boxes" },
  litemedsam: { name: "LiteMedSAM", line: "the small model by the authors of MedSAM" },
  sam2: { name: "SAM 2.1", line: "trained on photographs and films, remembers slices" },
  medsam2: { name: "MedSAM2", line: "SAM 2.1 trained further on medical scans; for research and education only" },
};
const FORMATS = { safetensors: "safetensors", pytorch: "PyTorch" };
const NAMES = { original: "original names", hugging_face: "Hugging Face names" };

/** @type {(facts: WeightsFile) => string} */
export const facts_text = ({ format, names, architecture, dtype, tensors, parameters }) => [
  architecture, `${(parameters / 1e6).toFixed(1)} million parameters in ${tensors} tensors`, dtype, FORMATS[format],
  NAMES[names],
].join(" · ");

/** @type {(facts: WeightsFile, copy_checksum: (sha256: string) => void) => HTMLElement} */
export function facts_list(facts, copy_checksum) {
  const made = part("p", "facts-of-weights small", facts_text(facts));
  const checksum = part("span", "checksum", "");
  const code = part("code", "", `${facts.sha256.slice(0, 12)}…`);
  code.title = facts.sha256;
  const copy = part("button", "", "Copy");
  copy.type = "button";
  copy.dataset.act = `copy ${facts.sha256}`;
  copy.setAttribute("aria-label", "Copy the whole SHA-256");
  copy.addEventListener("click", () => copy_checksum(facts.sha256));
  const known = facts.known ? `, published as ${facts.known}` : "; not known to Boxel";
  checksum.append("SHA-256 ", code, known, " ", copy);
  made.append(checksum);
  return made;
}

/** @type {(state: State, dispatch: import("../../state/reduce.js").Dispatch) => void} */
export function show_recipe_choice({ reading }, dispatch) {
  const facts = reading?.facts;
  const asked = element("recipe-choice", HTMLElement);
  const was_hidden = asked.hidden;
  asked.hidden = !facts;
  if (!facts || asked.dataset.of === facts.sha256) {
    if (!facts) delete asked.dataset.of;
    return;
  }
  asked.dataset.of = facts.sha256;
  write("recipe-question", `This ${facts.architecture} fits several models, and the file does not say which. `
    + "A wrong choice gives wrong masks.");
  element("recipe-answers", HTMLElement).replaceChildren(...facts.recipes.map((recipe) => {
    const { name, line } = RECIPE_WORDS[recipe];
    const answer = part("button", "", `${name}: ${line}`);
    answer.type = "button";
    answer.dataset.recipe = recipe;
    answer.addEventListener("click", () => dispatch({ do: "own_recipe_chosen", recipe }));
    return answer;
  }));
  if (was_hidden) asked.querySelector("button")?.focus();
}
