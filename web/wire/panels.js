// Wires the measurements, the reference mask and the model's input.

import { failure_of } from "../failure.js";
import { new_reference_serial } from "../features/measures/reference.js";
import { check_amount, listen_to_picker } from "../open/files.js";
import { element } from "../ui/element.js";
import { on_click } from "./listen.js";

/** Fills the list of suggested names, which the engine has, when a name field first gets the focus.
 * @type {(driver: import("./listen.js").App["driver"]) => void} */
function offer_names(driver) {
  const list = element("term-names", HTMLDataListElement);
  document.addEventListener("focusin", async ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.list !== list || list.childElementCount) return;
    const names = await driver.term_names().catch(() => []);
    list.replaceChildren(...names.map((name) => new Option(name)));
  });
}

/** @type {(app: import("./listen.js").App) => void} */
export function listen_to_panels({ dispatch, driver }) {
  offer_names(driver);
  const panel = element("input-panel", HTMLDetailsElement);
  panel.addEventListener("toggle", () => dispatch({ do: "input_panel_toggled", open: panel.open }));
  const axes = element("axes", HTMLInputElement);
  axes.addEventListener("change", () => dispatch({ do: "axes_set", on: axes.checked }));

  /** @param {unknown} error */
  const on_failure = (error) => dispatch({ do: "failed", failure: failure_of(error, "image_unreadable") });
  listen_to_picker(element("reference-file", HTMLInputElement), {
    on_failure,
    on_files: (files) => {
      try {
        check_amount(files);
        dispatch({ do: "reference_wanted", serial: new_reference_serial(), files });
      } catch (error) {
        on_failure(error);
      }
    },
  });
  const label = element("reference-label", HTMLSelectElement);
  label.addEventListener("change", () => dispatch({ do: "reference_label_chosen", label: Number(label.value) }));
  const shown = element("reference-shown", HTMLInputElement);
  shown.addEventListener("change", () => dispatch({ do: "reference_shown", on: shown.checked }));
  on_click("reference-remove", () => dispatch({ do: "reference_removed" }));
}
