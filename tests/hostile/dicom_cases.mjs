// DICOM: data sets that are truncated, claim wrong lengths, nest deeply, or contradict themselves.

import { deflateRawSync } from "node:zlib";

import { deflated_bomb, deflated_repeats, le, noise, patched } from "./bytes.mjs";
import {
  EIGHT_BITS, ITEM_END, SEQUENCE_END, SYNTAX, UNDEFINED, boundaries, encoded, file_of, header, item, meta, slice,
} from "./dicom.mjs";

/** @typedef {import("./dicom.mjs").Element} Element */
/** @typedef {import("./make.mjs").Case} Case */
/** @typedef {import("./make.mjs").Outcome} Outcome */

/** @type {(name: string, outcome: Outcome, bytes: Buffer) => Case} */
const one = (name, outcome, bytes) => ({ name: `dicom-${name}`, outcome, files: [{ name: "a.dcm", bytes }] });

/** @type {() => Generator<Case>} */
export function* dicom_cases() {
  yield one("control", "opens", file_of(slice()));
  yield one("control-implicit", "opens", file_of(slice(), SYNTAX.implicit));
  yield one("control-8-bits", "opens", file_of(slice(...EIGHT_BITS, [0x7fe0_0010, "OB", Buffer.alloc(256, 7)])));
  yield* cut();
  yield* lengths();
  yield* nested();
  yield* deflated();
  yield* odd_files();
  yield* values();
}

/** @type {() => Generator<Case>} */
function* cut() {
  for (const [name, syntax] of [["explicit", SYNTAX.explicit], ["implicit", SYNTAX.implicit]]) {
    if (!name || !syntax) continue;
    const whole = file_of(slice(), syntax);
    for (const [where, length] of boundaries(slice(), syntax)) {
      yield one(`${name}-cut-${where}`, "refused", whole.subarray(0, length));
    }
  }
  const whole = file_of(slice());
  for (const length of [128, 131, 132, 134, 138, 140, 144, 150, 160, 200, 240, meta(SYNTAX.explicit).length - 1]) {
    yield one(`cut-in-the-meta-information-after-${length}`, "refused", whole.subarray(0, length));
  }
  yield one("cut-before-the-last-byte", "refused", whole.subarray(0, whole.length - 1));
}

/** Elements that claim to be longer than the file. @type {() => Generator<Case>} */
function* lengths() {
  const start = meta(SYNTAX.explicit);
  const pixels = encoded([[0x7fe0_0010, "OW", Buffer.alloc(512)]]);
  const image = encoded(slice([0x7fe0_0010, null]));
  const claims = /** @type {const} */ ([["most", 0xffff_fffe], ["2-gib", 0x7fff_fffe], ["3600-mb", 3_600_000_000], ["odd", 0x0fff_ffff]]);
  for (const vr of ["OB", "OW", "UN", "UT", "UC", "UR", "SQ", "OF", "OV"]) {
    for (const [claim, length] of claims) {
      yield one(`length-${claim}-of-${vr.toLowerCase()}`, "refused", Buffer.concat([start, header(0x0009_1010, vr, length), image, pixels]));
    }
  }
  for (const [claim, length] of claims) {
    // Everything that the image needs precedes the damage.
    yield one(`length-${claim}-of-the-pixels`, "either", Buffer.concat([start, image, header(0x7fe0_0010, "OW", length), Buffer.alloc(512)]));
    yield one(`length-${claim}-of-the-implicit-pixels`, "either", Buffer.concat([
      file_of(slice([0x7fe0_0010, null]), SYNTAX.implicit), header(0x7fe0_0010, "OW", length, SYNTAX.implicit), Buffer.alloc(512),
    ]));
    yield one(`length-${claim}-of-an-item`, "refused", Buffer.concat([
      start, header(0x0008_1140, "SQ", UNDEFINED), item(Buffer.alloc(0), length), image, pixels,
    ]));
    yield one(`length-${claim}-of-a-fragment`, "refused", Buffer.concat([
      file_of(slice(...EIGHT_BITS, [0x7fe0_0010, null]), SYNTAX.rle), header(0x7fe0_0010, "OB", UNDEFINED), item(Buffer.alloc(0)),
      item(Buffer.alloc(64), length), SEQUENCE_END,
    ]));
    yield one(`length-${claim}-of-the-meta-information`, "either", Buffer.concat([meta(SYNTAX.explicit, length), image, pixels]));
  }
  yield one("length-0-of-the-meta-information", "either", Buffer.concat([meta(SYNTAX.explicit, 0), image, pixels]));
  yield one("length-of-a-short-vr-beyond-the-end", "refused", Buffer.concat([start, image, header(0x0028_4000, "LT", 0xfffe), pixels]));
  yield one("an-item-longer-than-its-sequence", "either", Buffer.concat([
    start, header(0x0008_1140, "SQ", 16), item(Buffer.alloc(8), 400), image, pixels,
  ]));
}

/** @type {(depth: number) => Buffer} */
const open_sequences = (depth) => Buffer.concat(Array.from({ length: depth }, () => OPEN));
const OPEN = Buffer.concat([header(0x0008_1140, "SQ", UNDEFINED), item(Buffer.alloc(0), UNDEFINED)]);
const CLOSE = Buffer.concat([ITEM_END, SEQUENCE_END]);

/** @type {() => Generator<Case>} */
function* nested() {
  const start = meta(SYNTAX.explicit);
  const image = encoded(slice());
  for (const depth of [50, 1_000, 200_000]) {
    const closes = Buffer.concat(Array.from({ length: depth }, () => CLOSE));
    yield one(`${depth}-nested-sequences`, depth === 50 ? "either" : "refused", Buffer.concat([start, open_sequences(depth), closes, image]));
    yield one(`${depth}-nested-sequences-never-closed`, "refused", Buffer.concat([start, open_sequences(depth)]));
  }
  const implicit = Buffer.concat([header(0x0008_1140, "SQ", UNDEFINED, SYNTAX.implicit), item(Buffer.alloc(0), UNDEFINED)]);
  yield one("200000-nested-implicit-sequences", "refused", Buffer.concat([meta(SYNTAX.implicit), ...Array.from({ length: 200_000 }, () => implicit)]));
  // An unknown VR of undefined length holds an implicit sequence (PS3.5 6.2.2).
  const unknown = header(0x0009_1010, "UN", UNDEFINED);
  const deep = Array.from({ length: 200_000 }, () => implicit);
  yield one("200000-sequences-in-an-unknown-element", "refused", Buffer.concat([start, unknown, item(Buffer.alloc(0), UNDEFINED), ...deep]));
  yield one("an-unknown-element-of-undefined-length-without-items", "refused", Buffer.concat([start, unknown, image]));

  let known = Buffer.alloc(0);
  for (let depth = 0; depth < 1_500; depth += 1) {
    const inside = item(known);
    known = Buffer.concat([header(0x0008_1140, "SQ", inside.length), inside]);
  }
  // A reader can skip them.
  yield one("1500-nested-sequences-of-known-length", "either", Buffer.concat([start, known, image]));
  const empty = Array.from({ length: 300_000 }, () => item(Buffer.alloc(0)));
  yield one("300000-empty-items", "either", Buffer.concat([start, header(0x0008_1140, "SQ", UNDEFINED), ...empty, SEQUENCE_END, image]));
  const elements = Array.from({ length: 300_000 }, (_, at) => header(0x0009_1000 + (at & 0xfff), "LO", 0));
  yield one("300000-empty-elements", "either", Buffer.concat([start, ...elements, image]));
  yield one("ends-of-sequences-that-never-began", "either", Buffer.concat([start, CLOSE, CLOSE, CLOSE, image]));
  yield one("a-sequence-that-ends-in-the-pixels", "refused", Buffer.concat([start, OPEN, image]));
  const icon = item(encoded(slice()));
  yield one("pixels-in-a-sequence-only", "refused", Buffer.concat([
    start, encoded(slice([0x7fe0_0010, null]).filter(([tag]) => tag < 0x0088_0200)), header(0x0088_0200, "SQ", icon.length), icon,
  ]));
}

/** @type {() => Generator<Case>} */
function* deflated() {
  const start = meta(SYNTAX.deflated);
  const plain = encoded(slice());
  const packed = deflateRawSync(plain);
  yield one("deflated-control", "opens", Buffer.concat([start, packed]));
  yield one("deflated-empty", "refused", start);
  yield one("deflated-garbage", "refused", Buffer.concat([start, noise(400)]));
  yield one("deflated-but-plain", "refused", Buffer.concat([start, plain]));
  for (const part of [0.1, 0.25, 0.5, 0.75, 0.95]) {
    yield one(`deflated-cut-at-${100 * part}-percent`, "refused", Buffer.concat([start, packed.subarray(0, packed.length * part)]));
  }
  const huge = header(0x0009_1010, "OB", 1024 << 20);
  yield one("deflated-bomb-of-1-gib-as-one-element", "refused", Buffer.concat([start, deflated_bomb(huge, 1024)]));
  yield one("deflated-bomb-of-2-gib-after-the-pixels", "either", Buffer.concat([start, deflated_bomb(plain, 2048)]));
  yield one("deflated-bomb-of-2-gib-of-zeros", "refused", Buffer.concat([start, deflated_bomb(Buffer.alloc(0), 2048)]));
  const none = Buffer.alloc(0);
  yield one("deflated-bomb-of-a-million-nested-sequences", "refused", Buffer.concat([start, deflated_repeats(none, open_sequences(1_000), 1_000)]));
  const elements = Buffer.concat(Array.from({ length: 10_000 }, () => header(0x0009_1010, "LO", 0)));
  yield one("deflated-bomb-of-six-million-elements", "refused", Buffer.concat([start, deflated_repeats(none, elements, 600)]));
}

/** @type {() => Generator<Case>} */
function* odd_files() {
  const dataset = encoded(slice());
  yield one("magic-alone", "refused", Buffer.concat([Buffer.alloc(128), Buffer.from("DICM")]));
  yield one("meta-information-alone", "refused", meta(SYNTAX.explicit));
  yield one("zeros-after-the-magic", "refused", Buffer.concat([Buffer.alloc(128), Buffer.from("DICM"), Buffer.alloc(4096)]));
  yield one("ff-after-the-magic", "refused", Buffer.concat([Buffer.alloc(128), Buffer.from("DICM"), Buffer.alloc(4096, 0xff)]));
  yield one("noise-after-the-magic", "refused", Buffer.concat([Buffer.alloc(128), Buffer.from("DICM"), noise(4096)]));
  yield one("noise-after-the-meta-information", "refused", Buffer.concat([meta(SYNTAX.explicit), noise(4096)]));
  yield one("zeros-after-the-meta-information", "refused", Buffer.concat([meta(SYNTAX.explicit), Buffer.alloc(1 << 20)]));
  yield one("without-a-transfer-syntax", "either", Buffer.concat([
    Buffer.alloc(128), Buffer.from("DICM"), encoded([[0x0002_0000, "UL", [16]], [0x0002_0003, "UI", "2.25.10"]]), dataset,
  ]));
  for (const syntax of ["", "1.2.3", "x".repeat(200), "1.2.840.10008.1.2.1\0\0\0", SYNTAX.htj2k, SYNTAX.mpeg2]) {
    const name = syntax.replace(/[^0-9a-z]+/g, "-").slice(0, 30) || "none";
    yield one(`transfer-syntax-${name}`, "either", Buffer.concat([meta(syntax), dataset]));
  }
  yield one("explicit-that-is-implicit", "either", Buffer.concat([meta(SYNTAX.explicit), encoded(slice(), SYNTAX.implicit)]));
  yield one("implicit-that-is-explicit", "either", Buffer.concat([meta(SYNTAX.implicit), dataset]));
  yield one("big-endian-that-is-little", "either", Buffer.concat([meta(SYNTAX.big_endian), dataset]));
  yield one("unknown-value-representations", "either", Buffer.concat([meta(SYNTAX.explicit), encoded([[0x0008_0005, "??", "x"]]), dataset]));
  yield one("zeros-as-value-representations", "refused", Buffer.concat([meta(SYNTAX.explicit), patched(dataset, 4, Buffer.alloc(2))]));
  yield one("elements-in-falling-order", "either", Buffer.concat([meta(SYNTAX.explicit), encoded(slice().reverse())]));
  yield one("every-element-twice", "either", Buffer.concat([meta(SYNTAX.explicit), encoded(slice().flatMap((element) => [element, element]))]));
  yield one("an-unknown-character-set", "either", file_of(slice([0x0008_0005, "CS", "NO SUCH SET"], [0x0010_0010, "PN", Buffer.alloc(64, 0xfe)])));
  yield one("escapes-of-character-sets", "either", file_of(slice([0x0008_0005, "CS", "\\ISO 2022 IR 87"], [0x0008_103e, "LO", "\x1b$B".repeat(9)])));
  yield one("without-a-preamble-and-cut", "refused", dataset.subarray(0, 100));
  yield one("a-directory", "refused", file_of([[0x0004_1130, "CS", "X"], [0x0004_1200, "UL", [0]], [0x0004_1220, "SQ", Buffer.alloc(0)]]));
  yield one("an-overlay-larger-than-the-image", "either", file_of(slice(
    [0x6000_0010, "US", [65535]], [0x6000_0011, "US", [65535]], [0x6000_0015, "IS", "999999999"], [0x6000_3000, "OW", Buffer.alloc(8)],
  )));
}

/** Values that are not numbers, or numbers that are not sizes. @type {() => Generator<Case>} */
function* values() {
  const geometry = /** @type {const} */ ([
    ["spacing", 0x0028_0030, ["0\\0", "-1\\1", "nan\\nan", "1e300\\1e-300", "1", "", "inf\\1", "1\\1\\1", "x\\y", `${"9".repeat(400)}\\1`]],
    ["orientation", 0x0020_0037, ["0\\0\\0\\0\\0\\0", "nan\\0\\0\\0\\1\\0", "1\\0\\0\\1\\0\\0", "1\\0\\0", "1e300\\0\\0\\0\\1e300\\0", ""]],
    ["position", 0x0020_0032, ["nan\\0\\0", "1e308\\-1e308\\1e308", "1", "inf\\0\\0", "a\\b\\c"]],
    ["thickness", 0x0018_0050, ["0", "-5", "nan", "1e300"]],
    ["slope", 0x0028_1053, ["nan", "inf", "1e999", "0", "", "x", "1\\2\\3", "-1e308"]],
    ["intercept", 0x0028_1052, ["nan", "-inf", "1e308"]],
    ["window-width", 0x0028_1051, ["0", "-1", "nan", "1e308", "", "1\\2\\3\\4"]],
    ["window-centre", 0x0028_1050, ["nan", "inf", "1\\2"]],
  ]);
  for (const [name, tag, texts] of geometry) {
    for (const text of texts) {
      const label = text.replace(/[^0-9a-z-]+/g, "_").slice(0, 24) || "empty";
      yield one(`${name}-${label}`, "either", file_of(slice([tag, "DS", text])));
    }
  }
  const table = (/** @type {number[]} */ descriptor, /** @type {Buffer} */ data) =>
    item(encoded([[0x0028_3002, "US", descriptor], [0x0028_3004, "LO", "HU"], [0x0028_3006, "OW", data]]));
  for (const [name, descriptor] of /** @type {const} */ ([["65536-entries", [0, 0, 16]], ["no-bits", [4, 0, 0]], ["99-bits", [4, 0, 99]], ["two-numbers", [4, 0]]])) {
    const lut = table([...descriptor], Buffer.alloc(8));
    yield one(`modality-table-of-${name}-in-8-bytes`, "either", file_of(slice([0x0028_1052, null], [0x0028_1053, null], [0x0028_3000, "SQ", lut])));
    yield one(`window-table-of-${name}-in-8-bytes`, "either", file_of(slice([0x0028_3010, "SQ", lut])));
  }
  yield one("modality-table-without-data", "either", file_of(slice([0x0028_3000, "SQ", item(encoded([[0x0028_3002, "US", [4, 0, 16]]]))])));
  yield one("numbers-of-another-kind", "either", file_of(slice([0x0028_0010, "FD", le(4, 0, 0x4030_0000)], [0x0028_0011, "LO", "16"])));
  yield one("rows-as-an-unknown-element", "either", file_of(slice([0x0028_0010, "UN", le(2, 16)], [0x0028_0011, "UN", le(2, 16)])));
  yield one("rows-of-one-byte", "either", file_of(slice([0x0028_0010, "UN", le(1, 16, 0)], [0x0028_0011, "UN", Buffer.alloc(0)])));
}
