// The list of objects.

import { css_of, rgb_of } from "../draw/colours.js";
import { last_prompt } from "../state/prompts.js";
import { keep_focus, part } from "../ui/element.js";
import { compared_facts, facts_of, kind_of, prompt_text } from "./words.js";

/** @typedef {import("../state/prompts.js").PromptedObject} PromptedObject */
/** @typedef {import("../state/reduce.js").State} State */
/**
 * @typedef {object} ObjectHandlers
 * @property {(number: number) => void} on_select
 * @property {(number: number) => void} on_remove
 * @property {(number: number, candidate: number) => void} on_choose
 */

/** @type {(object: PromptedObject, state: State, handlers: ObjectHandlers) => HTMLLIElement} */
function item(object, state, { on_select, on_remove, on_choose }) {
  const { number, colour } = object;
  const selected = number === state.selected;
  const made = document.createElement("li");
  made.classList.toggle("selected", selected);
  const swatch = part("span", "swatch", "");
  swatch.style.backgroundColor = css_of(rgb_of(colour));

  const select = part("button", "select", prompt_text(last_prompt(object)));
  select.type = "button";
  select.dataset.act = `select ${number}`;
  select.setAttribute("aria-pressed", String(selected));
  select.title = selected ? "Points are added to this object; click to let it go" : "Select: points are added to this object";
  select.addEventListener("click", () => on_select(number));

  const both = state.sessions.other ? compared_facts(object, state) : null;
  const measured = part("span", "measured", both ? both.main : facts_of(object, "main"));
  measured.title = "The IoU that the model itself expects, and the mask's area in pixels of the image";
  const remove = part("button", "remove", "×");
  remove.type = "button";
  remove.dataset.act = `remove ${number}`;
  remove.setAttribute("aria-label", `Delete ${kind_of(last_prompt(object))} ${number}`);
  remove.title = "Delete this object and its mask";
  remove.addEventListener("click", () => on_remove(number));

  made.append(swatch, select, measured, remove);
  if (object.main.segment && object.main.segment.candidates.length > 1) {
    made.append(candidates(number, object.main.segment, on_choose));
  }
  if (both) made.append(part("span", "measured", both.other), part("span", "measured dice", both.dice));
  return made;
}

/** The masks to choose from, each with the IoU that the model expects of it.
 * @type {(number: number, segment: import("../state/prompts.js").Segment, on_choose: ObjectHandlers["on_choose"]) => HTMLElement} */
function candidates(number, { candidates, chosen }, on_choose) {
  const made = part("span", "candidates", "");
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", `Masks of object ${number}, with their predicted IoU`);
  made.append(...candidates.map((iou, i) => {
    const button = part("button", "candidate", iou.toFixed(3));
    button.type = "button";
    button.dataset.act = `choose ${number} ${i}`;
    button.setAttribute("aria-pressed", String(i === chosen));
    button.setAttribute("aria-label", `Mask ${i + 1} of ${candidates.length}, predicted IoU ${iou.toFixed(3)}`);
    button.title = i === chosen ? "This mask is shown" : "Show this mask instead";
    button.addEventListener("click", () => on_choose(number, i));
    return button;
  }));
  return made;
}

/** Rebuilds the list when the objects have changed, and keeps the keyboard's place in it.
 * @type {(list: HTMLElement, handlers: ObjectHandlers) => (state: State) => void} */
export function object_list(list, handlers) {
  /** @type {unknown[]} */
  let shown = [];
  return (state) => {
    const { objects, selected, sessions } = state;
    const now = [objects, selected, sessions.main.model, sessions.other?.model];
    if (shown.length && now.every((each, i) => each === shown[i])) return;
    shown = now;
    keep_focus(list, () => list.replaceChildren(...objects.map((object) => item(object, state, handlers))));
  };
}
