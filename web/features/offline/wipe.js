// Removes everything that this page has stored in the browser: unsaved work, models, files of the page,
// and the service worker. Other pages of the same origin keep theirs.

/** @typedef {import("../../models/kept.js").Kept} Kept */
/** @typedef {import("./offline.js").Offline} Offline */

/** @type {(
 *   kept: Kept, offline: Offline, autosave: Pick<import("../unsaved/autosave.js").Autosave, "end">,
 * ) => Promise<void>} */
export async function wipe(kept, offline, autosave) {
  await autosave.end();
  await offline.remove();
  await kept.clear();
}
