// web/state/ is pure: the rules of the page, without browser, engine or clock.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const FOLDER = new URL("../../web/state/", import.meta.url);
const files = readdirSync(FOLDER).map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), "utf8") }));
/** @type {(text: string) => string} */
const without_comments = (text) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");

test("the state imports nothing from other folders", () => {
  assert.ok(files.length > 30);
  for (const { name, text } of files) {
    const imported = [...without_comments(text).matchAll(/\bfrom\s+"([^"]+)"|\bimport\s*\(?\s*"([^"]+)"/g)].map(([, from, bare]) => from ?? bare);
    assert.deepEqual(imported.filter((path) => !/^\.\/\w+\.js$/.test(path ?? "")), [], name);
  }
});

test("the state uses neither the browser nor a clock nor chance", () => {
  const forbidden = /(?<![.\w])(document|window|navigator|location|fetch|performance|Date|setTimeout|Worker|localStorage|Math\.random)[.(]/;
  for (const { name, text } of files) assert.doesNotMatch(without_comments(text), forbidden, name);
});
