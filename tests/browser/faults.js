// Faults, put into the engine's worker.

/** @typedef {import("@playwright/test").Page} Page */

/** Runs in the worker before its own code; what it imports is there already.
 * @type {(context: import("@playwright/test").BrowserContext, prelude: () => void) => Promise<unknown>} */
export const before_engine = (context, prelude) => context.route("**/web/engine/worker.js", async (route) => {
  const response = await route.fetch();
  await route.fulfill({ response, body: `(${prelude})();\n${await response.text()}` });
});

/** @type {(page: Page) => import("@playwright/test").Worker} */
export function engine_of(page) {
  const worker = page.workers().find((each) => each.url().endsWith("/engine/worker.js"));
  if (!worker) throw new Error("the engine has no worker");
  return worker;
}
