// Weights: bytes counted, length and SHA-256 checked before use. `fetch` is the test's own.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { load_weights, sha256_with } from "../../web/engine/weights.js";

const FILE = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
const SHA256 = createHash("sha256").update(FILE).digest("hex");

/** @param {Uint8Array<ArrayBuffer>} served @param {Record<string, unknown>} [entry] */
async function load(served, entry = {}, again = false) {
  /** @type {any[]} */
  const actions = [];
  /** @type {any[]} */
  const requests = [];
  const models = [{ name: "M", file: "m.safetensors", bytes: FILE.length, sha256: SHA256, ...entry }];
  const before = globalThis.fetch;
  globalThis.fetch = async (path, options) => {
    requests.push([path, options?.method, options?.credentials, options?.cache]);
    return path === "models/models.json" ? Response.json(models) : new Response(served);
  };
  const sha256 = sha256_with(async () => "not asked");
  await load_weights((action) => actions.push(action), sha256, new AbortController().signal, again);
  globalThis.fetch = before;
  return { actions, requests, last: actions.at(-1) };
}

test("the right file is handed over with its progress", async () => {
  const { actions, requests, last } = await load(FILE);
  assert.equal(last.do, "weights_ready");
  assert.deepEqual(last.bytes, FILE);
  assert.ok(actions.some((action) => action.do === "weights_progress" && action.loaded === 1000 && action.total === 1000));
  assert.deepEqual(requests, [
    ["models/models.json", "GET", "omit", "default"],
    ["models/m.safetensors", "GET", "omit", "default"],
  ]);
});

test("one flipped bit, one byte less and one byte more are refused", async () => {
  const flipped = FILE.slice();
  flipped[500] = (flipped[500] ?? 0) ^ 1;
  for (const served of [flipped, FILE.slice(0, 999), new Uint8Array(1001)]) {
    const { last } = await load(served);
    assert.deepEqual([last.do, last.failure.code], ["weights_failed", "weights_checksum"]);
  }
});

test("a second try does not take the file from the cache", async () => {
  assert.equal((await load(FILE, {}, true)).requests[1][3], "reload");
});
