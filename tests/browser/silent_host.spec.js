// A host that accepts a request and then sends nothing more, in the middle of a file or before it.

import { createServer, get } from "node:http";

import { own_case } from "./golden.js";
import { DIST } from "./playwright.config.js";
import { serve } from "./server.js";
import { draw_box, open_sample, state_of, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

const mr = own_case("mr_brain");
const [box] = mr.boxes;
if (!box) throw new Error("the golden lacks a box");

/** The built page from a host that falls silent in the middle of some files, by the end of their path, and before others.
 * @param {Record<string, "before" | "within">} silences */
async function falling_silent(silences) {
  const inner = await serve(DIST);
  const host = createServer((request, response) => {
    const found = Object.keys(silences).find((end) => request.url?.endsWith(end));
    const silence = found ? silences[found] : undefined;
    if (silence === "before") return;
    get(new URL(request.url ?? "/", inner.url), { headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      if (silence === undefined) answer.pipe(response);
      else answer.once("data", (part) => response.write(part.subarray(0, part.length >> 1)));
    });
  });
  await new Promise((resolve) => host.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = host.address();
  const port = typeof address === "object" ? address?.port : 0;
  return { url: `http://127.0.0.1:${port}/`, close: () => {
    inner.close();
    host.close();
    host.closeAllConnections();
  } };
}

for (const silence of /** @type {const} */ (["before", "within"])) {
  test(`silent ${silence} the module, the weights and a sample: each offers a retry, which goes on`, async ({ page, watch }) => {
    /** @type {Record<string, "before" | "within">} */
    const silences = { "_bg.wasm": silence, ".safetensors": silence, ".png": silence };
    const host = await falling_silent(silences);
    watch.page_is_at(host.url);
    // What counts half a minute counts three seconds.
    await page.addInitScript(() => {
      const { setTimeout } = window;
      Object.assign(window, { setTimeout: (/** @type {() => void} */ call, /** @type {number} */ ms) =>
        setTimeout(call, ms === 10_000 ? 1000 : ms) });
    });
    const text = page.locator("#message-text");
    const retry = page.getByRole("button", { name: "Retry" });
    await page.goto(host.url);
    await expect(text).toContainText("boxel-bindings_bg.wasm could not be loaded: its host has sent nothing for 30 seconds");
    await open_sample(page, "mr-brain.png");
    await expect(text).toContainText("mr-brain.png could not be loaded: its host has sent nothing for 30 seconds");
    delete silences["_bg.wasm"];
    delete silences[".png"];
    await retry.click();
    await expect.poll(async () => (await state_of(page)).image?.width).toBe(mr.width);
    await expect(text).toContainText("Retry resumes the download");
    delete silences[".safetensors"];
    await retry.click();
    await draw_box(page, box.box);
    await wait_for_masks(page, 1);
    host.close();
  });
}

test("offline in the middle of the weights: a retry goes on at the byte, and nothing is kept before all has come", async (
  { page, context, watch },
) => {
  const host = await serve(DIST, { pace: (file) => file.endsWith(".safetensors") ? 4e6 : Infinity });
  watch.page_is_at(host.url);
  watch.expect_error(/ERR_INTERNET_DISCONNECTED|ERR_CONTENT_LENGTH_MISMATCH/);
  await page.goto(host.url);
  await expect.poll(async () => (await state_of(page)).weights.loaded).toBeGreaterThan(1e6);
  await context.setOffline(true);
  host.cut();
  await expect(page.locator("#message-text")).toContainText("Retry resumes the download");
  const { loaded } = (await state_of(page)).weights;
  expect(await page.evaluate(() => caches.keys())).toEqual([]);
  await context.setOffline(false);
  await page.getByRole("button", { name: "Retry" }).click();
  await expect.poll(async () => (await state_of(page)).engine.has_weights).toBe(true);
  const ranges = host.log.filter(({ url }) => url.endsWith(".safetensors")).map(({ headers }) => headers.range ?? "");
  expect(ranges).toContain(`bytes=${loaded}-16777215`);
  host.close();
});
