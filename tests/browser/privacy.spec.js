// The scan stays on the device: what the page may request, and what the browser forbids it.
// (watch.js looks at every request of every test; here is what needs a test of its own.)

import { test as without_page } from "@playwright/test";
import { readFileSync } from "node:fs";

import { own_case } from "./golden.js";
import { DIST } from "./playwright.config.js";
import { serve } from "./server.js";
import {
  draw_box, open_sample, open_with_mask, pick, saved_png, state_of, wait_for_image, wait_for_masks,
} from "./steps.js";
import { ASSETS, expect, test } from "./watch.js";

const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self'; "
  + "img-src 'self' blob: data:; style-src 'self'; manifest-src 'self'; form-action 'none'; "
  + "base-uri 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types boxel";
const mr = own_case("mr_brain");
const [mr_box] = mr.boxes;
if (!mr_box) throw new Error("the golden lacks a box");

test("a whole session requests the listed files, and each of them", async ({ page, watch }) => {
  await page.goto("");
  for (const sample of ASSETS.filter((path) => /^samples\/.*\.png$/.test(path))) {
    await open_sample(page, sample.replace("samples/", ""));
    await expect.poll(() => watch.paths).toContain(sample);
  }
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  await draw_box(page, mr_box.box);
  await wait_for_masks(page, 1);
  for (const button of ["#save-mask", "#save-probability", "#save-figure"]) await saved_png(page, button);
  // When a browser asks for these is its own affair.
  const ITS_OWN = ["web/ui/icon.svg", "web/offline/manifest.webmanifest", "service-worker.js"];
  const FOR_PEOPLE = ["models/LICENSE", "models/README.md", "samples/README.md"];
  const OF_THE_SELF_TEST = ["samples/self-test.json"];
  const OF_A_VOLUME = ["web/engine/slice_encoder.js"]; // slice_encoders.spec.js opens one
  const without = /** @type {(paths: string[]) => string[]} */ ((paths) =>
    paths.filter((path) => ![...ITS_OWN, ...FOR_PEOPLE, ...OF_THE_SELF_TEST, ...OF_A_VOLUME].includes(path)));
  expect(without([...new Set(watch.paths)]).sort()).toEqual(without(ASSETS).sort());
  expect(watch.paths, "the worker's requests are seen too").toContain("boxel-bindings_bg.wasm");
});

without_page("the policy stands first in the page and in _headers", () => {
  const html = readFileSync(`${DIST}/index.html`, "utf8");
  const head = html.slice(html.indexOf("<head>") + "<head>".length).trimStart();
  expect(head.startsWith(`<meta http-equiv="Content-Security-Policy" content="${POLICY}">`)).toBe(true);
  expect(readFileSync(`${DIST}/_headers`, "utf8"))
    .toContain(`Content-Security-Policy: ${POLICY}; frame-ancestors 'none'\n`);
  expect(html).not.toMatch(/https?:|<script(?![^>]*\bsrc=)|<style|\bon\w+="|\bstyle="/);
});

for (const with_headers of [true, false]) {
  test(`under a sub-path, on a host ${with_headers ? "with" : "without"} headers`, async ({ page, watch }) => {
    const site = await serve(DIST, { prefix: "/some/sub/path/", with_headers });
    watch.page_is_at(site.url);
    await page.goto(site.url);
    await pick(page, mr.image);
    await wait_for_image(page, mr);
    await draw_box(page, mr_box.box);
    await wait_for_masks(page, 1);
    expect((await state_of(page)).message).toBeNull();
    site.close();
  });
}

test("a session leaves nothing in the browser's storage, unsaved as it is", async ({ page }) => {
  await open_with_mask(page, mr);
  expect((await state_of(page)).unsaved).toBe(true);
  await expect(page.locator("#autosave")).not.toBeChecked();
  // Longer than unsaved work waits where it is kept: unsaved.spec.js.
  await page.waitForTimeout(5000);
  const stored = await page.evaluate(async () => {
    /** @type {string[]} */
    const files = [];
    for await (const handle of (await navigator.storage.getDirectory()).values()) files.push(handle.name);
    const databases = (await indexedDB.databases()).map(({ name }) => name);
    return [files, databases, await caches.keys(), localStorage.length, sessionStorage.length, document.cookie];
  });
  expect(stored).toEqual([[], [], [], 0, 0, ""]);
});

test("the page says that it is not for diagnosis and that the scan stays here", async ({ page }) => {
  await page.goto("");
  await expect(page.getByText("The scan stays on this device")).toBeVisible();
  await expect(page.getByText("Not for diagnostic use")).toBeVisible();
});
