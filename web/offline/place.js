// Where this page is: the folder of its version, and the site around it.

/** The folder of this version's files, derived from this file's address. */
export const BASE = new URL("../../boxel-bindings.js", import.meta.url).href.slice(0, -"boxel-bindings.js".length);
/** The page's own folder. The build puts each version's files into a folder that is named by their hash. */
export const SITE = BASE.replace(/v-[0-9a-f]{12}\/$/, "");
/** The name of the version's folder; empty in files that were not built. */
export const VERSION = BASE.slice(SITE.length).replace("/", "");
/** Begins the names of what the page keeps for offline use and of its locks: several copies of the page may share an
 * origin. */
export const PREFIX = `boxel ${new URL(SITE).pathname} `;
