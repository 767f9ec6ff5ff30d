// What a first visit loads, held to a budget: in requests, and in bytes as a host delivers it that uses the compressed
// files of the build.

import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { test as without_page } from "@playwright/test";

import { DIST } from "./playwright.config.js";
import { path_in } from "./site.js";
import { expect, test } from "./watch.js";

const MB = 1e6;
const IS_COMPRESSED_FORM = /\.(br|gz)$/;
/** The compressed forms stand beside, maps are for those who debug, and a sample is loaded when it is asked for. */
const IS_NO_PART = /\.(br|gz|map)$|\/samples\//;
const MAX_REQUESTS = 20;

const files = readdirSync(DIST, { recursive: true, encoding: "utf8" })
  .filter((path) => statSync(join(DIST, path)).isFile());

/** @type {(path: string) => number} */
function delivered_bytes(path) {
  const file = join(DIST, path);
  return statSync(existsSync(`${file}.br`) ? `${file}.br` : file).size;
}

without_page("the module is at most 3 MB, and a first visit at most 24 MB", () => {
  const loaded = files.filter((path) => !IS_NO_PART.test(path));
  const module = delivered_bytes(path_in("boxel-bindings_bg.wasm"));
  const all = loaded.reduce((sum, path) => sum + delivered_bytes(path), 0);
  console.log(`module ${(module / MB).toFixed(2)} MB, first visit ${(all / MB).toFixed(2)} MB`);
  expect(module).toBeLessThanOrEqual(3 * MB);
  expect(all).toBeLessThanOrEqual(24 * MB);
});

without_page("the compressed files hold what they stand beside, and the service worker keeps none of them", () => {
  const compressed = files.filter((path) => IS_COMPRESSED_FORM.test(path));
  for (const path of ["boxel-bindings_bg.wasm", "web/main.js", "index.html"].map((path) => path_in(path))) {
    expect(compressed).toContain(`${path}.br`);
    expect(compressed).toContain(`${path}.gz`);
  }
  for (const path of compressed) {
    const bytes = readFileSync(join(DIST, path));
    const whole = path.endsWith(".br") ? brotliDecompressSync(bytes) : gunzipSync(bytes);
    expect(whole.equals(readFileSync(join(DIST, path.replace(IS_COMPRESSED_FORM, "")))), path).toBe(true);
  }
  const worker = readFileSync(join(DIST, "service-worker.js"), "utf8");
  const listed = Object.keys(JSON.parse(/"files": (\{[^}]*\})/.exec(worker)?.[1] ?? ""));
  expect(listed).toContain(path_in("web/main.js"));
  expect(listed.filter((path) => /\.(br|gz|map)$/.test(path))).toEqual([]);
});

test(`a first visit with a scan takes at most ${MAX_REQUESTS} requests, each file once`, async ({ page, watch }) => {
  await page.goto("#sample=mr-brain");
  await expect.poll(async () => page.evaluate(() => /** @type {any} */ (window).boxel.state().engine.has_weights))
    .toBe(true);
  await expect.poll(async () => page.evaluate(() => /** @type {any} */ (window).boxel.state().image?.width))
    .toBeGreaterThan(0);
  // The weights come in pieces.
  const once = watch.paths.filter((path) => !path.endsWith(".safetensors"));
  console.log(`${watch.paths.length} requests`);
  expect(once.filter((path, i) => once.indexOf(path) !== i && path !== "boxel-bindings.js")).toEqual([]);
  expect(watch.paths.length).toBeLessThanOrEqual(MAX_REQUESTS);
});
