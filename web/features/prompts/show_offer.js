// Shows the offer of a refined mask.

import { element, write } from "../../ui/element.js";
import { offer_text } from "./offer_words.js";

/** @type {(state: import("../../state/reduce.js").State) => void} */
export function show_offer(state) {
  const text = offer_text(state);
  element("offer", HTMLElement).hidden = !text;
  write("offer-text", text);
}
