// An hour of use by a script: open, box, through the volume, undo and redo, save, the next scan. It must go on
// without an error, and without growing: BOXEL_SOAK_ROUNDS=300 npx playwright test --project=cpu soak.spec.js

import { writeFileSync } from "node:fs";

import { nifti } from "./nifti.js";
import { draw_box, pick, state_of, wait_for_image, wait_for_masks } from "./steps.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */
/** What a round leaves behind.
 * @typedef {{ heap: number, nodes: number, listeners: number, module: number, workers: number }} Left */

const ROUNDS = Number(process.env.BOXEL_SOAK_ROUNDS ?? 4);
const SIZE = /** @type {const} */ ([64, 56, 3]);
const MIB = 1024 * 1024;
/** What may come on top of what is there after the first fifth of the rounds. @type {Left} */
const MORE = { heap: 4 * MIB, nodes: 300, listeners: 100, module: 16 * MIB, workers: 0 };

/** A bright ball, in another place in each scan. @type {(number: number) => Buffer} */
const ball = (number) => nifti({ size: [...SIZE], spacing: [1, 1, 4] }, (x, y, z) => {
  const off = Math.hypot(x - 30 - number % 5, y - 26 - number % 3, 4 * (z - 1));
  return (off < 12 ? 700 : 200) + (x * 7 + y * 13 + z * 5 + number) % 40;
});

/** @type {(page: Page, path: string) => Promise<void>} */
async function round(page, path) {
  const { key } = (await state_of(page)).scan ?? {};
  await pick(page, path);
  // All scans are of one size: the one before is still there for a moment.
  await expect.poll(async () => (await state_of(page)).scan?.key).not.toBe(key);
  await wait_for_image(page, { width: SIZE[0], height: SIZE[1] });
  await draw_box(page, [14, 10, 50, 46]);
  await wait_for_masks(page, 1);
  await page.click("#propagate-up");
  await expect.poll(async () => {
    const { stops, boxes } = await state_of(page);
    return stops[boxes[0]?.number ?? 0]?.up ?? null;
  }).not.toBeNull();
  await expect.poll(async () => (await state_of(page)).propagating).toBeNull();
  for (const keys of ["Control+z", "Control+z", "Control+y", "Control+y"]) await page.keyboard.press(keys);
  await wait_for_masks(page, 1);
  const coming = page.waitForEvent("download");
  await page.click("#save-nifti");
  await (await coming).delete();
  expect((await state_of(page)).message).toBeNull();
}

/** Once the garbage is gone. @type {(page: Page, client: import("@playwright/test").CDPSession) => Promise<Left>} */
async function left_of(page, client) {
  await client.send("HeapProfiler.collectGarbage");
  const { metrics } = await client.send("Performance.getMetrics");
  const metric = (/** @type {string} */ name) => metrics.find((each) => each.name === name)?.value ?? 0;
  const engine = page.workers().find((worker) => worker.url().includes("engine/worker"));
  const module = await engine?.evaluate(() => /** @type {any} */ (globalThis).module_bytes()) ?? 0;
  return {
    heap: metric("JSHeapUsedSize"), nodes: metric("Nodes"), listeners: metric("JSEventListeners"), module,
    workers: page.workers().length,
  };
}

test(`${ROUNDS} rounds of use leave nothing behind`, async ({ page, context }, info) => {
  test.setTimeout(ROUNDS * 60_000);
  await context.route("**/boxel-bindings.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({
      response, body: `${await response.text()}\nglobalThis.module_bytes = () => wasm?.memory.buffer.byteLength ?? 0;`,
    });
  });
  const client = await context.newCDPSession(page);
  await client.send("Performance.enable");
  const paths = Array.from({ length: 4 }, (_, i) => {
    const path = info.outputPath(`scan-${i}.nii`);
    writeFileSync(path, ball(i));
    return path;
  });
  await page.goto("");
  const warm = Math.max(2, Math.ceil(ROUNDS / 5));
  /** @type {Left | null} */
  let early = null;
  for (let i = 1; i <= ROUNDS; i += 1) {
    await round(page, paths[i % paths.length] ?? "");
    const is_told = i === warm || i === ROUNDS || i % 25 === 0;
    const left = is_told ? await left_of(page, client) : null;
    const told = Object.entries(left ?? {})
      .map(([what, much]) => `${what} ${much > MIB ? `${(much / MIB).toFixed(1)} MiB` : much}`);
    if (left) console.log(`round ${i}: ${told.join(", ")}`);
    if (i === warm) early = left;
  }
  const late = await left_of(page, client);
  for (const what of /** @type {(keyof Left)[]} */ (Object.keys(MORE))) {
    expect(late[what], `${what}: ${early?.[what]} after ${warm} rounds`)
      .toBeLessThanOrEqual((early?.[what] ?? 0) + MORE[what]);
  }
});
