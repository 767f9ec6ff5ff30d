// The queue to the worker, with a worker of the test's own.

import assert from "node:assert/strict";
import { test } from "node:test";

import { EngineClient } from "../../web/engine/client.js";

class TestWorker {
  /** @type {any[]} */ sent = [];
  terminated = false;
  /** @type {(event: { data: any }) => void} */ onmessage = () => {};
  /** @type {(event: { message: string }) => void} */ onerror = () => {};
  /** @param {any} message */
  postMessage(message) { this.sent.push(message); }
  terminate() { this.terminated = true; }
  /** @param {any} data */
  reply(data) { this.onmessage({ data }); }
}

function pair() {
  const worker = new TestWorker();
  /** @type {string[]} */
  const deaths = [];
  // The calls of these tests have no arguments that a worker would take.
  const client = /** @type {any} */ (new EngineClient(/** @type {any} */ (worker), ({ code }) => deaths.push(code)));
  return { worker, client, deaths };
}

test("requests go one at a time, in order", async () => {
  const { worker, client } = pair();
  const first = client.call("open", ["a"]);
  const second = client.call("embed", []);
  assert.deepEqual(worker.sent, [{ id: 1, method: "open", args: ["a"] }]);
  worker.reply({ id: 1, value: "opened" });
  assert.equal(await first, "opened");
  assert.equal(worker.sent.at(1)?.method, "embed");
  worker.reply({ id: 2, failure: { code: "session_order", message: "no" } });
  await assert.rejects(second, { code: "session_order" });
});

test("progress is told, and a reply to an earlier request is ignored", async () => {
  const { worker, client } = pair();
  /** @type {number[]} */
  const told = [];
  const call = client.call("embed", [], { on_progress: (/** @type {number} */ done) => told.push(done) });
  worker.reply({ id: 1, progress: 1 });
  worker.reply({ id: 99, value: "not ours" });
  worker.reply({ id: 1, progress: 2 });
  worker.reply({ id: 1, value: "done" });
  assert.equal(await call, "done");
  assert.deepEqual(told, [1, 2]);
});

test("a running request is cancelled by the worker; a queued one never starts", async () => {
  const { worker, client } = pair();
  const running = new AbortController();
  const queued = new AbortController();
  const first = client.call("embed", [], { signal: running.signal });
  const second = client.call("embed", [], { signal: queued.signal });
  queued.abort();
  await assert.rejects(second, { code: "cancelled" });
  running.abort();
  assert.deepEqual(worker.sent.at(-1), { cancel: 1 });
  worker.reply({ id: 1, failure: { code: "cancelled", message: "" } });
  await assert.rejects(first, { code: "cancelled" });
  assert.equal(worker.sent.length, 2);
  await assert.rejects(client.call("embed", [], { signal: queued.signal }), { code: "cancelled" });
});

for (const [how, kill] of /** @type {[string, (worker: TestWorker) => void][]} */ ([
  ["an error event", (worker) => worker.onerror({ message: "unreachable" })],
  ["a fatal reply", (worker) => worker.reply({ fatal: { code: "worker_stopped", message: "" } })],
])) {
  test(`${how} rejects every call, ends the worker and is told once`, async () => {
    const { worker, client, deaths } = pair();
    const calls = [client.call("open", []), client.call("embed", [])];
    kill(worker);
    worker.onerror({ message: "again" });
    for (const call of calls) await assert.rejects(call, { code: "worker_stopped" });
    await assert.rejects(client.call("open", []), { code: "worker_stopped" });
    assert.deepEqual([worker.terminated, deaths], [true, ["worker_stopped"]]);
  });
}

test("terminating rejects the calls and is no death", async () => {
  const { worker, client, deaths } = pair();
  const call = client.call("open", []);
  client.terminate();
  await assert.rejects(call, { code: "terminated" });
  assert.deepEqual([worker.terminated, deaths], [true, []]);
});
