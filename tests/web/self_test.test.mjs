// The self-test: what it compares with, when it passes, and what diagnostics hold.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { dice_with, run_self_test, verdict_of } from "../../web/features/self_test/run.js";
import { diagnostics_of, self_test_words } from "../../web/features/self_test/show.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { NOT_TESTED } from "../../web/features/self_test/state.js";
import { expected_answer } from "../browser/self_test_golden.js";
import { own_case } from "../browser/golden.js";
import { scan_of } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").Action} Action */

const golden = own_case("ct_abdomen").boxes[0];
if (!golden) throw new Error("the golden lacks a box");

test("the file of the site is the reference's answer", () => {
  const file = JSON.parse(readFileSync(new URL("../../samples/self-test.json", import.meta.url), "utf8"));
  assert.deepEqual(file, expected_answer());
  assert.equal(dice_with(golden.mask, file.runs), 1);
});

test("Dice by the runs; masks of another size agree in nothing", () => {
  const mask = Uint8Array.of(0, 1, 1, 0, 1, 0);
  assert.equal(dice_with(mask, [1, 2, 1, 1, 1]), 1);
  assert.equal(dice_with(mask, [0, 1, 5]), 0);
  assert.equal(dice_with(mask, [1, 1, 4]), 2 / (3 + 1));
  assert.equal(dice_with(mask, [1, 2, 1, 1]), 0);
  assert.equal(dice_with(Uint8Array.of(0, 0), [2]), 1);
});

test("a mask that is off, an IoU that is off, and numbers that are none fail", () => {
  const expected = expected_answer();
  const found = { mask: Uint8Array.from(golden.mask), iou: golden.iou, decode_ms: 90 };
  /** @type {(found_here: typeof found) => boolean} */
  const passes = (found_here) => verdict_of(expected, found_here, "cpu", 4000).passed;
  assert.equal(passes(found), true);
  assert.equal(passes({ ...found, iou: golden.iou - 0.03 }), false);
  assert.equal(passes({ ...found, iou: NaN }), false);
  const area = golden.mask.reduce((sum, inside) => sum + inside, 0);
  let left = Math.ceil(area * 0.05);
  const smaller = Uint8Array.from(golden.mask, (inside) => inside && left-- > 0 ? 0 : inside);
  assert.equal(passes({ ...found, mask: smaller }), false);
});

test("a GPU that computes wrongly is named, with a way on", () => {
  const verdict =
    verdict_of(expected_answer(), { mask: new Uint8Array(golden.mask.length), iou: 0.2, decode_ms: 1 }, "gpu", 500);
  const words = self_test_words({ ...NOT_TESTED, phase: "done", verdict });
  assert.match(words, /^Failed on the GPU: Dice 0\.0000.*use the CPU/);
});

test("given up, it is as if it had not begun; a fault is said", () => {
  /** @type {(code: string) => import("../../web/features/self_test/state.js").SelfTest} */
  const after = (code) => [
    { do: /** @type {const} */ ("self_test_started") },
    { do: /** @type {const} */ ("self_test_failed"), failure: { code, message: "The host is gone." } },
  ].reduce((state, action) => reduce(state, action), initial_state("auto")).self_test;
  assert.deepEqual(after("cancelled"), NOT_TESTED);
  assert.match(self_test_words(after("fetch")), /could not run: The host is gone/);
});

test("diagnostics hold nothing of the scan, not even whether there is one", () => {
  const surroundings = {
    user_agent: "a browser", threads: 2, memory_gib: 8, is_secure: true, is_isolated: false, has_gpu: false,
  };
  const none = initial_state("auto");
  const scan = {
    ...scan_of("CANARY key"), serial: 1, title: "CANARY", files: [], choice: 0,
    notes: [{ code: "x", text: "CANARY note" }],
  };
  const open = /** @type {typeof none} */ ({
    ...none, scan, requests: [{ by: "page", path: "CANARY", bytes: 1, is_kept: false, times: 1 }],
  });
  assert.equal(diagnostics_of(open, surroundings), diagnostics_of(none, surroundings));
  const failed = reduce(open, { do: "failed", failure: { code: "image_damaged", message: "CANARY of 512 pixels" } });
  assert.match(diagnostics_of(failed, surroundings), /image_damaged/);
  assert.doesNotMatch(diagnostics_of(failed, surroundings), /CANARY|512/);
});

test("a driver that hangs does not keep the test from being given up", async () => {
  const real_fetch = globalThis.fetch;
  globalThis.fetch = async () => new Response(JSON.stringify(expected_answer()));
  /** @type {string[]} */
  const asked = [];
  /** @type {(reply: (message: any) => unknown) => any} */
  const worker_that = (reply) => {
    const worker = {
      onmessage: (/** @type {any} */ _event) => {},
      postMessage: (/** @type {any} */ message) => queueMicrotask(() => {
        const data = reply(message);
        if (data) worker.onmessage({ data });
      }),
      terminate: () => asked.push("ended"),
    };
    return worker;
  };
  const abort = new AbortController();
  try {
    await assert.rejects(run_self_test({
      new_parser: () => worker_that(() => ({ parsed: { key: "k", scan: new Uint8Array(1) } })),
      new_worker: () => worker_that(({ id, method }) => {
        asked.push(method);
        if (method === "create") return { id, value: null };
        abort.abort(); // and the worker never answers again
      }),
      kind: "gpu", weights: new Blob(), on_progress: () => {}, signal: abort.signal,
    }));
  } finally {
    globalThis.fetch = real_fetch;
  }
  assert.deepEqual(asked.slice(0, 4), ["ended", "create", "load_weights", "ended"]);
});
