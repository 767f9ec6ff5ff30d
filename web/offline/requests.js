// All requests of the page and its workers, as reported by the browser.

import { BASE, SITE } from "./place.js";

/** `path` is relative to the version's folder, or to the page's; `is_kept`: the file came from the browser or the
 * service worker.
 * @typedef {{ by: string, path: string, bytes: number, is_kept: boolean }} Requested */

/** @type {(by: string, entry: PerformanceResourceTiming) => Requested} */
export const requested = (by, { name, encodedBodySize, transferSize }) => ({
  by,
  path: path_of(name),
  bytes: encodedBodySize,
  is_kept: transferSize === 0,
});

/** @type {(address: string) => string} */
function path_of(address) {
  const folder = [BASE, SITE].find((each) => address.startsWith(each));
  return folder ? address.slice(folder.length) || "index.html" : address;
}

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
