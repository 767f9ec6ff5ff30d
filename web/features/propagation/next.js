// The next request for object masks and propagation.

import { version_of } from "./versions_state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../engine/next.js").Request} Request */

/** @type {(scan: import("../../state/scan.js").Scan) => boolean} */
export const has_slices = ({ views }) => views.some(({ slices }) => slices > 1);

/** Whether the engine has masks that the page lacks: on a single image only those with strokes or from a copy.
 * @type {(state: State) => boolean} */
const has_masks_of_its_own = ({ scan, edited, objects }) => scan !== null
  && (has_slices(scan) || Object.values(edited).some(({ length }) => length > 0)
    || objects.some(({ main }) => main.restored));

/** Quick requests: forget objects, discard a propagation, get masks. @type {(state: State) => Request | null} */
export function next_of_object_masks(state) {
  const { objects, history, future, scan, image, discarding, slice_masks, object_masks, selected } = state;
  const { sessions: { main }, object_masks_version: version } = state;
  const is_remembered = (/** @type {number} */ number) =>
    [objects, ...history, ...future].some((each) => each.some((object) => object.number === number));
  const gone = main.numbers.find((number) => !is_remembered(number));
  if (gone !== undefined) return { do: "remove_object", number: gone };
  if (state.propagating?.phase === "ending") return { do: "end_propagation" };
  if (discarding !== null) {
    const keep = version_of(state, discarding);
    const version = objects.find(({ number }) => number === discarding)?.propagation_version ?? keep;
    return { do: "discard_propagation", number: discarding, keep, version };
  }
  if (!scan || !image || main.numbers.length === 0 || !has_masks_of_its_own(state)) return null;
  const { key, plane, slice } = image;
  if (slice_masks?.version !== version || slice_masks.plane !== plane || slice_masks.slice !== slice) {
    return { do: "slice_masks", key, plane, slice, version };
  }
  if (has_slices(scan) && selected !== null && main.numbers.includes(selected)
    && object_masks[selected]?.version !== version) {
    return { do: "object_mask", number: selected, version };
  }
  return null;
}

/** A step of a propagation, which takes longest, so everything else comes first.
 * @type {(state: State) => Request | null} */
export function next_propagation_step({ propagating, propagation_versions, scan, sessions: { main } }) {
  if (!propagating || !scan || main.scan_key !== scan.key || !main.model) return null;
  const { phase, number, from, directions, rule, range } = propagating;
  if (phase === "wanted") {
    const keep = version_of({ propagation_versions }, number);
    return { do: "begin_propagation", number, from, directions, keep, rule, range };
  }
  return phase === "running" ? { do: "propagation_step", number } : null;
}
