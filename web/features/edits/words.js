// Words for edits in the volume.

import { short } from "../../show/scan_words.js";
import { brush_of } from "../brush/state.js";
import { selected_of } from "../objects/state.js";
import { open_offer } from "../prompts/state.js";
import { current_preview, key_of_edit } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */

/** @type {(count: number) => string} */
const voxels = (count) => `${count.toLocaleString("en")} ${count === 1 ? "voxel" : "voxels"}`;

/** Why no edit can be made; empty if one can. `makes_object`: it needs no object.
 * @type {(state: State, makes_object?: boolean) => string} */
export function why_not_edit(state, makes_object = false) {
  const { image, propagating, discarding, replay, sessions: { main } } = state;
  const object = selected_of(state);
  if (!image) return "Open a scan first";
  if (propagating || discarding !== null) return "Wait until the propagation has ended";
  if (replay?.phase === "running" || replay?.phase === "comparing") return "Wait until the session is checked";
  if (!object) return makes_object ? "" : "Select an object first";
  if (object.locked) return `${object.name} is locked: unlock it in the list`;
  if (object.hidden) return `${object.name} is hidden: show it first`;
  if (open_offer(object)) return "First use the new mask or keep the current one";
  return object.main.phase === "waiting" || !main.numbers.includes(object.number) ? "Wait for the mask of the object" : "";
}

/** Why the 3D brush cannot be used. @type {(state: State) => string} */
export const why_no_sphere = (state) => brush_of(state)?.unit === "px"
  ? "The scan does not give the size of its pixels, so a brush in mm cannot be used" : "";

/** What the preview changes. @type {(state: State) => string} */
export function preview_words(state) {
  const { editing, object_masks, edit_part } = state;
  if (!editing) return "";
  const { number, failure } = editing;
  if (failure?.of === key_of_edit(state, editing)) return failure.failure.message;
  const found = current_preview(state);
  if (!found) return edit_part ? `Computing the preview: ${Math.round(100 * edit_part)} %` : "Computing the preview…";
  const { added, removed, slices, volume_ml, voxels: after } = found;
  if (!added && !removed) return "The edit would change nothing.";
  const before_ml = object_masks[number]?.volume_ml ?? null;
  const size = volume_ml === null ? voxels(after)
    : `${short(volume_ml)} mL${before_ml === null ? "" : ` instead of ${short(before_ml)} mL`}`;
  const changes = [added ? `adds ${voxels(added)}` : "", removed ? `removes ${voxels(removed)}` : ""].filter(Boolean);
  const text = `${changes.join(", ")}: ${size}, on ${slices.length} ${slices.length === 1 ? "slice" : "slices"}.`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Why the preview cannot be applied; empty if it can. @type {(state: State) => string} */
export function why_not_apply(state) {
  const found = current_preview(state);
  if (!found) return "Choose an edit, and wait for its preview";
  return found.added || found.removed ? "" : "The edit would change nothing";
}

/** @type {(state: State) => { label: string, value: number | null, cancels: "edit" } | null} */
export function edit_progress({ editing, applying, edit_part }) {
  if (!edit_part || (!editing && !applying.length)) return null;
  return { label: applying.length ? "Editing the mask" : "Computing the preview", value: edit_part, cancels: "edit" };
}

/** What the active tool does. @type {(state: State) => string} */
export function edit_tool_hint(state) {
  const { tool } = state.tools;
  const why_not = why_not_edit(state, true) || (tool === "sphere" ? why_no_sphere(state) : "");
  if (why_not) return `${why_not}.`;
  const whom = selected_of(state)?.name ?? "a new object";
  if (tool === "sphere") return `Drag to paint on ${whom} with a ball. With Shift, erase.`;
  return tool === "lasso" ? `Draw around what to add to ${whom} on this slice. With Shift, cut it.`
    : `Click to grow ${whom} through values in the range.`;
}
