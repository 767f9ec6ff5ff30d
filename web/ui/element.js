// The elements of the page.

/** The element with this id and class; if it is missing, index.html has a bug.
 * @template {HTMLElement} E
 * @param {string} id @param {new () => E} kind
 * @returns {E} */
export function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} with id ${id}`);
  return found;
}

/** A number that the build writes into the page; 0 if it has not. @type {(name: string) => number} */
export const built_number = (name) =>
  Number(document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? 0);

/** Enables a control, or disables it with the reason as its title.
 * @param {HTMLButtonElement | HTMLInputElement | HTMLSelectElement} control @param {string} why_off empty when it is on
 * @param {string} title what it does, when it is on */
export function enable(control, why_off, title = "") {
  control.disabled = why_off !== "";
  control.title = why_off || title;
}

/** Sets text only when it changes, so that screen readers announce it once.
 * @type {(id: string, text: string) => void} */
export function write(id, text) {
  const target = element(id, HTMLElement);
  if (target.textContent !== text) target.textContent = text;
}

/** @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {string} class_name @param {string} text
 * @returns {HTMLElementTagNameMap[T]} */
export function part(tag, class_name, text) {
  const made = document.createElement(tag);
  made.className = class_name;
  made.textContent = text;
  return made;
}

/** Rebuilds a list and keeps the focus on the control with the same `data-act`, or near it. Typing continues.
 * @type {(list: HTMLElement, rebuild: () => void) => void} */
export function keep_focus(list, rebuild) {
  const focused = document.activeElement;
  const inside = focused instanceof HTMLElement && list.contains(focused) ? focused : null;
  const act = inside?.dataset.act ?? "";
  const place = Array.from(list.children).findIndex((child) => child.contains(inside));
  rebuild();
  if (!inside || document.activeElement === inside) return;
  const same = Array.from(list.querySelectorAll("[data-act]"))
    .find((each) => each instanceof HTMLElement && each.dataset.act === act);
  const near = list.children[Math.min(place, list.children.length - 1)]?.querySelector(".remove");
  if (same instanceof HTMLInputElement && inside instanceof HTMLInputElement && same.type === "text") {
    carry_text(inside, same);
  }
  if (same instanceof HTMLElement) same.focus();
  else if (near instanceof HTMLElement) near.focus();
}

/** @type {(from: HTMLInputElement, to: HTMLInputElement) => void} */
function carry_text(from, to) {
  to.value = from.value;
  to.setSelectionRange(from.selectionStart, from.selectionEnd);
}
