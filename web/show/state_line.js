// Shows the state line.

import { element, part } from "../ui/element.js";
import { state_parts } from "./state_words.js";

/** @type {() => (state: import("../state/reduce.js").State) => void} */
export function state_line_shower() {
  const line = element("state-line", HTMLElement);
  let shown = "";
  return (state) => {
    const parts = state_parts(state);
    const now = JSON.stringify(parts);
    if (now === shown) return;
    shown = now;
    line.replaceChildren(...parts.flatMap(({ what, text, title, warns }, i) => {
      const made = part("span", warns ? "warns" : "", text);
      made.dataset.what = what;
      made.title = title;
      return i ? [" · ", made] : [made];
    }));
  };
}
