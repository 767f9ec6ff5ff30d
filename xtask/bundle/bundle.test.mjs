// The bundler on the page's own scripts, and the compressor on files whose content is known.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync, gunzipSync } from "node:zlib";

import { ENTRIES } from "./entries.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const root = mkdtempSync(join(tmpdir(), "boxel-bundle-"));
after(() => rmSync(root, { recursive: true }));

const run = (script, ...args) => execFileSync(process.execPath, [join(HERE, script), ...args], { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
const scripts = (folder) => readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".js")).sort();

/** A folder as the build writes it, without the module. */
function built(name) {
  const dist = join(root, name);
  cpSync(join(HERE, "../../web"), join(dist, "web"), { recursive: true });
  writeFileSync(join(dist, "boxel-bindings.js"), "export default 1;");
  writeFileSync(join(dist, "boxel-bindings_bg.wasm"), "");
  return dist;
}

test("three scripts remain, with the service worker, and what each names relative to itself is there", () => {
  const dist = built("page");
  run("bundle.mjs", dist);
  assert.deepEqual(scripts(join(dist, "web")), [...ENTRIES.map((path) => path.slice("web/".length)), "offline/service_worker.js"].sort());
  assert.deepEqual(readdirSync(join(dist, "web"), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort(),
    ["engine", "offline", "open", "ui"], "no empty folder is left");
  for (const entry of ENTRIES) {
    const text = readFileSync(join(dist, entry), "utf8");
    const named = [...text.matchAll(/new URL\("([^"]+)", import\.meta\.url\)|^import .* from "([^"]+)";$/gm)].map(([, url, module]) => url ?? module);
    assert.ok(named.length > 0, entry);
    for (const path of named) assert.ok(existsSync(join(dist, dirname(entry), path)), `${entry}: ${path}`);
    assert.match(text, new RegExp(`//# sourceMappingURL=${entry.split("/").at(-1)}\\.map\\n$`));
    const { sources, sourcesContent } = JSON.parse(readFileSync(join(dist, `${entry}.map`), "utf8"));
    assert.ok(sources.length === sourcesContent.length && sources.length > 1);
    assert.doesNotMatch(text, /\beval\(|new Function\(/);
  }
});

test("an address in a form that a bundle would change stops the build", () => {
  const dist = built("wrong");
  writeFileSync(join(dist, "web/failure.js"), "export const failure_of = () => import.meta.url;");
  assert.throws(() => run("bundle.mjs", dist), /failure\.js uses import\.meta/);
  assert.ok(existsSync(join(dist, "web/state/reduce.js")), "nothing was removed");
});

test("text and the module have compressed siblings that hold the same bytes; what does not shrink has none", () => {
  const [dist, cache] = [join(root, "site"), join(root, "cache")];
  mkdirSync(join(dist, "models"), { recursive: true });
  const text = "a page ".repeat(1000);
  for (const file of ["index.html", "a.wasm", "web.css", "a.js.map", "models/m.safetensors", "photo.png"]) writeFileSync(join(dist, file), text);
  writeFileSync(join(dist, "tiny.js"), "1");
  run("compress.mjs", dist, cache);
  const siblings = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((path) => /\.(br|gz)$/.test(path)).sort();
  assert.deepEqual(siblings, ["a.wasm.br", "a.wasm.gz", "index.html.br", "index.html.gz", "web.css.br", "web.css.gz"]);
  assert.equal(brotliDecompressSync(readFileSync(join(dist, "a.wasm.br"))).toString(), text);
  assert.equal(gunzipSync(readFileSync(join(dist, "a.wasm.gz"))).toString(), text);
});

test("what was compressed before is taken from the cache, and what is no longer there leaves it", () => {
  const [dist, cache] = [join(root, "again"), join(root, "cache-again")];
  mkdirSync(dist);
  writeFileSync(join(dist, "a.js"), "x".repeat(500));
  run("compress.mjs", dist, cache);
  const [name = ""] = readdirSync(cache).filter((file) => file.endsWith(".br"));
  writeFileSync(join(cache, name), "kept");
  run("compress.mjs", dist, cache);
  assert.equal(readFileSync(join(dist, "a.js.br"), "utf8"), "kept");
  writeFileSync(join(dist, "a.js"), "y".repeat(500));
  rmSync(join(dist, "a.js.br"));
  rmSync(join(dist, "a.js.gz"));
  run("compress.mjs", dist, cache);
  assert.ok(!existsSync(join(cache, name)));
});
