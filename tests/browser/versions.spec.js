// Several versions of the page, one after the other on the same host: their files never meet, with a service worker
// and without.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { own_case } from "./golden.js";
import { serve } from "./server.js";
import { pick, state_of, wait_for_image } from "./steps.js";
import { copy_site, make_version, shown_as, shown_version, versions_in, watch_workers } from "./versions.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */
const mr = own_case("mr_brain");

// A service worker would outlive the test in a shared context.
test.use({ serviceWorkers: "allow", reuseContext: false });

/** @type {(page: Page) => Promise<void>} */
const is_ready = (page) => expect(page.locator("#offline")).toContainText("Ready");
/** @type {(page: Page) => Promise<number>} */
const caches_of = (page) => page.evaluate(async () => (await caches.keys()).length);
/** @type {(page: Page) => Promise<boolean>} */
const is_controlled = (page) => page.evaluate(() => navigator.serviceWorker.controller !== null);

test("three versions in a row, one of them broken, in two tabs", async ({ page, context, watch }, info) => {
  const dist = info.outputPath("site");
  copy_site(dist);
  const site = await serve(dist);
  watch.page_is_at(site.url);
  await page.goto(site.url);
  await is_ready(page);
  await expect.poll(() => is_controlled(page), "from the first visit on").toBe(true);
  const second = await context.newPage();
  await second.goto(site.url);
  await is_ready(second);

  const two = make_version(dist, "two");
  writeFileSync(join(dist, two, "web/engine/worker.js"), "another");
  await page.reload();
  await expect(page.locator("#message-text"))
    .toContainText(`incomplete (${two}/web/engine/worker.js is not the file of this version)`);
  await expect(page.locator("#update")).toBeHidden();
  await expect(shown_version(page)).toHaveText(shown_as("one"));
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  expect(await versions_in(page)).toEqual(["one"]);
  expect(await caches_of(page)).toBe(1);

  const three = make_version(dist, "three");
  const asked = site.log.length;
  await page.reload();
  await expect(page.locator("#update")).toBeVisible();
  await expect(shown_version(page)).toHaveText(shown_as("one"));
  const loaded = site.log.slice(asked).map(({ url }) => url);
  expect(loaded).toContain(`/${three}/web/main.js`);
  expect(loaded.filter((url) => /\.(wasm|safetensors)$/.test(url)), "unchanged files are not loaded again").toEqual([]);

  await page.click("#update");
  await expect(shown_version(page)).toHaveText(shown_as("three"));
  await expect.poll(async () => (await state_of(page)).engine.has_weights).toBe(true);
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  expect(await versions_in(page)).toEqual(["three"]);

  // The other tab goes on in its version, whose files nobody else has any more.
  const started = watch_workers(second);
  await pick(second, mr.image);
  await wait_for_image(second, mr);
  expect([await versions_in(second), started.versions()]).toEqual([["one"], ["one"]]);
  expect(await caches_of(second)).toBe(2);
  await expect(second.locator("#update")).toBeVisible();
  await second.click("#update");
  await expect(shown_version(second)).toHaveText(shown_as("three"));
  await is_ready(second);
  expect(await versions_in(second)).toEqual(["three"]);
  await expect.poll(() => caches_of(second), "no tab of the first version is left").toBe(1);
  site.close();
});

/** The message's button brings the host's version, with which a scan opens.
 * @type {(page: Page, name: string) => Promise<void>} */
async function reloads_to(page, name) {
  await page.getByRole("button", { name: "Reload", exact: true }).click();
  await expect(shown_version(page)).toHaveText(shown_as(name));
  // The page shows its version before its script listens.
  await page.waitForFunction(() => "boxel" in window);
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  expect(await versions_in(page)).toEqual([name]);
}

test("a page whose host has another version before its first visit is over "
  + "never gets a file of it", async ({ page, context, watch }, info) => {
  const dist = info.outputPath("site");
  copy_site(dist);
  const site = await serve(dist);
  watch.page_is_at(site.url);
  /** @type {() => void} */
  let release = () => {};
  const released = new Promise((resolve) => { release = () => resolve(undefined); });
  await context.route("**/*.safetensors", async (route) => {
    await released;
    await route.continue();
  });
  const started = watch_workers(page);
  await page.goto(site.url);
  await expect.poll(async () => (await state_of(page)).module.phase).toBe("ready");
  watch.expect_error(/404 \(Not Found\)/); // the page asks whether its own files are still there
  // The service worker comes after the weights, and is the other version's.
  make_version(dist, "two");
  release();
  await is_ready(page);
  await expect(page.locator("#update")).toBeVisible();
  expect(await is_controlled(page)).toBe(false);
  await pick(page, mr.image);
  await expect(page.getByRole("alert")).toHaveAttribute("data-code", "page_replaced");
  await expect(page.locator("#message-text")).toContainText("Save your work, then reload");
  expect(started.versions()).toEqual(["one"]);
  await reloads_to(page, "two");
  site.close();
});

test("files that the browser has thrown away come from the host only while it "
  + "has the same version", async ({ page, watch }, info) => {
  const dist = info.outputPath("site");
  copy_site(dist);
  const site = await serve(dist);
  watch.page_is_at(site.url);
  await page.goto(site.url);
  await is_ready(page);
  await page.evaluate(async () => { for (const name of await caches.keys()) await caches.delete(name); });
  make_version(dist, "two");
  await page.reload();
  await expect(shown_version(page)).toHaveText(shown_as("two"));
  await is_ready(page);
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  expect(await versions_in(page)).toEqual(["two"]);
  site.close();
});

test.describe("without a service worker", () => {
  test.use({ serviceWorkers: "block" });

  test("a page whose host has another version says so, and a reload brings it", async ({ page, watch }, info) => {
    const dist = info.outputPath("site");
    copy_site(dist);
    const site = await serve(dist);
    watch.page_is_at(site.url);
    const started = watch_workers(page);
    await page.goto(site.url);
    await expect.poll(async () => (await state_of(page)).engine.has_weights).toBe(true);
    await pick(page, mr.image);
    await wait_for_image(page, mr);
    watch.expect_error(/404 \(Not Found\)/); // the page asks whether its own files are still there
    make_version(dist, "two");
    await pick(page, mr.image);
    await expect(page.getByRole("alert")).toHaveAttribute("data-code", "page_replaced");
    expect((await state_of(page)).image?.width, "the scan stays").toBe(mr.width);
    expect(started.versions()).toEqual(["one"]);
    await reloads_to(page, "two");
    site.close();
  });
});

test("a page whose script does not come says so, at once if its styles are gone too", async ({ page, context, watch }) => {
  watch.expect_error(/Failed to load resource|net::ERR_FAILED/);
  const words = page.locator("#not-started");
  const missing = [/\/web\/main\.js$/, /\.css$/];
  for (const path of missing) await context.route(path, (route) => route.abort());
  await page.goto("");
  await expect(words).toBeVisible({ timeout: 5_000 });
  await context.unroute(missing[1] ?? "");
  await page.reload();
  await expect(words).toBeHidden();
  await expect(words).toBeVisible({ timeout: 40_000 });
  await context.unroute(missing[0] ?? "");
  await page.reload();
  await expect(page.locator("#offline")).toContainText("Ready");
  await expect(words).toHaveCount(0);
});
