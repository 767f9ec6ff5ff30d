// The proof that a scan stays: a whole session of a scan that carries a name, with everything that the host,
// the browser's storage, the console and the saved files get to know of it. First with the host, then without.

import { test as without_page } from "@playwright/test";
import { readFileSync, writeFileSync } from "node:fs";

import { DIST } from "./playwright.config.js";
import { CANARY, LARGE_BOX, phantom_series, SIZE } from "./phantom.js";
import { serve } from "./server.js";
import { name_of, path_in } from "./site.js";
import { draw_box, pick_all, state_of, wait_for_image, wait_for_masks } from "./steps.js";
import { ASSETS, expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */
const NAME = "CANARY";
const PREFIX = "/some/course/";

// A service worker would outlive the test in a shared context.
test.use({ serviceWorkers: "allow", reuseContext: false });

/** The series under file names that carry the name. @type {(info: import("@playwright/test").TestInfo) => string[]} */
const named_files = (info) => phantom_series().map((bytes, i) => {
  const path = info.outputPath(`${CANARY} ${i}.dcm`);
  writeFileSync(path, bytes);
  return path;
});

/** Open, segment, propagate, save in each format; the saved files by the id of their button.
 * @type {(page: Page, paths: string[]) => Promise<Map<string, Buffer>>} */
async function whole_session(page, paths) {
  await pick_all(page, paths);
  await wait_for_image(page, { width: SIZE[0], height: SIZE[1] });
  await draw_box(page, LARGE_BOX);
  await wait_for_masks(page, 1);
  await page.click("#propagate-up");
  await expect.poll(async () => (await state_of(page)).object_masks[1]?.slices.length).toBeGreaterThan(1);
  await page.click("#progress-cancel");
  await expect.poll(async () => (await state_of(page)).propagating).toBeNull();
  await page.getByLabel("De-identified").check();
  /** @type {Map<string, Buffer>} */
  const saved = new Map();
  for (const id of await page.locator(".exports li:not([hidden]) > button[id^=save-]")
    .evaluateAll((all) => all.map(({ id }) => id))) {
    const coming = page.waitForEvent("download", { timeout: 60_000 });
    await expect(page.locator(`#${id}`), id).toBeEnabled({ timeout: 20_000 });
    await page.click(`#${id}`);
    const download = await test.step(id, () => coming);
    expect(download.suggestedFilename(), id).not.toContain(NAME);
    saved.set(id, readFileSync(await download.path()));
  }
  expect(saved.size).toBeGreaterThanOrEqual(9);
  return saved;
}

/** Everything that the page's origin has stored, and where it shows itself.
 * @type {(page: Page) => Promise<string>} */
const kept_in_browser = (page) => page.evaluate(async () => {
  /** @type {string[]} */
  const found = [
    document.title, location.href, document.cookie,
    JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }),
  ];
  for await (const name of (await navigator.storage.getDirectory()).keys()) found.push(`file ${name}`);
  for (const { name } of await indexedDB.databases()) found.push(`database ${name}`);
  for (const name of await caches.keys()) {
    for (const request of await (await caches.open(name)).keys()) found.push(`kept ${request.url}`);
  }
  return found.join("\n");
});

test("nothing of a scan goes anywhere: requests, storage, console, files; "
  + "with the host, and with the host gone", async ({ page, context, watch }, info) => {
  test.setTimeout(10 * 60_000);
  /** @type {string[]} */
  const said = [];
  context.on("console", (message) => said.push(message.text()));
  const site = await serve(DIST, { prefix: PREFIX });
  watch.page_is_at(site.url);
  const paths = named_files(info);
  await page.goto(site.url);
  await expect(page.locator("#offline")).toContainText("Ready");

  /** @type {(saved: Map<string, Buffer>) => Promise<void>} */
  const nothing_is_known = async (saved) => {
    for (const [id, bytes] of saved) expect(bytes.includes(NAME), `${id} carries the name`).toBe(false);
    const kept = await kept_in_browser(page);
    expect(kept).not.toContain(NAME);
    // The page's own files, and nothing else.
    const lines = kept.split("\n").filter((line) => /^(file|database|kept) /.test(line))
      .map((line) => line.replace(new RegExp(`^kept ${site.url}(.*)`), (_, path) => name_of(path || "index.html")));
    expect(lines.filter((line) => !ASSETS.includes(line))).toEqual([]);
    expect(said.join("\n")).not.toContain(NAME);
  };
  await nothing_is_known(await whole_session(page, paths));
  // What the host got to know: of the page, its workers, its service worker, and the browser.
  const paths_asked = site.log
    .map(({ url }) => url.startsWith(PREFIX) ? name_of(url.slice(PREFIX.length) || "index.html") : url);
  expect(site.log.filter(({ method, url, body_bytes }) => method !== "GET" || body_bytes > 0 || url.includes("?")))
    .toEqual([]);
  expect(paths_asked.filter((path) => !ASSETS.includes(path) && path !== "/favicon.ico")).toEqual([]);
  expect(JSON.stringify(site.log)).not.toContain(NAME);
  for (const part of ["boxel-bindings_bg.wasm", "service-worker.js", "web/open/parse_worker.js"]) {
    expect(paths_asked).toContain(part);
  }

  site.close();
  const asked = site.log.length;
  await page.reload();
  await nothing_is_known(await whole_session(page, paths));
  expect(site.log.length, "the host is gone").toBe(asked);
  expect((await state_of(page)).message).toBeNull();
});

/** Absolute addresses in a text or a binary. @type {(bytes: Buffer) => string[]} */
const addresses_in = (bytes) => Array.from(
  bytes.toString("latin1").matchAll(/\b(?:https?|wss?|ftp):\/\/[\w.-]+[^\s"'`<>)\x00-\x1f\x7f-\xff]*/g),
  ([address]) => address,
);
/** Names that are never looked up: of XML, and of the formats that are written. */
const NAMES = [/^http:\/\/www\.w3\.org\/(2000\/svg|1999\/xlink|XML\/1998\/namespace|2000\/xmlns)/];

without_page("no file of the page names an address", () => {
  const found = ASSETS.filter((path) => !/\.(png|safetensors|md)$|LICENSE$/.test(path)).flatMap((path) => {
    const foreign = addresses_in(readFileSync(`${DIST}/${path_in(path)}`))
      .filter((address) => !NAMES.some((name) => name.test(address)));
    return foreign.map((address) => `${path}: ${address}`);
  });
  expect(found).toEqual([]);
});
