// Turns every kind of source into files.

import { check_amount } from "../web/open/files.js";
import { nifti_of } from "./nifti.js";

/** @typedef {import("./api.js").Source} Source */
/** @typedef {import("./api.js").Voxels} Voxels */

/** @type {(source: Source) => Blob[]} */
export function files_of(source) {
  const files = Symbol.iterator in source && !ArrayBuffer.isView(source)
    ? Array.from(/** @type {Iterable<Blob | BufferSource>} */ (source), file_of)
    : [file_of(/** @type {Blob | BufferSource | Voxels} */ (source))];
  if (!files.length) throw { code: "image_empty", message: "There are no files to open." };
  check_amount(files);
  return files;
}

/** @type {(source: Blob | BufferSource | Voxels) => Blob} */
function file_of(source) {
  if (source instanceof Blob) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return new Blob([source]);
  if (source && typeof source === "object" && "data" in source && "dimensions" in source) return nifti_of(source);
  throw { code: "source_invalid", message: "Only files, bytes, or voxels as { data, dimensions } can be opened." };
}
