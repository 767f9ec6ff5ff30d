// Requests for object masks and propagation.

import { failure_of } from "../../failure.js";
import { pauses } from "../../pauses.js";
import { to_send } from "../brush/packed.js";

/** @type {import("../../engine/driver.js").Fulfil<
 *   "slice_masks" | "object_mask" | "remove_object" | "restore_object" | "discard_propagation"
 *     | "restore_propagation" | "unmark" | "begin_propagation" | "propagation_step" | "end_propagation"
 * >} */
export const object_masks = {
  async slice_masks({ generation, dispatch, call }, { key, plane, slice, version }) {
    const masks = await call("slice_masks", [plane, slice]).catch(() => []);
    dispatch({ do: "slice_masks_found", generation, side: "main", key, masks, version });
  },

  async object_mask({ generation, dispatch, call }, { number, version }) {
    // An object that the engine does not know has no slices.
    const object_mask = await call("object_mask", [number]).catch(() => null);
    dispatch({ do: "object_mask_found", generation, number, object_mask, version });
  },

  async remove_object({ generation, dispatch, call }, { number }) {
    await call("remove_object", [number]).catch(() => {});
    dispatch({ do: "object_forgotten", generation, number });
  },

  async restore_object({ generation, state, dispatch, call }, { number, kept: { of, masks, edits, sha256 } }) {
    try {
      const pause = pauses();
      const sent = [];
      /** @type {ArrayBuffer[]} */
      const transfer = [];
      for (const { slice, strokes } of edits) sent.push({ slice, strokes: await to_send(strokes, pause, transfer) });
      if (state().engine.generation !== generation) return;
      await call("restore_object", [number, of.at.plane, masks, sent, sha256], { transfer });
      dispatch({ do: "object_restored", generation, number });
    } catch (error) {
      dispatch({ do: "restore_refused", generation, number, failure: failure_of(error, "internal") });
    }
  },

  async discard_propagation({ generation, dispatch, call }, { number, keep, version }) {
    await call("discard_propagation", [number, keep]).catch(() => {});
    dispatch({ do: "propagation_discarded", generation, number, version });
  },

  async restore_propagation({ generation, dispatch, call }, { number, keep, version }) {
    await call("restore_propagation", [number, keep, version]).catch(() => {});
    dispatch({ do: "version_restored", generation, number, version });
  },

  async unmark({ generation, dispatch, call }, { number, slice }) {
    await call("unmark", [number, slice]).catch(() => {});
    dispatch({ do: "unmarked", generation, number, slice });
  },

  async begin_propagation({ generation, state, dispatch, call }, { number, from, directions, keep }) {
    try {
      const window = state().objects.find((object) => object.number === number)?.window ?? null;
      await call("begin_propagation", [number, from, directions, keep, window]);
      dispatch({ do: "propagation_begun", generation, number, now_ms: performance.now() });
    } catch (error) {
      dispatch({ do: "propagation_failed", generation, failure: failure_of(error, "internal") });
    }
  },

  /** One step per request, so that scrolling and prompts can come in between. */
  async propagation_step({ generation, dispatch, call }, { number }) {
    try {
      const { step, memory } = await call("propagation_step", []);
      dispatch({ do: "propagation_stepped", generation, number, step, memory, now_ms: performance.now() });
    } catch (error) {
      dispatch({ do: "propagation_failed", generation, failure: failure_of(error, "internal") });
    }
  },

  async end_propagation({ generation, dispatch, call }) {
    await call("abandon_propagation", []).catch(() => {});
    dispatch({ do: "propagation_ended", generation });
  },
};
