// Which of the user's files are segmentations. The first bytes of a file rule most of them out; a reader looks at the others.

import { look_for_segmentations } from "./parser.js";

/** More files than this that may be segmentations are images of a stack; PNGs may be the slices of one. */
const MAX_LOOKED = 16;
const HEAD_BYTES = 2048;

/** SOP Class UIDs of Segmentation Storage and Label Map Segmentation Storage. */
const SEGMENTATION_CLASSES = ["1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"];
const PNG = "\x89PNG";
/** JPEG, BMP, TIFF, ZIP: no label maps that can be loaded, or too much to look at. */
const NONE = ["\xff\xd8\xff", "BM", "II\x2a\0", "MM\0\x2a", "II\x2b\0", "MM\0\x2b", "PK\x03\x04"];

/** An `.npz` is a ZIP whose first file is an array. @type {(head: string) => boolean} */
const is_of_arrays = (head) => head.startsWith("PK\x03\x04") && head.slice(30, 200).includes(".npy");

/** @type {(head: string) => boolean} */
export function may_begin_segmentation(head) {
  if (head.slice(128, 132) === "DICM") return SEGMENTATION_CLASSES.some((uid) => head.includes(uid));
  if (is_of_arrays(head)) return true;
  return head !== "" && !NONE.some((magic) => head.startsWith(magic));
}

/** @type {(file: Blob) => Promise<string>} */
async function head_of(file) {
  const bytes = await file.slice(0, HEAD_BYTES).arrayBuffer().catch(() => new ArrayBuffer(0));
  return String.fromCharCode(...new Uint8Array(bytes));
}

/** @type {(files: readonly Blob[]) => Promise<Blob[]>} */
export async function possible_segmentations(files) {
  const heads = await Promise.all(files.map(head_of));
  const possible = files.filter((_, i) => may_begin_segmentation(heads[i] ?? ""));
  const images = heads.filter((head) => head.startsWith(PNG)).length;
  return possible.length - images > MAX_LOOKED ? [] : possible;
}

/** Divides files into segmentations and others. A PNG without labels counts as a segmentation among PNGs with labels,
 * since it may be one of their slices. Files that can't be read are among the others: opening them says why.
 * @type {(
 *   files: readonly Blob[], possible: readonly Blob[], new_worker: () => Worker, signal: AbortSignal,
 * ) => Promise<{ segmentations: Blob[], others: Blob[] }>} */
export async function divided(files, possible, new_worker, signal) {
  const found = await look_for_segmentations(new_worker, possible, signal).catch(() => []);
  const segmentations = possible.filter((_, i) => found[i]);
  return { segmentations, others: files.filter((file) => !segmentations.includes(file)) };
}
