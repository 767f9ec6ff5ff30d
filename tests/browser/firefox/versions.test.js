// In a second browser engine: a first visit is served by its own version's worker, and two tabs keep their versions.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { own_case } from "../golden.js";
import { serve } from "../server.js";
import { copy_site, make_version, shown_as } from "../versions.js";
import { launch, WHY_NOT } from "./launch.js";
import { pick, state_of, until } from "./steps.js";

/** @typedef {import("puppeteer-core").Page} Page */
const options = WHY_NOT ? { skip: WHY_NOT } : {};
const mr = own_case("mr_brain");

/** @type {(page: Page) => Promise<void>} */
const is_ready = (page) => until("the files for offline use", () =>
  page.evaluate(() => /** @type {any} */ (window).boxel?.state().offline.phase === "ready"));
/** @type {(page: Page) => Promise<void>} */
const has_update = (page) => until("the offer of a new version", () =>
  page.evaluate(() => document.getElementById("update")?.hidden === false));
/** @type {(page: Page, name: string) => Promise<void>} */
const shows = (page, name) => until(`version ${name}`, async () =>
  await page.evaluate(() => document.querySelector("header .warning")?.textContent).catch(() => "") === shown_as(name));
/** A new reader and what it reads need this version's files. @type {(page: Page) => Promise<void>} */
async function opens(page) {
  await pick(page, mr.image);
  await until("the image", async () => (await state_of(page)).image?.width === mr.width);
  assert.equal((await state_of(page)).message, null);
}

test("two versions in two tabs, from the first visit on", options, async () => {
  const folder = mkdtempSync(join(tmpdir(), "boxel-versions-"));
  const dist = join(folder, "site");
  copy_site(dist);
  const site = await serve(dist);
  const firefox = await launch(folder);
  const [page, second] = [await firefox.newPage(), await firefox.newPage()];
  await page.goto(site.url);
  await is_ready(page);
  await until("its worker", () => page.evaluate(() => navigator.serviceWorker.controller !== null));
  await second.goto(site.url);
  await is_ready(second);

  make_version(dist, "two");
  await opens(page);
  await page.reload();
  await has_update(page);
  await shows(page, "one");
  await page.click("#update");
  await shows(page, "two");
  await is_ready(page);
  await opens(page);
  await opens(second);
  await shows(second, "one");
  await has_update(second);
  await second.click("#update");
  await shows(second, "two");
  await is_ready(second);
  await until("one version's files", () => second.evaluate(async () => (await caches.keys()).length === 1));
  await firefox.close();
  site.close();
  rmSync(folder, { recursive: true });
});
