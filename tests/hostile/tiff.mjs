// TIFF: directories that form cycles, and strips that are inconsistent or unpack to far more than their size.

import { deflateSync } from "node:zlib";

import { le, noise, patched, zlib_bomb } from "./bytes.mjs";
import { JPEG } from "./codestreams.mjs";

/** @typedef {import("./make.mjs").Case} Case */
/** @typedef {import("./make.mjs").Outcome} Outcome */
/** Tag, type (3: 16 bits, 4: 32 bits, 5: fraction), count, value or offset. @typedef {[tag: number, type: number, count: number, value: number]} Entry */

/** @type {(name: string, outcome: Outcome, bytes: Buffer) => Case} */
const one = (name, outcome, bytes) => ({ name: `tiff-${name}`, outcome, files: [{ name: "a.tif", bytes }] });

const TAG = {
  width: 256, height: 257, bits: 258, compression: 259, photometric: 262, offsets: 273, orientation: 274, samples: 277, rows: 278, counts: 279, planar: 284,
  predictor: 317, colours: 320, tile_width: 322, tile_height: 323, tile_offsets: 324, tile_counts: 325, format: 339, tables: 347,
};

/** The strip's offset, for a directory of fewer than 60 entries. */
const DATA = 8 + 2 + 60 * 12 + 4;

/** One directory followed by one strip. @type {(changes: Partial<Record<keyof typeof TAG, Entry | number | null>>, data?: Buffer, next?: number) => Buffer} */
function tiff(changes, data = Buffer.alloc(256, 5), next = 0) {
  /** @type {Record<string, Entry | number | null>} */
  const fields = { width: 16, height: 16, bits: 8, compression: 1, photometric: 1, offsets: DATA, samples: 1, rows: 16, counts: data.length, ...changes };
  const entries = Object.entries(fields).flatMap(([name, value]) => {
    if (value === null) return [];
    const tag = TAG[/** @type {keyof typeof TAG} */ (name)];
    return [/** @type {Entry} */ (typeof value === "number" ? [tag, 4, 1, value] : value)];
  });
  entries.sort(([a], [b]) => a - b);
  return Buffer.concat([patched(Buffer.alloc(DATA), 0, Buffer.concat([Buffer.from("II*\0"), le(4, 8), directory(entries, next)])), data]);
}

/** @type {(entries: Entry[], next: number) => Buffer} */
const directory = (entries, next) =>
  Buffer.concat([le(2, entries.length), ...entries.map(([tag, type, count, value]) => Buffer.concat([le(2, tag, type), le(4, count, value)])), le(4, next)]);

/** @type {() => Generator<Case>} */
export function* tiff_cases() {
  const control = tiff({});
  yield one("control", "opens", control);
  for (const length of [4, 6, 8, 9, 10, 12, 20, 22, 60, 118, DATA, DATA + 1, DATA + 255]) yield one(`cut-after-${length}`, "refused", control.subarray(0, length));
  yield* circles();
  yield* sizes();
  yield* strips();
  yield* packed();
}

/** @type {() => Generator<Case>} */
function* circles() {
  yield one("directory-that-follows-itself", "either", tiff({}, undefined, 8));
  const second = DATA + 256;
  const other = tiff({}, undefined, second).subarray(8, DATA);
  yield one("two-directories-that-follow-each-other", "either", Buffer.concat([tiff({}, undefined, second), patched(other, 2 + 9 * 12, le(4, 8))]));
  yield one("directory-beyond-the-end", "refused", patched(tiff({}), 4, le(4, 0xffff_fff0)));
  yield one("directory-in-the-header", "refused", patched(tiff({}), 4, le(4, 0)));
  yield one("next-directory-beyond-the-end", "either", tiff({}, undefined, 0xffff_fff0));
  yield one("65535-entries", "refused", patched(tiff({}), 8, le(2, 65535)));
  yield one("no-entries", "refused", patched(tiff({}), 8, le(2, 0)));
  const pages = 20_000;
  const size = 2 + 9 * 12 + 4;
  const list = Array.from({ length: pages }, (_, at) => patched(tiff({}).subarray(8, 8 + size), size - 4, le(4, at + 1 < pages ? 8 + (at + 1) * size : 0)));
  yield one("20000-pages-of-one-strip", "either", Buffer.concat([Buffer.from("II*\0"), le(4, 8), ...list]));
  // Small on disk, and each page is as large as all of them.
  const large = (/** @type {number} */ next) => tiff({ width: 8000, height: 8000, rows: 8000, counts: 64_000_000 }).subarray(8, 8 + size - 4).toString("latin1") + le(4, next).toString("latin1");
  const stack = Array.from({ length: 1000 }, (_, at) => large(at < 999 ? 8 + (at + 1) * size : 0)).join("");
  yield one("1000-large-pages-in-nothing", "refused", Buffer.concat([Buffer.from("II*\0"), le(4, 8), Buffer.from(stack, "latin1")]));
}

/** @type {() => Generator<Case>} */
function* sizes() {
  for (const [width, height] of /** @type {const} */ ([[0, 16], [16, 0], [0xffff_ffff, 0xffff_ffff], [0xffff_ffff, 1], [65536, 65536], [16384, 16384], [17, 16], [16, 1000]])) {
    yield one(`${width}x${height}-in-16x16`, "refused", tiff({ width, height }));
  }
  for (const bits of [0, 2, 3, 12, 24, 32, 64, 65535]) yield one(`${bits}-bits`, "either", tiff({ bits }));
  for (const samples of [0, 2, 3, 255, 65535]) yield one(`${samples}-samples`, "refused", tiff({ samples }));
  for (const photometric of [0, 2, 3, 4, 5, 6, 8, 65535]) yield one(`photometric-${photometric}`, "either", tiff({ photometric }));
  for (const format of [0, 2, 3, 4, 6, 65535]) yield one(`sample-format-${format}`, "either", tiff({ format }));
  for (const planar of [0, 2, 65535]) yield one(`planar-${planar}`, "either", tiff({ planar, samples: 3, photometric: 2, bits: [TAG.bits, 3, 3, DATA] }, Buffer.alloc(768, 8)));
  for (const orientation of [0, 5, 9, 65535]) yield one(`orientation-${orientation}`, "either", tiff({ orientation }));
  yield one("bits-65535-times", "refused", tiff({ samples: 65535, bits: [TAG.bits, 3, 65535, DATA] }));
  yield one("bits-4-gi-times", "refused", tiff({ bits: [TAG.bits, 3, 0xffff_ffff, DATA] }));
  yield one("a-width-of-text", "refused", tiff({ width: [TAG.width, 2, 4, 0x3631] }));
  yield one("a-width-of-an-unknown-type", "refused", tiff({ width: [TAG.width, 99, 1, 16] }));
  yield one("a-palette-of-4-gi-colours", "either", tiff({ photometric: 3, colours: [TAG.colours, 3, 0xffff_ffff, DATA] }));
  yield one("a-palette-that-is-missing", "either", tiff({ photometric: 3 }));
  yield one("floating-point-of-nan", "either", tiff({ bits: 32, format: 3 }, Buffer.alloc(1024, 0xff)));
  for (const name of /** @type {const} */ (["width", "height", "offsets"])) yield one(`without-${name}`, "refused", tiff({ [name]: null }));
  for (const name of /** @type {const} */ (["bits", "compression", "samples", "rows", "counts", "photometric"])) yield one(`without-${name}`, "either", tiff({ [name]: null }));
}

/** @type {() => Generator<Case>} */
function* strips() {
  for (const rows of [0, 1, 15, 0xffff_ffff]) yield one(`${rows}-rows-a-strip`, "either", tiff({ rows }));
  for (const offset of [0, 4, DATA + 200, 0xffff_fff0]) yield one(`a-strip-at-${offset}`, offset < DATA ? "either" : "refused", tiff({ offsets: offset }));
  for (const count of [0, 1, 255, 0x7fff_ffff, 0xffff_ffff]) yield one(`a-strip-of-${count}-bytes`, "either", tiff({ counts: count }));
  yield one("4-gi-strips", "refused", tiff({ offsets: [TAG.offsets, 4, 0xffff_ffff, DATA], counts: [TAG.counts, 4, 0xffff_ffff, DATA] }));
  yield one("100-million-strips-beyond-the-end", "refused", tiff({ offsets: [TAG.offsets, 4, 100_000_000, DATA], counts: [TAG.counts, 4, 100_000_000, DATA] }));
  yield one("more-offsets-than-counts", "either", tiff({ rows: 8, offsets: [TAG.offsets, 4, 2, DATA], counts: 128 }));
  for (const [width, height] of /** @type {const} */ ([[0, 0], [16, 0], [1, 1], [15, 17], [0xffff_fff0, 0xffff_fff0], [65536, 65536], [16384, 16384]])) {
    yield one(`tiles-of-${width}x${height}`, "either", tiff({ offsets: null, rows: null, counts: null, tile_width: width, tile_height: height, tile_offsets: DATA, tile_counts: 256 }));
  }
  yield one("tiles-of-1-in-a-large-image", "refused", tiff({
    width: 8000, height: 8000, offsets: null, rows: null, counts: null, tile_width: 1, tile_height: 1,
    tile_offsets: [TAG.tile_offsets, 4, 64_000_000, DATA], tile_counts: [TAG.tile_counts, 4, 64_000_000, DATA],
  }));
  yield one("strips-and-tiles", "either", tiff({ tile_width: 16, tile_height: 16, tile_offsets: DATA, tile_counts: 256 }));
}

/** Compressions: 2 to 4 fax, 5 LZW, 6 and 7 JPEG, 8 deflate, 32773 PackBits, 50000 Zstandard. @type {() => Generator<Case>} */
function* packed() {
  for (const compression of [0, 2, 3, 4, 5, 6, 7, 8, 9, 32773, 32946, 34712, 50000, 50001, 65535]) {
    yield one(`noise-compressed-as-${compression}`, "either", tiff({ compression }, noise(400)));
    yield one(`ff-compressed-as-${compression}`, "either", tiff({ compression }, Buffer.alloc(400, 0xff)));
  }
  yield one("deflate-control", "opens", tiff({ compression: 8 }, deflateSync(Buffer.alloc(256, 5))));
  yield one("deflate-of-half", "refused", tiff({ compression: 8 }, deflateSync(Buffer.alloc(128, 5))));
  yield one("deflate-bomb-of-2-gib-in-16x16", "either", tiff({ compression: 8 }, zlib_bomb(2048)));
  yield one("deflate-bomb-of-2-gib-as-claimed", "refused", tiff({ compression: 8, width: 32768, height: 65536, rows: 65536 }, zlib_bomb(2048)));
  yield one("deflate-bomb-in-one-large-strip-of-16x16", "either", tiff({ compression: 8, rows: 0x7fff_ffff }, zlib_bomb(1024)));
  yield one("deflate-bomb-of-the-largest-grey-image", "either", tiff({ compression: 8, width: 8000, height: 8000, rows: 8000 }, zlib_bomb(62)));
  yield one("deflate-bomb-of-the-largest-doubles", "either", tiff({ compression: 8, width: 8000, height: 8000, rows: 8000, bits: 64, format: 3 }, zlib_bomb(489)));
  const runs = Buffer.concat(Array.from({ length: 500_000 }, () => Buffer.from([0x81, 5])));
  yield one("packbits-bomb-of-64-mib-in-16x16", "either", tiff({ compression: 32773 }, runs));
  yield one("packbits-that-end-in-a-run", "refused", tiff({ compression: 32773 }, Buffer.from([0x81, 5, 0x81])));
  yield one("packbits-of-nothing-but-no-operations", "refused", tiff({ compression: 32773 }, Buffer.alloc(1 << 20, 0x80)));
  for (const predictor of [0, 2, 3, 4, 65535]) yield one(`predictor-${predictor}`, "either", tiff({ compression: 8, predictor }, deflateSync(Buffer.alloc(256, 5))));
  yield one("jpeg-in-a-strip", "either", tiff({ compression: 7 }, JPEG));
  yield one("jpeg-of-another-size-in-a-strip", "either", tiff({ compression: 7, width: 8, height: 40, rows: 40 }, JPEG));
  yield one("jpeg-tables-of-4-gib", "either", tiff({ compression: 7, tables: [TAG.tables, 7, 0xffff_ffff, DATA] }, JPEG));
}
