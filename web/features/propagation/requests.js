// Requests for object masks and propagation.

import { failure_of } from "../../failure.js";
import { pauses } from "../../pauses.js";
import { to_send } from "../brush/packed.js";
import { wanted_restore } from "../copies/state.js";
import { has_unbound } from "../review/state.js";

const RESTORING_MS = 200;

/** The worker gets the memory of the strokes. @param {import("../brush/strokes_state.js").Edit[]} edits */
async function edits_to_send(edits) {
  const pause = pauses();
  /** @type {ArrayBuffer[]} */
  const transfer = [];
  const sent = [];
  for (const { slice, strokes } of edits) sent.push({ slice, strokes: await to_send(strokes, pause, transfer) });
  return { sent, transfer };
}

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

  /** As many objects as a moment allows: the page is shown anew after each request. */
  async restore_object({ generation, state, dispatch, call }, first) {
    const begun_ms = performance.now();
    /** @type {number[]} */
    const numbers = [];
    /** @type {typeof first | import("../copies/state.js").RestoreQuestion | null} */
    let next = first;
    for (; next; next = performance.now() - begun_ms < RESTORING_MS ? wanted_restore(state(), numbers) : null) {
      const { number, kept: { of, masks, edits, sha256, only_loaded } } = next;
      try {
        const { sent, transfer } = await edits_to_send(edits);
        if (state().engine.generation !== generation) return;
        await call("restore_object", [number, of.at.plane, masks, sent, sha256, only_loaded], { transfer });
        numbers.push(number);
        if (has_unbound(state(), number)) {
          const { slices } = await call("object_mask", [number]);
          dispatch({ do: "ticks_bound", generation, number, slices });
        }
      } catch (error) {
        dispatch({ do: "objects_restored", generation, numbers });
        return dispatch({ do: "restore_refused", generation, number, failure: failure_of(error, "internal") });
      }
    }
    dispatch({ do: "objects_restored", generation, numbers });
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

  async begin_propagation({ generation, state, dispatch, call }, { number, from, directions, keep, rule, range }) {
    try {
      const window = state().objects.find((object) => object.number === number)?.window ?? null;
      await call("begin_propagation", [number, from, directions, keep, window, rule, range]);
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
