// Edits in the volume, in the engine's worker.

import { failure_of } from "../../failure.js";

/** @typedef {import("../../../boxel-bindings.js").Engine} Engine */
/** @typedef {import("../../../boxel-bindings.js").EditStep} EditStep */
/** @typedef {import("../../../boxel-bindings.js").VolumeEdit} VolumeEdit */
/** @typedef {import("../../failure.js").Failure} Failure */
/** @typedef {import("./state.js").Applied} Applied */
/** @typedef {import("./state.js").ApplyQuestion} ApplyQuestion */

/** The shortest time between two messages. */
const PROGRESS_MS = 50;

/** The callback that gets the part that is done; it returns false to cancel.
 * @type {(flag: Int32Array | null, post: (part: number) => void) => (part: number) => boolean} */
function watcher(flag, post) {
  let last_ms = performance.now();
  return (part) => {
    const now_ms = performance.now();
    if (now_ms - last_ms > PROGRESS_MS) {
      last_ms = now_ms;
      post(part);
    }
    return !flag || Atomics.load(flag, 0) === 0;
  };
}

/** The worker's methods. `post` sends the part that is done.
 * @param {() => Engine} engine @param {(part: number) => void} post */
export function volume_edits(engine, post) {
  /** The edit whose result the engine holds. @type {VolumeEdit | null} */
  let pending = null;
  /** @type {(
   *   number: number, edit: EditStep, other: ApplyQuestion["edit"]["other"], flag: Int32Array | null,
   * ) => VolumeEdit} */
  const begin = (number, edit, other, flag) => {
    pending = null;
    pending = engine().begin_volume_edit(number, edit, watcher(flag, post), other);
    return pending;
  };
  /** @type {(found: VolumeEdit, version: number, keep: number | null) => Applied} */
  const apply = ({ object: number, slices }, version, keep) => {
    if (keep !== null) engine().keep_propagation(number, keep);
    pending = null;
    const record = engine().apply_volume_edit();
    const { plane } = engine().object_mask(number);
    return { number, plane, version, slices, record, masks: engine().stored_masks(number) };
  };
  const drop = () => {
    pending = null;
    engine().drop_volume_edit();
  };
  return {
    preview_edit: (/** @type {number} */ number, /** @type {EditStep} */ edit, /** @type {Int32Array | null} */ flag) =>
      begin(number, edit, undefined, flag),
    pending_mask: (/** @type {import("../../../boxel-bindings.js").Plane} */ plane, /** @type {number} */ slice) =>
      engine().pending_edit_mask(plane, slice),
    drop_edit: drop,
    /** Also takes the result's voxels from the other objects, so that all changes are one step.
     * @type {(question: ApplyQuestion, flag: Int32Array | null) => { applied: Applied[], failure: Failure | null }} */
    apply_edit: ({ edit: { number, edit, other, version }, keep, others, has_preview }, flag) => {
      const found = has_preview && pending ? pending : begin(number, edit, other, flag);
      if (!found.added && !found.removed) {
        drop();
        return { applied: [], failure: null };
      }
      const applied = [apply(found, version, keep)];
      if (!found.added) return { applied, failure: null };
      try {
        for (const { number: from, keep: kept } of others) {
          const taken = begin(from, { subtract_v1: { object: number } }, undefined, null);
          if (taken.removed) applied.push(apply(taken, version, kept));
          else drop();
        }
      } catch (error) {
        return { applied, failure: failure_of(error, "internal") };
      }
      return { applied, failure: null };
    },
  };
}
