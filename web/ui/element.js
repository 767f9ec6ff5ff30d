/** The element of the page with this id and class; its absence is a bug in index.html.
 * @template {HTMLElement} E
 * @param {string} id @param {new () => E} kind
 * @returns {E} */
export function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} with id ${id}`);
  return found;
}

/** A control that is off says why.
 * @param {HTMLButtonElement | HTMLInputElement} control @param {string} why_off empty when it is on
 * @param {string} title what it does, when it is on */
export function enable(control, why_off, title = "") {
  control.disabled = why_off !== "";
  control.title = why_off || title;
}
