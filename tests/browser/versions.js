// Versions of the built page that differ in what their scripts say of themselves.

import { createHash } from "node:crypto";
import { cpSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { DIST } from "./playwright.config.js";
import { path_in, version_of } from "./site.js";

/** @typedef {import("@playwright/test").Page} Page */

/** Every script that a version could share with another one. */
const SCRIPTS = [
  "web/main.js", "web/engine/worker.js", "web/engine/slice_encoder.js", "web/open/parse_worker.js", "boxel-bindings.js",
];
const WARNING = "Not for diagnostic use";
/** Before the version that a worker's script tells the console. */
const OF_WORKER = "A worker of version ";

/** @type {(bytes: string | Buffer) => string} */
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** A copy of the built page. @type {(dist: string) => string} */
export function copy_site(dist) {
  cpSync(DIST, dist, { recursive: true });
  return make_version(dist, "one");
}

/** Replaces the site by another version, as its build would write it; the former one's files are gone.
 * @type {(dist: string, name: string) => string} */
export function make_version(dist, name) {
  const [former, folder] = [version_of(dist), `v-${sha256(name).slice(0, 12)}`];
  renameSync(join(dist, former), join(dist, folder));
  for (const script of SCRIPTS) {
    const text = readFileSync(join(DIST, path_in(script)), "utf8");
    const mark = `globalThis.marks = [...(globalThis.marks ?? []), "${name}"];\n`
      + `if (!globalThis.document) console.debug("${OF_WORKER}${name}");\n`;
    writeFileSync(join(dist, folder, script), mark + text);
  }
  const page = join(dist, "index.html");
  const html = readFileSync(page, "utf8").replaceAll(former, folder);
  writeFileSync(page, html.replace(new RegExp(`${WARNING}[^<]*`), shown_as(name)));
  list_files(dist, former, folder);
  return folder;
}

/** Changes a script of a site, as if it had been built so.
 * @type {(dist: string, script: string, change: (text: string) => string) => void} */
export function change_script(dist, script, change) {
  const path = join(dist, path_in(script, dist));
  const text = readFileSync(path, "utf8");
  const changed = change(text);
  if (changed === text) throw new Error(`${script} is not changed`);
  writeFileSync(path, changed);
  list_files(dist, version_of(dist), version_of(dist));
}

/** Writes the files' hashes into the service worker. @type {(dist: string, former: string, folder: string) => void} */
function list_files(dist, former, folder) {
  const worker = join(dist, "service-worker.js");
  const text = readFileSync(worker, "utf8").replaceAll(former, folder);
  const [whole = "", list = ""] = /^globalThis\.BOXEL = (\{[\s\S]*?\n\});\n/.exec(text) ?? [];
  const built = JSON.parse(list);
  for (const path of Object.keys(built.files)) built.files[path] = sha256(readFileSync(join(dist, path)));
  writeFileSync(worker, `globalThis.BOXEL = ${JSON.stringify(built, null, 2)};\n${text.slice(whole.length)}`);
}

/** The version that a page shows. @type {(page: Page) => import("@playwright/test").Locator} */
export const shown_version = (page) => page.locator("header .warning");
/** @type {(name: string) => string} */
export const shown_as = (name) => `${WARNING}, version ${name}`;

/** The versions of all scripts that run in a tab and its workers.
 * @type {(page: Page) => Promise<string[]>} */
export async function versions_in(page) {
  const marks = () => /** @type {string[]} */ (/** @type {any} */ (globalThis).marks ?? []);
  const of_workers = page.workers().map((worker) => worker.evaluate(marks).catch(() => []));
  const all = await Promise.all([page.evaluate(marks), ...of_workers]);
  return [...new Set(all.flat())];
}

/** Notes the versions of all workers that a tab starts from now on. They tell them by themselves: a worker may end before it
 * could be asked.
 * @type {(page: Page) => { versions: () => string[] }} */
export function watch_workers(page) {
  /** @type {Set<string>} */
  const found = new Set();
  page.on("console", (message) => {
    const text = message.text();
    if (text.startsWith(OF_WORKER)) found.add(text.slice(OF_WORKER.length));
  });
  return { versions: () => [...found] };
}
