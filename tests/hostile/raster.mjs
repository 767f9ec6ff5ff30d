// Files that are not images, and PNG, JPEG and BMP files that are inconsistent or unpack to far more than their size.

import { crc32, deflateSync, gzipSync } from "node:zlib";

import { be, le, noise, patched, zlib_bomb } from "./bytes.mjs";
import { JPEG, JPEG_COLOUR, JPEG_PROGRESSIVE, SOS, bent_anyhow, bent_frames, markers, segment } from "./codestreams.mjs";

/** @typedef {import("./make.mjs").Case} Case */
/** @typedef {import("./make.mjs").Outcome} Outcome */

/** @type {(name: string, outcome: Outcome, bytes: Buffer) => Case} */
const one = (name, outcome, bytes) => ({ name, outcome, files: [{ name: "a.file", bytes }] });

/** @type {() => Generator<Case>} */
export function* raster_cases() {
  yield* no_images();
  yield* pngs();
  yield* jpegs();
  yield* bmps();
}

/** @type {() => Generator<Case>} */
function* no_images() {
  yield { name: "no-files", outcome: "refused", files: [] };
  yield one("empty", "refused", Buffer.alloc(0));
  yield one("one-byte", "refused", Buffer.from("I"));
  yield one("zeros", "refused", Buffer.alloc(1 << 20));
  yield one("ff", "refused", Buffer.alloc(1 << 20, 0xff));
  yield one("noise", "refused", noise(1 << 16));
  yield one("text", "refused", Buffer.from("This is not a scan.\n".repeat(400)));
  yield one("text-gzipped", "refused", gzipSync(Buffer.from("This is not a scan.\n".repeat(400))));
  for (const [name, start] of /** @type {const} */ ([
    ["zip", "PK\x03\x04"], ["png", "\x89PNG\r\n\x1a\n"], ["jpeg", "\xff\xd8\xff"], ["bmp", "BM"], ["tiff", "II*\0"], ["jpeg-2000", "\xff\x4f\xff\x51"], ["gzip", "\x1f\x8b\x08\0"],
  ])) {
    const magic = Buffer.from(start, "latin1");
    yield one(`${name}-magic-alone`, "refused", magic);
    yield one(`${name}-magic-and-zeros`, "refused", Buffer.concat([magic, Buffer.alloc(4096)]));
    yield one(`${name}-magic-and-noise`, "refused", Buffer.concat([magic, noise(4096)]));
  }
}

/** @type {(kind: string, data: Buffer, length?: number) => Buffer} */
function chunk(kind, data, length = data.length) {
  const named = Buffer.concat([Buffer.from(kind), data]);
  return Buffer.concat([be(4, length), named, be(4, crc32(named))]);
}

/** Width, height, bits, colour type, interlacing. @type {(width: number, height: number, bits?: number, colour?: number, interlaced?: number) => Buffer} */
const ihdr = (width, height, bits = 8, colour = 0, interlaced = 0) =>
  chunk("IHDR", Buffer.concat([be(4, width, height), be(1, bits, colour, 0, 0, interlaced)]));

const SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
const IEND = chunk("IEND", Buffer.alloc(0));

/** @type {(...chunks: Buffer[]) => Buffer} */
const png = (...chunks) => Buffer.concat([SIGNATURE, ...chunks, IEND]);

/** @type {() => Generator<Case>} */
function* pngs() {
  const rows = Buffer.alloc(16 * 17);
  const idat = chunk("IDAT", deflateSync(rows));
  const control = png(ihdr(16, 16), idat);
  yield one("png-control", "opens", control);
  for (const length of [9, 12, 16, 20, 24, 29, 33, 37, 41, 45]) yield one(`png-cut-after-${length}`, "refused", control.subarray(0, length));
  for (const [width, height] of /** @type {const} */ ([
    [0, 16], [16, 0], [0x7fff_ffff, 0x7fff_ffff], [0xffff_ffff, 1], [1, 0xffff_ffff], [65536, 65536], [16384, 16384], [60000, 1], [17, 16], [16, 17], [32, 32],
  ])) yield one(`png-of-${width}x${height}-in-16x16`, "refused", png(ihdr(width, height), idat));
  for (const [bits, colour] of /** @type {const} */ ([[0, 0], [3, 0], [32, 0], [8, 1], [8, 7], [16, 3], [4, 2], [255, 255]])) {
    yield one(`png-of-${bits}-bits-and-colour-type-${colour}`, "refused", png(ihdr(16, 16, bits, colour), idat));
  }
  yield one("png-interlaced-as-2", "refused", png(ihdr(16, 16, 8, 0, 2), idat));
  yield one("png-interlaced-with-too-little", "either", png(ihdr(16, 16, 8, 0, 1), chunk("IDAT", deflateSync(Buffer.alloc(20)))));
  yield one("png-with-half-the-rows", "refused", png(ihdr(16, 16), chunk("IDAT", deflateSync(rows.subarray(0, 130)))));
  yield one("png-with-filters-of-9", "refused", png(ihdr(16, 16), chunk("IDAT", deflateSync(Buffer.alloc(16 * 17, 9)))));
  yield one("png-without-pixels", "refused", png(ihdr(16, 16)));
  yield one("png-without-a-header", "refused", png(idat));
  yield one("png-with-two-headers", "either", png(ihdr(16, 16), ihdr(8, 8), idat));
  yield one("png-with-a-wrong-checksum", "either", patched(control, control.length - IEND.length - 2, Buffer.from([1, 2])));
  yield one("png-with-pixels-of-noise", "refused", png(ihdr(16, 16), chunk("IDAT", noise(300))));
  for (const length of [0x7fff_ffff, 0xffff_ffff, 1 << 20]) {
    yield one(`png-with-pixels-${length}-bytes-long`, "refused", png(ihdr(16, 16), chunk("IDAT", deflateSync(rows), length)));
    yield one(`png-with-text-${length}-bytes-long`, "refused", png(ihdr(16, 16), chunk("tEXt", Buffer.from("a\0b"), length), idat));
  }
  yield one("png-palette-missing", "refused", png(ihdr(16, 16, 8, 3), idat));
  yield one("png-palette-of-257", "either", png(ihdr(16, 16, 8, 3), chunk("PLTE", Buffer.alloc(771)), idat));
  yield one("png-palette-of-5-bytes", "refused", png(ihdr(16, 16, 8, 3), chunk("PLTE", Buffer.alloc(5)), idat));
  yield one("png-indices-beyond-the-palette", "either", png(ihdr(16, 16, 8, 3), chunk("PLTE", Buffer.alloc(3)), chunk("IDAT", deflateSync(Buffer.concat(Array.from({ length: 16 }, () => patched(Buffer.alloc(17, 200), 0, Buffer.from([0]))))))));
  yield one("png-transparency-of-3-bytes", "either", png(ihdr(16, 16), chunk("tRNS", Buffer.alloc(3)), idat));
  yield one("png-of-100000-empty-chunks", "either", png(ihdr(16, 16), ...Array.from({ length: 100_000 }, () => chunk("IDAT", Buffer.alloc(0))), idat));
  yield one("png-of-a-million-frames", "either", png(ihdr(16, 16), chunk("acTL", be(4, 1_000_000, 0)), idat));
  yield one("png-frame-beyond-the-image", "either", png(ihdr(16, 16), chunk("acTL", be(4, 1, 0)), chunk("fcTL", Buffer.concat([be(4, 0, 65536, 65536, 65536, 65536), Buffer.alloc(6)])), idat));
  yield one("png-bomb-of-2-gib-behind-one-pixel", "either", png(ihdr(1, 1), chunk("IDAT", zlib_bomb(2048))));
  yield one("png-bomb-of-2-gib-as-claimed", "refused", png(ihdr(32768, 65535), chunk("IDAT", zlib_bomb(2048))));
  yield one("png-bomb-of-the-largest-grey-image", "either", png(ihdr(8000, 8000), chunk("IDAT", zlib_bomb(62))));
  yield one("png-bomb-of-the-largest-deep-colour-image", "either", png(ihdr(8000, 8000, 16, 6), chunk("IDAT", zlib_bomb(489))));
  const turned = chunk("eXIf", Buffer.concat([Buffer.from("II*\0"), le(4, 8), le(2, 1, 0x112, 3), le(4, 1, 6, 0)]));
  yield one("png-bomb-of-the-largest-deep-colour-image-on-its-side", "either", png(ihdr(8000, 8000, 16, 6), turned, chunk("IDAT", zlib_bomb(489))));
  yield one("png-bomb-of-text", "either", png(ihdr(16, 16), chunk("zTXt", Buffer.concat([Buffer.from("a\0\0"), zlib_bomb(1024)])), idat));
  yield one("png-bomb-of-a-colour-profile", "either", png(ihdr(16, 16), chunk("iCCP", Buffer.concat([Buffer.from("a\0\0"), zlib_bomb(1024)])), idat));
  yield one("png-bomb-of-international-text", "either", png(ihdr(16, 16), chunk("iTXt", Buffer.concat([Buffer.from("a\0\x01\0\0\0"), zlib_bomb(1024)])), idat));
}

/** @type {() => Generator<Case>} */
function* jpegs() {
  for (const [kind, stream] of /** @type {const} */ ([["grey", JPEG], ["colour", JPEG_COLOUR], ["progressive", JPEG_PROGRESSIVE]])) {
    yield one(`jpeg-${kind}-control`, "opens", stream);
    for (const [name, bytes] of [...bent_anyhow(stream), ...bent_frames(stream)]) yield one(`jpeg-${kind}-${name}`, "either", bytes);
  }
  // A progressive image may repeat its data: each scan covers all of a large image.
  const scan = segment(JPEG_PROGRESSIVE, SOS);
  const large = patched(JPEG_PROGRESSIVE, segment(JPEG_PROGRESSIVE, 0xffc2) + 5, be(2, 7900, 8000));
  const ten = Buffer.concat([be(2, SOS, 8), be(1, 1, 1, 0, 0, 0, 0x01), Buffer.alloc(4)]);
  yield one("jpeg-of-2000-scans-of-a-large-image", "either", Buffer.concat([large.subarray(0, scan), ...Array.from({ length: 2000 }, () => ten)]));
  yield one("jpeg-of-a-large-image-in-nothing", "either", large);
  const tables = JPEG.subarray(segment(JPEG, 0xffdb), segment(JPEG, 0xffc0));
  yield one("jpeg-of-100000-tables", "either", Buffer.concat([JPEG.subarray(0, 2), ...Array.from({ length: 100_000 }, () => tables), JPEG.subarray(2)]));
  const start = JPEG.subarray(0, 2);
  const rest = JPEG.subarray(2);
  const app = (/** @type {number} */ marker, /** @type {Buffer} */ data) => Buffer.concat([start, be(2, marker, data.length + 2), data, rest]);
  const exif = (/** @type {Buffer} */ tiff) => app(0xffe1, Buffer.concat([Buffer.from("Exif\0\0"), tiff]));
  yield one("jpeg-exif-that-points-at-itself", "either", exif(Buffer.concat([Buffer.from("II*\0"), le(4, 8), le(2, 0), le(4, 8)])));
  yield one("jpeg-exif-of-65535-entries", "either", exif(Buffer.concat([Buffer.from("II*\0"), le(4, 8), le(2, 65535)])));
  yield one("jpeg-exif-orientation-99", "either", exif(Buffer.concat([Buffer.from("II*\0"), le(4, 8), le(2, 1, 0x112, 3), le(4, 1, 99, 0)])));
  yield one("jpeg-exif-beyond-the-end", "either", exif(Buffer.concat([Buffer.from("MM\0*"), be(4, 0xffff_fff0)])));
  yield one("jpeg-profile-part-9-of-3", "either", app(0xffe2, Buffer.concat([Buffer.from("ICC_PROFILE\0"), be(1, 9, 3), noise(100)])));
  yield one("jpeg-of-65535-restarts", "either", Buffer.concat([
    JPEG.subarray(0, segment(JPEG, SOS)), be(2, 0xffdd, 4, 1), JPEG.subarray(segment(JPEG, SOS)), ...Array.from({ length: 65535 }, (_, at) => be(2, 0xffd0 + (at % 8))),
  ]));
  const huffman = segment(JPEG, 0xffc4);
  yield one("jpeg-of-more-codes-than-there-can-be", "either", patched(JPEG, huffman + 5, Buffer.alloc(16, 255)));
  yield one("jpeg-of-codes-of-length-1", "either", patched(JPEG, huffman + 5, Buffer.from([3])));
  const [, quantisation] = markers(JPEG).find(([marker]) => marker === 0xffdb) ?? [0, 0];
  yield one("jpeg-quantised-by-0", "either", patched(JPEG, quantisation + 5, Buffer.alloc(64)));
}

/** A header of 40 bytes, and pixels. @type {(width: number, height: number, bits?: number, compression?: number, colours?: number, pixels?: Buffer) => Buffer} */
function bmp(width, height, bits = 24, compression = 0, colours = 0, pixels = Buffer.alloc(16 * 16 * 3, 9)) {
  const info = Buffer.concat([le(4, 40, width, height), le(2, 1, bits), le(4, compression, 0, 0, 0, colours, 0)]);
  return Buffer.concat([Buffer.from("BM"), le(4, 54 + pixels.length, 0, 54), info, pixels]);
}

/** @type {() => Generator<Case>} */
function* bmps() {
  const control = bmp(16, 16);
  yield one("bmp-control", "opens", control);
  for (const length of [2, 10, 14, 18, 26, 30, 53, 54, 55, 400, control.length - 1]) yield one(`bmp-cut-after-${length}`, "refused", control.subarray(0, length));
  for (const [width, height] of /** @type {const} */ ([[0, 16], [16, 0], [-16, 16], [0x7fff_ffff, 0x7fff_ffff], [0x7fff_ffff, 1], [1, -0x8000_0000], [16, 17], [65536, 65536]])) {
    yield one(`bmp-of-${width}x${height}-in-16x16`, "refused", bmp(width, height));
  }
  // Windows CE had 2 bits.
  for (const bits of [0, 2, 3, 9, 64, 65535]) yield one(`bmp-of-${bits}-bits`, bits === 2 ? "either" : "refused", bmp(16, 16, bits));
  for (const compression of [3, 4, 5, 6, 99]) yield one(`bmp-compressed-as-${compression}`, "either", bmp(16, 16, 24, compression));
  for (const colours of [257, 65536, 0xffff_ffff]) yield one(`bmp-of-${colours}-colours`, "either", bmp(16, 16, 8, 0, colours));
  for (const size of [0, 11, 13, 39, 41, 0xffff_ffff]) yield one(`bmp-header-of-${size}-bytes`, "refused", patched(control, 14, le(4, size)));
  for (const offset of [0, 20, 0x7fff_ffff, 0xffff_ffff]) yield one(`bmp-pixels-at-${offset}`, "either", patched(control, 10, le(4, offset)));
  const runs = (/** @type {number[]} */ ...bytes) => Buffer.concat([Buffer.alloc(1024), Buffer.from(bytes)]);
  for (const [name, data] of /** @type {const} */ ([["too-long", runs(255, 1, 255, 1, 0, 1)], ["that-jump-away", runs(0, 2, 255, 255, 0, 2, 255, 255, 9, 9)], ["without-an-end", runs(1, 1)], ["of-nothing", runs()], ["of-0", runs(0, 0, 0, 0, 0, 3, 1)]])) {
    yield one(`bmp-runs-${name}`, "either", bmp(16, 16, 8, 1, 0, data));
  }
  yield one("bmp-runs-of-a-large-image-in-nothing", "either", bmp(8000, 8000, 8, 1, 0, runs(0, 1)));
}
