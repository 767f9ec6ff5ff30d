// A visit to the page: the time to the first mask, first and second visit; the transferred bytes; the longest task of the
// page's main thread; the memory of the engine's module.

import { chromium } from "playwright-core";

const MINUTE = 60_000;

/** @typedef {{ mask_ms: number, bytes: number, requests: number, longest_task_ms: number, encoding_task_ms: number, module_bytes: number }} Visit */

/** @type {(needs: { host: import("./host.js").Host, url: string, profile: string, launching: object }) => Promise<{ first: Visit, second: Visit }>} */
export async function first_visits(needs) {
  return { first: await visit(needs), second: await visit(needs) };
}

/** @type {(needs: { host: import("./host.js").Host, url: string, profile: string, launching: object }) => Promise<Visit>} */
async function visit({ host, url, profile, launching }) {
  const context = await chromium.launchPersistentContext(profile, launching);
  const { sent_bytes, requests } = host;
  try {
    const page = context.pages()[0] ?? await context.newPage();
    page.setDefaultTimeout(5 * MINUTE);
    await page.addInitScript(() => {
      /** @type {{ tasks: { from: number, to: number }[], from: number, to: number }} */
      const seen = { tasks: [], from: Infinity, to: Infinity };
      Object.assign(globalThis, { seen });
      new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) seen.tasks.push({ from: startTime, to: startTime + duration });
      }).observe({ type: "longtask" });
      const look = setInterval(() => {
        const phase = /** @type {any} */ (globalThis).boxel?.state().embedding.phase;
        if (phase === "running") seen.from = Math.min(seen.from, performance.now());
        if (phase !== "done") return;
        seen.to = performance.now();
        clearInterval(look);
      }, 50);
    });
    const begun = performance.now();
    await page.goto(url);
    await page.waitForFunction(() => /** @type {any} */ (globalThis).boxel?.state().boxes[0]?.phase === "done", null, { polling: 50 });
    const mask_ms = performance.now() - begun;
    // The service worker downloads its files while the page works.
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    const { longest_task_ms, encoding_task_ms } = await page.evaluate(() => {
      const { tasks, from, to } = /** @type {any} */ (globalThis).seen;
      const longest = (/** @type {{ from: number, to: number }[]} */ of) => Math.max(0, ...of.map((task) => task.to - task.from));
      return { longest_task_ms: longest(tasks), encoding_task_ms: longest(tasks.filter((/** @type {any} */ task) => task.to > from && task.from < to)) };
    });
    const engine = page.workers().find((worker) => worker.url().endsWith("/engine/worker.js"));
    // The module that the worker runs: it is started once only. The page's script is in its version's folder.
    const bindings = await page.evaluate(() => {
      const script = document.querySelector("script[src]");
      return new URL("../boxel-bindings.js", script instanceof HTMLScriptElement ? script.src : "").href;
    });
    const module_bytes = await engine?.evaluate(async (address) => (await (await import(address)).default()).memory.buffer.byteLength,
      bindings) ?? NaN;
    return { mask_ms, bytes: host.sent_bytes - sent_bytes, requests: host.requests - requests, longest_task_ms, encoding_task_ms, module_bytes };
  } finally {
    await context.close();
  }
}
