// A file of the site that this version's service worker has kept, read without it.

import { PREFIX, SITE, VERSION } from "./place.js";

/** A handle of the file, whose bytes are not read yet; null if it is not kept. A cache that the user has removed stays so.
 * @type {(path: string) => Promise<Blob | null>} */
export async function kept_file(path) {
  const cacheName = `${PREFIX}${VERSION}`;
  const found = await globalThis.caches?.match(new URL(path, SITE).href, { cacheName }).catch(() => undefined);
  return found ? found.blob() : null;
}
