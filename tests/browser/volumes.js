// Volumes that the tests write themselves.

import { nifti } from "./nifti.js";

/** Noise that is the same each time, 0 to 1. @type {(seed: number) => number} */
function noise(seed) {
  const mixed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d);
  return ((mixed ^ (mixed >>> 12)) >>> 0) / 2 ** 32;
}

const CENTRE = /** @type {const} */ ([60, 68, 12]);
export const FIRST_BODY = 4;
export const LAST_BODY = 20;
const RADII = /** @type {const} */ ([26, 20, 7]);
/** 1 at the surface of the ellipsoid. @type {(x: number, y: number, z: number) => number} */
const distance = (x, y, z) =>
  Math.hypot((x - CENTRE[0]) / RADII[0], (y - CENTRE[1]) / RADII[1], (z - CENTRE[2]) / RADII[2]);

/** Of 128 × 128 × 24 voxels of 1 × 1 × 3 mm: a bright ellipsoid with texture, on slices 6 to 18 counted
 * from 1, in a body of noise; the first four slices and the last three are empty.
 * @type {(volumes?: number) => Buffer} */
export const ellipsoid = (volumes = 1) =>
  nifti({ size: [128, 128, 24], spacing: [1, 1, 3], volumes }, (x, y, z, volume) => {
  if (z < FIRST_BODY || z > LAST_BODY) return 0;
  const grain = noise(x + 131 * y + 17_161 * z + 7 * volume);
  if (Math.hypot((x - 63.5) / 56, (y - 63.5) / 60) > 1) return 20 * grain;
  const inside = distance(x, y, z) <= 1;
  const texture = 60 * Math.sin(x / 7) * Math.cos(y / 6);
  return 300 + 60 * grain + (inside ? 500 + texture : 0) + 100 * volume;
});

/** The axial view has the patient's left at the right, and the front at the top.
 * @type {(image: { x: number, y: number, slice: number }) => boolean} */
export const is_inside = ({ x, y, slice }) => distance(127 - x, 127 - y, slice) <= 1;

/** The box of the ellipsoid on its middle slice, number 13, in the axial view.
 * @type {[number, number, number, number]} */
export const MIDDLE_BOX = [41, 39, 94, 80];
export const MIDDLE_SLICE = CENTRE[2];
/** The volume of the ellipsoid. */
export const MILLILITRES = (4 / 3) * Math.PI * RADII[0] * RADII[1] * RADII[2] * 3 / 1000;
