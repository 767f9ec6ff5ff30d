// The list of files that the page may fetch (tests/browser/assets.json) is that of the files in web/.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

/** @type {(path: string) => string} */
const in_repo = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
// The build puts the service worker at the root.
const NEVER_FETCHED = ["web/package.json", "web/_headers", "web/offline/service_worker.js"];

test("every file of web/ may be fetched, and no other", () => {
  /** @type {string[]} */
  const listed = JSON.parse(readFileSync(in_repo("tests/browser/assets.json"), "utf8"));
  const there = readdirSync(in_repo("web"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(in_repo("").length).replaceAll("\\", "/"))
    .filter((path) => !NEVER_FETCHED.includes(path));
  assert.deepEqual(listed.filter((path) => path.startsWith("web/")).sort(), there.sort());
  assert.equal(new Set(listed).size, listed.length);
});
