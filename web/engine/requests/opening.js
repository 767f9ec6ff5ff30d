// Requests for scans, slices and weights.

import { failure_of } from "../../failure.js";

/** @type {import("../driver.js").Fulfil<
 *   "open" | "reopen" | "open_same" | "show" | "load_weights" | "model_window" | "embed" | "set_budget"
 * >} */
export const opening = {
  async open({ generation, dispatch, call, parsing }, { serial }) {
    const parsed = parsing.take(serial);
    if (!parsed) return dispatch({
      do: "open_failed", serial,
      failure: { code: "internal", message: "The scan was lost before it reached the engine; open it again." },
    });
    try {
      const scan = await call("open", ["main", parsed.scan, parsed.key], { transfer: [parsed.scan.buffer] });
      dispatch({ do: "scan_opened", generation, serial, scan });
    } catch (error) {
      dispatch({ do: "open_failed", serial, failure: failure_of(error, "image_format") });
    }
  },

  /** Opens the same files again in a new worker, or after the user cancelled other files. */
  async reopen({ generation, state, dispatch, call, parsing }, { scan: before }) {
    try {
      const { key, scan } = await parsing.again(before);
      if (key !== before.key) throw {
        code: "image_changed", message: "The files of the scan have changed since they were opened. Open them again.",
      };
      // The user may have opened another scan meanwhile, or the worker may be another one.
      if (state().scan?.serial !== before.serial || state().engine.generation !== generation) return;
      await call("open", ["main", scan, key], { transfer: [scan.buffer] });
      dispatch({ do: "scan_reopened", generation, side: "main", scan_key: key });
    } catch (error) {
      dispatch({ do: "engine_died", generation, step: "reopen", failure: failure_of(error, "internal") });
    }
  },

  async open_same({ generation, dispatch, call }, { side, scan_key }) {
    try {
      await call("open_same", [side]);
      dispatch({ do: "scan_reopened", generation, side, scan_key });
    } catch (error) {
      dispatch({ do: "engine_died", generation, side, step: "open_same", failure: failure_of(error, "internal") });
    }
  },

  async show({ generation, dispatch, call }, { side, rendering, with_masks, version }) {
    try {
      const { shown, masks } =
        await call("show", [side, rendering.plane, rendering.slice, rendering.window, with_masks]);
      dispatch({ do: "shown", generation, side, rendering, shown, masks, version });
    } catch (error) {
      dispatch({ do: "show_failed", generation, side, failure: failure_of(error, "internal") });
    }
  },

  async load_weights({ generation, state, dispatch, call }, { side, weights }) {
    const { id, model, file, recipe, sha256, published: listed } = weights;
    try {
      // Loadable weights have a file.
      const { trained_on_points, published } =
        await call("load_weights", [side, /** @type {Blob} */ (file), recipe, sha256 || undefined, listed]);
      dispatch({ do: "weights_loaded", generation, side, model: { id, name: model, trained_on_points, published } });
    } catch (error) {
      if (generation !== state().engine.generation) return; // the worker failed, not the weights
      dispatch({ do: "weights_refused", generation, side, id, failure: failure_of(error, "weights_format") });
    }
  },

  async model_window({ generation, dispatch, call }, { side, window }) {
    try {
      await call("model_window", [side, window]);
      dispatch({ do: "model_window_set", generation, side, window });
    } catch (error) {
      dispatch({ do: "engine_died", generation, side, step: "model_window", failure: failure_of(error, "internal") });
    }
  },

  async embed({ generation, dispatch, call, new_signal }, { side, key }) {
    const about = { generation, side, key };
    const signal = new_signal();
    /** @param {{ stage: string, done: number, total: number }} progress */
    const on_progress = (progress) => dispatch({ do: "embed_progress", ...about, ...progress });
    try {
      const { encode_ms, threads, memory } = await call("embed", [side], { on_progress, signal });
      dispatch({ do: "embed_done", ...about, encode_ms, threads, memory });
    } catch (error) {
      const failure = failure_of(error, "internal");
      if (failure.code === "cancelled") {
        dispatch({ do: "embed_stopped", ...about, by_user: signal.reason === "user" });
      } else {
        dispatch({ do: "embed_failed", ...about, failure });
      }
    }
  },

  async set_budget({ generation, dispatch, call }, { side, bytes }) {
    const memory = await call("set_budget", [side, bytes]).catch(() => ({ count: 0, bytes: 0, budget_bytes: bytes }));
    dispatch({ do: "memory_found", generation, side, memory: { ...memory, budget_bytes: bytes } });
  },
};
