// Every request that the page and its workers make, as the browser itself counts them.

/** `path` from the page's folder; `is_kept`: the browser or the service worker had the file.
 * @typedef {{ by: string, path: string, bytes: number, is_kept: boolean }} Requested */

/** The page's folder, by a file that is there without the page too. */
export const BASE = new URL("../../boxel-bindings.js", import.meta.url).href.slice(0, -"boxel-bindings.js".length);

/** @type {(by: string, entry: PerformanceResourceTiming) => Requested} */
export const requested = (by, { name, encodedBodySize, transferSize }) => ({
  by,
  path: name.startsWith(BASE) ? name.slice(BASE.length) || "index.html" : name,
  bytes: encodedBodySize,
  is_kept: transferSize === 0,
});

/** Tells of the requests so far, and of each that comes. Handles of local files are no requests.
 * @type {(by: string, tell: (requests: Requested[]) => void) => void} */
export function watch_requests(by, tell) {
  new PerformanceObserver((list) => {
    const entries = /** @type {PerformanceResourceTiming[]} */ (list.getEntries());
    const requests = entries.filter(({ name }) => !name.startsWith("blob:")).map((entry) => requested(by, entry));
    if (requests.length) tell(requests);
  }).observe({ type: "resource", buffered: true });
}

/** In a worker: the page gets them beside the worker's answers. @type {(by: string) => void} */
export const report_requests = (by) => watch_requests(by, (requests) => {
  /** @type {{ postMessage(message: { requests: Requested[] }): void }} */ (/** @type {unknown} */ (self)).postMessage({ requests });
});
