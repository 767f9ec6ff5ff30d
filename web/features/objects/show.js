// The list of objects.

import { PLANE_WORDS } from "../../show/scan_words.js";
import { model_window_words } from "../../show/state_words.js";
import { comparison_facts, facts_of, kind_of, source_of } from "../../show/words.js";
import { is_here } from "../../state/here.js";
import { keep_focus, part } from "../../ui/element.js";
import { icon } from "../../ui/icons.js";
import { strokes_title } from "../brush/words.js";
import { hints_of } from "../prompts/hints.js";
import { is_unprompted, last_prompt } from "../prompts/state.js";
import { has_other_window } from "../window/model_window_state.js";
import { default_name } from "./labels_state.js";
import { colour_button, palette_of } from "./show_labels.js";

/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */
/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/reduce.js").Dispatch} Dispatch */
/**
 * @typedef {object} List
 * @property {Dispatch} dispatch
 * @property {() => boolean} is_rebuilding whether the list is being replaced just now
 * @property {import("./show_labels.js").Palette} palette
 */

/** @type {(object: PromptedObject, list: List) => HTMLInputElement} */
function name_field({ number, name }, { dispatch, is_rebuilding }) {
  const field = part("input", "name", "");
  field.type = "text";
  field.value = name;
  field.maxLength = 64; // as long as DICOM allows
  field.spellcheck = false;
  field.autocomplete = "off";
  field.dataset.act = `name ${number}`;
  field.setAttribute("aria-label", `Name of object ${number}`);
  field.setAttribute("list", "term-names");
  field.title = "The name of the object in saved files. Do not enter a patient's name";
  field.addEventListener("blur", () => {
    if (is_rebuilding()) return; // it loses the focus only for a moment: the name is not finished
    field.value = field.value.trim() || default_name(number);
    dispatch({ do: "object_named", number, name: field.value });
  });
  field.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") field.value = name;
    if (key === "Enter" || key === "Escape") field.blur();
  });
  return field;
}

/** @type {(
 *   number: number, what: "hide" | "lock", is_on: boolean, on_set: (on: boolean) => void,
 * ) => HTMLButtonElement} */
function mark(number, what, is_on, on_set) {
  const button = part("button", "mark", "");
  button.append(icon(what === "hide" ? is_on ? "hidden" : "shown" : is_on ? "locked" : "unlocked"));
  button.type = "button";
  button.dataset.act = `${what} ${number}`;
  button.setAttribute("aria-label", `${what === "hide" ? "Hide" : "Lock"} object ${number}`);
  button.setAttribute("aria-pressed", String(is_on));
  button.title = what === "hide" ? "Hide this object (it is still saved)" : "Lock this object against changes";
  button.addEventListener("click", () => on_set(!is_on));
  return button;
}

/** What an item shows beside the object itself. Texts are empty, or null without a second model, if they are not shown.
 * @typedef {object} Facts
 * @property {string} measured
 * @property {string | null} comparison
 * @property {string | null} dice
 * @property {string} input the model's window
 * @property {boolean} has_other_window
 * @property {string} go where the object has its prompts
 * @property {string} hints one a line
 */
/** @type {(object: PromptedObject, state: State) => Facts} */
function facts_beside(object, state) {
  const both = state.sessions.comparison ? comparison_facts(object, state) : null;
  const { at: { plane, slice } } = object;
  const is_of_plane = plane === state.image?.plane || plane === "stored";
  return {
    measured: both ? both.main : facts_of(object, state, "main"),
    comparison: both && both.comparison, dice: both && both.dice,
    input: model_window_words(object, state),
    has_other_window: has_other_window(object, state),
    go: is_here(object, state.image) ? "" : `${is_of_plane ? "Slice" : `${PLANE_WORDS[plane]} slice`} ${slice + 1}`,
    hints: hints_of(object, state).join("\n"),
  };
}

/** `is_locked`: an object of the same name is locked.
 * @type {(object: PromptedObject, selected: boolean, is_locked: boolean, facts: Facts, list: List) => HTMLLIElement} */
function item(object, selected, is_locked, facts, list) {
  const { dispatch } = list;
  const { number } = object;
  const made = document.createElement("li");
  made.classList.toggle("selected", selected);
  const select = part("button", "select", source_of(object));
  select.type = "button";
  select.dataset.act = `select ${number}`;
  select.setAttribute("aria-pressed", String(selected));
  select.title = selected
    ? "Points are added to this object; click to deselect"
    : "Select this object: points are added to it";
  select.addEventListener("click", () => dispatch({ do: "object_selected", number: selected ? null : number }));

  const measured = part("span", "measured", facts.measured);
  measured.title = "The IoU that the model predicts, and the area of the mask in pixels of the image";
  const remove = part("button", "remove", "×");
  remove.type = "button";
  remove.dataset.act = `remove ${number}`;
  remove.setAttribute("aria-label", `Delete ${kind_of(last_prompt(object))} ${number}`);
  remove.title = "Delete this object and its mask";
  remove.addEventListener("click", () => dispatch({ do: "object_removed", number }));

  remove.disabled = object.locked;
  if (object.locked) remove.title = "Unlock it first";
  const marks = part("span", "marks", "");
  marks.append(
    mark(number, "hide", object.hidden, (on) => dispatch({ do: "object_hidden", number, on })),
    mark(number, "lock", object.locked, (on) => dispatch({ do: "object_locked", number, on })),
    remove,
  );
  made.append(colour_button(object, is_locked, list.palette), name_field(object, list), marks, select, measured);
  const strokes = strokes_title(object);
  if (strokes) {
    const edited = part("span", "edited", "edited");
    edited.title = strokes;
    measured.append(" · ", edited);
    measured.title =
      "The IoU that the model predicts for its own mask, and the area with your strokes in pixels of the image";
  }
  if (facts.input) made.append(part("span", "model-window", `Model input: ${facts.input}`));
  if (facts.has_other_window) {
    const taken = part("button", "again", "Use the display window");
    taken.type = "button";
    taken.dataset.act = `window ${number}`;
    taken.setAttribute("aria-label", `Use the display window for object ${number}`);
    taken.title = "Recomputes the mask in the display window";
    taken.disabled = object.locked;
    taken.addEventListener("click", () => dispatch({ do: "display_window_taken", number }));
    made.append(taken);
  }
  if (facts.go) {
    const { plane, slice } = object.at;
    const go = part("button", "go", facts.go);
    go.type = "button";
    go.dataset.act = `go ${number}`;
    const what = !is_unprompted(object) ? "has its prompts" : object.segment ? "is largest" : "was started";
    go.setAttribute("aria-label", `Go to ${facts.go.toLowerCase()}, where object ${number} ${what}`);
    go.title = !is_unprompted(object) ? "Goes to the slice with its prompts"
      : object.segment ? "Goes to the slice on which it is largest" : "Goes to the slice on which it was started";
    go.addEventListener("click", () => dispatch({ do: "rendering_wanted", plane, slice }));
    made.append(go);
  }
  if (object.main.prediction && object.main.prediction.candidates.length > 1) {
    made.append(candidates(number, object.main.prediction, dispatch));
  }
  if (facts.comparison !== null) {
    made.append(part("span", "measured", facts.comparison), part("span", "measured dice", facts.dice ?? ""));
  }
  for (const text of facts.hints.split("\n").filter(Boolean)) {
    const hint = part("p", "note small hint", text);
    hint.setAttribute("role", "note");
    made.append(hint);
  }
  return made;
}

/** The candidate masks, each with its predicted IoU.
 * @type {(number: number, prediction: import("../prompts/state.js").Prediction, dispatch: Dispatch) => HTMLElement} */
function candidates(number, { candidates, chosen }, dispatch) {
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
    button.addEventListener("click", () => dispatch({ do: "candidate_chosen", number, candidate: i }));
    return button;
  }));
  return made;
}

/** Shows the items in order. Those that are there already are not moved, since that would take as long as making them.
 * @type {(list: HTMLElement, items: readonly HTMLElement[]) => void} */
function arrange(list, items) {
  const wanted = new Set(items);
  for (const child of Array.from(list.children)) {
    if (!(child instanceof HTMLElement && wanted.has(child))) child.remove();
  }
  let at = list.firstElementChild;
  for (const each of items) {
    if (each === at) at = at.nextElementSibling;
    else list.insertBefore(each, at);
  }
}

/** @type {(a: readonly unknown[], b: readonly unknown[]) => boolean} */
const same = (a, b) => a.every((each, i) => each === b[i]);

/** Makes the items anew of which anything has changed, and keeps the focus. Another slice changes few of many items.
 * @type {(list: HTMLElement, dispatch: Dispatch) => (state: State) => void} */
export function object_list(list, dispatch) {
  /** @type {unknown[]} */
  let shown = [];
  /** By object number. @type {Map<number, { of: unknown[], seen: unknown[], item: HTMLLIElement }>} */
  let items = new Map();
  let is_rebuilding = false;
  const palette = palette_of(list, dispatch);
  const given = { dispatch, palette, is_rebuilding: () => is_rebuilding };
  return (state) => {
    palette.show(state);
    const { objects, selected, sessions, image, slice_masks } = state;
    const of_all = [image?.key, slice_masks, sessions.main.model, sessions.comparison?.model];
    const now = [objects, selected, ...of_all];
    if (shown.length && same(now, shown)) return;
    shown = now;
    const locked = new Set(objects.filter((object) => object.locked).map(({ name }) => name));
    items = new Map(objects.map((object) => {
      const { number, name } = object;
      const own = /** @type {const} */ ([object, number === selected, locked.has(name)]);
      const of = [...own, ...of_all];
      const before = items.get(number);
      if (before && same(of, before.of)) return [number, before];
      const facts = facts_beside(object, state);
      const seen = [...own, ...Object.values(facts)];
      return [number, { of, seen, item: before && same(seen, before.seen) ? before.item : item(...own, facts, given) }];
    }));
    is_rebuilding = true;
    keep_focus(list, () => arrange(list, Array.from(items.values(), (each) => each.item)));
    is_rebuilding = false;
  };
}
