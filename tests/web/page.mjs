// The page without its DOM: state, driver, and a worker that answers as the engine would.

import { Driver } from "../../web/engine/driver.js";
import { next_request } from "../../web/engine/next.js";
import { panels } from "../../web/engine/requests/panels.js";
import { Opening } from "../../web/open/opening.js";
import { Replayer } from "../../web/features/sessions/replayer.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { measured } from "./masked.mjs";

/** @typedef {import("../../web/state/reduce.js").Action} Action */
/** @typedef {import("../../web/features/models/state.js").ModelEntry} ModelEntry */

const NO_GPU = { name: "", lack: "none", software: false, binding_bytes: 0, buffer_bytes: 0 };

/** @type {(id: string) => ModelEntry} */
export const entry = (id) => ({
  id, source: "site", name: id, file: id, bytes: 1, sha256: "", origin: "", recipe: "litemedsam", licence: "",
  minimum_binding_bytes: null, gpu_bytes: null, facts: null,
});
/** @type {(id: string, side?: "main" | "comparison") => Action} */
export const ready = (id, side = "main") => ({ do: "weights_ready", side, id, file: new Blob([id]) });
/** @type {(serial: number) => Action} */
export const open = (serial) => ({
  do: "open_wanted", source: { serial, title: "", files: [new Blob([new Uint8Array([serial])])] },
});
export const MEMORY = { count: 1, bytes: 4194304, budget_bytes: 67108864 };

/** @typedef {import("../../boxel-bindings.js").Shown} Shown */
/** @typedef {import("../../boxel-bindings.js").View} View */
/** A slice of 4 × 2 pixels. @type {(key: string, at?: Partial<Shown>) => Shown} */
export const shown = (key, at = {}) => {
  const made = {
    plane: /** @type {const} */ ("stored"), slice: 0, window: /** @type {const} */ ({ kind: "stored" }), ...at,
  };
  return {
    ...made, key: `${key} ${made.plane} ${made.slice} ${JSON.stringify(made.window)}`, level: 127.5,
    width_of_window: 255,
    width: 4, height: 2, rgba: new Uint8ClampedArray(32), values: new Float32Array(8),
  };
};
/** The key of the first slice of an image. @type {(key: string) => string} */
export const key_of = (key) => shown(key).key;

/** @type {(plane: View["plane"], slices: number) => View} */
const view = (plane, slices) => ({
  plane, slices, width: 4, height: 2, pixel_aspect: 1, spacing_mm: [1, 1, 3], letters: null,
  voxel_axes: [[0, false], [1, false], [2, false]],
});

/** An image, or with `slices` a volume.
 * @type {(key: string, slices?: number) => import("../../boxel-bindings.js").OpenedScan} */
export const scan_of = (key, slices = 1) => ({
  key, format: "PNG", modality: "", unit: "", looks_like_ct: false, bits: 8, colour: false, volume: slices > 1,
  spacing_source: null,
  views: slices > 1 ? [view("axial", slices), view("coronal", 2), view("sagittal", 4)] : [view("stored", 1)],
  windows: [], presets: [], notes: [],
  shown: slices > 1 ? shown(key, { plane: "axial", slice: Math.floor(slices / 2) }) : shown(key),
});
/** What the engine is to do next for scan and objects: what the panels ask comes after all of it, and is
 * looked at in panels.test.mjs. @type {typeof next_request} */
export function next_of_work(state) {
  const request = next_request(state);
  return request && Object.hasOwn(panels, request.do) ? null : request;
}
const PANEL_METHODS = ["export_refusals", "export_warnings", "measure", "model_input", "open_reference", "compare",
  "slice_areas", "slice_dice", "reference_slice"];
export const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

/** `script` replaces single answers.
 * @param {Record<string, (args: any[]) => any>} [script] @param {"auto" | "gpu" | "cpu"} [wanted] the device
 * @param {number} [slices] of every scan
 * @param {(byte: number | undefined) => string} [scan_key] of a file's first byte */
export function page(script = {}, wanted = "auto", slices = 1, scan_key = (byte) => `key ${byte}`) {
  let opened = "";
  /** @type {string[]} */
  const asked = [];
  let next_id = 1;
  /** @param {any} prompt */
  const found = ({ box, points, multimask }) => ({
    key: state.image?.key, box, points, id: next_id++, mask: new Uint8Array(1), area_px: 1, bounds: box, decode_ms: 3,
    candidates: multimask ? [0.7, 0.9, 0.8] : [1], chosen: multimask ? 1 : 0, iou: 1,
  });
  /** @type {Record<string, (args: any[]) => any>} */
  const answers = {
    probe: () => NO_GPU,
    create: ([kind]) => ({ kind, name: kind }),
    open: ([, , key]) => {
      opened = key;
      return scan_of(key, slices);
    },
    show: ([, plane, slice, window, with_masks]) => ({
      shown: shown(opened, { plane, slice, window }), masks: with_masks ? [] : null,
    }),
    set_budget: ([, budget_bytes]) => ({ ...MEMORY, budget_bytes }),
    slice_masks: () => [],
    export_refusals: () => ({}),
    export_warnings: () => ({}),
    measure: () => measured,
    object_mask: () => ({ plane: "axial", voxels: 1, volume_ml: 0.003, slices: [] }),
    load_weights: () => ({ name: "M", recipe: "litemedsam", trained_on_points: false }),
    embed: () => ({ encode_ms: 12, memory: MEMORY }),
    segment: ([, prompts]) => prompts.map(found),
    choose: ([, id, candidate]) => ({
      ...found({ box: null, points: [], multimask: true }), id, chosen: candidate, iou: candidate,
    }),
    dice: () => 0.75,
    ...script,
  };
  const new_worker = () => {
    const worker = /** @type {any} */ ({
      terminate: () => { worker.ended = true; },
      postMessage: async (/** @type {any} */ { id, method, args, cancel }) => {
        if (cancel) return worker.on_cancel?.();
        if (!PANEL_METHODS.includes(method)) asked.push(args[0] === "comparison" ? `${method} comparison` : method);
        await null;
        try {
          const value = await answers[method]?.call(worker, args);
          if (!worker.ended) worker.onmessage({ data: value?.fatal ? value : { id, value } });
        } catch (failure) {
          if (!worker.ended) worker.onmessage({ data: { id, failure } });
        }
      },
    });
    return worker;
  };
  /** Reads the first byte of the first file. */
  const new_parser = () => {
    const worker = /** @type {any} */ ({
      terminate: () => {},
      postMessage: async (/** @type {{ files: Blob[] }} */ { files }) => {
        const bytes = new Uint8Array(await files[0]?.arrayBuffer() ?? []);
        worker.onmessage({ data: { parsed: { key: scan_key(bytes[0]), scan: bytes } } });
      },
    });
    return worker;
  };
  let state = initial_state(wanted);
  /** @param {Action} action */
  const dispatch = (action) => {
    state = reduce(state, action);
    opening.follow();
    driver.follow();
    replayer.follow();
  };
  const opening = new Opening(() => state, dispatch, new_parser);
  const driver = new Driver(() => state, dispatch, new_worker, opening, new_worker, { cores: 1, memory_gib: 8 });
  const replayer = new Replayer(() => state, dispatch, (number, recorded) => driver.check_object(number, recorded));
  dispatch({ do: "models_listed", faults: [], entries: [entry("a"), entry("b")] });
  dispatch({ do: "model_wanted", id: "a" });
  return { asked, dispatch, driver, state: () => state };
}
