// Removes everything that this page has ever put into the browser: kept models, kept files of the page,
// and the service worker. Other pages of the same origin keep what is theirs.

import { BASE } from "./requests.js";

/** @typedef {import("../models/kept.js").Kept} Kept */
/** @typedef {import("./offline.js").Offline} Offline */

/** How the service worker names what it keeps. */
const CACHE_PREFIX = `boxel ${new URL(BASE).pathname} `;

/** @type {(kept: Kept, offline: Offline) => Promise<void>} */
export async function wipe(kept, offline) {
  await offline.end();
  for (const name of "caches" in globalThis ? await caches.keys() : []) {
    if (name.startsWith(CACHE_PREFIX)) await caches.delete(name);
  }
  await kept.clear();
}
