// The session file: docs/session-file.md. Image space, slices counted from 0, windows in the scan's values.

/** @typedef {import("../../../boxel-bindings.js").Plane} Plane */
/** @typedef {import("../../../boxel-bindings.js").Window} Window */
/** @typedef {import("../../../boxel-bindings.js").Stroke} Stroke */
/** @typedef {import("../prompts/state.js").Prompt} Prompt */
/** @typedef {import("../propagation/state.js").Direction} Direction */
/** @typedef {Omit<Prompt, "serial" | "taken">} FilePrompt */
/** `until`: the lowest and the highest slice reached.
 * @typedef {{ do: "prompt", slice: number, window: Window, prompts: FilePrompt[] }
 *  | {
 *      do: "propagate", from: number, window: Window, directions: Direction[], until?: [number, number], range?: number,
 *      rule?: number,
 *    }
 *  | { do: "take_back" }
 *  | { do: "load" }
 *  | { do: "edit", slice: number, strokes: Stroke[] }
 *  | { do: "unmark", slice: number }
 *  | ({ do: "edit_volume" } & import("../../../boxel-bindings.js").RecordedEdit)} FileStep */
/** Identifies a mask on the scan's grid. @typedef {{ voxels: number, sha256: string }} Fingerprint */
/**
 * @typedef {object} FileObject
 * @property {number} number
 * @property {string} name
 * @property {number} colour
 * @property {boolean} hidden
 * @property {boolean} locked
 * @property {Plane} plane
 * @property {number | null} at the slice of its present prompts; null in version 1
 * @property {FileStep[]} steps
 * @property {import("../prompts/state.js").Maker} [model] if not the file's
 * @property {import("../prompts/state.js").SegmentFacts} [segment] what the file says that it was loaded from
 * @property {number[]} [reviewed] slices that the user has reviewed
 * @property {Fingerprint} result
 * @property {string | null} masks its masks in runs, as JSON text of the engine; null in version 1
 * @property {[number, number]} [reach] the lowest and the highest slice in `masks`, as the reader found them
 */
/** The engine's masks of an object, as JSON text, and the fingerprints of its slices.
 * @typedef {Fingerprint & {
 *   masks: string, slices: import("../review/state.js").SlicePrint[],
 * }} ObjectMasks */
/**
 * @typedef {object} SessionFile
 * @property {{ sha256: string }} scan
 * @property {import("../prompts/state.js").Maker | null} model that made the masks; null if no model did
 * @property {import("../../state/rendering.js").Rendering} view
 * @property {FileObject[]} objects
 */

export const FORMAT = "boxel-session";
/** The version to write. */
export const VERSION = 2;
/** Version 1 has no masks: it is replayed. */
export const MIN_VERSION = 1;
