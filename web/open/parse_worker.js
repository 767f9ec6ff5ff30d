// Runs the module's file reader for one scan. The page terminates it: see parser.js.

import init, { Opener } from "../../boxel-bindings.js";
import { show_life } from "../life.js";
import { load_module } from "../module.js";
import { report_requests } from "../offline/requests.js";
import { parse_failure } from "./parser.js";

/** @typedef {import("./parser.js").FromParser} FromParser */
/** @typedef {{ postMessage(reply: FromParser, transfer?: Transferable[]): void }} WorkerScope */

const scope = /** @type {WorkerScope} */ (/** @type {unknown} */ (self));
show_life(scope);
report_requests("file reader");
const loaded = load_module(init);
loaded.then(() => scope.postMessage({ ready: true }), () => {}); // a failure is reported by the first message
/** @type {Opener | null} */
let opener = null;
let count = 0;
let total_bytes = 0;
/** A part of a segmentation takes as long as this much of a file: its masks have as many voxels. */
const MAX_PART_BYTES = 128 * 1024 * 1024;

/** @type {(file: Blob) => Promise<Uint8Array>} */
const bytes_of = async (file) => new Uint8Array(await file.arrayBuffer().catch(() => {
  throw {
    code: "image_unreadable", message: "A file could not be read. Is it a folder, or has it been moved or changed?",
  };
}));

/** Names pair a header file with its voxels; they are forgotten with this worker. @type {(file: Blob) => string} */
const name_of = (file) => file instanceof File ? file.name : "";

/** @param {readonly Blob[]} files */
async function opener_of(files) {
  await loaded;
  const found = new Opener();
  for (const [read, file] of files.entries()) {
    scope.postMessage({ beat: { read, bytes: file.size } });
    found.add(name_of(file), await bytes_of(file));
    total_bytes += file.size;
  }
  count = files.length;
  opener = found;
  scope.postMessage({ beat: { read: count, bytes: total_bytes } });
  return found;
}

/** @param {readonly Blob[]} files */
async function survey(files) {
  const found = await opener_of(files);
  const choices = found.survey().map(({ label }) => label);
  if (choices.length > 1) scope.postMessage({ choices });
  else open(0);
}

/** @param {number} choice */
function open(choice) {
  if (!opener) throw { code: "internal", message: "No files were read." };
  scope.postMessage({ beat: { read: count, bytes: total_bytes } });
  const { key, scan } = opener.open(choice);
  scope.postMessage({ parsed: { key, scan } }, [scan.buffer]);
}

/** @param {readonly Blob[]} files */
async function look(files) {
  const found = await opener_of(files);
  scope.postMessage({ beat: { read: count, bytes: MAX_PART_BYTES + total_bytes } });
  scope.postMessage({ segmentations: found.segmentations() });
}

/** @param {readonly Blob[]} files @param {string} place @param {boolean} resample */
async function list_segments(files, place, resample) {
  const found = await opener_of(files);
  scope.postMessage({ beat: { read: count, bytes: MAX_PART_BYTES + total_bytes } });
  scope.postMessage({ listed: found.list_segments(place, resample) });
}

/** @param {readonly number[]} chosen places in the list */
function read_segments(chosen) {
  if (!opener) throw { code: "internal", message: "No files were read." };
  const found = opener;
  const all = found.begin_segments(new Uint32Array(chosen));
  for (;;) {
    scope.postMessage({ beat: { read: count, bytes: MAX_PART_BYTES + total_bytes } });
    const next = found.next_segments();
    const part = next ? next.read / all : 1;
    scope.postMessage({ segments: next?.segments ?? [], part });
    if (part >= 1) return;
  }
}

/** @param {unknown} error */
const fail = (error) => scope.postMessage({ failure: parse_failure(error) });

self.addEventListener("message", async ({ data }) => {
  if ("wasm" in data) return; // for load_module
  try {
    if ("files" in data) await survey(data.files);
    else if ("look" in data) await look(data.look);
    else if ("segments" in data) await list_segments(data.segments, data.place, data.resample);
    else if ("chosen" in data) read_segments(data.chosen);
    else open(data.choice);
  } catch (error) {
    fail(error);
  }
});
