// Shows the choice of the comparison model and its canvas.

import { caption_of } from "../../show/words.js";
import { element, write } from "../../ui/element.js";
import { listed } from "../models/show.js";

/** @typedef {import("../../state/reduce.js").State} State */

/** @type {() => (state: State) => void} */
export function comparison_shower() {
  const select = element("compare", HTMLSelectElement);
  /** @type {unknown} */
  let shown = null;
  return (state) => {
    const { models, comparison_weights } = state;
    if (models.entries !== shown) {
      shown = models.entries;
      const options = listed(models.entries).map(({ id, name }) => new Option(name, id));
      select.replaceChildren(new Option("no model", ""), ...options);
    }
    select.value = comparison_weights?.id ?? "";
    element("view-comparison", HTMLElement).hidden = !comparison_weights;
    element("caption-main", HTMLElement).hidden = !comparison_weights;
    write("caption-main", comparison_weights ? caption_of(state, "main") : "");
    write("caption-comparison", comparison_weights ? caption_of(state, "comparison") : "");
  };
}
