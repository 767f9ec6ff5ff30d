// One image on several threads: the same mask as with one, whatever becomes of the others, and on hosts that do not isolate
// the page.

import { own_case } from "./golden.js";
import { DIST } from "./playwright.config.js";
import { serve } from "./server.js";
import { mask_of, pick, state_of, type_box, wait_for_image, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */

const mr = own_case("mr_brain");
const [prompt] = mr.boxes;
if (!prompt) throw new Error("the golden lacks a box");
const { box } = prompt;

/** The mask that so many threads make of an image, and how many encoded it; `expected` have to be ready before.
 * @type {(page: Page, url: string, threads: number, expected?: number) => Promise<{ mask: Uint8Array, threads: number }>} */
async function encoded(page, url, threads, expected = threads) {
  await page.goto(url);
  await page.selectOption("#threads", String(threads));
  await expect.poll(async () => (await state_of(page)).slice_encoders.running).toBe(expected - 1);
  await pick(page, mr.image);
  await wait_for_image(page, mr);
  await type_box(page, box);
  await wait_for_masks(page, 1);
  const { embedding, message } = await state_of(page);
  expect(message).toBeNull();
  return { mask: await mask_of(page, 1), threads: embedding.threads };
}

/** In the first worker that encodes: throws in the middle of an image; in the second: hangs. */
const FAULTS = `{
  const { store } = Atomics;
  let count = 0;
  let fault = "";
  const channel = new BroadcastChannel("test of threads");
  channel.onmessage = () => { fault = "hang"; };
  channel.postMessage("another one is here");
  Atomics.store = (...args) => {
    if (++count === 8) { // early: on a busy machine the others soon do a late worker's part
      if (fault !== "hang") throw new RangeError("Array buffer allocation failed");
      for (;;);
    }
    return store(...args);
  };
}`;

test("two threads make the mask of one, and so do three of which one runs out of memory and one hangs", async (
  { page, context },
) => {
  const alone = await encoded(page, "", 1);
  expect(alone.threads).toBe(1);
  await expect(page.locator("#slice-encoders")).toHaveText("with one thread");

  expect(await encoded(page, "", 2)).toEqual({ ...alone, threads: 2 });
  await expect(page.locator("#slice-encoders")).toHaveText("with 2 threads");

  await context.route("**/engine/slice_encoder.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${FAULTS}\n${await response.text()}` });
  });
  expect(await encoded(page, "", 3)).toEqual({ ...alone, threads: 3 });
  await expect(page.locator("#slice-encoders")).toContainText("with one thread. A worker stopped, and the others did its part");
});

const HOSTS = /** @type {const} */ ([
  ["no headers", [], "Cross-Origin-Opener-Policy and Cross-Origin-Embedder-Policy"],
  ["only one of two", ["Cross-Origin-Embedder-Policy"], "Cross-Origin-Opener-Policy"],
]);
for (const [what, with_headers, lacking] of HOSTS) {
  test(`a host that sends ${what} gets one thread for an image, and the page says why`, async ({ page, watch }) => {
    const site = await serve(DIST, { with_headers });
    watch.page_is_at(site.url);
    expect((await encoded(page, site.url, 2, 1)).threads).toBe(1);
    await expect(page.locator("#slice-encoders")).toHaveText(`with one thread, because the host does not send ${lacking}`);
    site.close();
  });
}
