// GPU or CPU, and why.

import assert from "node:assert/strict";
import { test } from "node:test";

import { adapter_lack, choose_device, probe_gpu } from "../../web/engine/adapter.js";

const MIB = 1024 * 1024;

/** @param {{ features?: string[], binding?: number, architecture?: string, fallback?: boolean }} [adapter] */
function gpu({ features = ["timestamp-query"], binding = 128 * MIB, architecture = "ampere", fallback = false } = {}) {
  const adapter = {
    features: new Set(features),
    limits: { maxStorageBufferBindingSize: binding, maxComputeInvocationsPerWorkgroup: 256 },
    info: { vendor: "test", architecture, device: "", description: "", isFallbackAdapter: fallback },
  };
  return /** @type {GPU} */ (/** @type {unknown} */ ({ requestAdapter: async () => adapter }));
}

/** @type {(
 *   offered: GPU | undefined, wanted?: "auto" | "gpu" | "cpu", refused?: string,
 * ) => Promise<[string, string]>} */
async function choice(offered, wanted = "auto", refused = "") {
  const { kind, reason } = choose_device(wanted, await probe_gpu(offered), refused);
  return [kind, reason];
}

test("a real adapter is used", async () => {
  assert.deepEqual(await choice(gpu()), ["gpu", "WebGPU can run the model here."]);
  assert.deepEqual(await choice(gpu(), "cpu"), ["cpu", "You chose the CPU."]);
});

test("what Burn needs and the adapter lacks is named, even when the GPU is asked for", async () => {
  assert.match((await choice(gpu({ features: [] }), "gpu"))[1], /timestamp-query/);
  assert.equal((await choice(gpu({ features: [] }), "gpu"))[0], "cpu");
  assert.match((await choice(gpu({ binding: 64 * MIB })))[1], /at most 64 MiB, but 128 MiB are needed/);
  assert.match((await choice(undefined))[1], /no WebGPU/);
  const none = /** @type {GPU} */ (/** @type {unknown} */ ({ requestAdapter: async () => null }));
  assert.match((await choice(none))[1], /no GPU adapter/);
  const broken = /** @type {GPU} */ (/** @type {unknown} */ ({
    requestAdapter: async () => { throw new Error("lost"); },
  }));
  assert.match((await choice(broken))[1], /lost/);
});

test("a software adapter is used only when the user chooses it", async () => {
  for (const software of [gpu({ architecture: "swiftshader" }), gpu({ fallback: true })]) {
    const [kind, reason] = await choice(software);
    assert.equal(kind, "cpu");
    assert.match(reason, /software/);
    assert.equal((await choice(software, "gpu"))[0], "gpu");
    assert.match((await choice(software, "gpu"))[1], /minutes/);
  }
});

test("a GPU that did not start is not tried again by itself", async () => {
  assert.deepEqual(await choice(gpu(), "auto", "out of memory"), ["cpu", "The GPU did not start: out of memory"]);
});

test("an adapter that has all of it lacks nothing", () => {
  const adapter = /** @type {any} */ ({
    features: new Set(["timestamp-query"]),
    limits: { maxStorageBufferBindingSize: 2 ** 31, maxComputeInvocationsPerWorkgroup: 1024 },
  });
  assert.equal(adapter_lack(adapter), "");
});
