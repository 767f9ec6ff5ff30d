// A synthetic volume: a bright ellipsoid and a smaller ball on a dark ground, with the boxes around them.

import { file_of, slice } from "../hostile/dicom.mjs";
import { nifti } from "./nifti.js";

/** @typedef {import("./nifti.js").Triple} Triple */
/** @typedef {import("./golden.js").ImageBox} ImageBox */

/** @type {Triple} */
export const SIZE = [96, 80, 9];
/** @type {Triple} */
export const SPACING = [0.8, 0.8, 2.5];
export const MIDDLE = 4;
export const CANARY = "CANARY^NAME";

/** Rows to the left, columns to the back: an axial view shows a slice as it lies in the file. @type {Triple} */
const LPS = [-1, -1, 1];

/** @typedef {{ centre: Triple, radii: Triple, value: number }} Ellipsoid */
/** @type {Ellipsoid} */
const LARGE = { centre: [32, 38, 4], radii: [18, 14, 4], value: 140 };
/** @type {Ellipsoid} */
const SMALL = { centre: [72, 46, 4], radii: [10, 10, 4], value: 190 };

/** @type {(ellipsoid: Ellipsoid, at: Triple) => boolean} */
const holds = ({ centre, radii }, at) =>
  at.reduce((sum, x, i) => sum + ((x - (centre[i] ?? 0)) / (radii[i] ?? 1)) ** 2, 0) <= 1;

/** @type {(x: number, y: number, z: number) => number} */
function value(x, y, z) {
  const noise = (x * 7 + y * 13 + z * 5) % 11;
  const inside = [LARGE, SMALL].find((ellipsoid) => holds(ellipsoid, [x, y, z]));
  const body = ((x - 48) / 44) ** 2 + ((y - 40) / 36) ** 2 <= 1;
  return (inside?.value ?? (body ? 20 : -900)) + noise;
}

export const phantom = () => nifti({ size: SIZE, spacing: SPACING, signs: LPS, description: CANARY }, value);

/** The same as a CT series of a patient, whose name may be burned in; a file for each slice.
 * @type {() => Buffer[]} */
export const phantom_series = () => Array.from({ length: SIZE[2] }, (_, z) => file_of(slice(
  [0x0008_0018, "UI", `2.25.1${z}`],
  [0x0008_1030, "LO", `Study of ${CANARY}`],
  [0x0010_0010, "PN", CANARY],
  [0x0010_0020, "LO", `${CANARY} 1`],
  [0x0018_0050, "DS", String(SPACING[2])],
  [0x0020_0013, "IS", String(z + 1)],
  [0x0020_0032, "DS", `0\\0\\${SPACING[2] * z}`],
  [0x0028_0010, "US", [SIZE[1]]],
  [0x0028_0011, "US", [SIZE[0]]],
  [0x0028_0030, "DS", `${SPACING[1]}\\${SPACING[0]}`],
  [0x0028_0301, "CS", "YES"],
  [0x7fe0_0010, "OW", Array.from({ length: SIZE[0] * SIZE[1] }, (_, i) =>
    1024 + value(i % SIZE[0], Math.floor(i / SIZE[0]), z))],
)));

/** A mask of the two: 1 and 2. @type {(size?: Triple, spacing?: Triple) => Buffer} */
export const phantom_labels = (size = SIZE, spacing = SPACING) => nifti({ size, spacing, signs: LPS },
  (x, y, z) => holds(LARGE, [x, y, z]) ? 1 : holds(SMALL, [x, y, z]) ? 2 : 0);

/** A mask of the large one, on a slice alone. @type {(slice: number) => Buffer} */
export const label_on_slice = (slice) => nifti({ size: SIZE, spacing: SPACING, signs: LPS },
  (x, y, z) => Number(z === slice && holds(LARGE, [x, y, z])));

/** @type {(ellipsoid: Ellipsoid) => ImageBox} */
const box_of = ({ centre: [x, y], radii: [rx, ry] }) => [x - rx - 1, y - ry - 1, x + rx + 2, y + ry + 2];
export const LARGE_BOX = box_of(LARGE);
export const SMALL_BOX = box_of(SMALL);

/** How many voxels of the large one are on a slice. @type {(slice: number) => number} */
export const large_area = (slice) => Array.from({ length: SIZE[0] * SIZE[1] }, (_, i) =>
  Number(holds(LARGE, [i % SIZE[0], Math.floor(i / SIZE[0]), slice]))).reduce((sum, inside) => sum + inside, 0);
