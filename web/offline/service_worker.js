// Stores the page's own files for offline use, and lets nothing else through. The build prepends FILES: each file of
// the site with its SHA-256. A new version of any file makes a new worker, which takes over when no tab runs the old
// version, so files of two versions never mix. A classic script, because not all browsers support modules here.

/** Path from the page's folder → SHA-256 in lower-case hex. @typedef {Record<string, string>} Files */
/** @typedef {Event & {
 *   waitUntil(work: Promise<unknown>): void, request: Request, respondWith(answer: Promise<Response>): void,
 *   data: any, source: Client | null,
 * }} WorkerEvent */
/** @typedef {{ postMessage(message: unknown): void, url: string }} Client */
/** @typedef {{
 *   location: Location, registration: { scope: string },
 *   clients: { matchAll(options: object): Promise<Client[]> }, skipWaiting(): Promise<void>,
 *   addEventListener(type: string, listener: (event: WorkerEvent) => void): void,
 * }} Scope */

(() => {
  const scope = /** @type {Scope} */ (/** @type {any} */ (globalThis));
  const files = /** @type {Files} */ (/** @type {any} */ (globalThis).BOXEL_FILES);
  const base = new URL(scope.registration.scope);
  /** Several copies of the page may share an origin. */
  const PREFIX = `boxel ${base.pathname} `;
  /** Response headers to keep; lengths and encodings do not apply to a stored file. */
  const DROPPED_HEADERS = ["content-encoding", "content-length", "transfer-encoding", "set-cookie"];

  /** @type {(bytes: BufferSource) => Promise<string>} */
  const sha256 = async (bytes) => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)),
    (byte) => byte.toString(16).padStart(2, "0")).join("");

  const name = sha256(new TextEncoder().encode(JSON.stringify(files))).then((hash) => PREFIX + hash);
  /** @type {(path: string) => string} */
  const url_of = (path) => new URL(path, base).href;

  /** From an earlier version's cache if the file is the same, else from the host. */
  /** @type {(path: string, hash: string) => Promise<Response>} */
  async function brought(path, hash) {
    for (const former of (await caches.keys()).filter((each) => each.startsWith(PREFIX))) {
      const kept = await (await caches.open(former)).match(url_of(path));
      if (kept?.headers.get("etag") === `"${hash}"`) return kept;
    }
    // Asks the host whether the browser's copy is still current.
    const answer = await fetch(url_of(path), { cache: "no-cache", credentials: "omit" });
    if (!answer.ok) throw new Error(`${path}: the host answered ${answer.status}`);
    const bytes = await answer.arrayBuffer();
    if (await sha256(bytes) !== hash) throw new Error(`${path} is not the file of this version`);
    const headers = new Headers(answer.headers);
    for (const header of DROPPED_HEADERS) headers.delete(header);
    headers.set("etag", `"${hash}"`);
    headers.set("accept-ranges", "bytes");
    return new Response(bytes, { headers });
  }

  /** Files that are not stored yet, or that the browser has evicted. */
  async function keep_all() {
    const cache = await caches.open(await name);
    for (const [path, hash] of Object.entries(files)) {
      if (!await cache.match(url_of(path))) await cache.put(url_of(path), await brought(path, hash));
    }
  }

  /** Stores all files or none. */
  async function install() {
    try {
      await keep_all();
    } catch (error) {
      await caches.delete(await name);
      throw error;
    }
  }

  async function remove_former() {
    const own = await name;
    for (const each of await caches.keys()) {
      if (each.startsWith(PREFIX) && each !== own) await caches.delete(each);
    }
  }

  /** The requested range of a file. @type {(response: Response, range: string) => Promise<Response>} */
  async function part_of(response, range) {
    const file = await response.blob();
    const asked = /^bytes=(\d+)-(\d*)$/.exec(range);
    const [start, last] = [Number(asked?.[1]), asked?.[2] ? Number(asked[2]) : file.size - 1];
    const end = Math.min(last, file.size - 1);
    const headers = new Headers(response.headers);
    if (!asked || start > end) {
      headers.set("content-range", `bytes */${file.size}`);
      return new Response(null, { status: 416, headers });
    }
    headers.set("content-range", `bytes ${start}-${end}/${file.size}`);
    headers.set("content-length", String(end - start + 1));
    return new Response(file.slice(start, end + 1), { status: 206, headers });
  }

  /** The name of a listed file, or null. A page's address may have parameters, a file's may not.
   * @type {(request: Request) => string | null} */
  function listed(request) {
    const url = new URL(request.url);
    const is_here = url.origin === base.origin && url.pathname.startsWith(base.pathname);
    if (request.method !== "GET" || !is_here || (url.search && request.mode !== "navigate")) return null;
    const path = decodeURIComponent(url.pathname.slice(base.pathname.length)) || "index.html";
    return Object.hasOwn(files, path) ? path : null;
  }

  /** @type {(request: Request) => Promise<Response>} */
  async function answer(request) {
    const path = listed(request);
    if (path === null) return Response.error();
    // Unlike `open`, this does not recreate a cache that the user removed.
    const kept = await caches.match(url_of(path), { cacheName: await name });
    // The browser may have evicted its files.
    if (!kept) return fetch(request);
    const range = request.headers.get("range");
    return range ? part_of(kept, range) : kept;
  }

  /** Takes over if the asking tab is the only one: others would mix files of two versions.
   * @type {(asker: Client | null) => Promise<void>} */
  async function take_over(asker) {
    const tabs = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
    if (tabs.length > 1) asker?.postMessage({ tabs: tabs.length });
    else await scope.skipWaiting();
  }

  // The page shows every request, including those of this worker.
  new PerformanceObserver((list) => {
    const requests = list.getEntries().map((entry) => {
      const { name: url, encodedBodySize, transferSize } = /** @type {PerformanceResourceTiming} */ (entry);
      return {
        by: "service worker", path: url.slice(base.href.length), bytes: encodedBodySize, is_kept: transferSize === 0,
      };
    });
    void scope.clients.matchAll({ type: "window", includeUncontrolled: true })
      .then((tabs) => tabs.forEach((tab) => tab.postMessage({ requests })));
  }).observe({ type: "resource", buffered: true });

  scope.addEventListener("install", (event) => event.waitUntil(install()));
  scope.addEventListener("activate", (event) => event.waitUntil(remove_former()));
  scope.addEventListener("fetch", (event) => event.respondWith(answer(event.request)));
  scope.addEventListener("message", (event) => {
    if (event.data === "take over") event.waitUntil(take_over(event.source));
    if (event.data === "keep") {
      event.waitUntil(keep_all().then(() => true, () => false).then((kept) => event.source?.postMessage({ kept })));
    }
  });
})();
