// How long the page's own thread is busy at a time.

/** @typedef {import("@playwright/test").Page} Page */

/** To be called before the page is loaded. @type {(page: Page) => Promise<unknown>} */
export const watch_long_tasks = (page) => page.addInitScript(() => {
  /** @type {number[]} */
  const tasks = [];
  Object.assign(window, { long_tasks: tasks });
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: "longtask", buffered: true });
});

/** The tasks of more than 50 ms since the last call, in ms, the longest first. @type {(page: Page) => Promise<number[]>} */
export const long_tasks_of = async (page) => (await page.evaluate(async () => {
  await new Promise((resolve) => setTimeout(resolve, 100));
  return /** @type {any} */ (window).long_tasks.splice(0);
})).sort((/** @type {number} */ a, /** @type {number} */ b) => b - a).map(Math.round);
