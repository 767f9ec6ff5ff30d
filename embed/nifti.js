// Writes voxels from memory as a file that the engine reads: single-file NIfTI-1 by nifti1.h, little-endian.

/** @typedef {import("./api.js").Voxels} Voxels */

const HEADER_BYTES = 348;
const VOXELS_AT = 352; // after the header and four bytes that mean "no extension"
const LONGEST_AXIS = 32767;
const UNIT_MM = 2;
const CODE_SCANNER = 1; // sform_code: scanner coordinates

/** Constructor name → `datatype` of the header. @type {Record<string, number>} */
const DATATYPES = {
  Uint8Array: 2, Uint8ClampedArray: 2, Int8Array: 256, Int16Array: 4, Uint16Array: 512, Int32Array: 8, Uint32Array: 768,
  Float32Array: 16, Float64Array: 64,
};

/** @type {(text: string) => { code: string, message: string }} */
const invalid = (text) => ({ code: "voxels_invalid", message: text });

/** @type {(voxels: Voxels) => void} */
function check({ data, dimensions, spacing_mm, direction, origin_mm }) {
  const is_list = (/** @type {ArrayLike<number> | undefined} */ list, /** @type {number} */ length) =>
    list === undefined || (list.length === length && Array.from(list).every(Number.isFinite));
  if (!ArrayBuffer.isView(data) || !DATATYPES[data.constructor.name]) {
    throw invalid("`data` must be a typed array of numbers of 8 to 64 bits, without BigInt.");
  }
  const count = Array.from(dimensions ?? []).reduce((product, side) => product * side, 1);
  if (dimensions?.length !== 3
    || !Array.from(dimensions).every((side) => Number.isInteger(side) && side > 0 && side <= LONGEST_AXIS)) {
    throw invalid(`\`dimensions\` must be columns, rows and slices, each of 1 to ${LONGEST_AXIS}.`);
  }
  if (data.length !== count) throw invalid(
    `\`data\` has ${data.length} values, but ${Array.from(dimensions).join(" × ")} voxels need ${count}.`,
  );
  if (!is_list(spacing_mm, 3) || (spacing_mm && !Array.from(spacing_mm).every((mm) => mm > 0))) {
    throw invalid("`spacing_mm` must be three lengths above 0.");
  }
  if (!is_list(direction, 9)) throw invalid("`direction` must be nine numbers.");
  if (!is_list(origin_mm, 3)) throw invalid("`origin_mm` must be three numbers.");
  if ((direction || origin_mm) && !spacing_mm) throw invalid("`direction` and `origin_mm` need `spacing_mm`.");
}

/** @type {(voxels: Voxels) => Blob} */
export function nifti_of(voxels) {
  check(voxels);
  const { data, dimensions, spacing_mm, slope = 1, intercept = 0 } = voxels;
  const head = new DataView(new ArrayBuffer(VOXELS_AT));
  head.setInt32(0, HEADER_BYTES, true);
  [3, ...Array.from(dimensions), 1, 1, 1, 1].forEach((length, i) => head.setInt16(40 + 2 * i, length, true));
  head.setInt16(70, DATATYPES[data.constructor.name] ?? 0, true);
  head.setInt16(72, 8 * data.BYTES_PER_ELEMENT, true);
  // Invalid numbers rather than an invented size: lengths are then not given in mm.
  const steps = spacing_mm ? Array.from(spacing_mm) : [NaN, NaN, NaN];
  [1, ...steps].forEach((step, i) => head.setFloat32(76 + 4 * i, step, true));
  head.setFloat32(108, VOXELS_AT, true);
  head.setFloat32(112, slope, true);
  head.setFloat32(116, intercept, true);
  head.setUint8(123, UNIT_MM);
  if (spacing_mm) write_place(head, voxels, steps);
  [0x6e, 0x2b, 0x31, 0].forEach((letter, i) => head.setUint8(344 + i, letter)); // "n+1"
  // A copy: a Blob cannot contain shared memory.
  const bytes = new Uint8Array(data.byteLength);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return new Blob([head.buffer, bytes]);
}

/** The matrix from voxel index to patient. NIfTI uses RAS: LPS with the first two axes reversed.
 * @type {(head: DataView, voxels: Voxels, steps: number[]) => void} */
function write_place(head, { direction = [1, 0, 0, 0, 1, 0, 0, 0, 1], origin_mm = [0, 0, 0] }, steps) {
  head.setInt16(254, CODE_SCANNER, true);
  for (const [row, sign] of [-1, -1, 1].entries()) {
    const columns = steps.map((step, axis) => (direction[3 * axis + row] ?? 0) * step);
    [...columns, origin_mm[row] ?? 0].forEach((mm, column) =>
      head.setFloat32(280 + 16 * row + 4 * column, sign * mm, true));
  }
}
