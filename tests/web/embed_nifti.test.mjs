// Voxels in memory as a NIfTI file.

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { test } from "node:test";

import { nifti_of } from "../../embed/nifti.js";
import { read_nifti } from "../browser/nifti.js";

/** @type {(voxels: import("../../embed/api.js").Voxels) => Promise<Buffer>} */
const bytes_of = async (voxels) => Buffer.from(await nifti_of(voxels).arrayBuffer());

test("values, sizes and the place come through, LPS turned to RAS", async () => {
  const bytes = await bytes_of({
    data: Int16Array.of(-1000, 0, 7, 3000, 1, 2), dimensions: [3, 2, 1], spacing_mm: [0.5, 2, 4], slope: 2,
    intercept: -24,
    // Rows run down, columns to the right of the patient.
    direction: [0, 0, -1, -1, 0, 0, 0, 1, 0], origin_mm: [10, 20, 30],
  });
  const { size, spacing, rows, values } = read_nifti(gzipSync(bytes));
  assert.deepEqual([size, spacing, values], [[3, 2, 1], [0.5, 2, 4], [-1000, 0, 7, 3000, 1, 2]]);
  assert.deepEqual(rows.map((row) => row.map((mm) => mm + 0)), [[0, 2, 0, -10], [0, 0, -4, -20], [-0.5, 0, 0, 30]]);
  assert.deepEqual([bytes.readFloatLE(112), bytes.readFloatLE(116), bytes.readInt16LE(254)], [2, -24, 1]);
});

test("without a direction the array is axial as in DICOM; without a spacing its place is unknown", async () => {
  const data = new Float32Array(4);
  const axial = read_nifti(gzipSync(await bytes_of({ data, dimensions: [2, 2, 1], spacing_mm: [1, 1, 5] })));
  assert.deepEqual(axial.rows.map((row) => row.map((mm) => mm + 0)), [[-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 5, 0]]);
  const unknown = await bytes_of({ data, dimensions: [2, 2, 1] });
  assert.ok(Number.isNaN(unknown.readFloatLE(80)) && unknown.readInt16LE(254) === 0);
});

for (const Kind of [Uint8Array, Int8Array, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array]) {
  test(`${Kind.name}, also a part of a shared buffer`, async () => {
    const shared = new (/** @type {any} */ (Kind))(new SharedArrayBuffer(6 * Kind.BYTES_PER_ELEMENT));
    shared.set([1, 2, 3, 4, 5, 127]);
    const bytes = await bytes_of({ data: shared.subarray(2), dimensions: [2, 1, 2], spacing_mm: [1, 1, 1] });
    assert.deepEqual(read_nifti(gzipSync(bytes)).values, [3, 4, 5, 127]);
  });
}

const good = { data: new Int16Array(8), dimensions: [2, 2, 2], spacing_mm: [1, 1, 1] };
for (const [what, wrong] of /** @type {[string, any][]} */ ([
  ["a list", { data: [1, 2, 3, 4, 5, 6, 7, 8] }], ["BigInt", { data: new BigInt64Array(8) }],
  ["too few values", { data: new Int16Array(7) }],
  ["two dimensions", { dimensions: [4, 2] }], ["no dimension", { dimensions: undefined }],
  ["half a voxel", { dimensions: [2, 2, 2.5] }],
  ["a long axis", { data: new Int8Array(32768), dimensions: [32768, 1, 1] }],
  ["no distance", { spacing_mm: [1, 1, 0] }],
  ["two distances", { spacing_mm: [1, 1] }], ["eight directions", { direction: new Array(8).fill(0) }],
  ["NaN", { origin_mm: [NaN, 0, 0] }],
  ["a place without a size", { spacing_mm: undefined, origin_mm: [0, 0, 0] }],
])) {
  test(`${what} is refused`, () => {
    assert.throws(() => nifti_of({ ...good, ...wrong }), { code: "voxels_invalid" });
  });
}
