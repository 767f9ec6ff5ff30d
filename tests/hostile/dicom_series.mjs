// DICOM: files whose slices don't belong together, and very many files.

import { noise } from "./bytes.mjs";
import { JPEG } from "./codestreams.mjs";
import { EIGHT_BITS, SYNTAX, encapsulated, file_of, slice } from "./dicom.mjs";

/** @typedef {import("./dicom.mjs").Element} Element */
/** @typedef {import("./make.mjs").Case} Case */
/** @typedef {import("./make.mjs").NamedFile} NamedFile */

/** A slice at a height in mm. @type {(at: number, z: string, ...changes: (Element | [number, null])[]) => NamedFile} */
function nth(at, z, ...changes) {
  const own = /** @type {Element[]} */ ([[0x0008_0018, "UI", `2.25.1${at}`], [0x0020_0013, "IS", `${at}`], [0x0020_0032, "DS", `0\\0\\${z}`]]);
  return { name: `${at}.dcm`, bytes: file_of(slice(...own, ...changes)) };
}

/** @type {(count: number, each: (at: number) => NamedFile) => NamedFile[]} */
const several = (count, each) => Array.from({ length: count }, (_, at) => each(at + 1));

/** @type {() => Generator<Case>} */
export function* dicom_series_cases() {
  yield { name: "series-control", outcome: "opens", files: several(3, (at) => nth(at, `${at}`)) };
  /** @type {Record<string, NamedFile[]>} */
  const either = {
    "all-at-one-place": several(5, (at) => nth(at, "0")),
    "of-the-same-instance": several(3, () => nth(1, "1")).map((file, at) => ({ ...file, name: `copy-${at}.dcm` })),
    "of-different-sizes": [nth(1, "1"), nth(2, "2", [0x0028_0010, "US", [8]]), nth(3, "3", [0x0028_0011, "US", [4]])],
    "of-different-depths": [nth(1, "1"), nth(2, "2", ...EIGHT_BITS), nth(3, "3", [0x0028_0103, "US", [1]])],
    "of-colour-and-grey": [nth(1, "1"), nth(2, "2", ...EIGHT_BITS, [0x0028_0002, "US", [3]], [0x0028_0004, "CS", "RGB"], [0x7fe0_0010, "OB", Buffer.alloc(768)])],
    "of-different-orientations": [nth(1, "1"), nth(2, "2", [0x0020_0037, "DS", "0\\1\\0\\0\\0\\1"]), nth(3, "3", [0x0020_0037, "DS", "1\\0\\0\\0\\0.9\\0.1"])],
    "at-places-that-are-no-numbers": several(3, (at) => nth(at, "nan")),
    "at-infinite-places": [nth(1, "-1e308"), nth(2, "0"), nth(3, "1e308")],
    "with-a-gap-of-a-million-kilometres": [nth(1, "0"), nth(2, "1"), nth(3, "1e12")],
    "of-slices-an-atom-apart": several(3, (at) => nth(at, `${at}e-10`)),
    "without-places": several(3, (at) => nth(at, "0", [0x0020_0032, null], [0x0020_0037, null])),
    "of-two-modalities": [nth(1, "1"), nth(2, "2", [0x0008_0060, "CS", "MR"])],
    "of-different-slopes-one-nan": [nth(1, "1"), nth(2, "2", [0x0028_1053, "DS", "nan"]), nth(3, "3", [0x0028_1053, "DS", "2"])],
    "of-plain-and-compressed": [nth(1, "1", ...EIGHT_BITS, [0x7fe0_0010, "OB", Buffer.alloc(256)]), { name: "2.dcm", bytes: encapsulated(SYNTAX.jpeg, [Buffer.alloc(0), JPEG]) }],
    "with-a-volume-among-slices": [nth(1, "1"), nth(2, "2", [0x0028_0008, "IS", "2"], [0x7fe0_0010, "OW", Buffer.alloc(1024)])],
    "with-one-cut-off": [nth(1, "1"), { name: "2.dcm", bytes: nth(2, "2").bytes.subarray(0, 700) }, nth(3, "3")],
    "with-other-files-among-them": [{ name: "DICOMDIR", bytes: noise(500) }, nth(1, "1"), { name: "readme.txt", bytes: Buffer.from("read me") }, { name: "empty", bytes: Buffer.alloc(0) }],
    "of-2000-files-each-its-own-series": several(2000, (at) => nth(at, "0", [0x0020_000e, "UI", `2.25.9${at}`])),
    "of-2000-files": several(2000, (at) => nth(at, `${(at * 7919) % 2000}`)),
    "of-600-files-of-15-sizes": several(600, (at) => nth(at, `${at}`, [0x0028_0010, "US", [1 + (at % 15)]])),
    "of-numbers-that-overflow": several(3, (at) => nth(at, `${at}`, [0x0020_0013, "IS", "99999999999"], [0x0020_0011, "IS", "-99999999999"])),
  };
  for (const [name, files] of Object.entries(either)) yield { name: `series-${name}`, outcome: "either", files };
  yield { name: "series-all-cut-off", outcome: "refused", files: several(3, (at) => ({ name: `${at}.dcm`, bytes: nth(at, `${at}`).bytes.subarray(0, 300) })) };
  yield { name: "series-of-1000-empty-files", outcome: "refused", files: several(1000, (at) => ({ name: `${at}`, bytes: Buffer.alloc(0) })) };
}
