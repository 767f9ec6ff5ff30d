// Folders that are dropped, and what is too much.

import assert from "node:assert/strict";
import { test } from "node:test";

import { check_amount, walk } from "../../web/open/files.js";

/** @type {(name: string) => any} */
const file = (name) => ({ isDirectory: false, file: (/** @type {(file: File) => void} */ done) => done(new File(["x"], name)) });
/** Gives two entries at a time, as browsers give a hundred. @type {(...entries: any[]) => any} */
const folder = (...entries) => ({
  isDirectory: true,
  createReader: () => {
    const left = [...entries];
    return { readEntries: (/** @type {(entries: any[]) => void} */ done) => done(left.splice(0, 2)) };
  },
});

test("a folder gives all its files and those of the folders in it, in order", async () => {
  const files = await walk([folder(file("a"), folder(file("b"), file("c"), file("d")), file(".e")), new File(["x"], "f")]);
  assert.deepEqual(files.map(({ name }) => name), ["a", "b", "c", "d", ".e", "f"]);
});

test("folders within folders are walked however deep they are", async () => {
  let deep = folder(file("a"));
  for (let i = 0; i < 20_000; i += 1) deep = folder(deep);
  assert.equal((await walk([deep])).length, 1);
});

test("what can't be read says so", async () => {
  const broken = { isDirectory: false, file: (/** @type {any} */ _, /** @type {() => void} */ failed) => failed() };
  await assert.rejects(walk([/** @type {any} */ (broken)]), { code: "image_unreadable" });
});

test("too many bytes together are refused before any is read", () => {
  const half = /** @type {File} */ ({ size: 300 * 1024 * 1024 });
  check_amount([half]);
  assert.throws(() => check_amount([half, half]), { code: "image_too_large", message: "The 2 files have 600 MiB; at most 512 MiB can be opened." });
});
