// Removes everything that this page has ever put into the browser: kept models, kept files of the page,
// and the service worker. Other pages of the same origin keep what is theirs.

/** @typedef {import("../models/kept.js").Kept} Kept */
/** @typedef {import("./offline.js").Offline} Offline */

/** @type {(kept: Kept, offline: Offline) => Promise<void>} */
export async function wipe(kept, offline) {
  await offline.remove();
  await kept.clear();
}
