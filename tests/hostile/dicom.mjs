// Builds DICOM files element by element (PS3.5 chapter 7, PS3.10 chapter 7).

import { be, le } from "./bytes.mjs";

/** Transfer syntaxes (PS3.6 annex A). */
export const SYNTAX = {
  implicit: "1.2.840.10008.1.2",
  explicit: "1.2.840.10008.1.2.1",
  deflated: "1.2.840.10008.1.2.1.99",
  big_endian: "1.2.840.10008.1.2.2",
  jpeg: "1.2.840.10008.1.2.4.50",
  jpeg_12_bit: "1.2.840.10008.1.2.4.51",
  jpeg_lossless: "1.2.840.10008.1.2.4.70",
  jpeg_ls: "1.2.840.10008.1.2.4.80",
  jpeg_2000: "1.2.840.10008.1.2.4.91",
  htj2k: "1.2.840.10008.1.2.4.201",
  mpeg2: "1.2.840.10008.1.2.4.100",
  rle: "1.2.840.10008.1.2.5",
};

/** Value representations whose length has four bytes after two reserved ones. */
const LONG = ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"];

/** A value: text, 16-bit numbers (32-bit in UL), or raw bytes. @typedef {string | number[] | Buffer} Value */
/** @typedef {[tag: number, vr: string, value: Value]} Element */

export const UNDEFINED = 0xffff_ffff;

/** @type {(tag: number, syntax?: string) => Buffer} */
function tag_bytes(tag, syntax) {
  const number = syntax === SYNTAX.big_endian ? be : le;
  return number(2, tag >>> 16, tag & 0xffff);
}

/** Tag, VR and claimed length of an element; the real length may differ. @type {(tag: number, vr: string, length: number, syntax?: string) => Buffer} */
export function header(tag, vr, length, syntax) {
  const number = syntax === SYNTAX.big_endian ? be : le;
  if (syntax === SYNTAX.implicit) return Buffer.concat([tag_bytes(tag), le(4, length)]);
  const named = Buffer.concat([tag_bytes(tag, syntax), Buffer.from(vr, "latin1")]);
  return Buffer.concat(LONG.includes(vr) ? [named, le(2, 0), number(4, length)] : [named, number(2, length)]);
}

/** @type {(vr: string, value: Value, syntax?: string) => Buffer} */
function value_bytes(vr, value, syntax) {
  if (Buffer.isBuffer(value)) return value;
  if (typeof value !== "string") return (syntax === SYNTAX.big_endian ? be : le)(vr === "UL" ? 4 : 2, ...value);
  const padding = vr === "UI" ? "\0" : " ";
  return Buffer.from(value.length % 2 ? value + padding : value, "latin1");
}

/** @type {(element: Element, syntax?: string) => [header: Buffer, value: Buffer]} */
function parts([tag, vr, value], syntax) {
  const bytes = value_bytes(vr, value, syntax);
  return [header(tag, vr, bytes.length, syntax), bytes];
}

/** @type {(elements: Element[], syntax?: string) => Buffer} */
export function encoded(elements, syntax) {
  return Buffer.concat(elements.flatMap((element) => parts(element, syntax)));
}

/** An item of a sequence or of encapsulated pixel data. @type {(content: Buffer, length?: number) => Buffer} */
export function item(content, length = content.length) {
  return Buffer.concat([le(2, 0xfffe, 0xe000), le(4, length), content]);
}

export const ITEM_END = Buffer.concat([le(2, 0xfffe, 0xe00d), le(4, 0)]);
export const SEQUENCE_END = Buffer.concat([le(2, 0xfffe, 0xe0dd), le(4, 0)]);

/** The start of a file with this transfer syntax. @type {(syntax: string, group_length?: number) => Buffer} */
export function meta(syntax, group_length) {
  const rest = encoded([
    [0x0002_0001, "OB", Buffer.from([0, 1])],
    [0x0002_0002, "UI", CT],
    [0x0002_0003, "UI", "2.25.1"],
    [0x0002_0010, "UI", syntax],
    [0x0002_0012, "UI", "2.25.9"],
  ]);
  const length = encoded([[0x0002_0000, "UL", [group_length ?? rest.length]]]);
  return Buffer.concat([Buffer.alloc(128), Buffer.from("DICM"), length, rest]);
}

const CT = "1.2.840.10008.5.1.4.1.1.2";

/** A slice of 16 × 16 with 16 bits, with a case's changes; `null` omits an element. @type {(...changes: (Element | [number, null])[]) => Element[]} */
export function slice(...changes) {
  /** @type {Element[]} */
  const plain = [
    [0x0008_0016, "UI", CT],
    [0x0008_0018, "UI", "2.25.1"],
    [0x0008_0060, "CS", "CT"],
    [0x0018_0050, "DS", "1"],
    [0x0020_000d, "UI", "2.25.2"],
    [0x0020_000e, "UI", "2.25.3"],
    [0x0020_0011, "IS", "1"],
    [0x0020_0013, "IS", "1"],
    [0x0020_0032, "DS", "0\\0\\0"],
    [0x0020_0037, "DS", "1\\0\\0\\0\\1\\0"],
    [0x0020_0052, "UI", "2.25.4"],
    [0x0028_0002, "US", [1]],
    [0x0028_0004, "CS", "MONOCHROME2"],
    [0x0028_0010, "US", [16]],
    [0x0028_0011, "US", [16]],
    [0x0028_0030, "DS", "1\\1"],
    [0x0028_0100, "US", [16]],
    [0x0028_0101, "US", [16]],
    [0x0028_0102, "US", [15]],
    [0x0028_0103, "US", [0]],
    [0x0028_1050, "DS", "100"],
    [0x0028_1051, "DS", "200"],
    [0x0028_1052, "DS", "-1024"],
    [0x0028_1053, "DS", "1"],
    [0x7fe0_0010, "OW", Array.from({ length: 256 }, (_, at) => at)],
  ];
  const changed = new Map(plain.map((element) => [element[0], element]));
  for (const change of changes) {
    changed.delete(change[0]);
    if (change[1] !== null) changed.set(change[0], change);
  }
  return [...changed.values()].sort(([a], [b]) => a - b);
}

/** The changes that make it 8 bits deep. @type {Element[]} */
export const EIGHT_BITS = [[0x0028_0100, "US", [8]], [0x0028_0101, "US", [8]], [0x0028_0102, "US", [7]]];

/** A whole file. @type {(elements: Element[], syntax?: string) => Buffer} */
export function file_of(elements, syntax = SYNTAX.explicit) {
  return Buffer.concat([meta(syntax), encoded(elements, syntax)]);
}

/** A file whose pixels are fragments, the first of them the offset table. @type {(syntax: string, fragments: Buffer[], ...changes: (Element | [number, null])[]) => Buffer} */
export function encapsulated(syntax, fragments, ...changes) {
  const elements = slice(...EIGHT_BITS, [0x7fe0_0010, null], ...changes);
  return Buffer.concat([
    file_of(elements, syntax), header(0x7fe0_0010, "OB", UNDEFINED), ...fragments.map((fragment) => item(fragment)), SEQUENCE_END,
  ]);
}

/** The offsets in a file at which a reader makes a decision, by name. @type {(elements: Element[], syntax: string) => [where: string, length: number][]} */
export function boundaries(elements, syntax) {
  let at = meta(syntax).length;
  /** @type {[string, number][]} */
  const found = [];
  for (const element of elements) {
    const name = element[0].toString(16).padStart(8, "0");
    const [head, value] = parts(element, syntax);
    found.push([`before-${name}`, at], [`in-the-header-of-${name}`, at + 6], [`before-the-value-of-${name}`, at + head.length]);
    if (value.length > 1) found.push([`in-the-value-of-${name}`, at + head.length + value.length / 2]);
    at += head.length + value.length;
  }
  return found;
}
