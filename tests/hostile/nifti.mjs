// NIfTI-1, NIfTI-2 and pairs: wrong headers, and wrong gzip streams.

import { gzipSync } from "node:zlib";

import { gzip_bomb, le, noise, patched } from "./bytes.mjs";

/** @typedef {import("./make.mjs").Case} Case */
/** @typedef {import("./make.mjs").Outcome} Outcome */

/** @type {(name: string, outcome: Outcome, bytes: Buffer, file?: string) => Case} */
const one = (name, outcome, bytes, file = "a.nii") => ({ name: `nifti-${name}`, outcome, files: [{ name: file, bytes }] });

/** @type {(number: number) => Buffer} */
function float(number) {
  const made = Buffer.alloc(4);
  made.writeFloatLE(number);
  return made;
}

/** Offsets in the header of NIfTI-1 (nifti1.h). */
const AT = { dim: 40, datatype: 70, bitpix: 72, pixdim: 76, vox_offset: 108, slope: 112, inter: 116, units: 123, qform: 252, sform: 254, quatern: 256, srow: 280, magic: 344, extension: 348 };

const VOXELS = 8 * 8 * 4 * 2;

/** 8 × 8 × 4 voxels of 16 bits. @type {(magic?: string) => Buffer} */
function header(magic = "n+1\0") {
  const made = Buffer.alloc(352);
  made.writeInt32LE(348);
  made.set(le(2, 3, 8, 8, 4, 1, 1, 1, 1), AT.dim);
  made.set(le(2, 4, 16), AT.datatype);
  [1, 2, 2, 3, 1, 1, 1, 1].forEach((number, at) => made.set(float(number), AT.pixdim + 4 * at));
  made.set(float(magic === "n+1\0" ? 352 : 0), AT.vox_offset);
  made.set(float(1), AT.slope);
  made.set(le(2, 0, 1), AT.qform);
  [2, 0, 0, -8, 0, 2, 0, -8, 0, 0, 3, -6].forEach((number, at) => made.set(float(number), AT.srow + 4 * at));
  made.write(magic, AT.magic, "latin1");
  return magic === "n+1\0" ? made : made.subarray(0, 348);
}

const voxels = Buffer.from(Uint8Array.from({ length: VOXELS }, (_, at) => (at % 2 ? 0 : at / 2)));

/** @type {(offset: number, ...bytes: Buffer[]) => Buffer} */
const bent = (offset, ...bytes) => Buffer.concat([patched(header(), offset, Buffer.concat(bytes)), voxels]);

/** The same as NIfTI-2 (nifti2.h). */
function second() {
  const made = Buffer.alloc(544 + VOXELS);
  made.writeInt32LE(540);
  made.write("n+2\0\r\n\x1a\n", 4, "latin1");
  made.writeInt16LE(4, 12);
  made.writeInt16LE(16, 14);
  [3n, 8n, 8n, 4n, 1n, 1n, 1n, 1n].forEach((number, at) => made.writeBigInt64LE(number, 16 + 8 * at));
  [1, 2, 2, 3, 1, 1, 1, 1].forEach((number, at) => made.writeDoubleLE(number, 104 + 8 * at));
  made.writeBigInt64LE(544n, 168);
  made.writeDoubleLE(1, 176);
  return made;
}

/** @type {(offset: number, ...numbers: bigint[]) => Buffer} */
function bent_second(offset, ...numbers) {
  const made = second();
  numbers.forEach((number, at) => made.writeBigInt64LE(number, offset + 8 * at));
  return made;
}

/** @type {() => Generator<Case>} */
export function* nifti_cases() {
  const whole = Buffer.concat([header(), voxels]);
  yield one("control", "opens", whole);
  yield one("2-control", "opens", second());
  yield one("gzipped-control", "opens", gzipSync(whole), "a.nii.gz");
  for (const length of [1, 3, 4, 39, 40, 42, 56, 70, 74, 76, 108, 112, 252, 280, 343, 344, 347, 348, 351, 352, 353, 352 + VOXELS / 2, 351 + VOXELS]) {
    yield one(`cut-after-${length}`, "refused", whole.subarray(0, length));
  }
  for (const length of [4, 11, 12, 16, 80, 168, 176, 540, 544, 545, 543 + VOXELS]) yield one(`2-cut-after-${length}`, "refused", second().subarray(0, length));
  yield* dimensions();
  yield* fields();
  yield* seconds();
  yield* gzipped(whole);
  yield* pairs();
}

/** @type {() => Generator<Case>} */
function* dimensions() {
  const dims = /** @type {const} */ ({
    "no-dimensions": [0, 8, 8, 4], "8-dimensions": [8, 8, 8, 4, 1, 1, 1, 1], "negative-dimensions": [-3, 8, 8, 4], "255-dimensions": [255, 8, 8, 4],
    "a-side-of-0": [3, 8, 0, 4], "a-negative-side": [3, -8, 8, 4], "two-negative-sides": [3, -8, -8, 4], "all-sides-of-32767": [3, 32767, 32767, 32767],
    "seven-sides-of-32767": [7, 32767, 32767, 32767, 32767, 32767, 32767, 32767], "a-product-of-2-to-the-64": [5, 16384, 16384, 16384, 16384, 256],
    "one-slice-too-many": [3, 8, 8, 5], "32767-volumes": [4, 8, 8, 4, 32767], "no-volumes": [4, 8, 8, 4, 0], "a-negative-number-of-volumes": [4, 8, 8, 4, -1],
    "vectors-of-32767": [5, 8, 8, 4, 1, 32767],
  });
  // The first volume is complete.
  const may_open = ["no-volumes", "32767-volumes", "vectors-of-32767"];
  for (const [name, dim] of Object.entries(dims)) yield one(name, may_open.includes(name) ? "either" : "refused", bent(AT.dim, le(2, ...dim)));
  for (const dim of [1, 2]) yield one(`${dim}-dimensions`, "either", bent(AT.dim, le(2, dim, 8, 8, 4)));
}

/** @type {() => Generator<Case>} */
function* fields() {
  for (const size of [0, 347, 349, -348, 0x5c01_0000]) yield one(`header-size-${size}`, "either", bent(0, le(4, size)));
  for (const magic of ["n+9\0", "ni1\0", "\0\0\0\0", "n+1x"]) yield one(`magic-${magic.replace(/[^a-z0-9]+/g, "-")}`, "either", bent(AT.magic, Buffer.from(magic)));
  for (const type of [0, 1, 3, 32, 128, 255, 1536, 1792, 2048, 2304, -4, 32767]) yield one(`datatype-${type}`, "refused", bent(AT.datatype, le(2, type)));
  for (const bits of [0, 1, 8, 32, 64, -16, 32767]) yield one(`bitpix-${bits}-of-16-bits`, "either", bent(AT.bitpix, le(2, bits)));
  for (const [name, type, bits] of /** @type {const} */ ([["double", 64, 64], ["8-byte-integer", 1024, 64], ["colour", 128, 24], ["complex", 32, 64]])) {
    yield one(`${name}-voxels-in-the-bytes-of-short-ones`, "refused", bent(AT.datatype, le(2, type, bits)));
  }
  yield one("floats-of-nan", "either", Buffer.concat([patched(header(), AT.datatype, le(2, 16, 32)), Buffer.alloc(2 * VOXELS, 0xff)]));
  for (const offset of [-1, 1, 347, 353, 1e9, 3e38, Number.NaN, Infinity, -Infinity]) {
    const name = `${offset}`.toLowerCase().replace("+", "");
    yield one(`vox-offset-${name}`, offset === 347 || offset === 1 || offset === -1 ? "either" : "refused", bent(AT.vox_offset, float(offset)));
  }
  yield one("vox-offset-0", "either", bent(AT.vox_offset, float(0)));
  for (const number of [Number.NaN, Infinity, 0, 3e38, 1e-45]) {
    const name = `${number}`.toLowerCase().replace("+", "");
    yield one(`slope-${name}`, "either", bent(AT.slope, float(number)));
    yield one(`intercept-${name}`, "either", bent(AT.inter, float(number)));
    yield one(`spacing-${name}`, "either", bent(AT.pixdim + 4, float(number), float(number), float(number)));
    yield one(`quaternion-${name}`, "either", bent(AT.qform, le(2, 1, 0), float(number), float(number), float(number)));
    yield one(`affine-${name}`, "either", bent(AT.srow, ...Array.from({ length: 12 }, () => float(number))));
  }
  yield one("negative-spacing", "either", bent(AT.pixdim, float(-7), float(-2), float(-2), float(-2)));
  yield one("a-flat-affine", "either", bent(AT.srow, ...[1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0].map(float)));
  yield one("unknown-codes-of-forms-and-units", "either", patched(bent(AT.qform, le(2, 99, -5)), AT.units, Buffer.from([255])));
  for (const size of [0, 1, 7, 16, -16, 1024, 0x7fff_fff0]) {
    const extension = Buffer.concat([Buffer.from([1, 0, 0, 0]), le(4, size, 6), Buffer.alloc(8)]);
    const start = patched(patched(header(), AT.vox_offset, float(368)), AT.extension, Buffer.from([1, 0, 0, 0]));
    yield one(`an-extension-of-${size}-bytes`, "either", Buffer.concat([start, extension.subarray(4), voxels]));
  }
  yield one("big-endian-that-is-little", "refused", bent(0, Buffer.from([0, 0, 1, 0x5c])));
  yield one("noise-after-the-size", "refused", Buffer.concat([le(4, 348), noise(340), Buffer.from("n+1\0"), noise(2000)]));
}

/** @type {() => Generator<Case>} */
function* seconds() {
  const most = 2n ** 63n - 1n;
  yield one("2-negative-side", "refused", bent_second(24, -8n));
  yield one("2-side-of-2-to-the-62", "refused", bent_second(24, 2n ** 62n));
  yield one("2-sides-whose-product-overflows-to-256", "refused", bent_second(24, 2n ** 32n, 2n ** 32n, 256n));
  yield one("2-sides-of-the-most", "refused", bent_second(24, most, most, most));
  yield one("2-no-dimensions", "refused", bent_second(16, 0n));
  yield one("2-dimensions-of-the-most", "refused", bent_second(16, most));
  yield one("2-negative-number-of-dimensions", "refused", bent_second(16, -1n));
  for (const offset of [-1n, 0n, 543n, 545n, most, -most]) {
    yield one(`2-vox-offset-${offset}`, offset < 544n && offset > -2n ? "either" : "refused", bent_second(168, offset));
  }
  yield one("2-datatype-0", "refused", patched(second(), 12, le(2, 0)));
  yield one("2-without-line-ends-in-the-magic", "either", patched(second(), 8, Buffer.alloc(4)));
}

/** @type {(whole: Buffer) => Generator<Case>} */
function* gzipped(whole) {
  const packed = gzipSync(whole);
  const gz = (/** @type {string} */ name, /** @type {Outcome} */ outcome, /** @type {Buffer} */ bytes) => one(`gzip-${name}`, outcome, bytes, "a.nii.gz");
  for (const length of [2, 3, 9, 10, 11, 20, Math.floor(packed.length / 2), packed.length - 9]) yield gz(`cut-after-${length}`, "refused", packed.subarray(0, length));
  yield gz("cut-in-the-checksum", "either", packed.subarray(0, packed.length - 4));
  yield gz("of-noise", "refused", Buffer.concat([packed.subarray(0, 10), noise(2000)]));
  yield gz("with-every-flag", "refused", patched(packed, 3, Buffer.from([255])));
  yield gz("with-a-wrong-checksum", "either", patched(packed, packed.length - 8, le(4, 1)));
  yield gz("with-a-wrong-length", "either", patched(packed, packed.length - 4, le(4, 0xffff_ffff)));
  yield gz("with-noise-behind", "either", Buffer.concat([packed, noise(100)]));
  yield gz("in-two-members", "either", Buffer.concat([gzipSync(whole.subarray(0, 400)), gzipSync(whole.subarray(400))]));
  yield gz("in-20000-empty-members", "either", Buffer.concat([...Array.from({ length: 20_000 }, () => gzipSync(Buffer.alloc(0))), packed]));
  yield gz("in-gzip", "either", gzipSync(packed));
  yield gz("of-gzip-1000-deep", "refused", Array.from({ length: 1000 }).reduce((/** @type {Buffer} */ inner) => gzipSync(inner, { level: 0 }), packed));
  yield gz("of-text", "refused", gzipSync(Buffer.from("This is no scan.\n".repeat(100))));
  yield gz("of-a-cut-file", "refused", gzipSync(whole.subarray(0, 500)));
  const claims = patched(header(), AT.dim, le(2, 3, 1024, 1024, 1024));
  yield gz("claiming-2-gib-in-nothing", "refused", gzipSync(Buffer.concat([claims, voxels])));
  yield gz("bomb-of-2-gib-as-claimed", "refused", gzip_bomb(claims, 2048));
  yield gz("bomb-of-1-gib-behind-small-voxels", "either", gzip_bomb(whole, 1024));
  yield gz("bomb-of-1-gib-of-zeros", "refused", gzip_bomb(Buffer.alloc(0), 1024));
  yield gz("bomb-of-1-gib-before-the-voxels", "either", gzip_bomb(patched(header(), AT.vox_offset, float(1 << 30)), 1024));
  yield gz("bomb-of-1-gib-as-32767-volumes", "either", gzip_bomb(patched(header(), AT.dim, le(2, 4, 128, 128, 2, 32767)), 1024));
  const extension = Buffer.concat([patched(patched(header(), AT.vox_offset, float(2 ** 30)), AT.extension, Buffer.from([1, 0, 0, 0])), le(4, 2 ** 30 - 352, 6)]);
  yield gz("bomb-of-an-extension-of-1-gib", "either", gzip_bomb(extension, 1040));
}

/** A header in one file and the voxels in another. @type {() => Generator<Case>} */
function* pairs() {
  const head = header("ni1\0");
  const pair = (/** @type {string} */ name, /** @type {Outcome} */ outcome, /** @type {Buffer} */ hdr, /** @type {Buffer | null} */ img, names = ["a.hdr", "a.img"]) =>
    /** @type {Case} */ ({
      name: `nifti-pair-${name}`, outcome,
      files: [{ name: names[0] ?? "", bytes: hdr }, ...(img ? [{ name: names[1] ?? "", bytes: img }] : [])],
    });
  yield pair("control", "opens", head, voxels);
  yield pair("without-voxels", "refused", head, null);
  yield pair("with-empty-voxels", "refused", head, Buffer.alloc(0));
  yield pair("one-byte-short", "refused", head, voxels.subarray(1));
  yield pair("of-other-names", "either", head, voxels, ["a.hdr", "b.img"]);
  yield pair("in-capitals", "either", head, voxels, ["A.HDR", "a.img"]);
  yield pair("with-voxels-far-behind", "refused", patched(head, AT.vox_offset, float(1e9)), voxels);
  yield pair("with-an-offset-of-nan", "refused", patched(head, AT.vox_offset, float(Number.NaN)), voxels);
  yield pair("of-32767-cubed", "refused", patched(head, AT.dim, le(2, 3, 32767, 32767, 32767)), voxels);
  yield pair("with-a-header-cut", "refused", head.subarray(0, 300), voxels);
  yield pair("that-says-it-is-one-file", "either", header().subarray(0, 348), voxels);
  yield pair("with-voxels-gzipped", "either", head, gzipSync(voxels), ["a.hdr", "a.img.gz"]);
  yield pair("with-a-bomb-of-1-gib-as-voxels", "either", head, gzip_bomb(voxels, 1024), ["a.hdr", "a.img.gz"]);
  yield pair("with-a-bomb-of-1-gib-as-header", "either", gzip_bomb(head, 1024), voxels, ["a.hdr.gz", "a.img"]);
  yield pair("of-two-headers", "refused", head, head);
  yield pair("of-an-image-as-voxels", "either", head, Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), voxels]));
  const many = Array.from({ length: 500 }, (_, at) => ({ name: `${at}.hdr`, bytes: head }));
  yield { name: "nifti-500-headers-without-voxels", outcome: "refused", files: many };
}
