// What the benchmarks of the whole page read from it.

export const MINUTE = 60_000;
const MIB = 2 ** 20;

/** @type {(list: number[]) => number} */
export const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? NaN;

/** The page's state. @param {import("playwright-core").Page} page @returns {Promise<any>} */
export const state_of = (page) => page.evaluate(() => /** @type {any} */ (globalThis).boxel.state());

/** @param {import("playwright-core").Page} page @param {(state: any) => boolean} test */
export async function until(page, test) {
  const end = performance.now() + 10 * MINUTE;
  while (!test(await state_of(page))) {
    if (performance.now() > end) throw new Error(`not within 10 minutes: ${test}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** The memory of the modules of the workers that encode: a script is imported once only.
 * @param {import("playwright-core").Page} page */
export async function modules_mib(page) {
  const bindings = await page.evaluate(() => {
    const script = document.querySelector("script[src]");
    return new URL("../boxel-bindings.js", script instanceof HTMLScriptElement ? script.src : "").href;
  });
  const engines = page.workers().filter((worker) => /\/engine\/\w+\.js$/.test(worker.url()));
  const bytes = engines.map((worker) => worker.evaluate(
    async (address) => (await (await import(address)).default()).memory.buffer.byteLength, bindings,
  ));
  return (await Promise.all(bytes)).map((each) => Math.round(each / MIB));
}
