// Edits in the volume: what is previewed, applied, undone, copied for another worker, and written into a session.

import assert from "node:assert/strict";
import { test } from "node:test";

import { EDITS, edit_of, range_of } from "../../web/features/edits/form.js";
import { volume_edits } from "../../web/features/edits/in_worker.js";
import { current_preview, number_to_edit, pending_mask_here } from "../../web/features/edits/state.js";
import { voxel_of } from "../../web/features/edits/voxels.js";
import { preview_words, why_not_apply, why_not_edit } from "../../web/features/edits/words.js";
import { objects_in } from "../../web/features/sessions/objects_state.js";
import { session_of, text_of } from "../../web/features/sessions/write.js";
import { source_of } from "../../web/show/words.js";
import { entry, open, page, ready, settled } from "./page.mjs";
import { session_of_text, sha256 } from "./recording.mjs";

/** @typedef {import("../../boxel-bindings.js").EditStep} EditStep */

const SLICES = 9;
/** What grows by a voxel on every slice that has any; what shrinks; what puts one on slice 0.
 * @type {Record<"grow" | "shrink" | "paint", EditStep>} */
const EDIT = {
  grow: { margin_v1: { mm: 1 } }, shrink: { margin_v1: { mm: -1 } },
  paint: { sphere_v1: { kind: "paint", radius_mm: 1, path: [[0, 0, 0]] } },
};

/** @type {(bits: number) => number} */
const count = (bits) => bits.toString(2).replaceAll("0", "").length;
/** @type {(bits: number) => Uint8Array<ArrayBuffer>} */
const mask_of = (bits) => Uint8Array.from({ length: 8 }, (_, i) => bits >> i & 1);

/** An engine whose objects have 8 voxels on each slice, and that forgets everything with its worker. */
class Engine {
  /** @type {Map<number, { found: number[], strokes: Record<number, any[]> }>} */ objects = new Map();
  /** @type {Map<string, number[]>} */ versions = new Map();
  /** @type {{ number: number, edit: any, after: number[], slices: number[] } | null} */ pending = null;
  /** @type {string[]} */ told = [];

  /** @param {number} number */
  of(number) {
    /** @type {{ found: number[], strokes: Record<number, any[]> }} */
    const none = { found: Array(SLICES).fill(0), strokes: {} };
    return this.objects.get(number) ?? none;
  }

  /** @param {number} number */
  voxels(number) {
    const { found, strokes } = this.of(number);
    return found.map((bits, slice) => (strokes[slice] ?? []).reduce((all, { path: [[x]] }) => all | 1 << x, bits));
  }

  /** @param {number} number @param {any} edit */
  begin_volume_edit(number, edit) {
    this.told.push(`begin ${Object.keys(edit)[0]} ${number}`);
    this.pending = null;
    if (edit.margin_v1?.mm > 1000) throw { code: "edit_invalid", message: "The distance is too long." };
    const before = this.voxels(number);
    const other = edit.subtract_v1 ? this.voxels(edit.subtract_v1.object) : [];
    const after = before.map((bits, slice) => edit.margin_v1?.mm > 0 ? (bits | bits << 1) & 255
      : edit.margin_v1 ? bits & bits << 1 : edit.subtract_v1 ? bits & ~(other[slice] ?? 0) : slice ? bits : bits | 1);
    const slices = after.flatMap((bits, slice) => bits === before[slice] ? [] : [slice]);
    this.pending = { number, edit, after, slices };
    const sum = (/** @type {(bits: number, was: number) => number} */ of) =>
      after.reduce((all, bits, slice) => all + count(of(bits, before[slice] ?? 0)), 0);
    return {
      object: number, voxels_before: sum((_, was) => was), voxels: sum((bits) => bits), volume_ml: 0.1, slices,
      added: sum((bits, was) => bits & ~was), removed: sum((bits, was) => was & ~bits),
    };
  }

  apply_volume_edit() {
    if (!this.pending) throw { code: "session_order", message: "None is pending." };
    const { number, edit, after, slices } = this.pending;
    const { found, strokes } = this.of(number);
    this.objects.set(number, {
      found: found.map((bits, slice) => slices.includes(slice) ? after[slice] ?? 0 : bits),
      strokes: Object.fromEntries(Object.entries(strokes).filter(([slice]) => !slices.includes(Number(slice)))),
    });
    this.pending = null;
    return edit.subtract_v1 ? { edit, other: { size: [4, 2, SLICES], runs: [72] } } : { edit };
  }

  drop_volume_edit() {
    this.told.push("drop");
    this.pending = null;
  }

  /** @param {string} _ @param {number} slice */
  pending_edit_mask(_, slice) {
    return this.pending && mask_of(this.pending.after[slice] ?? 0);
  }

  /** @param {number} number @param {number} version */
  keep_propagation(number, version) {
    this.versions.set(`${number} ${version}`, this.of(number).found);
  }

  /** @param {number} number @param {number} version */
  restore_propagation(number, version) {
    const found = this.versions.get(`${number} ${version}`);
    if (found) this.objects.set(number, { ...this.of(number), found });
  }

  object_mask() {
    return { plane: "axial" };
  }

  /** @param {number} number */
  stored_masks(number) {
    return JSON.stringify({ size: [4, 2, SLICES], slices: [], found: this.of(number).found });
  }
}

/** A page on such an engine, with an object of two voxels on the middle slice; without a model nothing is open. */
async function opened({ with_model = true } = {}) {
  let engine = new Engine();
  const made = page({
    create: ([kind]) => {
      engine = new Engine();
      return { kind, name: kind };
    },
    segment: ([, prompts]) => prompts.map((/** @type {any} */ { box, points, object }) => {
      const slice = made.state().image?.slice ?? 0;
      engine.objects.set(object, { ...engine.of(object), found: engine.of(object).found.with(slice, 3) });
      return {
        key: made.state().image?.key, box, points, id: ++made_id, mask: mask_of(3), area_px: 2, bounds: box, decode_ms: 3,
        candidates: [1], chosen: 0, iou: 1,
      };
    }),
    edit: ([number, slice, strokes]) => {
      engine.objects.set(number, { ...engine.of(number), strokes: { ...engine.of(number).strokes, [slice]: strokes } });
    },
    restore_propagation: ([number, keep, version]) => {
      engine.keep_propagation(number, keep);
      engine.restore_propagation(number, version);
    },
    restore_object: ([number, , masks, edits]) => {
      engine.objects.set(number, {
        found: JSON.parse(masks).found,
        strokes: Object.fromEntries(edits.map((/** @type {any} */ { slice, strokes }) => [slice, strokes])),
      });
    },
    remove_object: ([number]) => void engine.objects.delete(number),
    saved_masks: ([number]) => ({ voxels: 1, sha256: sha256(String(engine.voxels(number))), masks: engine.stored_masks(number) }),
    slice_masks: ([, slice]) => [...engine.objects.keys()].flatMap((object) => engine.voxels(object)[slice]
      ? [{ object, mask: mask_of(engine.voxels(object)[slice] ?? 0), origin: "edited", iou: null, doubts: [] }] : []),
    ...Object.fromEntries(Object.entries(volume_edits(() => /** @type {any} */ (engine), () => {})).map(([method, run]) =>
      [method, (/** @type {any[]} */ args) => /** @type {any} */ (run)(...args)])),
  }, "auto", SLICES, sha256.bind(null, "scan"));
  let made_id = 0;
  made.dispatch({ do: "models_listed", faults: [], entries: ["a", "b"].map((id) => ({ ...entry(id), sha256: sha256(id) })) });
  made.dispatch(open(1));
  if (with_model) made.dispatch(ready("a"));
  await settled();
  if (with_model) made.dispatch({ do: "box_added", box: [0, 0, 2, 1] });
  await settled();
  const apply = async (/** @type {EditStep} */ edit, number = 1) => {
    made.dispatch({ do: "volume_edit_wanted", number, edit });
    await settled();
  };
  const undo = async () => {
    made.dispatch({ do: "undone" });
    await settled();
  };
  return {
    ...made, apply, undo, voxels: (number = 1) => engine.voxels(number), told: () => engine.told.splice(0),
    /** @param {string} message */
    kill: (message) => made.dispatch({
      do: "engine_died", generation: made.state().engine.generation, step: null, failure: { code: "worker_stopped", message },
    }),
  };
}

test("a preview changes nothing, follows its fields, and is applied as it was shown; undo and redo bring both masks back",
  async () => {
    const { dispatch, state, voxels, told, undo } = await opened();
    const before = voxels();
    dispatch({ do: "preview_wanted", number: 1, edit: EDIT.shrink });
    await settled();
    assert.deepEqual([current_preview(state())?.added, current_preview(state())?.removed], [0, 1]);
    dispatch({ do: "preview_wanted", number: 1, edit: EDIT.grow });
    assert.equal(current_preview(state()), null);
    assert.match(why_not_apply(state()), /wait for its preview/);
    await settled();
    assert.equal(preview_words(state()), "Adds 1 voxel: 0.1 mL, on 1 slice.".replace(": 0.1 mL", ": 0.1 mL instead of 0.003 mL"));
    assert.deepEqual([voxels(), state().history.length], [before, 1]);
    assert.deepEqual(Array.from(pending_mask_here(state()) ?? []), Array.from(mask_of(7)));
    dispatch({ do: "rendering_wanted", slice: 0 });
    await settled();
    assert.deepEqual(Array.from(pending_mask_here(state()) ?? []), Array(8).fill(0));
    told();
    const { editing } = state();
    dispatch({ do: "volume_edit_wanted", number: 1, edit: editing?.edit ?? EDIT.shrink });
    await settled();
    assert.deepEqual(told(), [], "it is not computed again");
    const after = voxels();
    assert.equal(after[4], 7);
    const [object] = state().objects;
    assert.deepEqual([object?.prompts, object && source_of(object), state().editing], [[], "Edited mask", null]);
    await undo();
    assert.deepEqual([voxels(), state().objects[0]?.prompts.length, state().objects[0]?.main.phase], [before, 1, "done"]);
    dispatch({ do: "redone" });
    await settled();
    assert.deepEqual([voxels(), state().objects[0]?.prompts], [after, []]);
  });

test("a preview that is cancelled or refused leaves no trace in the engine", async () => {
  const { dispatch, state, told } = await opened();
  dispatch({ do: "preview_wanted", number: 1, edit: { margin_v1: { mm: 2000 } } });
  await settled();
  assert.equal(preview_words(state()), "The distance is too long.");
  dispatch({ do: "preview_wanted", number: 1, edit: EDIT.grow });
  await settled();
  dispatch({ do: "preview_closed" });
  await settled();
  assert.deepEqual([told().at(-1), state().previewed, state().history.length], ["drop", "", 1]);
});

test("strokes become part of the mask on the slices that change, and come back with an undo", async () => {
  const { dispatch, state, voxels, apply, undo } = await opened();
  /** @type {import("../../boxel-bindings.js").Stroke} */
  const stroke = { kind: "paint", radius_px: 1, path: [[5, 0]] };
  for (const slice of [4, 6]) dispatch({ do: "stroke_drawn", number: 1, slice, stroke });
  await settled();
  const before = voxels();
  await apply(EDIT.paint); // on slice 0 alone
  assert.deepEqual(state().objects[0]?.edits.map(({ slice }) => slice), [4, 6]);
  assert.equal(state().objects[0]?.prompts.length, 1, "the box is on another slice");
  await apply(EDIT.grow);
  const after = voxels();
  assert.deepEqual([state().objects[0]?.edits, state().edited[1]], [[], []]);
  await undo();
  await undo();
  assert.deepEqual([voxels(), state().objects[0]?.edits.length], [before, 2]);
  for (let i = 0; i < 2; i++) dispatch({ do: "redone" });
  await settled();
  assert.deepEqual(voxels(), after);
  assert.deepEqual(state().steps[1]?.map(({ do: what }) => what), [
    "prompt", "edit", "edit", "edit_volume", "edit_volume", "unmark", "edit", "edit",
  ]);
});

test("edits in quick succession are applied in order, and an undo meanwhile takes the last one back", async () => {
  const { dispatch, state, voxels } = await opened();
  for (let i = 0; i < 3; i++) dispatch({ do: "volume_edit_wanted", number: 1, edit: EDIT.grow });
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual([voxels()[4], state().applying, state().history.length], [15, [], 3]);
  dispatch({ do: "volume_edit_wanted", number: 1, edit: EDIT.grow });
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual([voxels()[4], state().future.length], [15, 1]);
  dispatch({ do: "redone" });
  await settled();
  assert.equal(voxels()[4], 31);
});

test("without a model and without an object, a stroke of the 3D brush makes one", async () => {
  const { dispatch, state, voxels, undo } = await opened({ with_model: false });
  assert.equal(why_not_edit(state(), true), "");
  assert.equal(why_not_edit(state()), "Select an object first");
  for (let i = 0; i < 2; i++) dispatch({ do: "volume_edit_wanted", number: number_to_edit(state()), edit: EDIT.paint });
  await settled();
  assert.deepEqual([state().objects.map(({ name, main }) => [name, main.phase]), state().selected], [[["Object 1", "done"]], 1]);
  assert.equal(voxels()[0], 1);
  assert.equal(state().message?.text, "The edit changes nothing.", "the second dab");
  dispatch({ do: "volume_edit_wanted", number: 1, edit: EDIT.grow });
  await settled();
  assert.equal(voxels()[0], 3);
  await undo();
  assert.equal(voxels()[0], 1);
  dispatch(ready("a"));
  await settled();
  await undo();
  assert.deepEqual(state().objects, []);
  for (let i = 0; i < 2; i++) dispatch({ do: "redone" });
  await settled();
  assert.deepEqual([voxels()[0], state().objects.length], [3, 1], "the first model has made nothing, so it changes nothing");
});

test("with another model the edited mask stays, and an undo ends at the last edit", async () => {
  const { dispatch, state, voxels, apply } = await opened();
  await apply(EDIT.grow);
  dispatch({ do: "object_named", number: 1, name: "Liver" });
  dispatch({ do: "model_wanted", id: "b" });
  dispatch(ready("b"));
  await settled();
  assert.deepEqual([voxels()[4], state().history.length], [7, 1]);
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual([voxels()[4], state().objects[0]?.name, state().history.length], [7, "Object 1", 0]);
});

test("another worker gets the edited masks from the copy that came with the edit", async () => {
  const { state, voxels, apply, kill, dispatch } = await opened();
  await apply(EDIT.grow);
  await apply(EDIT.grow);
  const before = voxels();
  kill("It stopped.");
  await settled();
  assert.deepEqual([voxels(), state().history.length, state().steps[1]?.length], [before, 0, 4]);
  dispatch({ do: "retry" });
  await settled();
  await apply(EDIT.shrink);
  assert.equal(voxels()[4], 14);
  dispatch({ do: "undone" });
  await settled();
  assert.deepEqual(voxels(), before);
});

test("a worker that ends just after an undo leaves the mask of the copy, with its object", async () => {
  const { state, voxels, apply, kill, undo } = await opened();
  await apply(EDIT.grow);
  const edited = voxels();
  await undo();
  kill("It stopped.");
  await settled();
  assert.deepEqual([voxels(), state().objects[0]?.prompts], [edited, []]);
});

test("an edit that kills its worker is dropped", async () => {
  const { dispatch, state } = await opened();
  dispatch({ do: "preview_wanted", number: 1, edit: EDIT.grow });
  dispatch({
    do: "engine_died", generation: state().engine.generation, step: "preview_edit",
    failure: { code: "worker_stopped", message: "It stopped." },
  });
  assert.deepEqual([state().editing, state().message?.text], [null, "It stopped."]);
});

test("overwriting takes the voxels of the result away from visible, unlocked objects, in one step", async () => {
  const { dispatch, state, voxels, apply, undo } = await opened();
  const added = async () => {
    dispatch({ do: "object_selected", number: null });
    dispatch({ do: "box_added", box: [0, 0, 1, 1] });
    await settled();
  };
  await added();
  await added();
  dispatch({ do: "object_locked", number: 3, on: true });
  await apply(EDIT.grow);
  assert.deepEqual([voxels(2)[4], voxels(3)[4]], [3, 3], "objects may overlap");
  await undo();
  const length = state().history.length;
  dispatch({ do: "overwriting_set", on: true });
  await apply(EDIT.grow);
  assert.deepEqual([voxels(1)[4], voxels(2)[4], voxels(3)[4], state().history.length], [7, 0, 3, length + 1]);
  assert.equal(state().steps[2]?.at(1)?.do, "edit_volume");
  await undo();
  assert.deepEqual([voxels(1)[4], voxels(2)[4], state().history.length], [3, 3, length]);
});

test("a session holds the edits, and its objects open without their prompts", async () => {
  const { state, driver, apply } = await opened();
  await apply(EDIT.grow);
  await apply({ subtract_v1: { object: 1 } });
  const masks = await driver.saved_masks(1);
  const text = text_of(session_of(state(), [masks]));
  const session = await session_of_text(text);
  const [object] = session.objects;
  assert.deepEqual([object?.at, object?.steps.map(({ do: what }) => what)], [
    null, ["prompt", "edit_volume", "unmark", "edit_volume"],
  ]);
  assert.deepEqual(object?.steps.at(-1), {
    do: "edit_volume", edit: { subtract_v1: { object: 1 } }, other: { size: [4, 2, SLICES], runs: [72] },
  });
  assert.deepEqual(objects_in(session, 1, 1).objects[0]?.prompts, []);
  const changed = (/** @type {string} */ from, /** @type {string} */ to) => session_of_text(text.replace(from, to));
  await assert.rejects(changed("margin_v1", "margin_v9"), { message: /has the edit "margin_v9", which this page does not know/ });
  await assert.rejects(changed('"runs":[72]', '"runs":["x"]'), { message: /other\.runs" does not match/ });
  await assert.rejects(changed('{"margin_v1":', '{"largest_v1":{},"margin_v1":'), { message: /edit" does not match/ });
});

test("the fields describe an edit, or say why they describe none", () => {
  const fields = {
    size: 2, unit: /** @type {const} */ ("ml"), where: /** @type {const} */ ("slices"), radius_mm: 2, distance_mm: -3,
    low: "-50", high: "", between: /** @type {const} */ ("marked"), object: 7,
  };
  const place = { plane: /** @type {const} */ ("coronal"), marked: { plane: /** @type {const} */ ("axial"), slices: [2, 5] } };
  const made = Object.fromEntries(Object.keys(EDITS).map((kind) => [kind, edit_of(kind, fields, place)]));
  assert.deepEqual(made, {
    margin: { margin_v1: { mm: -3 } }, smooth: { smooth_v1: { radius_mm: 2 } },
    fill_holes: { fill_holes_v1: { plane: "coronal" } }, largest: { largest_v1: { connectivity: "corners" } },
    remove_islands: { remove_islands_v1: { min: { mm3: 2000 }, connectivity: "corners" } },
    interpolate: { interpolate_v1: { plane: "axial", slices: [2, 5] } },
    threshold_within: { threshold_within_v1: { range: { low: -50 } } }, threshold: { threshold_v1: { range: { low: -50 } } },
    union: { union_v1: { object: 7 } }, subtract: { subtract_v1: { object: 7 } }, intersect: { intersect_v1: { object: 7 } },
  });
  assert.match(String(edit_of("margin", { ...fields, distance_mm: NaN }, place)), /Enter a distance/);
  assert.match(String(edit_of("union", { ...fields, object: NaN }, place)), /Choose another object/);
  assert.match(String(range_of("5", "3")), /The lowest value, 5, is above the highest, 3/);
  assert.match(String(range_of("", " ")), /Enter the lowest/);
});

test("points of a slice are voxels of the grid, whatever the plane", () => {
  const view = (/** @type {any} */ more) => ({ plane: "coronal", width: 10, height: 20, slices: 30, ...more });
  const scan = /** @type {any} */ ({ views: [view({ voxel_axes: [[0, false], [2, true], [1, false]] })] });
  assert.deepEqual(voxel_of(scan, { plane: "coronal", slice: 4 }, [3.5, 0.5]), [3, 4, 19]);
});
