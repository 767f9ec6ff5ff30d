// The page's rules, in web/state/ and in the files of features that are called state.js or …_state.js, are pure: they
// know neither browser nor engine nor clock.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path/posix";
import { test } from "node:test";

const WEB = new URL("../../web/", import.meta.url);
const paths = readdirSync(WEB, { recursive: true }).map((path) => String(path).replaceAll("\\", "/"));
const files = new Map(paths.filter((path) => /^state\/\w+\.js$|^features\/(.*\/)?(\w+_)?state\.js$/.test(path))
  .map((path) => [path, without_comments(readFileSync(new URL(path, WEB), "utf8"))]));

/** @param {string} text */
function without_comments(text) {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
}

test("state imports nothing but state", () => {
  assert.ok(files.size > 30);
  for (const [path, text] of files) {
    const imported = [...text.matchAll(/\bfrom\s+"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"/g)].map(([, from, bare]) =>
      from ?? bare ?? "");
    assert.deepEqual(imported.filter((each) => !files.has(normalize(join(dirname(path), each)))), [], path);
  }
});

test("state uses neither the browser nor a clock nor chance", () => {
  const names = [
    "document", "window", "navigator", "location", "fetch", "performance", "Date", "setTimeout", "Worker",
    "localStorage", "Math\\.random",
  ];
  const forbidden = new RegExp(`(?<![.\\w])(${names.join("|")})[.(]`);
  for (const [path, text] of files) assert.doesNotMatch(text, forbidden, path);
});
