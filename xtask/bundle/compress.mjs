// Writes `.br` and `.gz` next to each file of the built page that they make smaller: `node compress.mjs DIST CACHE`.
// At the best levels the module takes a minute, so files compressed before come from the cache.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

/** Text and the module: weights and images don't compress, and only debuggers load source maps. */
const IS_COMPRESSED = /\.(wasm|js|css|html|json|svg|webmanifest)$/;

/** @type {Record<string, (bytes: Buffer) => Promise<Buffer>>} */
const FORMS = {
  br: (bytes) => promisify(brotliCompress)(bytes, { params: {
    [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  } }),
  gz: (bytes) => promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }),
};

/** @type {(dist: string, cache: string) => Promise<void>} */
async function compress(dist, cache) {
  mkdirSync(cache, { recursive: true });
  /** @type {Set<string>} */
  const used = new Set();
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((path) => IS_COMPRESSED.test(path));
  await Promise.all(files.flatMap((file) => {
    const bytes = readFileSync(join(dist, file));
    const hash = createHash("sha256").update(bytes).digest("hex");
    return Object.entries(FORMS).map(async ([ending, form]) => {
      const name = `${hash}.${ending}`;
      used.add(name);
      const kept = join(cache, name);
      const compressed = existsSync(kept) ? readFileSync(kept) : await form(bytes);
      writeFileSync(kept, compressed);
      if (compressed.length < bytes.length) writeFileSync(join(dist, `${file}.${ending}`), compressed);
    });
  }));
  for (const name of readdirSync(cache)) if (!used.has(name)) rmSync(join(cache, name));
}

const [, , dist, cache] = process.argv;
if (!dist || !cache) throw new Error("node compress.mjs DIST CACHE");
await compress(dist, cache);
