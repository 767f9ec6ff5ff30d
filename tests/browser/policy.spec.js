// What the browser forbids the page and its workers, on hosts that send the page's headers and on those that send none, on
// the first visit and on later ones.

import { createServer } from "node:http";
import { writeFileSync } from "node:fs";

import { file_of, slice } from "../hostile/dicom.mjs";
import { DIST } from "./playwright.config.js";
import { serve } from "./server.js";
import { path_in } from "./site.js";
import { pick_all, state_of } from "./steps.js";
import { change_script, copy_site } from "./versions.js";
import { expect, test } from "./watch.js";

/** @typedef {import("@playwright/test").Page} Page */
/** @typedef {import("@playwright/test").Worker} Worker */

// A service worker would outlive the test in a shared context.
test.use({ serviceWorkers: "allow", reuseContext: false });

/** Another origin, which answers everything and counts it. */
async function stranger() {
  let hits = 0;
  const server = createServer((_, response) => {
    hits += 1;
    response.writeHead(200, { "Access-Control-Allow-Origin": "*", "Content-Type": "text/javascript" }).end("1;");
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/`;
  expect(await (await fetch(url)).text()).toBe("1;");
  return { url, hits: () => hits - 1, close: () => server.close() };
}

/** Two scans: the reader asks which one is meant, and stays. @type {(info: import("@playwright/test").TestInfo) => string[]} */
const two_scans = (info) => [1, 2].map((series) => {
  const path = info.outputPath(`${series}.dcm`);
  writeFileSync(path, file_of(slice([0x0020_000e, "UI", `2.25.${series}`])));
  return path;
});

/** The engine's worker and the reader's. @type {(page: Page, info: import("@playwright/test").TestInfo) => Promise<Worker[]>} */
async function both_workers(page, info) {
  await expect.poll(async () => (await state_of(page)).engine.has_weights).toBe(true);
  await pick_all(page, two_scans(info));
  await expect.poll(async () => (await state_of(page)).opening?.choices?.length).toBe(2);
  const workers = page.workers().filter((worker) => /\/(worker|parse_worker)\.js$/.test(worker.url()));
  expect(workers.length).toBe(2);
  return workers;
}

/** What a worker tries to reach another origin with; all that succeeds is named.
 * @type {(url: string) => Promise<string[]>} */
const reached_from_worker = async (url) => {
  /** @type {Record<string, () => Promise<unknown>>} */
  const ways = {
    fetch: () => fetch(url),
    import: () => import(url),
    request: () => new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      Object.assign(request, { onload: resolve, onerror: reject });
      request.open("POST", url);
      request.send("secret");
    }),
    events: () => new Promise((resolve, reject) => Object.assign(new EventSource(url), { onopen: resolve, onerror: reject })),
    socket: () => new Promise((resolve, reject) =>
      Object.assign(new WebSocket(url.replace("http", "ws")), { onopen: resolve, onerror: reject })),
    eval: async () => (0, eval)("1"),
    worker: async () => new Worker(url),
  };
  const outcomes = await Promise.all(Object.entries(ways).map(async ([way, go]) => {
    try {
      // The debugger may evaluate text, until its own call has returned.
      await new Promise((resolve) => setTimeout(resolve));
      await go();
      return [way];
    } catch {
      return [];
    }
  }));
  return outcomes.flat();
};

for (const with_headers of [true, false]) {
  const host = `on a host ${with_headers ? "with" : "without"} headers`;

  test(`no worker reaches another origin by the policy alone, ${host}`, async ({ page, watch }, info) => {
    const other = await stranger();
    watch.expect_fault(new RegExp(`^${other.url}`));
    const dist = info.outputPath("site");
    copy_site(dist);
    // With all that the page removes from its workers.
    change_script(dist, "web/main.js", (text) => text.replace(/const in_workers = \[[^\]]*\]/, "const in_workers = []"));
    const site = await serve(dist, { with_headers });
    watch.page_is_at(site.url);
    await page.goto(site.url);
    for (const visit of ["first", "later"]) {
      for (const worker of await both_workers(page, info)) {
        expect(await worker.evaluate(() => typeof fetch), "the test has something to try").toBe("function");
        expect(await worker.evaluate(reached_from_worker, other.url), `${visit} visit, ${worker.url()}`).toEqual([]);
      }
      await expect(page.locator("#offline")).toContainText("Ready");
      await page.reload();
    }
    expect(other.hits()).toBe(0);
    other.close();
    site.close();
  });

  test(`the page says whether its host sends the policy, and later visits have all headers, ${host}`, async ({ page, watch }) => {
    const site = await serve(DIST, { with_headers });
    watch.page_is_at(site.url);
    const first = await page.goto(site.url);
    const names = [
      "content-security-policy", "permissions-policy", "cross-origin-opener-policy", "cross-origin-embedder-policy",
    ];
    /** @type {(response: import("@playwright/test").Response | null) => boolean[]} */
    const sent = (response) => names.map((name) => name in (response?.headers() ?? {}));
    expect(sent(first)).toEqual(names.map(() => with_headers));
    const camera = () => page.evaluate(() => /** @type {any} */ (document).featurePolicy.allowsFeature("camera"));
    expect(await camera()).toBe(!with_headers);
    const is_isolated = () => page.evaluate(() => crossOriginIsolated);
    expect(await is_isolated()).toBe(with_headers);
    const words = with_headers ? "The page's own and its host's" : "The page's own, in this tab and its workers. The host sends none";
    await expect(page.locator("#policy")).toHaveText(words);
    await expect(page.locator("#offline")).toContainText("Ready");
    const later = await page.reload();
    expect(later?.fromServiceWorker()).toBe(true);
    expect(sent(later)).toEqual(names.map(() => true));
    expect(later?.headers()["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect([await camera(), await is_isolated()]).toEqual([false, true]);
    await expect(page.locator("#policy")).toHaveText(words);
    site.close();
  });
}

test("in a worker nothing is left that sends a request, and on the page nothing that no policy binds", async ({ page }, info) => {
  await page.goto("");
  const names = [
    "RTCPeerConnection", "webkitRTCPeerConnection", "SharedWorker", "WebTransport", "fetch", "XMLHttpRequest", "WebSocket",
    "EventSource", "Worker", "importScripts", "caches",
  ];
  const there = (/** @type {string[]} */ all) => all.filter((name) => name in globalThis);
  for (const worker of await both_workers(page, info)) {
    expect(await worker.evaluate(there, names), worker.url()).toEqual([]);
    expect(await worker.evaluate(() => "serviceWorker" in navigator)).toBe(false);
  }
  expect(await page.evaluate(there, names)).toEqual(["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "Worker", "caches"]);
});

test("the page starts no script but its own, and goes nowhere else", async ({ page, watch }) => {
  watch.expect_error(/Trusted(Script|HTML|TypePolicy)|Content Security Policy|CSP: (require-)?trusted-types|CSP: script-src/);
  const other = await stranger();
  watch.expect_fault(new RegExp(`^${other.url}`));
  await page.goto("");
  await expect.poll(async () => (await state_of(page)).engine.has_weights).toBe(true);
  const done = await page.evaluate(async ([own, url]) => {
    /** @type {Record<string, () => unknown>} */
    const ways = {
      "a worker from an address": () => new Worker(own, { type: "module" }),
      "a worker from text": () => new Worker(URL.createObjectURL(new Blob(["1"]))),
      "a service worker": () => navigator.serviceWorker.register(own),
      "a script": () => Object.assign(document.createElement("script"), { src: own }),
      "markup": () => { document.body.innerHTML = "<p>"; },
      "text as code": () => (0, eval)("1"),
      "a policy of its own": () => /** @type {any} */ (window).trustedTypes.createPolicy("other", {}),
      "the page's policy again": () => /** @type {any} */ (window).trustedTypes.createPolicy("boxel", {}),
    };
    /** @type {string[]} */
    const done = [];
    for (const [way, go] of Object.entries(ways)) {
      try {
        // The debugger may evaluate text, until its own call has returned.
        await new Promise((resolve) => setTimeout(resolve));
        await go();
        done.push(way);
      } catch {
        // Refused.
      }
    }
    location.href = `${url}?scan=secret`;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return done;
  }, /** @type {const} */ ([path_in("web/engine/worker.js"), other.url]));
  expect(done).toEqual([]);
  expect(new URL(page.url()).port).not.toBe(new URL(other.url).port);
  expect(other.hits()).toBe(0);
  other.close();
});

test("no request to another origin leaves the page", async ({ page, watch }) => {
  watch.expect_error(/Content Security Policy/);
  watch.expect_error(/CSP: connect-src/);
  watch.expect_error(
    /CSP: (img|style|script|font|frame|media|object|default)-src|CSP: (script|style)-src-elem|CSP: form-action/,
  );
  watch.expect_error(/TrustedScript|CSP: require-trusted-types-for/);
  const other = await stranger();
  // The browser tells of what it blocks; `hits` says that none came through.
  watch.expect_fault(new RegExp(`^${other.url}`));
  await page.goto("");
  const reached = await page.evaluate(async (to) => {
    /** @param {string} tag @param {Record<string, string>} attributes */
    const put = (tag, attributes) => {
      const made = document.createElement(tag);
      try {
        Object.assign(made, attributes);
      } catch {
        // Refused at once.
      }
      document.body.append(made);
      return made;
    };
    for (const tag of ["img", "script", "iframe", "video", "embed"]) put(tag, { src: `${to}${tag}` });
    put("link", { rel: "stylesheet", href: `${to}style` });
    put("link", { rel: "prefetch", href: `${to}prefetch` });
    put("object", { data: `${to}object` });
    const form = /** @type {HTMLFormElement} */ (put("form", { action: `${to}form`, method: "post" }));
    form.append(Object.assign(document.createElement("input"), { name: "scan", value: "secret" }));
    form.submit();
    navigator.sendBeacon(`${to}beacon`, "secret");
    const request = new XMLHttpRequest();
    request.open("POST", `${to}xhr`);
    request.send("secret");
    try {
      new EventSource(`${to}events`);
      new WebSocket(to.replace("http", "ws"));
    } catch {
      // Refused at once: as well.
    }
    await new FontFace("foreign", `url(${to}font)`).load().catch(() => {});
    const reached = await fetch(to).then(() => "reached", () => "blocked");
    await new Promise((resolve) => setTimeout(resolve, 1500));
    return reached;
  }, other.url);
  expect(reached).toBe("blocked");
  expect(other.hits(), "only the test itself reached it").toBe(0);
  other.close();
});
