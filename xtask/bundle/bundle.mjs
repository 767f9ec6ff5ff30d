// Bundles the built page's scripts in place: `node bundle.mjs DIST`. The page and each of its workers become one file,
// under the name that the page and its tests know, with a source map next to it. Nothing is minified, so that anyone can
// read the delivered code.

import { readFileSync, readdirSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

import { build } from "esbuild";

import { ENTRIES } from "./entries.mjs";

/** wasm-bindgen's code; both workers and the npm package share it. */
const BINDINGS = "boxel-bindings.js";
/** The build moves it to the root, after the list of files. */
const SERVICE_WORKER = "web/offline/service_worker.js";
/** The oldest browsers that docs/features.md names. */
const TARGET = ["chrome105", "edge105", "firefox121", "safari16.4"];

/** An address relative to its own script; no other use of `import.meta` survives a bundle. */
const ADDRESS = /new URL\("(\.{1,2}\/[^"]+)", import\.meta\.url\)/g;

/** @type {(from: string, to: string) => string} */
function relative_url(from, to) {
  const path = relative(from, to).split(sep).join("/");
  return path.startsWith(".") ? path : `./${path}`;
}

/** Rewrites the paths that a script names relative to itself, to be relative to the bundle; the bindings stay a file of their own.
 * @type {(dist: string, folder: string) => import("esbuild").Plugin} */
const addresses = (dist, folder) => ({
  name: "addresses",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /boxel-bindings\.js$/ }, () => ({ path: relative_url(folder, join(dist, BINDINGS)), external: true }));
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      const contents = readFileSync(path, "utf8").replace(ADDRESS, (_, address) =>
        `new URL("${relative_url(folder, resolve(dirname(path), address))}", import.meta.url)`);
      const others = contents.split("import.meta").length - contents.split(", import.meta.url)").length;
      if (others) throw new Error(`${path} uses import.meta in another form than new URL("./…", import.meta.url), which a bundle changes`);
      return { contents };
    });
  },
});

/** @type {(dist: string, entry: string) => Promise<import("esbuild").OutputFile[]>} */
async function bundled(dist, entry) {
  const outfile = join(dist, entry);
  const { outputFiles } = await build({
    entryPoints: [outfile], outfile, allowOverwrite: true, write: false,
    bundle: true, format: "esm", target: TARGET, charset: "utf8",
    sourcemap: "linked", legalComments: "none", logLevel: "warning",
    plugins: [addresses(dist, dirname(outfile))],
  });
  return outputFiles;
}

/** @type {(folder: string) => string[]} */
const scripts_in = (folder) => readdirSync(folder, { recursive: true, encoding: "utf8" })
  .map((path) => join(folder, path)).filter((path) => path.endsWith(".js"));

/** @param {string} dist */
export async function bundle(dist) {
  const outputs = (await Promise.all(ENTRIES.map((entry) => bundled(dist, entry)))).flat();
  for (const path of scripts_in(join(dist, "web"))) {
    if (relative_url(dist, path) !== `./${SERVICE_WORKER}`) rmSync(path);
  }
  for (const { path, contents } of outputs) writeFileSync(path, contents);
  remove_empty_folders(join(dist, "web"));
}

/** @type {(folder: string) => void} */
function remove_empty_folders(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) remove_empty_folders(join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

const [, , dist] = process.argv;
if (!dist) throw new Error("node bundle.mjs DIST");
await bundle(resolve(dist));
