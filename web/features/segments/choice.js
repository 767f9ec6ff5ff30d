// Asks which segments of a file to load.

import { element, part, write } from "../../ui/element.js";
import { on_click } from "../../wire/listen.js";
import { css_of, rgb_of } from "../objects/colours.js";
import { choice_words } from "./words.js";

/** @type {() => import("./loader.js").AskChoice} */
export function choice_asker() {
  const dialog = element("segment-choice", HTMLDialogElement);
  const list = element("segment-choice-list", HTMLElement);
  const load = element("segment-choice-load", HTMLButtonElement);
  /** @type {(chosen: readonly number[] | null) => void} */
  let answer = () => {};
  const boxes = () => Array.from(list.querySelectorAll("input"));
  const chosen = () => boxes().flatMap(({ checked }, i) => checked ? i : []);
  const show = () => {
    const { length } = chosen();
    write("segment-choice-load", choice_words(length, boxes().length));
    load.disabled = length === 0;
  };
  /** @param {boolean} is_chosen */
  const set_all = (is_chosen) => {
    for (const box of boxes()) box.checked = is_chosen;
    show();
  };
  /** @param {readonly number[] | null} given */
  const close = (given) => {
    answer(given);
    dialog.close();
  };
  dialog.addEventListener("close", () => {
    answer(null); // by Escape; an earlier answer stands
    list.replaceChildren();
  });
  list.addEventListener("change", show);
  on_click("segment-choice-all", () => set_all(true));
  on_click("segment-choice-none", () => set_all(false));
  on_click("segment-choice-load", () => close(chosen()));
  on_click("segment-choice-cancel", () => close(null));
  return (listed) => {
    answer(null); // to an earlier question without an answer
    return new Promise((resolve) => {
      answer = resolve;
      list.replaceChildren(...listed.map(row));
      show();
      if (!dialog.open) dialog.showModal();
    });
  };
}

/** @type {(segment: import("../../../boxel-bindings.js").ListedSegment) => HTMLElement} */
function row({ name, colour }) {
  const box = document.createElement("input");
  box.type = "checkbox";
  box.checked = true;
  const swatch = part("span", "swatch", "");
  if (colour !== null) swatch.style.backgroundColor = css_of(rgb_of(colour));
  const label = document.createElement("label");
  label.append(box, swatch, part("span", "", name));
  const made = document.createElement("li");
  made.append(label);
  return made;
}
