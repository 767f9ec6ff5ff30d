// In a second browser engine: on a host that sends no headers, the page's policy binds its workers from the first visit on.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { file_of, slice } from "../../hostile/dicom.mjs";
import { serve } from "../server.js";
import { change_script, copy_site } from "../versions.js";
import { launch, WHY_NOT } from "./launch.js";
import { pick, state_of, until } from "./steps.js";

const options = WHY_NOT ? { skip: WHY_NOT } : {};
const WORKERS = ["web/engine/worker.js", "web/open/parse_worker.js"];

/** In a worker: what of a list is there, and what reaches another origin.
 * @param {string} url */
function attempt(url) {
  const names = ["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "WebTransport", "Worker", "importScripts", "caches"];
  const channel = new BroadcastChannel("attempts");
  /** @type {Record<string, () => unknown>} */
  const ways = {
    fetch: () => fetch(url),
    import: () => import(url),
    eval: () => (0, eval)("1"),
    worker: () => new Worker(url),
  };
  void Promise.all(Object.entries(ways).map(async ([way, go]) => {
    try {
      await go();
      return [way];
    } catch {
      return [];
    }
  })).then((reached) => setInterval(() => {
    channel.postMessage({ name: self.name, there: names.filter((name) => name in self), reached: reached.flat() });
  }, 100));
}

for (const is_fenced of [true, false]) {
  test(`no worker reaches another origin, ${is_fenced ? "and none has the means" : "by the policy alone"}`, options, async () => {
    const folder = mkdtempSync(join(tmpdir(), "boxel-policy-"));
    let hits = 0;
    const other = createServer((_, response) => {
      hits += 1;
      response.writeHead(200, { "Access-Control-Allow-Origin": "*", "Content-Type": "text/javascript" }).end("1;");
    });
    await new Promise((resolve) => other.listen(0, "127.0.0.1", () => resolve(undefined)));
    const address = other.address();
    const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/`;
    const dist = join(folder, "site");
    copy_site(dist);
    for (const worker of WORKERS) change_script(dist, worker, (text) => `(${attempt})("${url}");\n${text}`);
    if (!is_fenced) {
      change_script(dist, "web/main.js", (text) => text.replace(/const in_workers = \[[^\]]*\]/, "const in_workers = []"));
    }
    const site = await serve(dist, { with_headers: false });
    const firefox = await launch(folder);
    const page = await firefox.newPage();
    await page.evaluateOnNewDocument(() => {
      const told = Object.assign(window, { attempts: /** @type {Record<string, unknown>} */ ({}) });
      new BroadcastChannel("attempts").onmessage = ({ data }) => { told.attempts[data.name] = data; };
    });
    /** @type {() => Promise<Record<string, { there: string[], reached: string[] }>>} */
    const attempts = () => page.evaluate(() => /** @type {any} */ (window).attempts);
    await page.goto(site.url);
    for (const visit of ["first", "later"]) {
      await until("an engine with its model", async () => (await state_of(page)).engine.has_weights);
      for (const series of [1, 2]) {
        writeFileSync(join(folder, `${series}.dcm`), file_of(slice([0x0020_000e, "UI", `2.25.${series}`])));
      }
      await pick(page, join(folder, "1.dcm"), join(folder, "2.dcm"));
      await until("both workers", async () => Object.keys(await attempts()).length === 2);
      for (const [name, { there, reached }] of Object.entries(await attempts())) {
        assert.deepEqual(reached, [], `${name}, ${visit} visit`);
        assert.equal(there.length > 0, !is_fenced, `${name}, ${visit} visit: ${there}`);
      }
      assert.equal(await page.evaluate(() => "RTCPeerConnection" in window || "SharedWorker" in window), false);
      await until("the files for offline use", () =>
        page.evaluate(() => /** @type {any} */ (window).boxel.state().offline.phase === "ready"));
      await page.reload();
    }
    assert.equal(hits, 0);
    await firefox.close();
    site.close();
    other.close();
    rmSync(folder, { recursive: true });
  });
}
