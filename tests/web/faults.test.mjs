// Faults below the engine: how each is told.

import assert from "node:assert/strict";
import { test } from "node:test";

import { or_out_of_memory, watch_devices } from "../../web/engine/faults.js";
import { load_module, module_failure, wasm_lack } from "../../web/module.js";

const STOPPED = { code: "worker_stopped", message: "unreachable" };

test("a browser without WebAssembly or its SIMD is told what it lacks", () => {
  assert.equal(wasm_lack(WebAssembly), "");
  assert.match(wasm_lack({ validate: () => false }), /no SIMD/);
  assert.match(wasm_lack(undefined), /switched off/);
  assert.match(module_failure(null, wasm_lack(undefined)).message, /cannot run here: WebAssembly is switched off/);
});

test("a worker takes the module that the page sends, or its own; "
  + "one that does not load is a failure to read", async () => {
  /** @type {(init: (options: { module_or_path: any }) => Promise<any>, ...messages: object[]) => Promise<any>} */
  const load = (init, ...messages) => {
    const scope = new EventTarget();
    const loaded = load_module(init, scope);
    for (const data of messages) scope.dispatchEvent(new MessageEvent("message", { data }));
    return loaded;
  };
  const wasm = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  const taken = async (/** @type {{ module_or_path: any }} */ { module_or_path }) => module_or_path;
  assert.equal(await load(taken, { id: 1, method: "probe", args: [] }, { wasm }, { wasm: null }), wasm);
  assert.match(String(await load(taken, { wasm: null })), /\/boxel-bindings_bg\.wasm$/);
  await assert.rejects(load(() => Promise.reject(new WebAssembly.CompileError("blocked by CSP")), { wasm: null }),
    { code: "wasm_refused", message: /blocked by CSP/ });
  await assert.rejects(load(() => Promise.reject(new RangeError("could not allocate memory")), { wasm }), {
    code: "out_of_memory",
  });
});

test("a trap is for want of memory only where much of it was taken", () => {
  const trap = new WebAssembly.RuntimeError("unreachable");
  assert.equal(or_out_of_memory(STOPPED, trap, 300 * 2 ** 20), STOPPED);
  assert.equal(or_out_of_memory(STOPPED, trap, 3 * 2 ** 30).code, "out_of_memory");
  assert.equal(or_out_of_memory(STOPPED, new RangeError("Array buffer allocation failed"), 0).code, "out_of_memory");
  assert.equal(or_out_of_memory(STOPPED, new RangeError("Maximum call stack size exceeded"), 3 * 2 ** 30), STOPPED);
});

test("a lost device is told once it is lost, whoever made it", async () => {
  /** @type {(info: { message: string }) => void} */
  let lose = () => {};
  const device = { lost: new Promise((resolve) => { lose = resolve; }), addEventListener: () => {} };
  /** @type {any} */
  const adapters = { requestDevice: async () => device };
  /** @type {string[]} */
  const told = [];
  watch_devices(adapters, ({ code, message }) => told.push(code, message));
  assert.equal(await adapters.requestDevice({}), device);
  assert.equal(told.length, 0);
  lose({ message: "Device was destroyed." });
  await device.lost;
  await Promise.resolve();
  assert.equal(told.shift(), "device_lost");
  assert.match(told.shift() ?? "", /^The GPU was lost \(Device was destroyed\)\./);
  watch_devices(undefined, () => assert.fail("there is no device"));
});

test("a loss is told before the failure of what the device was doing", async () => {
  /** @type {string[]} */
  const told = [];
  /** @type {() => void} */
  let lose = () => {};
  /** @type {() => void} */
  let answer = () => {};
  const device = {
    lost: new Promise((resolve) => { lose = () => resolve({ message: "" }); }),
    addEventListener: () => {},
    queue: { onSubmittedWorkDone: () => new Promise((resolve) => { answer = () => resolve(undefined); }) },
  };
  /** @type {any} */
  const adapters = { requestDevice: async () => device };
  const losses_told = watch_devices(adapters, ({ code }) => told.push(code));
  await losses_told(); // nothing is waited for where there is no device
  await adapters.requestDevice({});
  const lost = losses_told().then(() => told.push("failed"));
  answer(); // the answer comes first, the word of the loss right after it
  lose();
  await lost;
  assert.deepEqual(told, ["device_lost", "failed"]);
});

test("a GPU without memory is told as such, and another error of it is not", async () => {
  class GPUOutOfMemoryError {}
  Object.assign(globalThis, { GPUOutOfMemoryError });
  /** @type {(event: { error: object }) => void} */
  let uncaptured = () => {};
  const device = {
    lost: new Promise(() => {}),
    addEventListener: (/** @type {string} */ _, /** @type {typeof uncaptured} */ listener) => {
      uncaptured = listener;
    },
  };
  /** @type {any} */
  const adapters = { requestDevice: async () => device };
  /** @type {string[]} */
  const told = [];
  watch_devices(adapters, ({ code, message }) => told.push(code, message));
  await adapters.requestDevice({});
  uncaptured({ error: new Error("validation") });
  assert.deepEqual(told, []);
  uncaptured({ error: new GPUOutOfMemoryError() });
  assert.equal(told.shift(), "out_of_memory");
  assert.match(told.shift() ?? "", /smaller model or use the CPU/);
});
