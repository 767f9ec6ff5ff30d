// Maps points of a slice to voxels of the grid, for edits that are not bound to a plane.

import { view_in } from "../../state/rendering.js";

/** @typedef {Pick<import("../../state/scan.js").Scan, "views">} Scan */
/** @typedef {{ plane: import("../../../boxel-bindings.js").Plane, slice: number }} At */

/** The voxel coordinates of a point in image space; a whole number is the centre of a voxel.
 * @type {(scan: Scan, at: At, point: [number, number]) => [number, number, number]} */
export function voxel_of(scan, { plane, slice }, [x, y]) {
  const view = view_in(scan, plane);
  /** @type {[number, number, number]} */
  const voxel = [0, 0, 0];
  if (!view) return voxel;
  const counts = [view.width, view.height, view.slices];
  for (const [i, at] of [x - 0.5, y - 0.5, slice].entries()) {
    const [axis = 0, is_reversed = false] = view.voxel_axes[i] ?? [];
    voxel[axis] = is_reversed ? (counts[i] ?? 1) - 1 - at : at;
  }
  return voxel;
}

/** @type {(scan: Scan, at: At, path: [number, number][]) => [number, number, number][]} */
export const voxels_of = (scan, at, path) => path.map((point) => voxel_of(scan, at, point));
