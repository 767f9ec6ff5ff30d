// A static host, as plain as they come: GET, files, pieces of them, the types and the `_headers` that a
// host such as a CDN would apply, under any prefix. Tests and developers use it; the page needs nothing of it.

import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { Transform } from "node:stream";
import { pathToFileURL } from "node:url";

/** By the end of the name. @type {Record<string, string>} */
export const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".wasm": "application/wasm",
};

/** The headers of the one rule for all paths in a `_headers` file.
 * @type {(dist: string) => Record<string, string>} */
function common_headers(dist) {
  const lines = readFileSync(join(dist, "_headers"), "utf8").split("\n").filter((line) => /^\s+\S/.test(line));
  return Object.fromEntries(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  }));
}

/** At this many bytes per second, in twenty parts each. @type {(pace: number) => Transform} */
const slowly = (pace) => new Transform({
  highWaterMark: 1,
  transform(chunk, _, done) {
    setTimeout(() => done(null, chunk), 1000 * chunk.length / pace);
  },
});

/** The file, or the one piece of it that is asked for; the whole again if it is no longer the same file.
 * @type {(
 *   request: import("node:http").IncomingMessage,
 *   response: import("node:http").ServerResponse,
 *   path: string,
 *   headers: Record<string, string>,
 *   pace: number,
 * ) => void} */
function send(request, response, path, headers, pace) {
  /** @type {(part?: { start: number, end: number }) => void} */
  const give = (part) => {
    if (pace === Infinity) createReadStream(path, part).pipe(response);
    else createReadStream(path, { ...part, highWaterMark: Math.ceil(pace / 20) }).pipe(slowly(pace)).pipe(response);
  };
  const { size, mtimeMs } = statSync(path);
  const etag = `"${size.toString(16)}-${Math.round(mtimeMs).toString(16)}"`;
  const if_range = request.headers["if-range"];
  const asked = if_range && if_range !== etag ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const common = { ...headers, ETag: etag, "Accept-Ranges": "bytes" };
  if (!asked) {
    response.writeHead(200, { ...common, "Content-Length": size });
    give();
    return;
  }
  const start = Number(asked[1]);
  const end = Math.min(asked[2] ? Number(asked[2]) : size - 1, size - 1);
  if (start > end) {
    response.writeHead(416, { ...common, "Content-Range": `bytes */${size}` }).end();
    return;
  }
  response.writeHead(206, {
    ...common, "Content-Range": `bytes ${start}-${end}/${size}`, "Content-Length": end - start + 1,
  });
  give({ start, end });
}

/**
 * What a host gets to know.
 * @typedef {object} Logged
 * @property {string} method
 * @property {string} url
 * @property {number} body_bytes
 * @property {import("node:http").IncomingHttpHeaders} headers
 */

/** Serves `dist` under `prefix` (`/` or `/some/sub/path/`) on a free port of localhost, or on `port`.
 * Without `with_headers` it is a host that knows nothing of `_headers`; with some names, one that sends only those.
 * @param {string} dist
 * @param {{ prefix?: string, port?: number, with_headers?: boolean | readonly string[], pace?: (file: string) => number }} [options]
 * `pace`: at how many bytes per second a file is sent. `log`: every request of whoever it was.
 * @returns {Promise<{ url: string, log: Logged[], cut: () => void, close: () => void }>} `cut` ends all connections. */
export function serve(dist, { prefix = "/", port = 0, with_headers = true, pace = () => Infinity } = {}) {
  const all = with_headers === false ? {} : common_headers(dist);
  const headers = Array.isArray(with_headers)
    ? Object.fromEntries(Object.entries(all).filter(([name]) => with_headers.includes(name)))
    : all;
  /** @type {Logged[]} */
  const log = [];
  const server = createServer((request, response) => {
    const logged = { method: request.method ?? "", url: request.url ?? "", body_bytes: 0, headers: request.headers };
    log.push(logged);
    request.on("data", (/** @type {Buffer} */ bytes) => { logged.body_bytes += bytes.length; });
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    const inside = normalize(join(dist, path.slice(prefix.length) || "index.html"));
    const found = path.startsWith(prefix) && inside.startsWith(normalize(dist) + sep)
      && existsSync(inside) && statSync(inside).isFile();
    if (request.method !== "GET" || !found) {
      response.writeHead(request.method === "GET" ? 404 : 405).end();
      return;
    }
    const type = TYPES[extname(inside)] ?? "application/octet-stream";
    send(request, response, inside, { ...headers, "Content-Type": type }, pace(
      inside.slice(normalize(dist).length).replace(/^[\\/]/, ""),
    ));
  });
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => {
    const address = server.address();
    const used = typeof address === "object" && address ? address.port : port;
    const close = () => {
      server.close();
      server.closeAllConnections();
    };
    resolve({ url: `http://127.0.0.1:${used}${prefix}`, log, cut: () => server.closeAllConnections(), close });
  }));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [dist = "../../dist", port = "8080"] = process.argv.slice(2);
  console.log((await serve(dist, { port: Number(port) })).url);
}
