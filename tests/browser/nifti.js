// NIfTI-1 files for the tests: written from a function of the voxel, and read back from a download.

import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";

/** @typedef {[number, number, number]} Triple */

const HEADER = 352;
const TYPES = /** @type {const} */ ({
  2: "getUint8", 4: "getInt16", 8: "getInt32", 16: "getFloat32", 256: "getInt8", 512: "getUint16", 768: "getUint32",
});

/** `signs`: rows run to the patient's right,
 * columns to the front, slices to the head; −1 turns one round.
 * @typedef {{ size: Triple, spacing: Triple, volumes?: number, signs?: Triple, description?: string }} Grid */

/** A file of 16-bit values, laid out as nifti1.h has it. `value` is called with the voxel, and the volume's
 * number where there are several.
 * @type {(grid: Grid, value: (x: number, y: number, z: number, volume: number) => number) => Buffer} */
export function nifti({ size: [nx, ny, nz], spacing, volumes = 1, signs = [1, 1, 1], description = "" }, value) {
  const file = Buffer.alloc(HEADER + 2 * nx * ny * nz * volumes);
  file.writeInt32LE(348, 0);
  [volumes > 1 ? 4 : 3, nx, ny, nz, volumes, 1, 1, 1].forEach((length, i) => file.writeInt16LE(length, 40 + 2 * i));
  file.writeInt16LE(4, 70); // DT_INT16
  file.writeInt16LE(16, 72); // bits
  file.writeFloatLE(HEADER, 108); // vox_offset
  file.writeFloatLE(1, 112); // scl_slope
  file.write(description.slice(0, 79), 148, "latin1");
  file.write("n+1\0", 344, "latin1");
  [1, ...spacing, 1].forEach((step, i) => file.writeFloatLE(step, 76 + 4 * i));
  file.writeUInt8(2 | 8, 123); // mm, s
  file.writeInt16LE(1, 254); // sform_code: scanner
  spacing.forEach((mm, i) => file.writeFloatLE(mm * (signs[i] ?? 1), 280 + 16 * i + 4 * i));
  let at = HEADER;
  for (let t = 0; t < volumes; t += 1) {
    for (let z = 0; z < nz; z += 1) {
      for (let y = 0; y < ny; y += 1) {
        for (let x = 0; x < nx; x += 1, at += 2) file.writeInt16LE(Math.round(value(x, y, z, t)), at);
      }
    }
  }
  return file;
}

/** What a gzipped NIfTI-1 file holds; `rows` is its sform.
 * @type {(gzipped: Buffer) => { size: Triple, spacing: Triple, rows: number[][], values: number[] }} */
export function read_nifti(gzipped) {
  assert.equal(gzipped.readUInt16BE(0), 0x1f8b, "gzip");
  const bytes = gunzipSync(gzipped);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  assert.equal(view.getInt32(0, true), 348);
  assert.equal(bytes.toString("latin1", 344, 347), "n+1");
  /** @type {(at: number) => Triple} */
  const sizes = (at) => [view.getInt16(at, true), view.getInt16(at + 2, true), view.getInt16(at + 4, true)];
  /** @type {(at: number, count: number) => number[]} */
  const floats = (at, count) => Array.from({ length: count }, (_, i) => view.getFloat32(at + 4 * i, true));
  const size = sizes(42);
  const read = TYPES[/** @type {keyof typeof TYPES} */ (view.getInt16(70, true))];
  assert.ok(read, "a type of integers or floats");
  const step = view.getInt16(72, true) / 8;
  const start = view.getFloat32(108, true);
  const count = size[0] * size[1] * size[2];
  assert.equal(bytes.length, start + count * step);
  return {
    size,
    spacing: /** @type {Triple} */ (floats(80, 3)),
    rows: [280, 296, 312].map((at) => floats(at, 4)),
    values: Array.from({ length: count }, (_, i) => view[read](start + i * step, true)),
  };
}
