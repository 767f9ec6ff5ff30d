// One image in the tab: its encoding with one thread and with several, on another build of the page, and by ONNX Runtime
// Web. Prints one JSON. The rounds alternate between them.
//
//   node threads.js --page dist [--before OTHER_DIST] [--peers DIR] [--threads 1,2] [--rounds 5]
//
// `alone` is a host that does not isolate the page.

import { loadavg } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

import { serve } from "../../tests/browser/server.js";
import { Host } from "./host.js";
import { median, MINUTE, modules_mib, state_of, until } from "./page.js";

const { values: options } = parseArgs({ options: {
  page: { type: "string", default: "dist" }, before: { type: "string" }, peers: { type: "string" },
  threads: { type: "string", default: "1,2" }, rounds: { type: "string", default: "5" },
} });
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const IMAGE = new URL("../../samples/ct-abdomen.png", import.meta.url).pathname;
const BOX = [170, 176, 237, 251];
const threads = options.threads.split(",").map(Number);
const rounds = Number(options.rounds);

/** @typedef {{ ms: number, mask: string, modules_mib: number[], load: number }} Run */
/** @typedef {{ name: string, run: () => Promise<Run>, close: () => Promise<void> }} Arm */

/** @param {string} url */
async function page_at(url) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  const page = await browser.newPage({ serviceWorkers: "block" });
  page.setDefaultTimeout(5 * MINUTE);
  page.on("pageerror", (error) => console.error(`${url}: ${error}`));
  await page.goto(url);
  return { page, close: () => browser.close() };
}

/** The page as a user sees it. @param {string} name @param {string} url @param {number | null} count threads to choose
 *  @returns {Promise<Arm>} */
async function boxel(name, url, count) {
  const { page, close } = await page_at(url);
  if (count) await page.selectOption("#threads", String(count));
  const others = name === "alone" ? 0 : (count ?? 1) - 1;
  await until(page, (state) => state.engine.has_weights);
  await until(page, (state) => state.slice_encoders.running === others);
  const run = async () => {
    await page.setInputFiles("#file", IMAGE);
    await until(page, (state) => state.embedding.phase !== "done");
    await until(page, (state) => state.embedding.phase === "done");
    for (const [i, id] of ["#box-x0", "#box-y0", "#box-x1", "#box-y1"].entries()) await page.fill(id, String(BOX[i]));
    await page.click("#box-add");
    await until(page, (state) => state.boxes[0]?.phase === "done");
    const { embedding, boxes } = await state_of(page);
    const mask = await page.evaluate(
      (number) => [.../** @type {any} */ (globalThis).boxel.mask(number)].join(""), boxes[0].number,
    );
    const load = loadavg()[0] ?? NaN;
    const found = { ms: embedding.encode_ms, mask: `${mask} ${boxes[0].prediction.iou}`, modules_mib: await modules_mib(page), load };
    await page.click("#undo");
    return found;
  };
  return { name, run, close };
}

/** @param {string} url @param {number} count @returns {Promise<Arm>} */
async function onnx(url, count) {
  const { page, close } = await page_at(`${url}pages/ort.html`);
  await page.waitForFunction(() => "bench" in globalThis);
  await page.evaluate((about) => /** @type {any} */ (globalThis).bench.load("cpu", about.peers, about.count), { peers: `${url}peers/`, count });
  const run = async () => {
    const { ms } = await page.evaluate(() => /** @type {any} */ (globalThis).bench.encode());
    return { ms, mask: "", modules_mib: [], load: loadavg()[0] ?? NaN };
  };
  return { name: `ONNX Runtime Web ${count}`, run, close };
}

const isolated = await serve(resolve(options.page));
const apart = await serve(resolve(options.page), { with_headers: false });
const former = options.before ? await serve(resolve(options.before)) : null;
const peers = options.peers ? new Host({
  pages: new URL("pages", import.meta.url).pathname, peers: resolve(options.peers),
  ort: new URL("node_modules/onnxruntime-web/dist", import.meta.url).pathname,
}, { is_isolated: true }) : null;
/** @type {Arm[]} */
const arms = [];
try {
  if (former) arms.push(await boxel("before", former.url, null));
  arms.push(await boxel("alone", apart.url, null));
  for (const count of threads) arms.push(await boxel(`${count}`, isolated.url, count));
  const peers_url = await peers?.listen();
  if (peers_url) for (const count of threads) arms.push(await onnx(peers_url, count));
  /** @type {Record<string, Run[]>} */
  const found = Object.fromEntries(arms.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, run } of arms) {
      const result = await run();
      console.error(name, Math.round(result.ms), result.modules_mib, `load ${result.load.toFixed(2)}`);
      if (round > 0) found[name]?.push(result); // the first is a warm-up
    }
  }
  const runs = Object.entries(found);
  const masks = new Set(runs.flatMap(([, list]) => list.map(({ mask }) => mask)).filter(Boolean));
  console.log(JSON.stringify({
    rounds, ms: Object.fromEntries(runs.map(([name, list]) => [name, Math.round(median(list.map(({ ms }) => ms)))])),
    modules_mib: Object.fromEntries(runs.map(([name, list]) => [name, list.at(-1)?.modules_mib])),
    masks_are_equal: masks.size === 1, loads: runs.map(([, list]) => Math.round(10 * (list.at(-1)?.load ?? 0)) / 10),
  }));
} finally {
  for (const { close } of arms) await close();
  for (const server of [isolated, apart, former, peers]) server?.close();
}
