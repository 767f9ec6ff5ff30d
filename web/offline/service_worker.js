// Keeps the page's own files for offline use, and lets nothing else through. The build prepends BOXEL: the version, its
// headers, and each file of the site with its SHA-256. A change of any file makes a new version and so a new worker.
// Each version has a cache of its own, which stays while a tab of that version is open. A classic script, because not
// all browsers support modules here.

/** `files`: path from the page's folder → SHA-256 in lower-case hex.
 * @typedef {{ version: string, headers: Record<string, string>, files: Record<string, string> }} Built */
/** @typedef {Event & {
 *   waitUntil(work: Promise<unknown>): void, request: Request, respondWith(answer: Promise<Response>): void,
 *   data: any, source: Client | null,
 * }} WorkerEvent */
/** @typedef {{ postMessage(message: unknown): void, url: string }} Client */
/** @typedef {{
 *   registration: ServiceWorkerRegistration, skipWaiting(): Promise<void>,
 *   clients: { matchAll(options: object): Promise<Client[]>, claim(): Promise<void> },
 *   addEventListener(type: string, listener: (event: WorkerEvent) => void): void,
 * }} Scope */

(() => {
  const scope = /** @type {Scope} */ (/** @type {any} */ (globalThis));
  const { version, headers: wanted_headers, files } = /** @type {Built} */ (/** @type {any} */ (globalThis).BOXEL);
  const base = new URL(scope.registration.scope);
  /** Several copies of the page may share an origin. */
  const PREFIX = `boxel ${base.pathname} `;
  const OWN = `${PREFIX}${version}`;
  /** In place of the version of a tab that has not named it. */
  const UNKNOWN = "";
  const PAGE = "index.html";
  /** The list of models is in the version's folder. */
  const WEIGHTS = /^models\//;
  /** Response headers that do not apply to a stored file. */
  const DROPPED_HEADERS = ["accept-ranges", "content-encoding", "content-length", "transfer-encoding", "set-cookie"];
  /** A host that sends not one byte in so many ticks is given up. Ticks, because only one passes while the computer
   * sleeps. */
  const [MAX_SILENT_TICKS, TICK_MS] = [3, 10_000];

  /** @type {(bytes: BufferSource) => Promise<string>} */
  const sha256 = async (bytes) => Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)),
    (byte) => byte.toString(16).padStart(2, "0")).join("");

  /** @type {(path: string) => string} */
  const url_of = (path) => new URL(path, base).href;
  const page_urls = [base.href, url_of(PAGE)];
  /** Also tabs that this worker does not control. */
  const tabs = async () => (await scope.clients.matchAll({ type: "window", includeUncontrolled: true }))
    .filter(({ url }) => page_urls.includes(url.replace(/[?#].*/, "")));
  /** @param {unknown} message */
  const tell_tabs = async (message) => (await tabs()).forEach((tab) => tab.postMessage(message));

  /** What the caches of other versions hold, by its SHA-256. */
  async function kept_before() {
    /** @type {Map<string, Response>} */
    const found = new Map();
    for (const name of await caches.keys()) {
      if (!name.startsWith(PREFIX) || name === OWN) continue;
      for (const kept of await (await caches.open(name)).matchAll()) found.set(kept.headers.get("etag") ?? "", kept);
    }
    return found;
  }

  /** The host's answer and its bytes. Without a limit, a host that falls silent would keep the installation waiting.
   * @type {(path: string) => Promise<[Response, ArrayBuffer]>} */
  async function asked(path) {
    const abort = new AbortController();
    let ticks = 0;
    const timer = setInterval(() => {
      ticks += 1;
      if (ticks < MAX_SILENT_TICKS) return;
      const seconds = MAX_SILENT_TICKS * TICK_MS / 1000;
      abort.abort(new Error(`${path}: the host has sent nothing for ${seconds} seconds`));
    }, TICK_MS);
    try {
      // Asks the host whether the browser's copy is still current.
      const answer = await fetch(url_of(path), { cache: "no-cache", credentials: "omit", signal: abort.signal });
      ticks = 0;
      const [parts, reader] = [/** @type {BlobPart[]} */ ([]), answer.body?.getReader()];
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        ticks = 0;
        parts.push(part.value);
      }
      return [answer, await new Blob(parts).arrayBuffer()];
    } finally {
      clearInterval(timer);
    }
  }

  /** From the host, if it is the file of this version. @type {(path: string, hash: string) => Promise<Response>} */
  async function from_host(path, hash) {
    const [answer, bytes] = await asked(path);
    if (!answer.ok) throw new Error(`${path}: the host answered ${answer.status}`);
    if (await sha256(bytes) !== hash) throw new Error(`${path} is not the file of this version`);
    const headers = new Headers(answer.headers);
    for (const header of DROPPED_HEADERS) headers.delete(header);
    headers.set("etag", `"${hash}"`);
    return new Response(bytes, { headers });
  }

  /** Files that are not stored yet, or that the browser has evicted. */
  async function keep_all() {
    const cache = await caches.open(OWN);
    const before = await kept_before();
    for (const [path, hash] of Object.entries(files)) {
      if (await cache.match(url_of(path))) continue;
      const kept = before.get(`"${hash}"`);
      await cache.put(url_of(path), kept ? kept.clone() : await from_host(path, hash));
    }
  }

  /** Stores all files or none. */
  async function install() {
    try {
      await keep_all();
    } catch (error) {
      await caches.delete(OWN);
      await tell_tabs({ failed: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  /** The versions of all open tabs. Each tab holds a lock that names its version; the browser releases it with the
   * tab. */
  async function open_versions() {
    const held = (await navigator.locks?.query())?.held ?? [];
    const versions = held.flatMap(({ name }) => name?.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : []);
    return (await tabs()).length > versions.length ? [...versions, UNKNOWN] : versions;
  }

  /** Removes versions that no tab needs, and what an interrupted installation has left. */
  async function remove_unused() {
    const versions = await open_versions();
    const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== OWN);
    const { installing, waiting } = scope.registration;
    if (installing || waiting || versions.includes(UNKNOWN)) return;
    for (const name of names) {
      if (!versions.includes(name.slice(PREFIX.length))) await caches.delete(name);
    }
  }

  /** With the headers of `_headers` that the host did not send. @type {(response: Response) => Response} */
  function with_headers(response) {
    const headers = new Headers(response.headers);
    if (!headers.has("content-security-policy")) headers.set("boxel-policy", "added");
    for (const [name, value] of Object.entries(wanted_headers)) {
      if (!headers.has(name)) headers.set(name, value);
    }
    return new Response(response.body, { status: response.status, headers });
  }

  /** The path from the page's folder, or null if it is elsewhere. A page's address may have parameters, a file's may
   * not.
   * @type {(request: Request) => string | null} */
  function path_of(request) {
    const url = new URL(request.url);
    const is_here = url.origin === base.origin && url.pathname.startsWith(base.pathname);
    if (request.method !== "GET" || !is_here || (url.search && request.mode !== "navigate")) return null;
    return decodeURIComponent(url.pathname.slice(base.pathname.length)) || PAGE;
  }

  /** A file of this version, or of another one whose tabs are still open. Unlike `open`, this does not recreate a cache
   * that the user removed. @type {(path: string) => Promise<Response | undefined>} */
  function kept(path) {
    const folder = /^v-[0-9a-f]{12}(?=\/)/.exec(path)?.[0];
    const cacheName = Object.hasOwn(files, path) || !folder ? OWN : `${PREFIX}${folder}`;
    return caches.match(url_of(path), { cacheName });
  }

  /** @type {(request: Request) => Promise<Response>} */
  async function answer(request) {
    const path = path_of(request);
    if (path === null) return Response.error();
    // Whoever asks past the caches has found a file damaged.
    const found = request.cache === "reload" ? undefined : await kept(path);
    if (found) {
      // No policy is read from a module or from weights. The browser keeps the compiled code of a stored answer, and passes
      // its bytes on without this script. Weights come as a whole, whatever part was asked for: see models/download.js.
      return path.endsWith(".wasm") || WEIGHTS.test(path) ? found : with_headers(found);
    }
    // The browser may have evicted its files.
    if (!Object.hasOwn(files, path)) return Response.error();
    const response = await fetch(request);
    if (path !== PAGE || !response.ok) return response;
    if (await sha256(await response.clone().arrayBuffer()) === files[path]) return response;
    // Without its own files this worker is of no use to another version's page.
    await scope.registration.unregister();
    return Response.redirect(request.url);
  }

  /** Takes tabs of this version that were loaded before this worker was there. Others would not get their files from
   * it.
   * @type {(asker: Client | null, asked: string) => Promise<void>} */
  async function greet(asker, asked) {
    const fault = await keep_all().then(() => "", (error) => error instanceof Error ? error.message : String(error));
    const is_kept = fault === "";
    const versions = is_kept && asked === version ? await open_versions() : [UNKNOWN];
    if (versions.every((each) => each === version)) await scope.clients.claim().catch(() => {});
    await remove_unused();
    asker?.postMessage({ version, kept: is_kept, fault });
  }

  // The page shows every request, including those of this worker.
  new PerformanceObserver((list) => {
    const requests = list.getEntries().map((entry) => {
      const { name: url, encodedBodySize, transferSize } = /** @type {PerformanceResourceTiming} */ (entry);
      const path = url.slice(base.href.length).replace(`${version}/`, "");
      return { by: "service worker", path, bytes: encodedBodySize, is_kept: transferSize === 0 };
    });
    void tell_tabs({ requests });
  }).observe({ type: "resource", buffered: true });

  scope.addEventListener("install", (event) => event.waitUntil(install()));
  scope.addEventListener("activate", (event) => event.waitUntil(remove_unused()));
  scope.addEventListener("fetch", (event) => event.respondWith(answer(event.request)));
  scope.addEventListener("message", (event) => {
    const { data, source } = event;
    if (data === "take over") event.waitUntil(scope.skipWaiting());
    if (typeof data?.hello === "string") event.waitUntil(greet(source, data.hello));
  });
})();
