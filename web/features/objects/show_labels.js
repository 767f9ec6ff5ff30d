// The colour button in the list of objects, and the palette that it opens.

import { element, part, write } from "../../ui/element.js";
import { colour_name, css_of, PALETTE, place_in_palette, rgb_of } from "./colours.js";
import { label_of } from "./labels_state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */
/**
 * @typedef {object} Palette
 * @property {(object: PromptedObject) => void} open
 * @property {(state: State) => void} show
 */

/** @type {(colour: number) => HTMLElement} */
function swatch(colour) {
  const made = part("span", "swatch", "");
  made.style.backgroundColor = css_of(rgb_of(colour));
  return made;
}

/** Identifies the button, so that it gets the focus back after the list was rebuilt.
 * @type {(number: number) => string} */
const act_of = (number) => `colour ${number}`;

/** @type {(object: PromptedObject, is_locked: boolean, palette: Palette) => HTMLButtonElement} */
export function colour_button(object, is_locked, palette) {
  const { number, name, colour } = object;
  const made = part("button", "colour", "");
  made.type = "button";
  made.dataset.act = act_of(number);
  made.setAttribute("aria-label", `Colour of ${name}: ${colour_name(colour)}`);
  made.setAttribute("aria-haspopup", "dialog");
  made.disabled = is_locked;
  made.title = made.disabled
    ? "An object of this name is locked"
    : "Choose a colour. Objects of the same name share it";
  made.append(swatch(colour));
  made.addEventListener("click", () => palette.open(object));
  return made;
}

/** @type {(list: HTMLElement, dispatch: import("../../state/reduce.js").Dispatch) => Palette} */
export function palette_of(list, dispatch) {
  const dialog = element("colours", HTMLDialogElement);
  const choices = element("colours-choices", HTMLElement);
  /** @type {PromptedObject | null} */
  let opened = null;
  /** @type {PromptedObject[]} */
  let present = [];
  element("colours-close", HTMLElement).addEventListener("click", () => dialog.close());
  // The browser returns the focus to the opening button, which may have been rebuilt since.
  dialog.addEventListener("close", () => {
    if (opened && document.activeElement === document.body) opener_of(list, opened)?.focus();
    opened = null;
  });
  return {
    open(object) {
      opened = object;
      const { name, colour } = object;
      const count = label_of(present, name).length;
      write("colours-title", `Colour of ${name}`);
      write("colours-note", count > 1 ? `Applies to all ${count} objects of this name.` : "");
      choices.replaceChildren(...PALETTE.map((_, i) => choice(i, i === place_in_palette(colour), () => {
        dialog.close();
        dispatch({ do: "label_coloured", name, colour: i });
      })));
      dialog.showModal();
      pressed_of(choices)?.focus();
    },
    show({ objects }) {
      present = objects;
      if (opened && !objects.some(({ number, name }) => number === opened?.number && name === opened.name)) {
        dialog.close();
      }
    },
  };
}

/** @type {(list: HTMLElement, object: PromptedObject) => HTMLElement | null} */
const opener_of = (list, { number }) => list.querySelector(`[data-act="${act_of(number)}"]`);

/** @type {(choices: HTMLElement) => HTMLElement | null} */
const pressed_of = (choices) => choices.querySelector('[aria-pressed="true"]');

/** @type {(colour: number, is_chosen: boolean, on_choose: () => void) => HTMLButtonElement} */
function choice(colour, is_chosen, on_choose) {
  const name = colour_name(colour);
  const made = part("button", "", "");
  made.type = "button";
  made.setAttribute("aria-pressed", String(is_chosen));
  made.append(swatch(colour), `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`);
  made.addEventListener("click", on_choose);
  return made;
}
