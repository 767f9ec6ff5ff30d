// A static host that compresses files and counts the bytes it sends.

import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

import { TYPES } from "../../tests/browser/server.js";

const COMPRESSED = [".html", ".js", ".mjs", ".css", ".json", ".wasm", ".svg", ".webmanifest"];

/** Folders by the first step of the path. @typedef {Record<string, string>} Folders */

export class Host {
  sent_bytes = 0;
  requests = 0;
  /** @type {Map<string, Buffer>} */ #compressed = new Map();
  #server;
  #folders;
  #common;

  /** @param {Folders} folders @param {{ is_isolated?: boolean }} [options] whether its pages may share memory */
  constructor(folders, { is_isolated = false } = {}) {
    this.#folders = folders;
    /** @type {Record<string, string>} */
    this.#common = is_isolated
      ? { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" } : {};
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** @returns {Promise<string>} its address */
  listen() {
    return new Promise((resolve) => this.#server.listen(0, "127.0.0.1", () => {
      const address = this.#server.address();
      resolve(`http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/`);
    }));
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** What a file takes with brotli. @param {string} path */
  compressed(path) {
    const before = this.#compressed.get(path);
    if (before) return before;
    const bytes = readFileSync(path);
    const made = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } });
    this.#compressed.set(path, made);
    return made;
  }

  /** @param {string} url */
  #file_of(url) {
    const [, first = "", ...rest] = decodeURIComponent(new URL(url, "http://localhost").pathname).split("/");
    const folder = this.#folders[first];
    if (!folder) return null;
    const path = normalize(join(folder, rest.join("/") || "index.html"));
    return path.startsWith(normalize(folder) + sep) && existsSync(path) && statSync(path).isFile() ? path : null;
  }

  /** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
  #answer(request, response) {
    this.requests += 1;
    const path = this.#file_of(request.url ?? "/");
    if (!path || request.method !== "GET") {
      response.writeHead(404).end();
      return;
    }
    const { size, mtimeMs } = statSync(path);
    const etag = `"${size.toString(16)}-${Math.round(mtimeMs).toString(16)}"`;
    const headers = { ...this.#common, "Content-Type": TYPES[extname(path)] ?? "application/octet-stream", ETag: etag, "Cache-Control": "no-cache", "Accept-Ranges": "bytes" };
    if (request.headers["if-none-match"] === etag) {
      response.writeHead(304, headers).end();
      return;
    }
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    if (range) {
      const [from, to] = [Number(range[1]), Math.min(Number(range[2]), size - 1)];
      this.sent_bytes += to - from + 1;
      response.writeHead(206, { ...headers, "Content-Range": `bytes ${from}-${to}/${size}`, "Content-Length": to - from + 1 });
      createReadStream(path, { start: from, end: to }).pipe(response);
      return;
    }
    const is_compressed = COMPRESSED.includes(extname(path)) && /\bbr\b/.test(String(request.headers["accept-encoding"] ?? ""));
    const body = is_compressed ? this.compressed(path) : readFileSync(path);
    this.sent_bytes += body.length;
    response.writeHead(200, { ...headers, "Content-Length": body.length, ...(is_compressed ? { "Content-Encoding": "br" } : {}) });
    response.end(body);
  }
}
