// Downloads: in pieces, each byte once, checked before use. `fetch` is the test's own.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { afterEach, test } from "node:test";

import { sha256_with } from "../../web/models/checksum.js";
import { Downloads } from "../../web/models/download.js";

const real_fetch = globalThis.fetch;
afterEach(() => { globalThis.fetch = real_fetch; });

const PIECE = 300;
const FILE = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
const SHA256 = createHash("sha256").update(FILE).digest("hex");
/** @type {import("../../web/features/models/state.js").ModelEntry} */
const ENTRY = {
  id: "site:m", source: "site", name: "M", file: "m.safetensors", bytes: FILE.length, sha256: SHA256, origin: SHA256,
  recipe: "litemedsam",
  licence: "", minimum_binding_bytes: null, gpu_bytes: null, facts: null,
};

/** @typedef {{ path: string, range: string | null, if_range: string | null, cache: string }} Asked */
/** @typedef {(asked: Asked, count: number) => Response | Promise<Response>} Host */

/** Bytes, of which the stream breaks off after `until`.
 * @type {(bytes: Uint8Array<ArrayBuffer>, until?: number) => ReadableStream} */
const stream = (bytes, until = Infinity) => new ReadableStream({
  pull(controller) {
    if (until < bytes.length) {
      controller.enqueue(bytes.slice(0, until));
      until = Infinity;
      bytes = new Uint8Array(0);
      setTimeout(() => controller.error(new TypeError("the connection broke")), 1);
    } else {
      if (bytes.length) controller.enqueue(bytes);
      bytes = new Uint8Array(0);
      controller.close();
    }
  },
});

/** @type {(asked: Asked) => [number, number]} */
const range_of = ({ range }) => {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? assert.fail(`no range: ${range}`);
  return [Number(from), Number(to)];
};

/** A host as it should be.
 * @type {(asked: Asked, options?: { file?: Uint8Array<ArrayBuffer>, etag?: string, until?: number }) => Response} */
function piece(asked, { file = FILE, etag = '"one"', until } = {}) {
  if (asked.if_range && asked.if_range !== etag) return whole(file, etag);
  const [from, to] = range_of(asked);
  const last = Math.min(to, file.length - 1);
  const headers = { "Content-Range": `bytes ${from}-${last}/${file.length}`, ETag: etag };
  return new Response(stream(file.slice(from, last + 1), until), { status: 206, headers });
}
/** @type {(file?: Uint8Array<ArrayBuffer>, etag?: string) => Response} */
const whole = (file = FILE, etag = '"one"') =>
  new Response(file, { headers: { "Content-Length": String(file.length), ETag: etag } });

/** @param {Host} host @param {(path: string) => Promise<Blob | null>} [kept] */
function downloads(host, kept) {
  /** @type {Asked[]} */
  const asked = [];
  /** @type {number[]} */
  const pauses = [];
  /** @type {number[]} */
  const progress = [];
  const all = new Downloads(sha256_with(async () => "not asked"), {
    piece_bytes: PIECE, pause: async (ms) => void pauses.push(ms), ...(kept ? { kept } : {}),
  });
  /** @type {(signal?: AbortSignal) => Promise<Uint8Array>} */
  const get = async (signal = new AbortController().signal) => {
    globalThis.fetch = async (path, options) => {
      assert.deepEqual([options?.method, options?.credentials, options?.body], ["GET", "omit", undefined]);
      const headers = new Headers(options?.headers);
      asked.push({
        path: String(path), range: headers.get("Range"), if_range: headers.get("If-Range"), cache: options?.cache ?? "",
      });
      return host(asked.at(-1) ?? assert.fail(), asked.length);
    };
    const file = await all.get(ENTRY, {
      signal, on_bytes: (loaded) => progress.push(loaded), on_checking: () => progress.push(-1),
    });
    return new Uint8Array(await file.arrayBuffer());
  };
  return { get, asked, pauses, progress, ranges: () => asked.map(({ range }) => range?.replace("bytes=", "")) };
}

test("a file that this browser has kept is not asked for, if it is the right one", async () => {
  for (const [kept, is_asked] of /** @type {const} */ ([
    [new Blob([FILE]), false], [new Blob([FILE.slice(1)]), true], [new Blob([FILE.toReversed()]), true], [null, true],
  ])) {
    /** @type {string[]} */
    const paths = [];
    const { get, asked, progress } = downloads((asked) => piece(asked), async (path) => {
      paths.push(path);
      return kept;
    });
    assert.deepEqual([await get(), await get()], [FILE, FILE]);
    assert.deepEqual([paths, asked.length > 0], [["models/m.safetensors"], is_asked]);
    if (!is_asked) assert.deepEqual(progress, [FILE.length, -1]);
  }
});

test("a large file comes in pieces, with its progress in bytes, and only once in a session", async () => {
  const { get, asked, progress, ranges } = downloads((asked) => piece(asked));
  assert.deepEqual(await get(), FILE);
  assert.deepEqual(ranges(), ["0-299", "300-599", "600-899", "900-999"]);
  assert.deepEqual([...new Set(progress)], [0, 300, 600, 900, 1000, -1]);
  assert.ok(asked.every(({ path, cache, if_range }) =>
    path === "models/m.safetensors" && cache === "default" && !if_range));
  assert.deepEqual(await get(), FILE);
  assert.equal(asked.length, 4);
});

test("a broken connection is tried again by itself and goes on at the byte where it stopped", async () => {
  const { get, asked, pauses, ranges } = downloads((asked, count) => {
    if (count === 3 || count === 4) throw new TypeError("network");
    return piece(asked, count === 2 ? { until: 100 } : {});
  });
  assert.deepEqual(await get(), FILE);
  assert.deepEqual(ranges(), ["0-299", "300-599", "400-599", "400-599", "400-599", "600-899", "900-999"]);
  assert.deepEqual(pauses, [500, 1000, 2000]);
  assert.equal(asked[2]?.if_range, '"one"');
});

test("after several tries it stops with a message; the next call goes on from there", async () => {
  let reachable = false;
  const { get, pauses, ranges } = downloads((asked, count) => {
    if (count > 2 && !reachable) throw new TypeError("network");
    return piece(asked);
  });
  await assert.rejects(get(), (/** @type {any} */ { code, message }) =>
    code === "fetch" && /resumes the download/.test(message));
  assert.equal(pauses.length, 3);
  const before = ranges().length;
  reachable = true;
  assert.deepEqual(await get(), FILE);
  assert.deepEqual(ranges().slice(before), ["600-899", "900-999"]);
});

test("a host that is overloaded is asked again; one that has no such file is not", async () => {
  const busy = downloads((asked, count) => count === 1 ? new Response("", { status: 503 }) : piece(asked));
  assert.deepEqual(await busy.get(), FILE);
  const missing = downloads(() => new Response("", { status: 404 }));
  await assert.rejects(missing.get(), /** @param {any} error */ ({ message }) => /answered 404/.test(message));
  assert.equal(missing.asked.length, 1);
});

test("a host without pieces gives the whole file", async () => {
  const { get, asked } = downloads(() => whole());
  assert.deepEqual(await get(), FILE);
  assert.equal(asked.length, 1);
});

test("a file that changed in between is loaded from its start, and the old bytes are not used", async () => {
  const old = FILE.map((byte) => byte ^ 1);
  const by_piece = downloads((asked, count) => count < 3 ? piece(asked, { file: old, etag: '"old"' }) : piece(asked));
  assert.deepEqual(await by_piece.get(), FILE);
  assert.deepEqual(by_piece.ranges(), ["0-299", "300-599", "600-899", "0-299", "300-599", "600-899", "900-999"]);
  assert.equal(by_piece.asked[3]?.cache, "reload");
  const by_if_range = downloads((asked, count) =>
    count === 1 ? piece(asked, { file: old, etag: '"old"', until: 100 }) : piece(asked));
  assert.deepEqual(await by_if_range.get(), FILE);
  assert.deepEqual(by_if_range.asked.map(({ if_range }) => if_range), [null, '"old"']);
  const date = downloads((asked, count) => {
    const response = piece(asked, { file: count < 3 ? old : FILE });
    response.headers.delete("ETag");
    response.headers.set(
      "Last-Modified", count < 3 ? "Mon, 01 Jan 2024 00:00:00 GMT" : "Tue, 02 Jan 2024 00:00:00 GMT",
    );
    return response;
  });
  assert.deepEqual(await date.get(), FILE);
});

test("a file that goes on changing is given up", async () => {
  const { get } = downloads((asked, count) => piece(asked, { etag: `"${count}"` }));
  await assert.rejects(get(), (/** @type {any} */ { message }) => /changed on the host/.test(message));
});

test("a flipped bit, a byte less and a byte more are refused, and the next try is not from the cache", async () => {
  const flipped = FILE.slice();
  flipped[500] = (flipped[500] ?? 0) ^ 1;
  for (const file of [flipped, FILE.slice(0, 999), new Uint8Array(1001)]) {
    for (const answer of [() => whole(file), (/** @type {Asked} */ asked) => piece(asked, { file })]) {
      await assert.rejects(downloads(answer).get(), { code: "weights_checksum" });
    }
  }
  let broken = true;
  const { get, asked, ranges } = downloads((asked) => piece(asked, { file: broken ? flipped : FILE }));
  await assert.rejects(get(), { code: "weights_checksum" });
  broken = false;
  assert.deepEqual(await get(), FILE);
  assert.deepEqual([asked[4]?.cache, ranges()[4]], ["reload", "0-299"]);
});

test("a body that just ends or runs over is no file of ours", async () => {
  for (const body of [FILE.slice(0, 990), new Uint8Array(1010)]) {
    await assert.rejects(downloads(() => new Response(body)).get(), { code: "weights_checksum" });
  }
  const over = downloads((asked) => {
    const { headers } = piece(asked);
    return new Response(FILE, { status: 206, headers });
  });
  await assert.rejects(over.get(), { code: "weights_checksum" });
});

test("cancelled, it keeps what has come", async () => {
  const abort = new AbortController();
  const { get, ranges } = downloads((asked, count) => {
    if (count === 3) {
      abort.abort();
      throw abort.signal.reason;
    }
    return piece(asked);
  });
  await assert.rejects(get(abort.signal));
  assert.deepEqual(await get(), FILE);
  assert.deepEqual(ranges(), ["0-299", "300-599", "600-899", "600-899", "900-999"]);
});

test("wanted twice at once it is downloaded once, and both hear of it", async () => {
  const { get, asked, progress } = downloads((asked) => piece(asked));
  const [first, second] = await Promise.all([get(), get()]);
  assert.deepEqual([first, second], [FILE, FILE]);
  assert.equal(asked.length, 4);
  assert.deepEqual(progress.slice(-4), [1000, 1000, -1, -1]);
});

test("who waits for another's download goes on with it where the other gives up, and can give up alone", async () => {
  const [first, second] = [new AbortController(), new AbortController()];
  /** @type {Promise<unknown>[]} */
  const others = [];
  const { get, ranges } = downloads((asked, count) => {
    if (count === 2) {
      others.push(get(), assert.rejects(get(second.signal)));
      second.abort();
    }
    if (count === 3) {
      first.abort();
      throw first.signal.reason;
    }
    return piece(asked);
  });
  await assert.rejects(get(first.signal));
  assert.deepEqual(await Promise.all(others), [FILE, undefined]);
  assert.deepEqual(ranges(), ["0-299", "300-599", "600-899", "600-899", "900-999"]);
});

test("a file that is wrong is asked for again by who waited for it", async () => {
  const flipped = FILE.slice();
  flipped[0] = 7;
  const { get, asked } = downloads((asked, count) => piece(asked, { file: count <= 4 ? flipped : FILE }));
  const [first, second] = await Promise.allSettled([get(), get()]);
  assert.deepEqual([first.status, second.status, asked.length], ["rejected", "fulfilled", 8]);
});
