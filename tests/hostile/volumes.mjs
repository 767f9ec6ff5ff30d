// NRRD, MetaImage and MGH: wrong headers, wrong streams, and headers that name other files.

import { deflateSync, gzipSync } from "node:zlib";

import { be, gzip_bomb, noise, zlib_bomb } from "./bytes.mjs";

/** @typedef {import("./make.mjs").Case} Case */
/** @typedef {import("./make.mjs").Outcome} Outcome */

/** @type {(name: string, outcome: Outcome, bytes: Buffer | string, file?: string, ...others: [string, Buffer][]) => Case} */
const one = (name, outcome, bytes, file = "a", ...others) => ({
  name, outcome,
  files: [{ name: file, bytes: Buffer.from(bytes) }, ...others.map(([name, bytes]) => ({ name, bytes }))],
});

/** 4 × 3 × 2 voxels of 16 bits. */
const voxels = noise(48);

const NRRD = "NRRD0004\ntype: short\ndimension: 3\nspace: RAS\nsizes: 4 3 2\nspace directions: (1,0,0) (0,1,0) (0,0,2)\n"
  + "endian: little\nencoding: raw\nspace origin: (0,0,0)\n";
const METAIMAGE = "ObjectType = Image\nNDims = 3\nBinaryData = True\nDimSize = 4 3 2\nElementType = MET_SHORT\n"
  + "ElementSpacing = 1 1 2\nElementDataFile = LOCAL\n";

/** A header with a part of it replaced, and what follows it. @type {(head: string, from: string, to: string, bytes?: Buffer) => Buffer} */
function bent(head, from, to, bytes = voxels) {
  if (!head.includes(from)) throw new Error(`no ${from}`);
  const end = head.startsWith("NRRD") ? "\n" : "";
  return Buffer.concat([Buffer.from(head.replace(from, to) + end, "latin1"), bytes]);
}

/** @type {(...sides: number[]) => Buffer} */
function mgh(...sides) {
  const made = Buffer.alloc(284 + voxels.length);
  made.set(be(4, 1, ...sides, 4));
  made.set(voxels, 284);
  return made;
}

/** @type {() => Generator<Case>} */
export function* volume_cases() {
  yield one("nrrd-control", "opens", bent(NRRD, "\n", "\n"));
  yield one("metaimage-control", "opens", bent(METAIMAGE, "\n", "\n"));
  yield one("mgh-control", "opens", mgh(4, 3, 2, 1));
  yield* of_nrrd();
  yield* of_metaimage();
  yield* of_mgh();
  yield* of_parts();
}

/** @type {() => Generator<Case>} */
function* of_nrrd() {
  const whole = bent(NRRD, "\n", "\n");
  const nrrd = (/** @type {string} */ name, /** @type {Outcome} */ outcome, /** @type {Buffer} */ bytes) => one(`nrrd-${name}`, outcome, bytes, "a.nrrd");
  for (const length of [4, 8, 9, 40, 100, whole.length - 48, whole.length - 1]) yield nrrd(`cut-after-${length}`, "refused", whole.subarray(0, length));
  for (const [name, from, to] of /** @type {const} */ ([
    ["17-dimensions", "dimension: 3", "dimension: 17"], ["no-dimensions", "dimension: 3", "dimension: 0"],
    ["a-side-of-0", "4 3 2", "4 0 2"], ["a-negative-side", "4 3 2", "4 -3 2"], ["more-than-2-to-the-64", "4 3 2", "4 3 99999999999999999999"],
    ["sides-of-2-to-the-31", "4 3 2", "2147483647 2147483647 2147483647"], ["as-many-voxels-as-can-be", "4 3 2", "16384 16384 1"],
    ["one-slice-too-many", "4 3 2", "4 3 3"], ["no-sizes", "sizes: 4 3 2\n", ""], ["a-type-of-blocks", "short", "block"],
    ["an-unknown-encoding", "raw", "bzip2"], ["gzip-of-noise", "raw", "gzip"], ["text-of-noise", "raw", "ascii"],
    ["a-skip-of-2-to-the-63", "raw", "raw\nbyte skip: 9223372036854775807"], ["more-lines-to-skip-than-it-has", "raw", "raw\nline skip: 999999999"],
    ["directions-of-text", "(0,0,2)", "(a,b,c)"], ["an-open-bracket", "(0,0,2)", "(0,0"],
  ])) yield nrrd(name, "refused", bent(NRRD, from, to));
  for (const [name, from, to] of /** @type {const} */ ([
    ["directions-of-nan", "(0,0,2)", "(nan,nan,nan)"], ["directions-of-infinity", "(0,0,2)", "(0,0,1e999)"], ["directions-of-0", "(0,0,2)", "(0,0,0)"],
    ["an-origin-far-away", "(0,0,0)\n", "(1e300,0,0)\n"], ["kinds-of-nothing", "raw", "raw\nkinds: list list list"],
  ])) yield nrrd(name, "either", bent(NRRD, from, to));
  const gz = NRRD.replace("raw", "gzip");
  yield nrrd("bomb-of-256-mib-behind-small-voxels", "either", bent(gz, "\n", "\n", gzip_bomb(voxels, 256)));
  yield nrrd("bomb-of-1-gib-as-claimed", "refused", bent(gz, "4 3 2", "16384 16384 2", gzip_bomb(voxels, 1024)));
  yield nrrd("bomb-of-256-mib-to-skip", "either", bent(gz, "gzip", "gzip\nbyte skip: 268435456", gzip_bomb(voxels, 257)));
  yield nrrd("cut-gzip", "refused", bent(gz, "\n", "\n", gzipSync(voxels).subarray(0, 30)));
  yield nrrd("a-header-of-8-mb", "either", bent(NRRD, "raw", `raw\n${"# none\n".repeat(1_200_000)}`));
  yield nrrd("a-line-of-8-mb", "either", bent(NRRD, "raw", `raw\ncontent: ${"x".repeat(8_000_000)}`));
  const many = Array.from({ length: 40_000 }, (_, at) => `Segment${at}_Layer:=${at}\n`).join("");
  yield nrrd("40000-segments", "either", bent(NRRD, "raw\n", `raw\n${many}`));
  yield nrrd("segments-without-end", "either", bent(NRRD, "raw\n", `raw\n${"Segment4294967295_LabelValue:=4294967295\n".repeat(1000)}`));
  yield nrrd("text-without-end", "refused", bent(NRRD.replace("raw", "text"), "\n", "\n", Buffer.alloc(4_000_000, "1")));
}

/** @type {() => Generator<Case>} */
function* of_metaimage() {
  const whole = bent(METAIMAGE, "\n", "\n");
  const meta = (/** @type {string} */ name, /** @type {Outcome} */ outcome, /** @type {Buffer} */ bytes) => one(`metaimage-${name}`, outcome, bytes, "a.mha");
  for (const length of [10, 20, 60, whole.length - 48, whole.length - 1]) yield meta(`cut-after-${length}`, "refused", whole.subarray(0, length));
  for (const [name, from, to] of /** @type {const} */ ([
    ["11-dimensions", "NDims = 3", "NDims = 11"], ["no-dimensions", "NDims = 3", "NDims = 0"], ["a-side-of-0", "4 3 2", "4 0 2"],
    ["all-sides-of-2-to-the-31", "4 3 2", "2147483647 2147483647 2147483647"], ["one-slice-too-many", "4 3 2", "4 3 3"],
    ["an-unknown-type", "MET_SHORT", "MET_OTHER"], ["2-to-the-64-channels", "LOCAL", "LOCAL\n"],
    ["compressed-noise", "BinaryData = True", "CompressedData = True"], ["text-of-noise", "BinaryData = True", "BinaryData = False"],
    ["a-header-size-of-text", "BinaryData = True", "HeaderSize = x"], ["a-header-size-of-2-to-the-62", "BinaryData = True", "HeaderSize = 4611686018427387904"],
    ["spacing-of-text", "1 1 2", "one one two"], ["no-files", "LOCAL", "LIST"], ["a-pattern-of-no-steps", "LOCAL", "%d.raw 1 9 0"],
    ["a-pattern-of-2-to-the-63-files", "LOCAL", "%d.raw 0 9223372036854775807 1"], ["a-file-above-its-folder", "LOCAL", "../../../etc/passwd"],
  ])) {
    if (name === "2-to-the-64-channels") {
      yield meta(name, "refused", bent(METAIMAGE, "ElementType", "ElementNumberOfChannels = 18446744073709551615\nElementType"));
    } else yield meta(name, "refused", bent(METAIMAGE, from, to));
  }
  yield meta("spacing-of-nan", "either", bent(METAIMAGE, "1 1 2", "nan 0 -1"));
  yield meta("a-matrix-of-zeros", "either", bent(METAIMAGE, "ElementType", `TransformMatrix = ${"0 ".repeat(9)}\nElementType`));
  const zipped = METAIMAGE.replace("BinaryData = True", "CompressedData = True");
  yield meta("compressed-control", "opens", bent(zipped, "\n", "\n", deflateSync(voxels)));
  yield meta("bomb-of-256-mib-behind-small-voxels", "either", bent(zipped, "\n", "\n", zlib_bomb(256)));
  yield meta("bomb-of-1-gib-as-claimed", "refused", bent(zipped, "4 3 2", "16384 16384 2", zlib_bomb(1024)));
}

/** @type {() => Generator<Case>} */
function* of_mgh() {
  const whole = mgh(4, 3, 2, 1);
  for (const length of [24, 30, 80, 283, 284, whole.length - 1]) yield one(`mgh-cut-after-${length}`, "refused", whole.subarray(0, length));
  for (const sides of [[0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff], [4, 3, 3, 1], [65536, 65536, 1, 1], [-4, 3, 2, 1], [4, 0, 2, 1]]) {
    yield one(`mgh-of-${sides.join("-by-")}`, "refused", mgh(...sides));
  }
  yield one("mgh-of-2-to-the-31-frames", "either", mgh(4, 3, 2, 0x7fffffff));
  yield one("mgz-bomb-of-256-mib-behind-small-voxels", "either", gzip_bomb(whole, 256), "a.mgz");
  yield one("mgz-bomb-of-1-gib-as-claimed", "refused", gzip_bomb(mgh(1024, 1024, 1024, 1), 1024), "a.mgz");
  yield one("mgz-cut", "refused", gzipSync(whole).subarray(0, 60), "a.mgz");
}

/** Headers that name other files. @type {() => Generator<Case>} */
function* of_parts() {
  const nhdr = NRRD + "data file: a.raw\n";
  const mhd = METAIMAGE.replace("LOCAL", "a.raw");
  for (const [name, head] of /** @type {const} */ ([["nhdr", nhdr], ["mhd", mhd]])) {
    yield one(`${name}-control`, "opens", head, `a.${name}`, ["a.raw", voxels]);
    yield one(`${name}-without-its-file`, "refused", head, `a.${name}`);
    yield one(`${name}-with-an-empty-file`, "refused", head, `a.${name}`, ["a.raw", Buffer.alloc(0)]);
    yield one(`${name}-one-byte-short`, "refused", head, `a.${name}`, ["a.raw", voxels.subarray(1)]);
    yield one(`${name}-with-a-bomb-as-its-file`, "either", head, `a.${name}`, ["a.raw.gz", gzip_bomb(voxels, 256)]);
    yield one(`${name}-that-names-itself`, "either", head.replace("a.raw", `a.${name}`), `a.${name}`);
  }
  const list = NRRD + "data file: LIST\n" + "a.raw\n".repeat(100_000);
  yield one("nhdr-with-100000-names", "refused", list, "a.nhdr", ["a.raw", voxels]);
  /** @type {[string, Buffer][]} */
  const others = Array.from({ length: 500 }, (_, at) => [`${at}.nhdr`, Buffer.from(nhdr.replace("a.raw", `${at + 1}.nhdr`))]);
  yield one("nhdr-500-that-name-each-other", "either", nhdr, "a.nhdr", ...others);
}
