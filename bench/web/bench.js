// Boxel and ONNX Runtime Web, in turn, in one browser: prints one JSON. `cargo xtask bench web` calls it.
//
//   node bench.js --page dist --package target/package/boxel --samples samples --peers DIR [--device gpu] [--rounds N]

import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

import { nifti } from "../../tests/browser/nifti.js";
import { Host } from "./host.js";
import { first_visits } from "./visits.js";

const { values: options } = parseArgs({ options: {
  page: { type: "string" }, package: { type: "string" }, samples: { type: "string" }, peers: { type: "string" },
  device: { type: "string", default: "cpu" }, rounds: { type: "string", default: "5" },
} });
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const QUIET = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const GPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];
const SAMPLE = { file: "ct-abdomen.png", name: "ct-abdomen", width: 512 };
/** In the sample's pixels. @type {[number, number, number, number]} */
const BOX = [170, 176, 237, 251];
const MODEL_SIDE = 256;
const MINUTE = 60_000;
const is_gpu = options.device === "gpu";
// On a software adapter one run takes minutes, mostly to compile shaders.
const rounds = is_gpu ? 1 : Number(options.rounds);

/** @param {string | undefined} path @param {string} name */
const folder = (path, name) => path ? resolve(path) : (() => { throw new Error(`--${name} is needed`); })();

/** @type {(values: number[]) => number} */
const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] ?? NaN : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
};
/** @type {(values: number[]) => { median: number, least: number, most: number, count: number }} */
const summary = (values) => ({ median: median(values), least: Math.min(...values), most: Math.max(...values), count: values.length });

/** Ten boxes around the one, no two alike. @type {(count: number) => [number, number, number, number][]} */
const boxes_of = (count) => Array.from({ length: count }, (_, i) => [BOX[0] - i, BOX[1] - i, BOX[2] + i, BOX[3]]);
/** @type {(box: [number, number, number, number]) => number[]} */
const in_model = (box) => box.map((value) => value * MODEL_SIDE / SAMPLE.width);

/** Counts what a page, or a worker of it, gives to the GPU. */
const count_gpu_work = `(() => {
  if (!self.GPUComputePassEncoder) return;
  self.gpu_work = { dispatches: 0, submits: 0, readbacks: 0, written_bytes: 0, buffer_bytes: 0 };
  const wrap = (type, name, count) => {
    const before = type.prototype[name];
    type.prototype[name] = function (...args) { count(...args); return before.apply(this, args); };
  };
  wrap(GPUComputePassEncoder, "dispatchWorkgroups", () => { self.gpu_work.dispatches += 1; });
  wrap(GPUComputePassEncoder, "dispatchWorkgroupsIndirect", () => { self.gpu_work.dispatches += 1; });
  wrap(GPUQueue, "submit", () => { self.gpu_work.submits += 1; });
  wrap(GPUQueue, "writeBuffer", (buffer, offset, data) => { self.gpu_work.written_bytes += data.byteLength; });
  wrap(GPUBuffer, "mapAsync", () => { self.gpu_work.readbacks += 1; });
  wrap(GPUDevice, "createBuffer", ({ size }) => { self.gpu_work.buffer_bytes += size; });
})();`;

/** @type {(page: import("playwright-core").Page) => Promise<any>} */
async function gpu_work_of(page) {
  const read = () => /** @type {any} */ (self).gpu_work ?? null;
  const worker = page.workers().find((each) => each.url().endsWith("/engine/worker.js"));
  return worker ? worker.evaluate(read) : page.evaluate(read);
}

/** @type {(browser: import("playwright-core").Browser, url: string) => Promise<import("playwright-core").Page>} */
async function page_at(browser, url) {
  const context = await browser.newContext();
  if (is_gpu) {
    await context.addInitScript(count_gpu_work);
    await context.route("**/engine/worker.js", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${count_gpu_work}\n${await response.text()}` });
    });
  }
  const page = await context.newPage();
  page.setDefaultTimeout(40 * MINUTE);
  page.on("pageerror", (error) => console.error(`${url}: ${error}`));
  await page.goto(url);
  await page.waitForFunction(() => "bench" in globalThis);
  return page;
}

/** @type {(page: import("playwright-core").Page, method: string, ...args: unknown[]) => Promise<any>} */
const ask = (page, method, ...args) =>
  page.evaluate(([name, given]) => /** @type {any} */ (globalThis).bench[/** @type {string} */ (name)](.../** @type {unknown[]} */ (given)), [method, args]);

/** What the browser says of its GPU, if it is to compute. @type {(page: import("playwright-core").Page) => Promise<Record<string, string | boolean> | null>} */
const adapter_of = (page) => page.evaluate(async () => {
  const adapter = await /** @type {any} */ (navigator).gpu?.requestAdapter();
  if (!adapter) return null;
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  return { vendor, architecture, device, description, is_fallback: isFallbackAdapter };
});

/** @typedef {{ name: string, page: import("playwright-core").Page, image: unknown, to_box: (box: [number, number, number, number]) => number[] }} Runner */
/** @type {(runner: Runner, count: number) => Promise<any>} */
const decode = ({ page, to_box }, count) => ask(page, "decode", boxes_of(count).map(to_box));

/** Each runner once, then again: what else the machine does hits both. @param {Runner[]} runners */
async function in_turn(runners) {
  /** @type {Record<string, { encode: number[], decode: number[], stages: Record<string, number[]> }>} */
  const times = Object.fromEntries(runners.map(({ name }) => [name, { encode: [], decode: [], stages: {} }]));
  /** @type {Record<string, { encode_ms: number, decode_ms: number, gpu: any }>} */
  const first = {};
  for (let round = is_gpu ? 1 : 0; round <= rounds; round += 1) {
    for (const runner of runners) {
      const { ms, steps } = await ask(runner.page, "encode", runner.image);
      const encoded = is_gpu ? await gpu_work_of(runner.page) : null;
      const { ms: decode_ms } = await decode(runner, 1);
      console.error(`${runner.name}, round ${round}: ${(ms / 1000).toFixed(2)} s, ${decode_ms.toFixed(0)} ms`);
      const both = is_gpu ? await gpu_work_of(runner.page) : null;
      // The box after the first, on the same image.
      const again = is_gpu ? (await decode(runner, 1), await gpu_work_of(runner.page)) : null;
      first[runner.name] ??= { encode_ms: ms, decode_ms, gpu: is_gpu ? { encode: encoded, both, again } : null };
      if (round === 0) continue; // warm-up
      const own = times[runner.name];
      own?.encode.push(ms);
      own?.decode.push(decode_ms);
      steps.forEach((/** @type {{ stage: string, at: number }} */ { stage, at }, /** @type {number} */ i) => {
        const begun = steps[i - 1]?.at ?? 0;
        const stages = own?.stages ?? {};
        const sums = stages[stage] ??= [];
        sums[round - 1] = (sums[round - 1] ?? 0) + at - begun;
      });
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, { encode, decode: decodes, stages }]) => [name, {
    encode_ms: summary(encode), decode_ms: summary(decodes), first: first[name],
    stages_ms: Object.fromEntries(Object.entries(stages).map(([stage, sums]) => [stage, median(sums)])),
  }]));
}

/** Boxes together and one by one. @param {Runner[]} runners */
async function batches(runners) {
  /** @type {any[]} */
  const rows = [];
  for (const { name, ...runner } of runners) {
    for (const count of [1, 2, 5, 10]) {
      const together = [];
      const single = [];
      for (let round = 0; round < rounds; round += 1) {
        together.push((await decode({ name, ...runner }, count)).ms);
        let sum = 0;
        for (let i = 0; i < count; i += 1) sum += (await decode({ name, ...runner }, 1)).ms;
        single.push(sum);
      }
      rows.push({ name, count, together_ms: summary(together), single_ms: summary(single) });
    }
  }
  return rows;
}

/** How opening and encoding grow with the image. @param {Runner} runner */
async function sizes({ page }) {
  const rows = [];
  for (const side of [256, 512, 1024, 2048]) {
    const runs = [];
    for (let round = 0; round < Math.min(rounds, 3); round += 1) runs.push(await ask(page, "encode", side));
    rows.push({ side, open_ms: summary(runs.map(({ opened_ms }) => opened_ms)), encode_ms: summary(runs.map(({ ms }) => ms)) });
  }
  return rows;
}

const VOLUME_SIDE = 64;
/** How carrying an object grows with the slices that it goes through. @param {Runner} runner */
async function slices({ page }) {
  const rows = [];
  const [from, to] = [VOLUME_SIDE / 2 - 14, VOLUME_SIDE / 2 + 14];
  for (const count of [3, 5, 9]) {
    const volume = nifti({ size: [VOLUME_SIDE, VOLUME_SIDE, count], spacing: [1, 1, 3] }, (x, y) =>
      (Math.hypot(x - VOLUME_SIDE / 2, y - VOLUME_SIDE / 2) < 12 ? 700 : 200) + (x * 7 + y * 13) % 40);
    const runs = [];
    for (let round = 0; round < Math.min(rounds, 3); round += 1) runs.push(await ask(page, "carry", [...volume], [from, from, to, to]));
    rows.push({ slices: runs[0].slices, ms: summary(runs.map(({ ms }) => ms)) });
  }
  return rows;
}

const peers = options.peers ? resolve(options.peers) : "";
const has_peers = peers !== "" && existsSync(join(peers, "litemedsam_encoder.onnx"));
const package_folder = folder(options.package, "package");
const host = new Host({
  page: folder(options.page, "page"), boxel: package_folder, samples: folder(options.samples, "samples"),
  pages: new URL("pages", import.meta.url).pathname, ort: new URL("node_modules/onnxruntime-web/dist", import.meta.url).pathname,
  ...(has_peers ? { peers } : {}),
});
const site = await host.listen();
const profile = mkdtempSync(join(tmpdir(), "boxel-bench-"));
const launching = { executablePath: CHROMIUM, args: [...QUIET, ...(is_gpu ? GPU : [])] };
try {
  const browser = await chromium.launch(launching);
  /** @type {Runner[]} */
  const runners = [{ name: "Boxel", page: await page_at(browser, `${site}pages/boxel.html`), image: `${site}samples/${SAMPLE.file}`, to_box: (box) => box }];
  if (has_peers) runners.push({ name: "ONNX Runtime Web", page: await page_at(browser, `${site}pages/ort.html`), image: null, to_box: in_model });
  else console.error("SKIPPED: ONNX Runtime Web: --peers names no folder with litemedsam_encoder.onnx and litemedsam_decoder.onnx; bench/peers/make_onnx.py makes them");
  const devices = [];
  for (const { name, page } of runners) {
    const file = name === "Boxel" ? `${site}boxel/models/litemedsam.safetensors` : `${site}peers/`;
    devices.push(await ask(page, "load", options.device, file));
  }
  const adapter = is_gpu && runners[0] ? await adapter_of(runners[0].page) : null;
  const turns = await in_turn(runners);
  const own = runners.slice(0, 1);
  const report = {
    machine: { cpu: cpus()[0]?.model ?? "?", threads: cpus().length, memory_gib: totalmem() / 2 ** 30, browser: browser.version(), adapter, devices },
    device: options.device, rounds, turns,
    batches: is_gpu ? [] : await batches(runners),
    sizes: is_gpu || !own[0] ? [] : await sizes(own[0]),
    slices: is_gpu || !own[0] ? [] : await slices(own[0]),
    wasm: {
      bytes: statSync(join(package_folder, "boxel-bindings_bg.wasm")).size,
      brotli_bytes: host.compressed(join(package_folder, "boxel-bindings_bg.wasm")).length,
    },
    visits: null,
  };
  await browser.close();
  const visits = is_gpu ? null : await first_visits({ host, url: `${site}page/#sample=${SAMPLE.name}&box=${BOX.join(",")}`, profile, launching });
  console.log(JSON.stringify({ ...report, visits }, null, 1));
} finally {
  host.close();
  rmSync(profile, { recursive: true, force: true });
}
