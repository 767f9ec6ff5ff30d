// DICOM: pixels that contradict the data set, uncompressed and compressed.

import { be, le, noise, patched } from "./bytes.mjs";
import { FRAMES, JPEG, JPEG_2000, JPEG_LS, bent_anyhow, bent_frames, bent_jpeg_2000, bent_jpeg_ls, segment } from "./codestreams.mjs";
import { EIGHT_BITS, SEQUENCE_END, SYNTAX, UNDEFINED, encapsulated, encoded, file_of, header, item, slice } from "./dicom.mjs";

/** @typedef {import("./dicom.mjs").Element} Element */
/** @typedef {import("./make.mjs").Case} Case */
/** @typedef {import("./make.mjs").Outcome} Outcome */

/** @type {(name: string, outcome: Outcome, bytes: Buffer) => Case} */
const one = (name, outcome, bytes) => ({ name: `dicom-${name}`, outcome, files: [{ name: "a.dcm", bytes }] });

const NONE = Buffer.alloc(0);

/** @type {() => Generator<Case>} */
export function* dicom_pixel_cases() {
  yield* sizes();
  yield* frames();
  yield* fragments();
  yield* run_lengths();
  for (const [kind, syntax, stream, bent] of /** @type {const} */ ([
    ["jpeg", SYNTAX.jpeg, JPEG, () => [...bent_anyhow(JPEG), ...bent_frames(JPEG)]],
    ["jpeg-ls", SYNTAX.jpeg_ls, JPEG_LS, bent_jpeg_ls],
    ["jpeg-2000", SYNTAX.jpeg_2000, JPEG_2000, bent_jpeg_2000],
  ])) {
    yield one(`${kind}-control`, "opens", encapsulated(syntax, [NONE, stream]));
    for (const [name, bytes] of bent()) yield one(`${kind}-${name}`, "either", encapsulated(syntax, [NONE, bytes]));
  }
  const others = Object.entries({ jpeg_12_bit: JPEG_LS, jpeg_lossless: JPEG_2000, htj2k: JPEG, mpeg2: JPEG, jpeg_ls: JPEG_2000, jpeg_2000: JPEG_LS });
  for (const [name, stream] of others) {
    const syntax = SYNTAX[/** @type {keyof typeof SYNTAX} */ (name)];
    yield one(`another-stream-as-${name}`, "refused", encapsulated(syntax, [NONE, stream]));
  }
  const lossless = patched(JPEG, segment(JPEG, ...FRAMES), be(2, 0xffc3));
  yield one("a-baseline-stream-marked-lossless", "refused", encapsulated(SYNTAX.jpeg_lossless, [NONE, lossless]));
}

/** Rows, columns and depths that the 512 bytes of pixels contradict. @type {() => Generator<Case>} */
function* sizes() {
  for (const [rows, columns] of /** @type {const} */ ([[0, 16], [16, 0], [0, 0], [17, 16], [65535, 65535], [65535, 1], [1, 65535], [32768, 32768]])) {
    yield one(`${columns}x${rows}-in-512-bytes`, "refused", file_of(slice([0x0028_0010, "US", [rows]], [0x0028_0011, "US", [columns]])));
  }
  for (const bits of [0, 2, 3, 7, 24, 32, 64, 128, 65535]) {
    yield one(`${bits}-bits-allocated`, "refused", file_of(slice([0x0028_0100, "US", [bits]])));
  }
  for (const [stored, high] of /** @type {const} */ ([[0, 0], [0, 65535], [17, 16], [16, 3], [12, 15], [1, 200], [65535, 65534]])) {
    yield one(`${stored}-bits-up-to-bit-${high}`, "either", file_of(slice([0x0028_0101, "US", [stored]], [0x0028_0102, "US", [high]])));
  }
  for (const samples of [0, 2, 3, 4, 65535]) {
    yield one(`${samples}-samples-a-pixel`, "refused", file_of(slice([0x0028_0002, "US", [samples]])));
  }
  for (const [name, photometric] of /** @type {const} */ ([["colour", "RGB"], ["ycbcr", "YBR_FULL_422"], ["palette", "PALETTE COLOR"], ["unknown", "NO SUCH"], ["empty", ""]])) {
    yield one(`photometric-${name}`, "either", file_of(slice([0x0028_0004, "CS", photometric])));
  }
  for (const [name, descriptor] of /** @type {const} */ ([["65536", [0, 0, 16]], ["no", [0, 0, 0]], ["256-from-65535", [256, 65535, 16]]])) {
    /** @type {Element[]} */
    const palette = [0x0028_1101, 0x0028_1102, 0x0028_1103].flatMap((tag) => /** @type {Element[]} */ ([[tag, "US", [...descriptor]], [tag + 0x100, "OW", Buffer.alloc(6)]]));
    yield one(`a-palette-of-${name}-entries-in-6-bytes`, "either", file_of(slice([0x0028_0004, "CS", "PALETTE COLOR"], ...palette)));
  }
  for (const tag of [0x0028_0010, 0x0028_0011, 0x0028_0100, 0x7fe0_0010]) {
    yield one(`without-${tag.toString(16).padStart(8, "0")}`, "refused", file_of(slice([tag, null])));
  }
  for (const tag of [0x0028_0002, 0x0028_0004, 0x0028_0101, 0x0028_0102, 0x0028_0103]) {
    yield one(`without-${tag.toString(16).padStart(8, "0")}`, "either", file_of(slice([tag, null])));
  }
  yield one("representation-9", "either", file_of(slice([0x0028_0103, "US", [9]])));
  yield one("no-pixels-at-all", "refused", file_of(slice([0x7fe0_0010, "OW", NONE])));
  yield one("one-pixel-too-few", "refused", file_of(slice([0x7fe0_0010, "OW", Buffer.alloc(510)])));
  yield one("pixels-as-text", "either", file_of(slice([0x7fe0_0010, "UT", "x".repeat(512)])));
  yield one("pixels-as-a-sequence", "refused", file_of(slice([0x7fe0_0010, "SQ", item(NONE)])));
  yield one("floating-point-pixels-of-nan", "either", file_of(slice([0x7fe0_0010, null], [0x0028_0100, "US", [32]], [0x7fe0_0008, "OF", Buffer.alloc(1024, 0xff)])));
}

/** Numbers of frames that the pixels contradict. @type {() => Generator<Case>} */
function* frames() {
  for (const frames of ["0", "-1", "2", "1000000", "2147483647", "-2147483648", "4294967296", "9".repeat(30), "x", "1.5", "1\\2"]) {
    const name = frames.replace(/[^0-9a-z-]+/g, "_").slice(0, 20);
    yield one(`${name}-frames-of-16x16`, ["0", "1\\2"].includes(frames) ? "either" : "refused", file_of(slice([0x0028_0008, "IS", frames])));
  }
  yield one("no-frames-named", "either", file_of(slice([0x0028_0008, "IS", ""])));
  yield one("2-gib-of-frames", "refused", file_of(slice([0x0028_0008, "IS", "65535"], [0x0028_0010, "US", [128]], [0x0028_0011, "US", [128]])));
  const group = (/** @type {Element[]} */ elements) => item(encoded(elements));
  const many = Buffer.concat(Array.from({ length: 100_000 }, () => group([[0x0020_9113, "SQ", group([[0x0020_0032, "DS", "0\\0\\0"]])]])));
  yield one("100000-functional-groups-of-one-frame", "either", file_of(slice([0x0028_0008, "IS", "1"], [0x5200_9230, "SQ", many])));
  yield one("functional-groups-without-content", "either", file_of(slice([0x0028_0008, "IS", "1"], [0x5200_9229, "SQ", NONE], [0x5200_9230, "SQ", NONE])));
  const one_group = group([[0x0020_9113, "SQ", group([[0x0020_0032, "DS", "nan\\0\\0"]])]]);
  yield one("one-functional-group-of-two-frames", "either", file_of(slice(
    [0x0028_0008, "IS", "2"], [0x5200_9230, "SQ", one_group], [0x7fe0_0010, "OW", Buffer.alloc(1024)],
  )));
}

/** Fragments and their offset table (PS3.5 A.4). @type {() => Generator<Case>} */
function* fragments() {
  const { jpeg } = SYNTAX;
  const table = (/** @type {number[]} */ ...offsets) => le(4, ...offsets);
  yield one("encapsulated-without-a-table", "refused", encapsulated(jpeg, []));
  yield one("encapsulated-without-fragments", "refused", encapsulated(jpeg, [NONE]));
  yield one("encapsulated-empty-fragments", "refused", encapsulated(jpeg, [NONE, NONE, NONE]));
  for (const [name, offsets] of /** @type {const} */ ([["beyond-the-end", [0xffff_fff0]], ["between-fragments", [3]], ["falling", [400, 0]], ["odd-length", []]])) {
    const bytes = name === "odd-length" ? Buffer.alloc(3) : table(...offsets);
    yield one(`offsets-${name}`, "either", encapsulated(jpeg, [bytes, JPEG], [0x0028_0008, "IS", `${Math.max(1, offsets.length)}`]));
  }
  yield one("a-table-of-100000-offsets", "either", encapsulated(jpeg, [Buffer.alloc(400_000), JPEG]));
  yield one("1000-frames-in-one-fragment", "refused", encapsulated(jpeg, [NONE, JPEG], [0x0028_0008, "IS", "1000"]));
  yield one("2147483647-frames-in-one-fragment", "refused", encapsulated(jpeg, [NONE, JPEG], [0x0028_0008, "IS", "2147483647"]));
  yield one("1000-fragments-of-two-frames", "either", encapsulated(jpeg, [NONE, ...Array.from({ length: 1000 }, () => JPEG)], [0x0028_0008, "IS", "2"]));
  yield one("300000-empty-fragments", "either", encapsulated(jpeg, [NONE, JPEG, ...Array.from({ length: 300_000 }, () => NONE)]));
  yield one("a-stream-in-fragments-of-one-byte", "either", encapsulated(jpeg, [NONE, ...[...JPEG].map((byte) => Buffer.from([byte]))]));
  const whole = encapsulated(jpeg, [NONE, JPEG]);
  yield one("encapsulated-without-an-end", "either", whole.subarray(0, whole.length - SEQUENCE_END.length));
  yield one("encapsulated-cut-in-the-fragment", "refused", whole.subarray(0, whole.length - 80));
  const plain = file_of(slice(...EIGHT_BITS, [0x7fe0_0010, null]), SYNTAX.explicit);
  yield one("encapsulated-in-a-plain-syntax", "refused", Buffer.concat([plain, header(0x7fe0_0010, "OB", UNDEFINED), item(NONE), item(JPEG), SEQUENCE_END]));
  yield one("plain-pixels-in-a-compressed-syntax", "either", file_of(slice(...EIGHT_BITS, [0x7fe0_0010, "OB", Buffer.alloc(256)]), jpeg));
}

/** RLE (PS3.5 annex G): a header of 16 numbers, the number of segments and their offsets. @type {() => Generator<Case>} */
function* run_lengths() {
  const rle = (/** @type {number[]} */ numbers, /** @type {Buffer} */ data) => Buffer.concat([patched(Buffer.alloc(64), 0, le(4, ...numbers)), data]);
  // Twice 128 times the same byte.
  const good = Buffer.from([0x81, 5, 0x81, 6]);
  const file = (/** @type {Buffer} */ fragment) => encapsulated(SYNTAX.rle, [NONE, fragment]);
  yield one("rle-control", "opens", file(rle([1, 64], good)));
  for (const segments of [0, 2, 15, 16, 255, 0xffff_ffff]) yield one(`rle-${segments}-segments`, "refused", file(rle([segments, 64], good)));
  for (const offset of [0, 3, 65, 1000, 0xffff_fffe]) yield one(`rle-offset-${offset}`, "refused", file(rle([1, offset], good)));
  yield one("rle-header-cut", "refused", file(rle([1, 64], good).subarray(0, 10)));
  yield one("rle-without-data", "refused", file(rle([1, 64], NONE)));
  yield one("rle-ends-in-a-run", "refused", file(rle([1, 64], Buffer.from([0x81, 5, 0x81]))));
  yield one("rle-ends-in-a-literal", "refused", file(rle([1, 64], Buffer.from([0x81, 5, 0x7f, 1, 2, 3]))));
  yield one("rle-too-few-pixels", "refused", file(rle([1, 64], Buffer.from([0x81, 5]))));
  yield one("rle-of-nothing-but-no-operations", "refused", file(rle([1, 64], Buffer.alloc(1 << 20, 0x80))));
  yield one("rle-of-128-mib", "either", file(rle([1, 64], Buffer.alloc(2 << 20, 0x81))));
  yield one("rle-of-noise", "either", file(rle([1, 64], noise(4096))));
  const deep = (/** @type {number[]} */ numbers) => encapsulated(SYNTAX.rle, [NONE, rle(numbers, good)], [0x0028_0100, "US", [16]], [0x0028_0101, "US", [16]], [0x0028_0102, "US", [15]]);
  yield one("rle-segments-in-falling-order", "refused", deep([2, 66, 64]));
  yield one("rle-segments-at-the-same-place", "either", deep([2, 64, 64]));
  yield one("rle-one-segment-of-16-bits", "refused", deep([1, 64]));
}
