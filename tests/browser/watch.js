// Every test watches the page: what it requests, and what goes wrong in it.

import { expect, test as base } from "@playwright/test";
import { readFileSync } from "node:fs";

import { name_of } from "./site.js";

/** The page's whole list of files. @type {string[]} */
export const ASSETS = JSON.parse(readFileSync(new URL("assets.json", import.meta.url), "utf8"));

/**
 * @typedef {object} Watch
 * @property {string[]} paths requested so far, without the version's folder
 * @property {(error: RegExp) => void} expect_error this error is what the test provokes: it must come
 * @property {(fault: RegExp) => void} expect_fault of a request that the test makes itself, and that must not get
 *   through
 * @property {(url: string, files?: string[]) => void} page_is_at the page is served somewhere else than at the base
 *   URL; or another one, with files of its own
 */

/** @type {(request: import("@playwright/test").Request, page_url: string, files: string[]) => string[]} */
function faults_of(request, page_url, files) {
  const url = new URL(request.url());
  const page = new URL(page_url);
  if (url.protocol === "blob:") return url.origin === page.origin ? [] : [`foreign blob ${url}`];
  const path = url.pathname.slice(page.pathname.length) || "index.html";
  // Another page than the built one has no folder of a version.
  const name = files === ASSETS ? name_of(path) : path;
  // A device or a demo may be asked for in the address that the user types, and nowhere else.
  const typed = request.isNavigationRequest()
    && [...url.searchParams.keys()].every((key) =>
      ["sample", "box", "point", "model", "device", "slice", "window"].includes(key));
  return [
    request.method() !== "GET" && `method ${request.method()}`,
    url.origin !== page.origin && "another origin",
    url.search !== "" && !typed && "a query",
    request.postDataBuffer() !== null && "a body",
    !(url.pathname.startsWith(page.pathname) && files.includes(name)) && "not in the list of files",
  ].filter((fault) => fault !== false).map((fault) => `${request.url()}: ${fault}`);
}

/** Tests share a context, which costs less than a new one each. Playwright empties it, but not the origin's files and caches.
 * @type {(context: import("@playwright/test").BrowserContext, url: string) => Promise<void>} */
async function forget_all(context, url) {
  const session = await context.newCDPSession(context.pages()[0] ?? await context.newPage());
  await session.send("Storage.clearDataForOrigin", { origin: new URL(url).origin, storageTypes: "all" });
  await session.detach();
}

/** @typedef {import("@playwright/test").PlaywrightTestArgs & import("@playwright/test").PlaywrightTestOptions} Args */
/** @type {import("@playwright/test").Fixtures<
 *   { watch: Watch }, {}, Args, import("@playwright/test").PlaywrightWorkerOptions>} */
const fixtures = {
  watch: [async ({ context, baseURL, reuseContext }, use) => {
    let page_url = baseURL ?? "";
    let page_files = ASSETS;
    /** @type {import("@playwright/test").Request[]} */
    const requests = [];
    /** @type {string[]} */
    const errors = [];
    /** @type {RegExp[]} */
    const expected = [];
    /** @type {RegExp[]} */
    const faults = [];
    if (reuseContext) await forget_all(context, page_url);
    context.on("request", (request) => requests.push(request));
    context.on("console", (message) => {
      if (message.type() === "error") errors.push(`console: ${message.text()}`);
    });
    context.on("weberror", (error) => errors.push(`page: ${error.error()}`));
    await context.exposeBinding("report_violation", (_, /** @type {string} */ text) => errors.push(`CSP: ${text}`));
    await context.addInitScript(() => document.addEventListener("securitypolicyviolation", (event) => {
      const report = /** @type {any} */ (window).report_violation;
      report(`${event.violatedDirective} ${event.blockedURI}`);
    }));
    // Tests share the machine's cores: other workers for one page would slow the next one down. Tests about them choose a number.
    await context.addInitScript(() =>
      Object.defineProperty(Navigator.prototype, "hardwareConcurrency", { get: () => 1 }));
    await use({
      get paths() {
        const base_path = new URL(page_url).pathname;
        return requests.map((request) => new URL(request.url()))
          .filter(({ protocol }) => protocol !== "blob:")
          .map(({ pathname }) => name_of(pathname.slice(base_path.length) || "index.html"));
      },
      expect_error: (error) => expected.push(error),
      expect_fault: (fault) => faults.push(fault),
      page_is_at: (url, files = ASSETS) => {
        page_url = url;
        page_files = files;
      },
    });
    expect(requests.length, "the page was loaded").toBeGreaterThan(0);
    const found = requests.flatMap((request) => faults_of(request, page_url, page_files));
    expect(found.filter((fault) => !faults.some((pattern) => pattern.test(fault)))).toEqual([]);
    expect(errors.filter((error) => !expected.some((pattern) => pattern.test(error)))).toEqual([]);
    for (const pattern of expected) expect(errors.some((error) => pattern.test(error)), `${pattern} came`).toBe(true);
  }, { auto: true }],
};
export const test = base.extend(fixtures);

export { expect };
