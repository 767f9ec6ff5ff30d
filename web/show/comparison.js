// Side by side: the choice of the second model, and its canvas.

import { element, write } from "../ui/element.js";
import { listed } from "./models.js";
import { caption_of } from "./words.js";

/** @typedef {import("../state/reduce.js").State} State */

/** @type {() => (state: State) => void} */
export function comparison_shower() {
  const select = element("compare", HTMLSelectElement);
  /** @type {unknown} */
  let shown = null;
  return (state) => {
    const { models, compared } = state;
    if (models.entries !== shown) {
      shown = models.entries;
      select.replaceChildren(new Option("nothing", ""), ...listed(models.entries).map(({ id, name }) => new Option(name, id)));
    }
    select.value = compared?.id ?? "";
    element("view-other", HTMLElement).hidden = !compared;
    element("caption-main", HTMLElement).hidden = !compared;
    write("caption-main", compared ? caption_of(state, "main") : "");
    write("caption-other", compared ? caption_of(state, "other") : "");
  };
}
