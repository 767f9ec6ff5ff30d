// The page without its DOM: state, driver, and a worker that answers as the engine would.

import { Driver } from "../../web/engine/driver.js";
import { initial_state, reduce } from "../../web/state/reduce.js";

/** @typedef {import("../../web/state/reduce.js").Action} Action */
/** @typedef {import("../../web/state/models.js").ModelEntry} ModelEntry */

const NO_GPU = { name: "", lack: "none", software: false, binding_bytes: 0, buffer_bytes: 0 };

/** @type {(id: string) => ModelEntry} */
export const entry = (id) => ({
  id, source: "site", name: id, file: id, bytes: 1, sha256: "", origin: "", recipe: "litemedsam", licence: "",
  minimum_binding_bytes: null, gpu_bytes: null, facts: null,
});
/** @type {(id: string, side?: "main" | "other") => Action} */
export const ready = (id, side = "main") => ({ do: "weights_ready", side, id, file: new Blob([id]) });
/** @type {(serial: number) => Action} */
export const open = (serial) => ({ do: "open_wanted", source: { serial, title: "", bytes: new Uint8Array([serial]) } });
export const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

/** `script` replaces single answers.
 * @param {Record<string, (args: any[]) => any>} [script] @param {"auto" | "gpu" | "cpu"} [wanted] the device */
export function page(script = {}, wanted = "auto") {
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
    open: ([, bytes]) => ({ key: `key ${bytes}`, width: 1, height: 1, rgba: new Uint8ClampedArray(4), format: "PNG", bits: 8 }),
    load_weights: () => ({ name: "M", recipe: "litemedsam", trained_on_points: false }),
    embed: () => 12,
    segment: ([, prompts]) => prompts.map(found),
    choose: ([, id, candidate]) => ({ ...found({ box: null, points: [], multimask: true }), id, chosen: candidate, iou: candidate }),
    dice: () => 0.75,
    ...script,
  };
  const new_worker = () => {
    const worker = /** @type {any} */ ({
      terminate: () => { worker.ended = true; },
      postMessage: async (/** @type {any} */ { id, method, args, cancel }) => {
        if (cancel) return worker.on_cancel?.();
        asked.push(args[0] === "other" ? `${method} other` : method);
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
  let state = initial_state(wanted);
  /** @param {Action} action */
  const dispatch = (action) => {
    state = reduce(state, action);
    driver.follow();
  };
  const driver = new Driver(() => state, dispatch, new_worker);
  dispatch({ do: "models_listed", faults: [], entries: [entry("a"), entry("b")] });
  dispatch({ do: "model_wanted", id: "a" });
  return { asked, dispatch, driver, state: () => state };
}
