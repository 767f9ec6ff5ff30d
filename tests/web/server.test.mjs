// The tests' own host: whole files and pieces of them.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { serve } from "../browser/server.js";

test("a piece, the whole when the file is another, and nothing beyond its end", async () => {
  const dist = mkdtempSync(join(tmpdir(), "boxel-"));
  writeFileSync(join(dist, "a.bin"), "0123456789");
  writeFileSync(join(dist, "_headers"), "/*\n  X-Test: yes\n");
  const site = await serve(dist, { pace: (file) => file === "slow.bin" ? 40 : Infinity });
  /** @type {(headers?: Record<string, string>) => Promise<[number, string, Headers]>} */
  const get = async (headers = {}) => {
    const response = await fetch(`${site.url}a.bin`, { headers });
    return [response.status, await response.text(), response.headers];
  };
  const [status, text, headers] = await get();
  assert.deepEqual([status, text, headers.get("X-Test")], [200, "0123456789", "yes"]);
  const piece = await get({ Range: "bytes=2-4" });
  assert.deepEqual([piece[0], piece[1], piece[2].get("Content-Range"), piece[2].get("ETag")], [
    206, "234", "bytes 2-4/10", headers.get("ETag"),
  ]);
  assert.deepEqual((await get({ Range: "bytes=8-" })).slice(0, 2), [206, "89"]);
  assert.deepEqual((await get({ Range: "bytes=8-99" })).slice(0, 2), [206, "89"]);
  assert.deepEqual((await get({ Range: "bytes=2-4", "If-Range": '"other"' })).slice(0, 2), [200, "0123456789"]);
  assert.deepEqual((await get({ Range: "bytes=2-4", "If-Range": headers.get("ETag") ?? "" }))[0], 206);
  assert.equal((await get({ Range: "bytes=10-12" }))[0], 416);
  writeFileSync(join(dist, "slow.bin"), "0123456789");
  const start = performance.now();
  assert.equal(await (await fetch(`${site.url}slow.bin`)).text(), "0123456789");
  assert.ok(performance.now() - start >= 240, "10 bytes at 40 a second");
  site.close();
  rmSync(dist, { recursive: true });
});
