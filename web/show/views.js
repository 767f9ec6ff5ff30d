// Shows the planes and slices below the scan, and the orientation letters at its edges.

import { letters_on_screen, placing_of } from "../features/display/state.js";
import { element, enable, part, write } from "../ui/element.js";
import { PLANE_WORDS, slice_words } from "./scan_words.js";

/** @typedef {import("../state/reduce.js").State} State */

const EDGES = /** @type {const} */ (["left", "right", "top", "bottom"]);
/** @type {Record<string, string>} */
const SIDES = { L: "left", R: "right", A: "front", P: "back", H: "head", F: "feet" };

/** @type {(letters: string) => string} */
const spelled = (letters) => Array.from(letters, (letter) => SIDES[letter] ?? letter).join(", ");

/** @type {(state: State) => void} */
function show_letters(state) {
  const letters_of_image = state.image?.letters;
  const shown = letters_of_image && letters_on_screen(placing_of(state).orientation, letters_of_image);
  for (const span of document.querySelectorAll(".letter")) {
    if (!(span instanceof HTMLElement)) continue;
    const edge = EDGES.find((each) => each === span.dataset.edge);
    const letters = (edge && shown?.[edge]) ?? "";
    if (span.textContent !== letters) span.textContent = letters;
    span.hidden = letters === "";
    span.setAttribute("aria-label", letters ? `${edge}: the patient's ${spelled(letters)}` : "");
  }
}

/** @type {(dispatch: import("../state/reduce.js").Dispatch) => (state: State) => void} */
export function view_shower(dispatch) {
  /** @type {unknown} */
  let shown = null;
  const planes = element("planes", HTMLElement);
  return (state) => {
    const { scan, rendering, image } = state;
    show_letters(state);
    const slices = scan?.views.find(({ plane }) => plane === rendering?.plane)?.slices ?? 1;
    element("viewbar", HTMLElement).hidden = !scan;
    if (!scan || !rendering || !image) return;
    if (shown !== scan) {
      shown = scan;
      planes.hidden = scan.views.length < 2;
      planes.replaceChildren(element("planes-legend", HTMLElement), ...scan.views.map(({ plane }) => {
        const label = part("label", "", "");
        const radio = part("input", "unseen", "");
        radio.type = "radio";
        radio.name = "plane";
        radio.value = plane;
        radio.addEventListener("change", () => dispatch({ do: "rendering_wanted", plane }));
        label.append(radio, PLANE_WORDS[plane]);
        return label;
      }));
    }
    for (const radio of planes.querySelectorAll("input")) radio.checked = radio.value === rendering.plane;
    element("slices", HTMLElement).hidden = slices < 2;
    const slider = element("slice", HTMLInputElement);
    slider.max = String(slices);
    slider.value = String(rendering.slice + 1);
    slider.setAttribute("aria-valuetext", slice_words(state));
    const field = element("slice-number", HTMLInputElement);
    field.max = String(slices);
    if (document.activeElement !== field) field.value = String(rendering.slice + 1);
    write("slice-count", `of ${slices}`);
    enable(
      element("slice-before", HTMLButtonElement), rendering.slice > 0 ? "" : "This is the first slice",
      "Previous slice (Arrow up)",
    );
    enable(
      element("slice-after", HTMLButtonElement), rendering.slice < slices - 1 ? "" : "This is the last slice",
      "Next slice (Arrow down)",
    );
  };
}
