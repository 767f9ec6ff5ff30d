// Requests for edits in the volume. The engine computes an edit without a pause: where the page is isolated, a flag in
// shared memory cancels it; elsewhere its result is dropped.

import { failure_of } from "../../failure.js";

/** A flag that the engine's worker reads while it computes; null where no memory can be shared.
 * @type {(signal: AbortSignal) => Int32Array | null} */
function cancel_flag(signal) {
  if (!globalThis.crossOriginIsolated || typeof SharedArrayBuffer === "undefined") return null;
  const flag = new Int32Array(new SharedArrayBuffer(4));
  signal.addEventListener("abort", () => void Atomics.store(flag, 0, 1), { once: true });
  return flag;
}

/** @type {import("../../engine/driver.js").Fulfil<"preview_edit" | "pending_mask" | "apply_edit" | "drop_edit">} */
export const volume_editing = {
  async preview_edit({ generation, dispatch, call, new_signal }, { of, number, edit }) {
    const flag = cancel_flag(new_signal());
    const on_progress = (/** @type {{ done: number }} */ { done: part }) =>
      dispatch({ do: "volume_edit_progress", generation, part });
    try {
      const found = await call("preview_edit", [number, edit, flag], { on_progress });
      dispatch({ do: "preview_found", generation, of, found });
    } catch (error) {
      dispatch({ do: "preview_refused", generation, of, failure: failure_of(error, "internal") });
    }
  },

  async pending_mask({ generation, dispatch, call }, { of, plane, slice }) {
    const mask = await call("pending_mask", [plane, slice]).catch(() => null);
    dispatch({ do: "pending_mask_found", generation, of, plane, slice, mask });
  },

  async apply_edit({ generation, dispatch, call, new_signal }, question) {
    const { edit } = question;
    const flag = cancel_flag(new_signal());
    const on_progress = (/** @type {{ done: number }} */ { done: part }) =>
      dispatch({ do: "volume_edit_progress", generation, part });
    try {
      const { applied, failure } = await call("apply_edit", [question, flag], { on_progress });
      dispatch({ do: "volume_edited", generation, edit, applied, failure });
    } catch (error) {
      dispatch({ do: "volume_edit_refused", generation, edit, failure: failure_of(error, "internal") });
    }
  },

  async drop_edit({ generation, dispatch, call }) {
    await call("drop_edit", []).catch(() => {});
    dispatch({ do: "preview_dropped", generation });
  },
};
