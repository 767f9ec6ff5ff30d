// What a first visit loads, held to a budget.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

import { expect, test } from "@playwright/test";

import { DIST } from "./playwright.config.js";

const MB = 1e6;
/** Compressed by the host, as all hosts do with these. */
const IS_TEXT_OR_MODULE = /\.(wasm|js|css|html|json|svg|webmanifest)$/;

/** As a host has it that compresses beforehand. @type {(path: string) => Promise<number>} */
async function brotli(path) {
  const bytes = readFileSync(path);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return (await promisify(brotliCompress)(bytes, { params })).length;
}

test("the module is at most 3 MB, and a first visit at most 24 MB", async () => {
  const files = readdirSync(DIST, { recursive: true, encoding: "utf8" })
    .map((path) => join(DIST, path))
    .filter((path) => statSync(path).isFile())
    // A sample is loaded when it is asked for.
    .filter((path) => !path.startsWith(join(DIST, "samples")));
  const sizes = await Promise.all(files.map(async (path) => (
    { path, bytes: IS_TEXT_OR_MODULE.test(path) ? await brotli(path) : statSync(path).size }
  )));
  const module = sizes.find(({ path }) => path.endsWith(".wasm"))?.bytes ?? NaN;
  const all = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(`module ${(module / MB).toFixed(2)} MB, first visit ${(all / MB).toFixed(2)} MB`);
  expect(module).toBeLessThanOrEqual(3 * MB);
  expect(all).toBeLessThanOrEqual(24 * MB);
});
