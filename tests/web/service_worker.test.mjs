// The service worker's script, with a host and caches of the test's own.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { createContext, runInContext } from "node:vm";

const SCRIPT = readFileSync(new URL("../../web/offline/service_worker.js", import.meta.url), "utf8");
const SCOPE = "http://localhost/sub/";
const TICK_MS = 10_000;
const HEADERS = { "content-security-policy": "default-src 'self'" };
/** @type {Record<string, string>} */
const FILES = {
  "index.html": "page", "models/m.safetensors": "the weights", "v-0123456789ab/boxel-bindings_bg.wasm": "module",
  "v-0123456789ab/models/models.json": "[]",
};
const sha256 = (/** @type {string} */ text) => createHash("sha256").update(text).digest("hex");
const rest = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A host that answers as it should, a worker whose clock stands still, and a tab that hears it.
 * @param {(path: string, signal: AbortSignal) => Promise<Response> | undefined} [host] answers in another way */
function started(host = () => undefined) {
  /** @type {Map<string, Map<string, Response>>} */
  const kept = new Map();
  const open = (/** @type {string} */ name) => {
    const cache = kept.get(name) ?? new Map();
    kept.set(name, cache);
    return {
      match: async (/** @type {string} */ url) => cache.get(url)?.clone(),
      matchAll: async () => [...cache.values()].map((each) => each.clone()),
      put: async (/** @type {string} */ url, /** @type {Response} */ answer) => { cache.set(url, answer); },
    };
  };
  /** As JSON. @type {string[]} */
  const told = [];
  /** @type {Set<() => void>} */
  const ticking = new Set();
  /** @type {Map<string, (event: any) => void>} */
  const listeners = new Map();
  const globals = {
    BOXEL: {
      version: "v-0123456789ab", headers: HEADERS,
      files: Object.fromEntries(Object.entries(FILES).map(([path, text]) => [path, sha256(text)])),
    },
    registration: { scope: SCOPE }, navigator: {},
    clients: { matchAll: async () => [{ url: SCOPE, postMessage: (/** @type {any} */ message) => told.push(JSON.stringify(message)) }] },
    caches: {
      open: async (/** @type {string} */ name) => open(name), keys: async () => [...kept.keys()],
      delete: async (/** @type {string} */ name) => kept.delete(name),
      match: async (/** @type {string} */ url, /** @type {{ cacheName: string }} */ { cacheName }) =>
        kept.get(cacheName)?.get(url)?.clone(),
    },
    fetch: async (/** @type {string | Request} */ asked, { signal } = /** @type {{ signal: AbortSignal }} */ (asked)) => {
      const path = (typeof asked === "string" ? asked : asked.url).slice(SCOPE.length);
      return host(path, signal) ?? new Response(FILES[path], { headers: { "accept-ranges": "bytes", etag: "its own" } });
    },
    setInterval: (/** @type {() => void} */ tick, /** @type {number} */ ms) => {
      assert.equal(ms, TICK_MS);
      ticking.add(tick);
      return tick;
    },
    clearInterval: (/** @type {() => void} */ tick) => ticking.delete(tick),
    addEventListener: (/** @type {string} */ type, /** @type {(event: any) => void} */ heard) => listeners.set(type, heard),
    PerformanceObserver: class { observe() {} },
    crypto, URL, Headers, Response, Blob, AbortController, Uint8Array,
  };
  runInContext(SCRIPT, createContext(globals));
  /** @type {() => Promise<unknown>} */
  const install = () => new Promise((resolve, reject) =>
    listeners.get("install")?.({ waitUntil: (/** @type {Promise<unknown>} */ work) => work.then(resolve, reject) }));
  /** @type {(path: string, options?: RequestInit) => Promise<Response>} */
  const ask = (path, options = {}) => new Promise((resolve) => listeners.get("fetch")?.({
    request: new Request(`${SCOPE}${path}`, options), respondWith: resolve,
  }));
  return { kept, told, ticking, install, ask, tick: () => ticking.forEach((each) => each()) };
}

test("all files are kept by their hash, and the page gets the headers that its host does not send", async () => {
  const { kept, ticking, install, ask } = started();
  await install();
  assert.deepEqual([kept.size, [...kept.values()][0]?.size, ticking.size], [1, Object.keys(FILES).length, 0]);
  const page = await ask("");
  assert.equal(await page.text(), FILES["index.html"]);
  assert.equal(page.headers.get("content-security-policy"), HEADERS["content-security-policy"]);
  assert.equal(page.headers.get("boxel-policy"), "added");
  assert.equal(page.headers.get("etag"), `"${sha256("page")}"`);
});

test("weights and module are answered as they are kept, and weights as a whole, whatever part is asked for", async () => {
  const { install, ask } = started();
  await install();
  for (const path of ["models/m.safetensors", "v-0123456789ab/boxel-bindings_bg.wasm"]) {
    const answer = await ask(path, { headers: { range: "bytes=4-6" } });
    assert.deepEqual([answer.status, await answer.text()], [200, FILES[path]]);
    assert.deepEqual(["content-security-policy", "accept-ranges"].map((name) => answer.headers.get(name)), [null, null]);
  }
  assert.ok((await ask("v-0123456789ab/models/models.json")).headers.has("content-security-policy"));
});

test("a host that accepts a request and sends nothing, or stops in the middle, ends the installation with its reason", async () => {
  for (const silent of ["before", "within"]) {
    let is_asked = false;
    const { kept, told, ticking, install, tick } = started((path, signal) => {
      if (!path.endsWith(".wasm")) return undefined;
      is_asked = true;
      /** @type {(fail: (reason: unknown) => void) => void} */
      const wait = (fail) => signal.addEventListener("abort", () => fail(signal.reason));
      return silent === "before" ? new Promise((_, reject) => wait(reject)) : Promise.resolve(new Response(new ReadableStream({
        start: (body) => {
          body.enqueue(new TextEncoder().encode("mod"));
          wait((reason) => body.error(reason));
        },
      })));
    });
    const installed = install();
    while (!is_asked) await rest();
    for (let ticks = 0; ticks < 3; ticks += 1) {
      await rest();
      assert.deepEqual([told, kept.size], [[], 1], silent);
      tick();
    }
    const reason = "v-0123456789ab/boxel-bindings_bg.wasm: the host has sent nothing for 30 seconds";
    await assert.rejects(installed, { message: reason });
    assert.deepEqual([told, kept.size, ticking.size], [[JSON.stringify({ failed: reason })], 0, 0], silent);
  }
});

test("a file that was found damaged comes from the host", async () => {
  const { kept, install, ask } = started();
  await install();
  for (const cache of kept.values()) cache.set(`${SCOPE}models/m.safetensors`, new Response("damaged"));
  const texts = (/** @type {RequestInit[]} */ ...all) =>
    Promise.all(all.map(async (options) => (await ask("models/m.safetensors", options)).text()));
  assert.deepEqual(await texts({}, { cache: "reload" }), ["damaged", "the weights"]);
});

test("a slow host that goes on sending is waited for", async () => {
  /** @type {ReadableStreamDefaultController | undefined} */
  let body;
  const { install, tick } = started((path) => path !== "index.html" ? undefined
    : Promise.resolve(new Response(new ReadableStream({ start: (made) => { body = made; } }))));
  const installed = install();
  while (!body) await rest();
  for (const letter of FILES["index.html"] ?? "") {
    await rest();
    tick();
    tick();
    body?.enqueue(new TextEncoder().encode(letter));
  }
  await rest();
  body?.close();
  await installed;
});
