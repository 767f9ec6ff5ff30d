// A host that accepts a request and then sends nothing more, before its answer or in the middle of a file.

import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";

import { SampleLoader } from "../../web/features/samples/loader.js";
import { Downloads } from "../../web/models/download.js";
import { bring_module, ModuleLoader } from "../../web/module_loader.js";
import { fetch_answer } from "../../web/open/fetch.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { entry } from "./page.mjs";

const { fetch } = globalThis;
afterEach(() => {
  mock.timers.reset();
  Object.assign(globalThis, { fetch });
});

/** Some bytes of each file, and then nothing; null for no answer at all. Returns the requests that were not given up.
 * @param {number | null} bytes */
function silent_host(bytes) {
  /** @type {Set<string>} */
  const open = new Set();
  mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(globalThis, { fetch: (/** @type {string} */ path, /** @type {{ signal: AbortSignal }} */ { signal }) => {
    open.add(path);
    const aborted = new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        open.delete(path);
        reject(signal.reason);
      });
    });
    aborted.catch(() => {});
    if (bytes === null) return aborted;
    let has_sent = false;
    return Promise.resolve(new Response(new ReadableStream({
      pull: async (controller) => {
        if (has_sent) return aborted.catch((error) => controller.error(error));
        has_sent = true;
        controller.enqueue(new Uint8Array(bytes));
      },
    })));
  } });
  return open;
}

const turn = async () => { for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve)); };
/** @type {(ms: number) => Promise<void>} */
async function pass(ms) {
  for (let at = 0; at < ms; at += 10_000) {
    await turn();
    mock.timers.tick(10_000);
  }
  await turn();
}

for (const [when, bytes] of /** @type {const} */ ([["before its answer", null], ["after 20 bytes", 20]])) {
  test(`silent ${when}: the module is given up after half a minute, not before, and a retry asks again`, async () => {
    const open = silent_host(bytes);
    let state = initial_state("cpu");
    /** @type {(action: import("../../web/state/reduce.js").Action) => void} */
    const dispatch = (action) => {
      state = reduce(state, action);
      loader.follow();
    };
    const loader = new ModuleLoader(() => state, dispatch, 24e6);
    loader.follow();
    await pass(20_000);
    assert.deepEqual([state.module.phase, open.size], ["loading", 1]);
    await pass(20_000);
    assert.deepEqual([state.module.phase, state.message?.code, state.message?.offers], ["failed", "host_silent", ["retry"]]);
    assert.match(state.message?.text ?? "", /boxel-bindings_bg\.wasm.* has sent nothing for 30 seconds/);
    assert.equal(open.size, 0);
    dispatch({ do: "retry" });
    await pass(0);
    assert.deepEqual([state.module.phase, open.size], ["loading", 1]);
    await pass(40_000);
  });

  test(`silent ${when}: the weights are asked for once more, from where they broke off, and then a retry is offered`, async () => {
    const open = silent_host(bytes);
    /** @type {number[]} */
    const loaded = [];
    const downloads = new Downloads(async () => "");
    const watch = { signal: new AbortController().signal, on_bytes: (/** @type {number} */ at) => loaded.push(at), on_checking() {} };
    const ended = downloads.get({ ...entry("m"), bytes: 1000 }, watch).catch((failure) => failure);
    await pass(90_000);
    const { code, message } = await ended;
    assert.equal(code, "fetch");
    assert.match(message, /stopped at .*Retry resumes/);
    assert.equal(open.size, 0);
    assert.equal(loaded.at(-1), bytes ?? 0);
  });

  test(`silent ${when}: the list of samples and a sample end in the offer to retry`, async () => {
    silent_host(bytes);
    let state = initial_state("cpu");
    /** @type {(action: import("../../web/state/reduce.js").Action) => void} */
    const dispatch = (action) => {
      state = reduce(state, action);
      loader.follow();
    };
    const loader = new SampleLoader(() => state, dispatch);
    /** @type {import("../../web/features/samples/loader.js").Sample} */
    const sample = { file: "a.png", title: "A", modality: "CT", box: [0, 0, 1, 1] };
    dispatch({ do: "sample_wanted", serial: 1, sample });
    await pass(40_000);
    assert.deepEqual([state.samples.phase, state.samples.coming?.phase, state.message?.offers], ["failed", "failed", ["retry"]]);
    assert.match(state.message?.text ?? "", /has sent nothing for 30 seconds/);
  });
}

test("a slow host is not silent, and a reader that pauses is not the host's fault", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let sent = 0;
  Object.assign(globalThis, { fetch: async () => new Response(new ReadableStream({
    pull: (controller) => new Promise((resolve) => {
      setTimeout(() => {
        sent += 1;
        if (sent > 3) controller.close();
        else controller.enqueue(new Uint8Array(1));
        resolve(undefined);
      }, 25_000);
    }),
  }, { highWaterMark: 0 })) });
  const reader = (await fetch_answer("a"))?.body?.getReader();
  let [bytes, is_done] = [0, false];
  const reading = (async () => {
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
      bytes += part.value.length;
      if (bytes === 1) await new Promise((resolve) => setTimeout(resolve, 100_000));
    }
    is_done = true;
  })();
  for (let i = 0; i < 60; i += 1) {
    await turn();
    mock.timers.tick(5_000);
  }
  await reading;
  assert.deepEqual([bytes, is_done], [3, true]);
});

test("who cancels a request hears of its own reason", async () => {
  silent_host(null);
  const abort = new AbortController();
  const asked = fetch_answer("a", { signal: abort.signal });
  abort.abort("user");
  await assert.rejects(asked, (reason) => reason === "user");
  await assert.rejects(fetch_answer("a", { signal: abort.signal }), (reason) => reason === "user");
});

test("a module whose host falls silent is not taken for a broken or a short one", async () => {
  silent_host(20);
  const brought = bring_module({ total: 20, cache: "default", on_bytes: () => {} }).catch((failure) => failure);
  await pass(40_000);
  assert.equal((await brought).code, "host_silent");
});
