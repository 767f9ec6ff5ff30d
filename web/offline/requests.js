// All requests of the page and its workers, as reported by the browser.

/** `path` is relative to the page's folder; `is_kept`: the file came from the browser or the service worker.
 * @typedef {{ by: string, path: string, bytes: number, is_kept: boolean }} Requested */

/** The page's folder, derived from this file's address. */
export const BASE = new URL("../../boxel-bindings.js", import.meta.url).href.slice(0, -"boxel-bindings.js".length);

/** @type {(by: string, entry: PerformanceResourceTiming) => Requested} */
export const requested = (by, { name, encodedBodySize, transferSize }) => ({
  by,
  path: name.startsWith(BASE) ? name.slice(BASE.length) || "index.html" : name,
  bytes: encodedBodySize,
  is_kept: transferSize === 0,
});

/** Reports all requests so far and each new one. Handles of local files are not requests.
 * @type {(by: string, tell: (requests: Requested[]) => void) => void} */
export function watch_requests(by, tell) {
  new PerformanceObserver((list) => {
    const entries = /** @type {PerformanceResourceTiming[]} */ (list.getEntries());
    const requests = entries.filter(({ name }) => !name.startsWith("blob:")).map((entry) => requested(by, entry));
    if (requests.length) tell(requests);
  }).observe({ type: "resource", buffered: true });
}

/** In a worker: sends its requests to the page, next to its answers. @type {(by: string) => void} */
export const report_requests = (by) => {
  const worker = /** @type {{ postMessage(message: { requests: Requested[] }): void }} */ (
    /** @type {unknown} */ (self));
  watch_requests(by, (requests) => worker.postMessage({ requests }));
};
