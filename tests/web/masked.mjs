// A state with a scan, a model and one object whose mask the engine has.

import { initial_state } from "../../web/state/reduce.js";

/** @typedef {import("../../web/state/reduce.js").State} State */
/** @typedef {import("../../web/features/prompts/state.js").PromptedObject} PromptedObject */
/** @typedef {import("../../web/features/prompts/state.js").Prompt} Prompt */

/** @type {import("../../boxel-bindings.js").Measured} */
export const measured = {
  slice: {
    area_px: 2000, area_mm2: 1234.5,
    long_axis: { ends: [[0, 0], [3, 0]], ends_mm: null, length_px: 3, length_mm: 40.26 },
    short_axis: { ends: [[0, 0], [0, 2]], ends_mm: null, length_px: 2, length_mm: 25.6 },
    values: { count: 4, mean: 52.3, sd: 8.12, min: -12, max: 90 },
  },
  volume: { voxels: 6000, volume_ml: 12.345, slices: 3, values: { count: 9, mean: 50, sd: 9, min: -20, max: 95 } },
};

/** @type {import("../../boxel-bindings.js").ModelInput} */
export const input = {
  side: 256, resized: [256, 192], rgba: new Uint8ClampedArray(256 * 256 * 4), box: [0, 0, 128, 128.5],
  points: [[10, 20, 1]],
};

/** @type {(number: number, prompt?: Partial<Prompt>, changes?: Partial<PromptedObject>) => PromptedObject} */
export const object = (number, prompt = {}, changes = {}) => ({
  ...(/** @type {PromptedObject} */ ({
    number, name: `Object ${number}`, colour: 0, edits: [], propagation_version: 0, hidden: false, locked: false,
    alone: false, at: { plane: "axial", slice: 2 }, dice: null,
    prompts: [{ serial: 1, box: [0, 0, 2, 2], points: [], multimask: false, candidate: null, ...prompt }],
    main: {
      phase: "done", decoded: 1, image_key: "image", restored: false,
      prediction: {
        id: 3, mask: new Uint8Array(12).fill(1), candidates: [0.9], chosen: 0, iou: 0.9, area_px: 12,
        bounds: [0, 0, 4, 3], decode_ms: 1,
      },
    },
    comparison: { phase: "waiting", decoded: 0, image_key: null, prediction: null, restored: false },
  })),
  ...changes,
});

/** `numbers`: the objects that the engine holds. @type {(options?: { numbers?: number[] }) => State} */
export function masked({ numbers = [1] } = {}) {
  const state = initial_state("auto");
  /** @type {import("../../boxel-bindings.js").Window} */
  const window = { kind: "linear", level: 40, width: 400 };
  const { main } = state.sessions;
  return {
    ...state,
    next_number: 2,
    next_serial: 2,
    selected: 1,
    settled: true,
    objects: [object(1)],
    scan: /** @type {State["scan"]} */ ({
      serial: 1, title: "", files: [], choice: 0, key: "scan", format: "DICOM", modality: "CT", unit: "HU",
      looks_like_ct: false, bits: 16,
      colour: false, volume: true, spacing_source: "pixel_spacing", views: [], windows: [], presets: [], notes: [],
    }),
    image: {
      key: "image", plane: "axial", slice: 2, window, level: 40, width_of_window: 400, width: 4, height: 3,
      rgba: new Uint8ClampedArray(48), values: null, slices: 9, pixel_aspect: 1, letters: null,
    },
    sessions: {
      main: {
        ...main, scan_key: "scan", image_key: "image", numbers, ids: [3],
        model: { id: "m", name: "M", trained_on_points: true, published: true },
      },
      comparison: null,
    },
  };
}
