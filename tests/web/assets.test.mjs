// The list of files that the built page may fetch (tests/browser/assets.json) is that of the files in web/, with the
// scripts bundled into those that a page or a worker starts with.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { ENTRIES } from "../../xtask/bundle/entries.mjs";

/** @type {(path: string) => string} */
const in_repo = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const NEVER_FETCHED = ["web/package.json", "web/_headers"];
const FILES = readdirSync(in_repo("web"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`.slice(in_repo("").length).replaceAll("\\", "/"));

test("every file of web/ that is no part of a bundle may be fetched, every bundle, and no other", () => {
  /** @type {string[]} */
  const listed = JSON.parse(readFileSync(in_repo("tests/browser/assets.json"), "utf8"));
  const there = FILES.filter((path) => !path.endsWith(".js") && !NEVER_FETCHED.includes(path));
  assert.deepEqual(listed.filter((path) => path.startsWith("web/")).sort(), [...there, ...ENTRIES].sort());
  assert.equal(new Set(listed).size, listed.length);
});

test("the bundles are the page's script and those of all workers that it starts", () => {
  const html = readFileSync(in_repo("index.html"), "utf8");
  const started = [...html.matchAll(/<script type="module" src="([^"]+)"/g)].map(([, path = ""]) => path);
  for (const file of FILES.filter((path) => path.endsWith(".js"))) {
    const workers = readFileSync(in_repo(file), "utf8").matchAll(/start_worker\(new URL\("([^"]+)"/g);
    started.push(...[...workers].map(([, path = ""]) => posix.join(posix.dirname(file), path)));
  }
  assert.deepEqual(started.sort(), [...ENTRIES].sort());
});
