// The service worker: what it keeps, what it lets through, what the page shows of it, and the end of it all.

import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { own_case } from "./golden.js";
import { DIST } from "./playwright.config.js";
import { serve } from "./server.js";
import { path_in } from "./site.js";
import { pick, state_of, wait_for_image } from "./steps.js";
import { ASSETS, expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */
const mr = own_case("mr_brain");

// A service worker would outlive the test in a shared context.
test.use({ serviceWorkers: "allow", reuseContext: false });

/** @type {(page: Page) => Promise<void>} */
const is_ready = (page) => expect(page.locator("#offline")).toContainText("Ready");
test("a version of which a file is wrong is never taken", async ({ page, watch }, info) => {
  const dist = info.outputPath("site");
  cpSync(DIST, dist, { recursive: true });
  writeFileSync(join(dist, path_in("samples/fundus.png")), "another");
  const site = await serve(dist);
  watch.page_is_at(site.url);
  await page.goto(site.url);
  await expect(page.locator("#offline")).toContainText("Not available");
  await expect(page.locator("#offline")).toContainText("fundus.png is not the file of this version");
  expect(await page.evaluate(() => caches.keys())).toEqual([]);
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  site.close();
});

/** What lies in the page's caches, decoded.
 * @type {(page: Page) => Promise<{ caches: number, files: number, bytes: number, workers: number }>} */
const kept_by = (page) => page.evaluate(async () => {
  let [files, bytes] = [0, 0];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      files += 1;
      bytes += (await (await cache.match(request))?.blob())?.size ?? 0;
    }
  }
  return {
    caches: (await caches.keys()).length, files, bytes,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  };
});

test("the page says how much it keeps; refused, nothing is left, also after a reload; "
  + "wanted again, all is kept", async ({ page, watch }) => {
  const site = await serve(DIST);
  watch.page_is_at(site.url);
  await page.goto(site.url);
  await is_ready(page);
  const kept = await kept_by(page);
  expect(Number(await page.locator("meta[name=kept-bytes]").getAttribute("content"))).toBe(kept.bytes);
  await expect(page.locator("#kept-files")).toHaveText(`its own files (${Math.round(kept.bytes / 1e6)} MB)`);
  expect(kept.workers).toBe(1);
  await page.reload();
  await is_ready(page);
  const nothing = { caches: 0, files: 0, bytes: 0, workers: 0 };
  const keep = page.getByRole("checkbox", { name: "Keep this page for offline use" });

  await keep.uncheck();
  await expect(page.locator("#offline")).toContainText("stores none of the page");
  expect(await kept_by(page)).toEqual(nothing);
  // The page goes on, and gets its files from the host.
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  expect(new URL(page.url()).hash).toBe("#offline=off");
  await page.reload();
  await expect(page.locator("#offline")).toContainText("stores none of the page");
  await expect.poll(async () => (await state_of(page)).engine.has_weights).toBe(true);
  await expect(keep).not.toBeChecked();
  expect(await kept_by(page)).toEqual(nothing);
  expect((await state_of(page)).message).toBeNull();

  await keep.check();
  await is_ready(page);
  expect(await kept_by(page)).toEqual(kept);
  expect(new URL(page.url()).hash).toBe("");
  site.close();
});

test("files that the browser has thrown away are kept again before the page "
  + "says that it is ready", async ({ page, watch }) => {
  const site = await serve(DIST);
  watch.page_is_at(site.url);
  await page.goto(site.url);
  await is_ready(page);
  const kept = await kept_by(page);
  // Of one cache some, as after an interruption; then all of it.
  await page.evaluate(async () => {
    const cache = await caches.open((await caches.keys())[0] ?? "");
    for (const request of (await cache.keys()).slice(0, 3)) await cache.delete(request);
  });
  await page.reload();
  await is_ready(page);
  expect(await kept_by(page)).toEqual(kept);
  await page.evaluate(async () => { for (const name of await caches.keys()) await caches.delete(name); });
  await page.reload();
  await is_ready(page);
  expect(await kept_by(page)).toEqual(kept);
  site.close();
});

test("what is not on the list is refused, also to this very host; "
  + "requests are shown; all is wiped", async ({ page, watch }) => {
  const site = await serve(DIST);
  watch.page_is_at(site.url);
  await page.goto(site.url);
  await is_ready(page);
  await page.reload();
  await is_ready(page);
  const asked = site.log.length;
  /** @type {(path: string, body?: string) => Promise<string>} */
  const attempt = (path, body) => page.evaluate(([url, sent]) =>
    fetch(url, sent ? { method: "POST", body: sent } : {})
      .then(({ status }) => String(status), () => "refused"), /** @type {const} */ ([path, body]));
  expect(await attempt("index.html")).toBe("200");
  watch.expect_fault(/_headers: not|elsewhere: not|index\.html.*: (a query|a body|method POST)/);
  watch.expect_error(/Failed to load resource|net::ERR_FAILED/);
  for (const path of ["_headers", "elsewhere", "index.html?scan=secret"]) {
    expect(await attempt(path), path).toBe("refused");
  }
  expect(await attempt("index.html", "secret")).toBe("refused");
  const after = site.log.slice(asked).filter(({ url }) => !url.endsWith("/service-worker.js"));
  expect(after, "nothing came to the host").toEqual([]);
  expect(JSON.stringify(site.log)).not.toContain("secret");

  await page.locator("#requests-panel summary").click();
  await expect(page.locator("#requests-facts")).toContainText("Nothing was sent");
  const rows = await page.locator("#requests tr td:first-child").allTextContents();
  for (const path of ["web/main.js", "web/engine/worker.js", "boxel-bindings_bg.wasm", "models/models.json"]) {
    expect(rows).toContain(path);
  }
  expect(rows.filter((path) =>
    !ASSETS.includes(path) && !/^(_headers|elsewhere|index\.html\?scan=secret|http)/.test(path))).toEqual([]);

  await pick(page, mr.image);
  await wait_for_image(page, mr);
  await page.locator("#models li").first().getByRole("button", { name: /^Store/ }).click();
  await expect(page.locator("#models li").first().getByRole("button", { name: /^Remove/ })).toBeVisible();
  page.once("dialog", (dialog) => void dialog.dismiss());
  await page.click("#wipe");
  expect((await state_of(page)).image?.width).toBe(mr.width);
  page.once("dialog", (dialog) => void dialog.accept());
  await page.click("#wipe");
  await expect(page.locator("body")).toContainText("Everything that Boxel stored in this browser is removed");
  const left = await page.evaluate(async () => {
    /** @type {string[]} */
    const files = [];
    for await (const name of (await navigator.storage.getDirectory()).keys()) files.push(name);
    return [files, await caches.keys(), await indexedDB.databases()];
  });
  expect(left).toEqual([[], [], []]);
  site.close();
});
