// Edits of an object's mask in the whole volume (docs/editing.md): the previewed one, and those that wait to be
// applied. The engine computes them; like propagated masks they have a version, to which an undo returns.

import { undone, with_objects } from "../../state/history.js";
import { error_message, lasting_message } from "../../state/message.js";
import { object_masks_changed } from "../../state/object_masks.js";
import { with_session } from "../../state/sessions.js";
import { chain_on, with_volume_edit } from "../../state/steps.js";
import { strokes_on, with_strokes } from "../brush/strokes_state.js";
import { default_name, free_colour, free_number } from "../objects/labels_state.js";
import { is_unprompted, last_prompt, LOADED, new_object, to_be_asked } from "../prompts/state.js";
import { switched, version_of, wanted_version } from "../propagation/versions_state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../failure.js").Failure} Failure */
/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */
/** @typedef {import("../../../boxel-bindings.js").EditStep} EditStep */
/** @typedef {import("../../../boxel-bindings.js").VolumeEdit} VolumeEdit */
/** @typedef {import("../../../boxel-bindings.js").RecordedEdit} RecordedEdit */
/** @typedef {import("../../../boxel-bindings.js").Plane} Plane */
/** An edit of an object, which may not exist yet. @typedef {{ number: number, edit: EditStep }} Edited */
/**
 * The preview of an edit. `of` identifies the edit and the masks that it was computed from; `mask` is what the edit
 * leaves on a slice.
 * @typedef {Edited & {
 *   found: { of: string, edit: VolumeEdit } | null,
 *   failure: { of: string, failure: Failure } | null,
 *   mask: { of: string, plane: Plane, slice: number, mask: Uint8Array<ArrayBuffer> | null } | null,
 * }} Editing
 */
/**
 * An edit that is to be applied. `version` is the one that its object gets. `is_new`: the object is made by it, on the
 * slice `at`. `is_undone`: the user has undone it meanwhile. `other`: the recorded mask of another object, for a
 * replay.
 * @typedef {Edited & {
 *   version: number, is_new: boolean, at: { plane: Plane, slice: number }, is_undone?: boolean,
 *   other?: RecordedEdit["other"],
 * }} ToApply
 */
/** What the engine has done to one object. `masks` is a copy of them; `plane` is the one of its slices.
 * @typedef {{
 *   number: number, plane: Plane, version: number, slices: number[], record: RecordedEdit, masks: string,
 * }} Applied */
/** What the engine is asked to apply. `keep` is the version that it has, null for a new object; `others` are objects
 * that lose the voxels of the result; `has_preview`: it has computed it already.
 * @typedef {{
 *   edit: ToApply, keep: number | null, others: { number: number, keep: number }[], has_preview: boolean,
 * }} ApplyQuestion */
/** @typedef {{ of: string, number: number, edit: EditStep }} PreviewQuestion */
/** @typedef {{ of: string, key: string, plane: Plane, slice: number }} PendingQuestion */
/**
 * @typedef {{ do: "preview_wanted", number: number, edit: EditStep }
 *  | { do: "preview_closed" }
 *  | { do: "preview_found", generation: number, of: string, found: VolumeEdit }
 *  | { do: "preview_refused", generation: number, of: string, failure: Failure }
 *  | { do: "preview_dropped", generation: number }
 *  | {
 *      do: "pending_mask_found", generation: number, of: string, plane: Plane, slice: number,
 *      mask: Uint8Array<ArrayBuffer> | null,
 *    }
 *  | { do: "volume_edit_wanted", number: number, edit: EditStep }
 *  | { do: "volume_edits_cancelled" }
 *  | { do: "volume_edit_progress", generation: number, part: number }
 *  | { do: "volume_edited", generation: number, edit: ToApply, applied: Applied[], failure: Failure | null }
 *  | { do: "volume_edit_refused", generation: number, edit: ToApply, failure: Failure }
 *  | { do: "overwriting_set", on: boolean }} VolumeEditAction
 */

/** The state without a preview and without edits to apply. @type {Pick<State, "editing" | "applying" | "edit_part">} */
export const NO_EDITS = { editing: null, applying: [], edit_part: 0 };

/** Tools whose gestures are edits in the volume. @typedef {"sphere" | "lasso" | "grow"} EditTool */

/** @type {(tool: string) => tool is EditTool} */
export const is_edit_tool = (tool) => tool === "sphere" || tool === "lasso" || tool === "grow";

/** Whether the user works without the model; a slice is then not encoded only because it is shown.
 * @type {(state: Pick<State, "editing" | "applying" | "tools">) => boolean} */
export const is_editing = ({ editing, applying, tools }) =>
  editing !== null || applying.length > 0 || is_edit_tool(tools.tool);

/** Identifies an edit with the masks that it starts from.
 * @type {(state: Pick<State, "engine" | "object_masks_version">, edited: Edited) => string} */
export const key_of_edit = ({ engine, object_masks_version }, { number, edit }) =>
  JSON.stringify([engine.generation, object_masks_version, number, edit]);

/** The object that an edit without a selected object makes. @type {(state: State) => number} */
export const number_to_edit = (state) =>
  state.selected ?? state.applying.find(({ is_new }) => is_new)?.number ?? free_number(state);

/** Whether the engine may change masks now: nothing else is about to.
 * @type {(state: State) => boolean} */
const is_quiet = (state) => !state.propagating && state.discarding === null && state.unmarking.length === 0
  && wanted_version(state) === null;

/** @type {(state: State) => PreviewQuestion | null} */
export function wanted_preview(state) {
  const { editing, applying } = state;
  if (!editing || applying.length || !is_quiet(state)) return null;
  const of = key_of_edit(state, editing);
  const is_known = editing.found?.of === of || editing.failure?.of === of;
  return is_known && (state.previewed === of || editing.failure?.of === of) ? null
    : { of, number: editing.number, edit: editing.edit };
}

/** The preview, if it was computed from the current masks. @type {(state: State) => VolumeEdit | null} */
export const current_preview = (state) =>
  state.editing?.found && state.editing.found.of === key_of_edit(state, state.editing) ? state.editing.found.edit : null;

/** Whether a preview that is being computed is still wanted. @type {(state: State, of: string) => boolean} */
export const is_preview_wanted = (state, of) => state.editing !== null && key_of_edit(state, state.editing) === of;

/** Asks for the preview's mask on the shown slice, unless the page has it.
 * @type {(state: State) => PendingQuestion | null} */
export function wanted_pending_mask(state) {
  const { editing, image, previewed } = state;
  if (!editing || !image || !current_preview(state) || previewed !== editing.found?.of) return null;
  const { key, plane, slice } = image;
  const { mask } = editing;
  return mask?.of === previewed && mask.plane === plane && mask.slice === slice ? null : { of: previewed, key, plane, slice };
}

/** The mask that the preview leaves on the shown slice.
 * @type {(state: Pick<State, "editing" | "image" | "previewed">) => Uint8Array<ArrayBuffer> | null} */
export function pending_mask_here({ editing, image, previewed }) {
  const mask = editing?.mask;
  return mask && image && mask.of === previewed && mask.plane === image.plane && mask.slice === image.slice
    ? mask.mask : null;
}

/** The objects that lose the voxels that an edit gives to another one.
 * @type {(state: State, number: number) => ApplyQuestion["others"]} */
const overwritten = (state, number) => state.overwriting
  ? state.objects.filter((object) => object.number !== number && !object.hidden && !object.locked
    && state.sessions.main.numbers.includes(object.number))
    .map((object) => ({ number: object.number, keep: version_of(state, object.number) }))
  : [];

/** @type {(state: State) => ApplyQuestion | null} */
export function wanted_application(state) {
  const [edit] = state.applying;
  if (!edit || !is_quiet(state)) return null;
  const { number } = edit;
  const keep = state.sessions.main.numbers.includes(number) ? version_of(state, number) : null;
  const others = edit.other || state.replay?.phase === "running" ? [] : overwritten(state, number);
  return { edit, keep, others, has_preview: state.previewed !== "" && state.previewed === key_of_edit(state, edit) };
}

/** Whether an undo concerns an edit that is not applied yet. @type {(state: State) => boolean} */
export const can_undo_application = ({ applying }) => applying.some(({ is_undone }) => !is_undone);

/** Undoes the last edit that is not applied yet. @type {(state: State) => State} */
export function without_last_to_apply(state) {
  const [first, ...others] = state.applying;
  if (!first) return state;
  // The engine may be computing the first one.
  return { ...state, applying: others.length ? state.applying.slice(0, -1) : [{ ...first, is_undone: true }] };
}

/** @type {import("../../state/slices.js").Handlers<VolumeEditAction>} */
export const volume_edit_actions = {
  preview_wanted: (state, { number, edit }) => ({
    ...state, editing: { ...(state.editing ?? { found: null, failure: null, mask: null }), number, edit },
    message: lasting_message(state),
  }),
  preview_closed: (state) => state.editing ? { ...state, editing: null } : state,
  preview_found: (state, { of, found }) => {
    const next = { ...state, previewed: of, edit_part: 0 };
    return state.editing ? { ...next, editing: { ...state.editing, found: { of, edit: found }, failure: null } } : next;
  },
  preview_refused: (state, { of, failure }) => {
    const next = { ...state, previewed: "", edit_part: 0 };
    return state.editing ? { ...next, editing: { ...state.editing, failure: { of, failure } } } : next;
  },
  preview_dropped: (state) => ({ ...state, previewed: "" }),
  pending_mask_found: (state, { of, plane, slice, mask }) => state.editing && state.editing.found?.of === of
    ? { ...state, editing: { ...state.editing, mask: { of, plane, slice, mask } } } : state,
  volume_edit_wanted: (state, { number, edit }) => with_edit_to_apply(state, { number, edit }),
  volume_edits_cancelled: (state) => ({ ...state, ...NO_EDITS }),
  volume_edit_progress: (state, { part }) => ({ ...state, edit_part: part }),
  volume_edited: (state, { edit, applied, failure }) => volume_edited(state, edit, applied, failure),
  volume_edit_refused: (state, { edit, failure }) => ({
    ...state, previewed: "", edit_part: 0, applying: state.applying.filter(({ version }) => version !== edit.version),
    message: failure.code === "edit_cancelled" ? state.message : error_message(failure),
  }),
  overwriting_set: (state, { on }) => ({ ...state, overwriting: on }),
};

/** @type {import("../../state/slices.js").Slice<
 *   VolumeEditAction, "editing" | "applying" | "edit_part" | "previewed" | "overwriting"
 * >} */
export const volume_edits_slice = {
  initial: { ...NO_EDITS, previewed: "", overwriting: false }, actions: volume_edit_actions,
};

/** @type {(state: State, edit: Edited & { other?: RecordedEdit["other"] }) => State} */
export function with_edit_to_apply(state, edit) {
  const { image, objects, applying, next_serial, next_number } = state;
  if (!image) return state;
  const is_new = !objects.some(({ number }) => number === edit.number);
  const { plane, slice } = image;
  const added = { ...edit, is_new, version: next_serial, at: { plane, slice } };
  return {
    ...state, editing: null, applying: [...applying, added], next_serial: next_serial + 1,
    next_number: is_new ? Math.max(next_number, edit.number + 1) : next_number, message: lasting_message(state),
  };
}

/** The strokes that the engine did not have when it applied an edit: they lie over its result.
 * @type {(object: PromptedObject, known: PromptedObject["edits"] | undefined, slices: number[]) => PromptedObject["edits"]} */
const edits_after = ({ edits }, known, slices) => slices.reduce((left, slice) => {
  const [all, old] = [strokes_on(edits, slice), strokes_on(known, slice)];
  const later = old.every((stroke, i) => stroke === all[i]) ? all.slice(old.length) : all;
  return all.length ? with_strokes(left, slice, later) : left;
}, edits);

/** An object after an edit: on the changed slices its prompts and strokes are part of the mask now.
 * @type {(object: PromptedObject, state: State, applied: Applied) => PromptedObject} */
function after_edit(object, state, { slices, version }) {
  const next = {
    ...object, propagation_version: version, volume_edit: version,
    edits: edits_after(object, state.edited[object.number], slices),
  };
  if (is_unprompted(object) || !slices.includes(object.at.slice)) return next;
  // A prompt that came meanwhile lies over the result, but not one that was answered before and is to be asked again.
  const known = chain_on(state.steps, object.number, object.at.slice).at(-1);
  const { serial, candidate } = last_prompt(object);
  const is_new = known?.serial !== serial || known.candidate !== candidate;
  if (object.main.phase === "waiting" && is_new) return to_be_asked(next);
  const { made_by } = object.main;
  const { window: _, ...rest } = next;
  return {
    ...rest, ...LOADED, main: { ...LOADED.main, ...(made_by ? { made_by } : {}) }, prompts: [], alone: false, dice: null,
  };
}

/** Notes what the engine has now. @type {(state: State, applied: Applied) => State} */
function noted(state, { number, version, slices, record }) {
  const next = switched(state, number, version);
  const known = next.edited[number] ?? [];
  const { numbers } = next.sessions.main;
  return with_session({
    ...next,
    steps: with_volume_edit(next.steps, number, record, slices),
    edited: { ...next.edited, [number]: known.filter(({ slice }) => !slices.includes(slice)) },
  }, "main", { numbers: [...new Set([...numbers, number])] });
}

/** The page's copies are as new as the engine's masks, so that the death of its worker loses nothing.
 * @type {(state: State, applied: Applied) => State} */
function with_copy(state, { number, version, masks }) {
  const of = state.objects.find((object) => object.number === number);
  const copy = of && {
    of, masks, sha256: "", edits: state.edited[number] ?? [], propagation_version: version,
    steps: state.steps[number] ?? [], stops: state.stops[number] ?? {},
  };
  return copy ? { ...state, kept: { ...state.kept, [number]: copy } } : state;
}

/** @type {(state: State, edit: ToApply, applied: Applied[], failure: Failure | null) => State} */
function volume_edited(state, edit, applied, failure) {
  const asked = state.applying.find(({ version }) => version === edit.version);
  const rest = {
    ...state, previewed: "", edit_part: 0, applying: state.applying.filter((each) => each !== asked),
    message: failure ? error_message(failure) : state.message,
  };
  const [first] = applied;
  if (!first) {
    const text = "The edit changes nothing.";
    return { ...rest, message: failure ? rest.message : { level: "info", code: "edit", text, offers: [] } };
  }
  const changed = state.objects.map((object) => {
    const of = applied.find(({ number }) => number === object.number);
    return of ? after_edit(object, state, of) : object;
  });
  const is_made = edit.is_new && !changed.some(({ number }) => number === edit.number);
  const objects = is_made ? [...changed, object_of(state, edit, first)] : changed;
  const known = object_masks_changed(applied.reduce(noted, rest));
  // The object may have been deleted meanwhile.
  const is_seen = is_made || objects.some((object, i) => object !== state.objects[i]);
  const next = is_seen
    ? { ...with_objects(known, objects, is_made ? edit.number : state.selected), message: rest.message } : known;
  const copied = applied.reduce(with_copy, next);
  // A replay is undone as a whole.
  if (state.replay?.phase === "running") return { ...copied, history: state.history, future: state.future };
  return !is_seen || (asked && !asked.is_undone) ? copied : undone(copied);
}

/** The object that an edit has made. @type {(state: State, edit: ToApply, applied: Applied) => PromptedObject} */
const object_of = ({ objects }, { number, at }, { plane, slices, version }) => ({
  ...new_object({
    number, name: default_name(number), colour: free_colour(objects), prompts: [],
    at: { plane, slice: plane === at.plane ? at.slice : slices[slices.length >> 1] ?? 0 },
  }),
  ...LOADED, propagation_version: version, volume_edit: version,
});
