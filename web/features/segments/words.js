// Words for segmentations that are opened on a scan.

/** @typedef {import("../../state/reduce.js").State} State */

/** @type {(state: State) => { label: string, value: number | null } | null} */
export const segments_progress = ({ segments, looking }) => looking
  ? { label: "Looking at the files", value: null }
  : segments && { label: "Loading the segments", value: segments.part || null };

/** What the dialog asks. `count` of the files are segmentations; `with_scan`: others are a scan to open first.
 * @type {(count: number, with_scan: boolean) => string} */
export function question_words(count, with_scan) {
  const one = count === 1;
  const what = one ? "One file looks like a segmentation" : `${count} files look like segmentations`;
  if (with_scan) {
    return `${what} of the scan that comes with ${one ? "it" : "them"}. Its segments can become objects that you edit and save.`;
  }
  return `${one ? "This file looks like a segmentation" : what}. Its segments can become objects that you edit and save, or it `
    + "can be compared with your masks. Opened as a scan, it replaces the one that is open.";
}

/** Asks whether to resample. `message` says how the segmentation lies. @type {(message: string) => string} */
export const resampling_words = (message) => `${message.charAt(0).toUpperCase()}${message.slice(1)}. Resampled, each voxel of the `
  + "scan gets the segments of their nearest voxel: borders may move by half a voxel.";

/** @type {(chosen: number, all: number) => string} */
export const choice_words = (chosen, all) => chosen === all ? `Load all ${all}` : `Load ${chosen} of ${all}`;
