// Valid compressed images, 16 × 16, and ways to damage them. Pillow made the JPEGs and the
// JPEG 2000 codestreams (OpenJPEG), pyjpegls (CharLS) the JPEG-LS one, of gradients.

import { be, noise, patched } from "./bytes.mjs";

/** @type {(base64: string) => Buffer} */
const decoded = (base64) => Buffer.from(base64, "base64");

/** Grey, baseline. */
export const JPEG = decoded(
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeX"
  + "BkeFxlZ2P/wAALCAAQABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAABQb/xAAYEAACAwAAAAAAAAAAAAAAAAAABAUiMf/aAAgBAQAAPwCbXjsq"
  + "KLx2VGF47Kii8dlT/9k=",
);
/** Colour, baseline, chroma halved. */
export const JPEG_COLOUR = decoded(
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8yb"
  + "qmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAQ"
  + "ABADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAABQP/xAAXEAEBAQEAAAAAAAAAAAAAAAADADEE/8QAFQEBAQAAAAAAAAAAAAAAAAAAAA"
  + "L/xAAXEQADAQAAAAAAAAAAAAAAAAAAAgQD/9oADAMBAAIRAxEAPwA7nLJLnLKIFJAWVUVhsj//2Q==",
);
/** Grey, several scans. */
export const JPEG_PROGRESSIVE = decoded(
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeX"
  + "BkeFxlZ2P/wgALCAAQABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAABAX/2gAIAQEAAAABmqYr/8QAFhAAAwAAAAAAAAAAAAAAAAAAAAID/9oA"
  + "CAEBAAEFAlmLMWYsz//EABQQAQAAAAAAAAAAAAAAAAAAACD/2gAIAQEABj8CH//EABUQAQEAAAAAAAAAAAAAAAAAAABh/9oACAEBAAE/IYIIIP"
  + "/aAAgBAQAAABAP/8QAFRABAQAAAAAAAAAAAAAAAAAAADH/2gAIAQEAAT8QiRIkT//Z",
);
/** Grey, lossless. */
export const JPEG_LS = decoded(
  "/9j/9wALCAAQABABAREA/9oACAEBAAAAAIpS/pf3/zbQYyOTbbSVGBqqq/QZ/3+S/36If/9e/3+5/38r/35H/3yP/3O//07/f3f/ez//Wf9+/9"
  + "k=",
);
/** Grey, reversible. */
export const JPEG_2000 = decoded(
  "/0//UQApAAAAAAAQAAAAEAAAAAAAAAAAAAAAEAAAABAAAAAAAAAAAAABBwEB/1IADAAAAAEAAQQEAAH/XAAHQEBISFD/ZAAlAAFDcmVhdGVkIG"
  + "J5IE9wZW5KUEVHIHZlcnNpb24gMi41LjT/kAAKAAAAAABXAAH/k9+BuBIrBQkPGfp/zs/x9LIN/OGYe1FEdRvhXlzV4h7wa7qi6xtu9AmsaM0Z"
  + "xyuIowZ9e1PgOL4r1NbAfCJA+QIANqGavz2mNDP/2Q==",
);
/** Colour, irreversible, two layers. */
export const JPEG_2000_LOSSY = decoded(
  "/0//UQAvAAAAAAAQAAAAEAAAAAAAAAAAAAAAEAAAABAAAAAAAAAAAAADBwEBBwEBBwEB/1IADAAAAAIAAQQEAAD/XAALQkgkV9NX01di/2QAJQ"
  + "ABQ3JlYXRlZCBieSBPcGVuSlBFRyB2ZXJzaW9uIDIuNS40/5AACgAAAAAAQAAB/5PJwBEd8KUnjcbKgBFP9fZBspMKgICAgMi/nvlixKr1FxTM"
  + "wBPN+KD0VzRtSUgXBoCAgP/Z",
);

/** The markers of a codestream up to its data, as code and offset (T.81 annex B, T.87 annex C, T.800 annex A). @type {(stream: Buffer) => [marker: number, offset: number][]} */
export function markers(stream) {
  /** @type {[number, number][]} */
  const found = [];
  for (let at = 0; at + 4 <= stream.length;) {
    const marker = stream.readUInt16BE(at);
    found.push([marker, at]);
    if (marker === SOS || marker === SOD) break;
    at += marker === SOI || marker === SOC ? 2 : 2 + stream.readUInt16BE(at + 2);
  }
  return found;
}

export const SOI = 0xffd8;
export const SOS = 0xffda;
const SOC = 0xff4f;
const SOD = 0xff93;
export const SIZ = 0xff51;
export const COD = 0xff52;
export const QCD = 0xff5c;
export const SOT = 0xff90;
/** The frame header of a baseline JPEG, of a progressive one, and of a JPEG-LS. */
export const FRAMES = [0xffc0, 0xffc2, 0xfff7];

/** Where the segment of the first of these markers begins. @type {(stream: Buffer, ...wanted: number[]) => number} */
export function segment(stream, ...wanted) {
  const found = markers(stream).find(([marker]) => wanted.includes(marker));
  if (!found) throw new Error("no such segment");
  return found[1];
}

/** Damage to any kind of stream: cut at each marker and in the data, garbage, wrong lengths. @type {(stream: Buffer) => Generator<[name: string, stream: Buffer]>} */
export function* bent_anyhow(stream) {
  for (const [index, [marker, at]] of markers(stream).entries()) {
    const name = `${marker.toString(16)}-at-${index}`;
    yield [`cut-before-${name}`, stream.subarray(0, at)];
    yield [`cut-in-${name}`, stream.subarray(0, at + 3)];
    if (at > 0 && marker !== SOD) {
      yield [`length-0-of-${name}`, patched(stream, at + 2, be(2, 0))];
      yield [`length-65535-of-${name}`, patched(stream, at + 2, be(2, 65535))];
      yield [`without-${name}`, Buffer.concat([stream.subarray(0, at), stream.subarray(at + 2 + stream.readUInt16BE(at + 2))])];
    }
  }
  const data = markers(stream).at(-1)?.[1] ?? 0;
  yield ["data-of-noise", Buffer.concat([stream.subarray(0, data + 14), noise(4096)])];
  yield ["data-of-ff", Buffer.concat([stream.subarray(0, data + 14), Buffer.alloc(4096, 0xff)])];
  yield ["nothing-but-noise", Buffer.concat([stream.subarray(0, 2), noise(4096)])];
  yield ["twice", Buffer.concat([stream.subarray(0, data), stream])];
}

/** Frame headers of a JPEG or a JPEG-LS that contradict the data. @type {(stream: Buffer) => Generator<[name: string, stream: Buffer]>} */
export function* bent_frames(stream) {
  const frame = segment(stream, ...FRAMES);
  for (const [height, width] of /** @type {const} */ ([[65535, 65535], [0, 16], [16, 0], [65535, 1], [1, 65535], [17, 16], [8, 16]])) {
    yield [`frame-of-${width}x${height}`, patched(stream, frame + 5, be(2, height, width))];
  }
  for (const bits of [0, 1, 12, 16, 17, 255]) yield [`frame-of-${bits}-bits`, patched(stream, frame + 4, be(1, bits))];
  for (const components of [0, 2, 4, 255]) yield [`frame-of-${components}-components`, patched(stream, frame + 9, be(1, components))];
  for (const sampling of [0x00, 0x10, 0x44, 0xff]) yield [`frame-sampled-${sampling.toString(16)}`, patched(stream, frame + 11, be(1, sampling))];
  const scan = segment(stream, SOS);
  for (const components of [0, 2, 255]) yield [`scan-of-${components}-components`, patched(stream, scan + 4, be(1, components))];
}

/** A JPEG-LS with parameters out of range (T.87 C.2.3, C.2.4.1). @type {() => Generator<[name: string, stream: Buffer]>} */
export function* bent_jpeg_ls() {
  const scan = segment(JPEG_LS, SOS);
  yield* bent_anyhow(JPEG_LS);
  yield* bent_frames(JPEG_LS);
  yield ["near-255", patched(JPEG_LS, scan + 7, be(1, 255))];
  yield ["interleave-9", patched(JPEG_LS, scan + 8, be(1, 9))];
  yield ["point-transform-15", patched(JPEG_LS, scan + 9, be(1, 15))];
  const presets = (/** @type {number[]} */ ...numbers) =>
    Buffer.concat([JPEG_LS.subarray(0, scan), be(2, 0xfff8, 13), be(1, 1), be(2, ...numbers), JPEG_LS.subarray(scan)]);
  yield ["presets-of-zeros", presets(0, 0, 0, 0, 0)];
  yield ["presets-of-65535", presets(65535, 65535, 65535, 65535, 65535)];
  yield ["presets-in-falling-order", presets(255, 200, 100, 3, 64)];
  yield ["presets-that-reset-at-1", presets(255, 3, 7, 21, 1)];
  yield ["presets-with-a-largest-value-of-1", presets(1, 1, 1, 1, 64)];
  const size = Buffer.concat([be(2, 0xfff8), be(2, 12), be(1, 4, 4), be(4, 0xffff_ffff, 0xffff_ffff)]);
  yield ["presets-of-a-size-of-32-bits", Buffer.concat([JPEG_LS.subarray(0, scan), size, JPEG_LS.subarray(scan)])];
}

/** A JPEG 2000 codestream with impossible sizes, tiles and codings (T.800 annex A). @type {() => Generator<[name: string, stream: Buffer]>} */
export function* bent_jpeg_2000() {
  const stream = JPEG_2000;
  const [siz, cod, qcd, sot] = [segment(stream, SIZ), segment(stream, COD), segment(stream, QCD), segment(stream, SOT)];
  yield* bent_anyhow(stream);
  for (const [name, size] of Object.entries(JPEG_2000_SIZES)) yield [name, patched(stream, siz + 6, be(4, ...size))];
  for (const components of [0, 2, 255, 16384, 65535]) yield [`${components}-components`, patched(stream, siz + 38, be(2, components))];
  for (const depth of [0x25, 0x7f, 0xff]) yield [`depth-${depth.toString(16)}`, patched(stream, siz + 40, be(1, depth))];
  for (const step of [0, 255]) yield [`sampled-${step}`, patched(stream, siz + 41, be(1, step, step))];
  for (const order of [5, 255]) yield [`progression-${order}`, patched(stream, cod + 5, be(1, order))];
  for (const layers of [0, 65535]) yield [`${layers}-layers`, patched(stream, cod + 6, be(2, layers))];
  for (const levels of [32, 33, 255]) yield [`${levels}-levels`, patched(stream, cod + 9, be(1, levels))];
  for (const exponent of [0, 10, 255]) yield [`code-blocks-${exponent}`, patched(stream, cod + 10, be(1, exponent, exponent))];
  yield ["every-style-of-code-blocks", patched(stream, cod + 12, be(1, 255))];
  yield ["transformation-9", patched(stream, cod + 13, be(1, 9))];
  yield ["quantisation-of-ff", patched(stream, qcd + 4, be(1, 255))];
  for (const tile of [1, 65535]) yield [`tile-${tile}`, patched(stream, sot + 4, be(2, tile))];
  for (const length of [0, 1, 13, 0xffff_ffff]) yield [`tile-part-of-${length}-bytes`, patched(stream, sot + 6, be(4, length))];
  yield ["255-tile-parts", patched(stream, sot + 10, be(1, 254, 255))];
  yield ["the-lossy-one-cut", JPEG_2000_LOSSY.subarray(0, 140)];
}

/** Fields of a SIZ segment: width and height, their offset, the tile's width and height, their offset. @type {Record<string, number[]>} */
const JPEG_2000_SIZES = {
  "size-of-all-32-bits": [0xffff_ffff, 0xffff_ffff, 0, 0, 0xffff_ffff, 0xffff_ffff, 0, 0],
  "size-of-60000": [60000, 60000, 0, 0, 60000, 60000, 0, 0],
  "size-of-20000-in-one-tile": [20000, 20000, 0, 0, 20000, 20000, 0, 0],
  "size-of-60000-in-tiles-of-1": [60000, 60000, 0, 0, 1, 1, 0, 0],
  "size-of-8000-in-tiles-of-1": [8000, 8000, 0, 0, 1, 1, 0, 0],
  "size-of-17": [17, 17, 0, 0, 16, 16, 0, 0],
  "size-of-8": [8, 8, 0, 0, 16, 16, 0, 0],
  "size-of-0": [0, 0, 0, 0, 16, 16, 0, 0],
  "offset-beyond-the-size": [16, 16, 32, 32, 16, 16, 0, 0],
  "tiles-of-0": [16, 16, 0, 0, 0, 0, 0, 0],
  "tiles-beyond-the-size": [16, 16, 0, 0, 16, 16, 0xffff_fff0, 0xffff_fff0],
};
