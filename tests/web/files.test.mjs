// Folders that are dropped, and what is too much.

import assert from "node:assert/strict";
import { test } from "node:test";

import { check_amount, folder_picker_of, listen_to_folder_picker, pick_folder, walk } from "../../web/open/files.js";

/** @type {(name: string) => any} */
const file = (name) => ({
  isDirectory: false, file: (/** @type {(file: File) => void} */ done) => done(new File(["x"], name)),
});
/** Gives two entries at a time, as browsers give a hundred. @type {(...entries: any[]) => any} */
const folder = (...entries) => ({
  isDirectory: true,
  createReader: () => {
    const left = [...entries];
    return { readEntries: (/** @type {(entries: any[]) => void} */ done) => done(left.splice(0, 2)) };
  },
});

test("a folder gives all its files and those of the folders in it, in order", async () => {
  const files =
    await walk([folder(file("a"), folder(file("b"), file("c"), file("d")), file(".e")), new File(["x"], "f")]);
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

/** As `showDirectoryPicker` gives it. @type {(name: string, ...inside: any[]) => any} */
const folder_handle = (name, ...inside) => ({ kind: "directory", name, values: async function* () { yield* inside; } });
/** @type {(name: string) => any} */
const file_handle = (name) => ({ kind: "file", name, getFile: async () => new File(["x"], name) });

/** What a pick comes to. @param {() => Promise<any>} pick */
async function picked(pick) {
  /** @type {any[]} */
  const said = [];
  await pick_folder(pick, {
    on_files: (files) => said.push(files.map(({ name }) => name)), on_failure: (error) => said.push(error),
  });
  return said;
}

test("the browser's own picker gives all files of a folder and of those in it, by their names", async () => {
  const study =
    folder_handle("study", file_handle("b"), folder_handle("a", file_handle("2"), file_handle("1")), file_handle("c"));
  assert.deepEqual(await picked(async () => study), [["1", "2", "b", "c"]]);
  let deep = folder_handle("last", file_handle("x"));
  for (let i = 0; i < 5_000; i += 1) deep = folder_handle("f", deep);
  assert.deepEqual(await picked(async () => deep), [["x"]]);
  const many = folder_handle("all", ...Array.from({ length: 20_001 }, (_, i) => file_handle(String(i))));
  assert.deepEqual((await picked(async () => many)).map(({ code }) => code), ["image_too_large"]);
});

test("a pick that is cancelled says nothing; an empty folder and one that can't be read do", async () => {
  const refuse = (/** @type {string} */ name) => () => Promise.reject(new DOMException("the reason", name));
  assert.deepEqual(await picked(refuse("AbortError")), []);
  assert.deepEqual((await picked(async () => folder_handle("empty"))).map(({ code }) => code), ["image_empty"]);
  const [failure] = await picked(refuse("NotReadableError"));
  assert.equal(failure.code, "image_unreadable");
  assert.match(failure.message, /NotReadableError: the reason/);
});

test("the input that says 'upload' is opened only where there is no better picker", () => {
  for (const has_picker of [true, false]) {
    const asked = [];
    const browser = has_picker
      ? { showDirectoryPicker: async () => { asked.push(1); return folder_handle("f", file_handle("a")); } }
      : {};
    const input = /** @type {any} */ (new EventTarget());
    listen_to_folder_picker(input, folder_picker_of(browser), { on_files: () => {}, on_failure: () => {} });
    const click = new Event("click", { cancelable: true });
    input.dispatchEvent(click);
    assert.deepEqual([click.defaultPrevented, asked.length], [has_picker, has_picker ? 1 : 0]);
  }
});

test("too many bytes together are refused before any is read", () => {
  const half = /** @type {File} */ ({ size: 300 * 1024 * 1024 });
  check_amount([half]);
  assert.throws(() => check_amount([half, half]), {
    code: "image_too_large", message: "The 2 files have 600 MiB; at most 512 MiB can be opened.",
  });
});
