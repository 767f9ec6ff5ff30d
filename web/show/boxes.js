// The list of boxes.

import { css_of, rgb_of } from "../draw/colours.js";

/** @typedef {import("../state/boxes.js").Box} Box */

/** @type {(tag: string, class_name: string, text: string) => HTMLElement} */
function part(tag, class_name, text) {
  const made = document.createElement(tag);
  made.className = class_name;
  made.textContent = text;
  return made;
}

/** @type {(box: Box, on_remove: (number: number) => void) => HTMLLIElement} */
function item({ number, colour, box, phase, segment }, on_remove) {
  const made = document.createElement("li");
  const swatch = part("span", "swatch", "");
  swatch.style.backgroundColor = css_of(rgb_of(colour));
  const remove = /** @type {HTMLButtonElement} */ (part("button", "remove", "×"));
  remove.type = "button";
  remove.setAttribute("aria-label", `Delete box ${number}`);
  remove.title = "Delete this box and its mask";
  remove.addEventListener("click", () => on_remove(number));
  const facts = segment && phase === "done"
    ? `predicted IoU ${segment.iou.toFixed(3)} · ${segment.area_px.toLocaleString("en")} px`
    : "waits for the encoding";
  const measured = part("span", "measured", facts);
  measured.title = "The IoU that the model itself expects, and the mask's area in pixels of the image";
  made.append(swatch, part("span", "corners", box.join(", ")), measured, remove);
  return made;
}

/** Rebuilds the list when the boxes have changed, and keeps the keyboard's place in it.
 * @type {(list: HTMLElement, on_remove: (number: number) => void) => (boxes: Box[]) => void} */
export function box_list(list, on_remove) {
  /** @type {Box[] | null} */
  let shown = null;
  return (boxes) => {
    if (boxes === shown) return;
    shown = boxes;
    const place = Array.from(list.children).findIndex((child) => child.contains(document.activeElement));
    list.replaceChildren(...boxes.map((box) => item(box, on_remove)));
    if (place < 0) return;
    list.children[Math.min(place, boxes.length - 1)]?.querySelector("button")?.focus();
  };
}
