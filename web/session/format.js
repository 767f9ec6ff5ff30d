// The session file: docs/session-file.md. Image space, slices counted from 0, windows in the scan's values.

/** @typedef {import("../../boxel-bindings.js").Plane} Plane */
/** @typedef {import("../../boxel-bindings.js").Window} Window */
/** @typedef {import("../../boxel-bindings.js").Stroke} Stroke */
/** @typedef {import("../state/prompts.js").Prompt} Prompt */
/** @typedef {import("../state/propagation.js").Direction} Direction */
/** @typedef {Omit<Prompt, "serial" | "taken">} FilePrompt */
/** `until`: the lowest and the highest slice reached.
 * @typedef {{ do: "prompt", slice: number, window: Window, prompts: FilePrompt[] }
 *  | { do: "propagate", from: number, window: Window, directions: Direction[], until?: [number, number] }
 *  | { do: "take_back" }
 *  | { do: "edit", slice: number, strokes: Stroke[] }
 *  | { do: "unmark", slice: number }} FileStep */
/** Identifies a mask on the scan's grid. @typedef {{ voxels: number, sha256: string }} Fingerprint */
/**
 * `at`: the slice that its present prompts are on. `masks`: the JSON text of its masks in runs, as the engine writes and reads
 * it. Version 1 has neither. `model`: where it is not the file's.
 * @typedef {{ number: number, name: string, colour: number, hidden: boolean, locked: boolean, plane: Plane, at: number | null, steps: FileStep[], model?: import("../state/prompts.js").Maker, result: Fingerprint, masks: string | null }} FileObject
 */
/** The engine's masks of an object, as JSON text. @typedef {Fingerprint & { masks: string }} ObjectMasks */
/**
 * @typedef {object} SessionFile
 * @property {{ sha256: string }} scan
 * @property {import("../state/prompts.js").Maker} model that made the masks
 * @property {import("../state/view.js").Rendering} view
 * @property {FileObject[]} objects
 */

export const FORMAT = "boxel-session";
/** The version to write. */
export const VERSION = 2;
/** Version 1 has no masks: it is replayed. */
export const MIN_VERSION = 1;
