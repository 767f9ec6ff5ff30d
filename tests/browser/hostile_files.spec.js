// Files that nobody should trust (tests/hostile), through the page's own parsing worker: each ends in an error or in a
// scan, within 5 s and 512 MiB, and the page goes on. The page ends a worker that takes longer (web/open/parser.js);
// how soon each file is done by itself is measured natively (crates/imaging/tests/hostile_set.rs), where it can be.

import { hostile_cases } from "../hostile/make.mjs";
import { own_case } from "./golden.js";
import { path_in } from "./site.js";
import { pick, wait_for_image } from "./steps.js";
import { expect, test } from "./watch.js";

const MOST_MS = 5_000;
const MOST_BYTES = 512 * 1024 * 1024;
const EVERY = 6;
const MINUTE = 60_000;

/** All that are made to take time or memory, and every sixth of the rest; the native tests open them all. */
const is_tried = (/** @type {string} */ name, /** @type {number} */ place) =>
  /bomb|nested/.test(name) || place % EVERY === 0;

// The page's policy lets nobody else start a worker.
test.use({ bypassCSP: true });

test("hostile files end in an error or a scan, soon and in little memory", async ({ page, context }) => {
  test.setTimeout(15 * MINUTE);
  // What the module has allocated goes with each of the worker's messages; its memory never shrinks.
  await context.route("**/boxel-bindings.js", async (route) => {
    const response = await route.fetch();
    const watched = `
      if (!self.document) {
        const post = self.postMessage.bind(self);
        const allocated = () => wasm?.memory.buffer.byteLength ?? 0;
        self.postMessage = (message, transfer = []) => post({ ...message, allocated: allocated() }, transfer);
      }`;
    await route.fulfill({ response, body: await response.text() + watched });
  });
  await page.goto("");
  let count = 0;
  let place = 0;
  /** @type {string[]} */
  const faults = [];
  for (const { name, outcome, files } of hostile_cases()) {
    if (!is_tried(name, place++)) continue;
    count += 1;
    const sent = files.map((file) => ({ name: file.name, base64: file.bytes.toString("base64") }));
    const { reply, allocated } = await page.evaluate(async ({ sent, most_ms, script, module }) => {
      const compiled = /** @type {{ module?: Promise<WebAssembly.Module> }} */ (/** @type {unknown} */ (window));
      compiled.module ??= WebAssembly.compileStreaming(fetch(module));
      const files = await Promise.all(sent.map(async ({ name, base64 }) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        return new File([bytes], name);
      }));
      const wasm = await compiled.module;
      const worker = new Worker(new URL(script, location.href), { type: "module" });
      let is_started = false;
      let allocated = 0;
      const reply = await new Promise((resolve) => {
        worker.onerror = (event) => {
          event.preventDefault();
          resolve(`crashed: ${event.message}`);
        };
        worker.onmessage = ({ data }) => {
          allocated = Math.max(allocated, data.allocated ?? 0);
          if ("requests" in data || "ready" in data || "alive" in data) return;
          if ("beat" in data) {
            if (is_started) return;
            is_started = true; // the module is there
            setTimeout(() => resolve("refused: image_timeout: by the page"), most_ms);
          } else if ("choices" in data) worker.postMessage({ choice: 0 });
          else resolve("failure" in data ? `refused: ${data.failure.code}: ${data.failure.message}` : "opened");
        };
        worker.postMessage({ wasm }); // as the page sends it
        worker.postMessage({ files });
      });
      worker.terminate();
      return { reply: String(reply), allocated };
    }, {
      sent, most_ms: MOST_MS, script: path_in("web/open/parse_worker.js"), module: path_in("boxel-bindings_bg.wasm"),
    });
    const is_as_it_should = outcome === "either" ? /^(refused|opened)/ : outcome === "opens" ? /^opened/ : /^refused/;
    if (!is_as_it_should.test(reply) || /internal|image_damaged/.test(reply)) faults.push(`${name}: ${reply}`);
    if (allocated > MOST_BYTES) faults.push(`${name}: ${allocated} bytes`);
  }
  expect(faults).toEqual([]);
  expect(count).toBeGreaterThanOrEqual(150);

  const golden = own_case("mr_brain");
  await pick(page, golden.image);
  await wait_for_image(page, golden);
});
