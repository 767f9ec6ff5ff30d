// The built page's files, and where the build has put them: all but a few are in a folder that is named by the version.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { DIST } from "./playwright.config.js";

const FOLDER = /^v-[0-9a-f]{12}\//;
const AT_ROOT = /^(index\.html|_headers|service-worker\.js|models\/(?!models\.json))/;

/** The version's folder in a built page. @type {(dist: string) => string} */
export const version_of = (dist) =>
  /<meta name="version" content="(v-[0-9a-f]{12})">/.exec(readFileSync(join(dist, "index.html"), "utf8"))?.[1] ?? "";

/** A file's path in a built page. @type {(path: string, dist?: string) => string} */
export const path_in = (path, dist = DIST) => AT_ROOT.test(path) ? path : `${version_of(dist)}/${path}`;

/** A file's name in the list, from its path in a built page. A file outside its version's folder has none.
 * @type {(path: string) => string} */
export function name_of(path) {
  const name = path.replace(FOLDER, "");
  return AT_ROOT.test(name) === (name === path) ? name : `misplaced ${path}`;
}
