// Random sequences of what a user does with one object, on an engine that keeps its slices in layers as the real one
// does (crates/segmenter/src/session/object_mask.rs). Whatever the order is: the steps that the page writes down replay
// to the very voxels, what the user touched survives every propagation, and an undo comes back to what was there.

import assert from "node:assert/strict";
import { test } from "node:test";

import { volume_edits } from "../../web/features/edits/in_worker.js";
import { why_no_save, why_not } from "../../web/features/exports/formats.js";
import { file_steps } from "../../web/features/sessions/write.js";
import { mask_here } from "../../web/state/here.js";
import { open_offer } from "../../web/features/prompts/state.js";
import { steps_of } from "../../web/state/steps.js";
import { MEMORY, open, page, ready, scan_of, shown } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").Action} Action */
/** @typedef {import("../../boxel-bindings.js").Stroke} Stroke */
/** A mask of 4 × 2 pixels, a bit for each. @typedef {number} Bits */
/** @typedef {{
 *   carried: Bits | null, edited: boolean, prompted: Bits | null, refines: boolean, strokes: Stroke[],
 * }} Part */
/** @typedef {Omit<Part, "strokes">} Found */

const SLICES = 7;
const WINDOWS = /** @type {const} */ ([{ kind: "stored" }, { kind: "linear", level: 40, width: 400 }]);
const FORMAT = /** @type {const} */ ({ format: "session", id: "", name: "", about: "", of: "all" });

/** Numbers below 2³², the same for the same seed (xorshift). @type {(seed: number) => (below: number) => number} */
function generator(seed) {
  let at = seed * 2654435761 + 1 >>> 0 || 1;
  return (below) => {
    at ^= at << 13;
    at ^= at >>> 17;
    at ^= at << 5;
    at >>>= 0;
    return at % below;
  };
}

/** @type {(value: unknown) => number} */
const number_of = (value) =>
  [...JSON.stringify(value)].reduce((sum, char) => Math.imul(sum ^ char.charCodeAt(0), 16777619) >>> 0, 2166136261);

/** Never empty. @type {(value: unknown) => Bits} */
const bits_of = (value) => (number_of(value) >>> 7) % 255 + 1;

/** What a model answers to a prompt that starts from a mask, or from none.
 * @type {(about: { slice: number, window: unknown, box: any, points: any, start: Bits | null }) => Bits} */
const answer = (about) => bits_of(about);

/** What a propagation finds on a slice; null ends it.
 * @type {(slice: number, window: unknown, neighbour: Bits) => Bits | null} */
const followed = (slice, window, neighbour) => {
  const about = ["carried", slice, window, neighbour];
  return number_of(about) % 5 === 0 ? null : bits_of(about);
};

/** @type {(bits: Bits) => number} */
const count = (bits) => bits.toString(2).replaceAll("0", "").length;

/** What an edit of the volume comes to: a growth, a shrinkage, or slices that are filled between two others.
 * @type {(voxels: Bits[], edit: any) => Bits[]} */
const edited_voxels = (voxels, edit) => voxels.map((bits, slice) => {
  if ("margin_v1" in edit) return edit.margin_v1.mm > 0 ? (bits | bits << 1) & 255 : bits & bits << 1;
  return bits || ((voxels[slice - 1] ?? 0) & (voxels[slice + 1] ?? 0));
});

/** An object of the engine's. */
class Structure {
  /** @type {Map<number, Part>} */
  parts = new Map();
  /** @type {Map<number, Map<number, Found>>} */
  versions = new Map();

  /** @param {number} slice @returns {Part} */
  part(slice) {
    return this.parts.get(slice) ?? { carried: null, edited: false, prompted: null, refines: false, strokes: [] };
  }

  /** @param {number} slice @param {Partial<Part>} changes */
  change(slice, changes) {
    this.parts.set(slice, { ...this.part(slice), ...changes });
  }

  /** @param {number} slice */
  is_touched(slice) {
    const { prompted, strokes, edited } = this.part(slice);
    return prompted !== null || strokes.length > 0 || edited;
  }

  /** @param {number} slice @returns {Bits} */
  drawn(slice) {
    const { carried, prompted, strokes } = this.part(slice);
    return strokes.reduce((bits, { kind, path: [[x = 0] = []] }) =>
      kind === "paint" ? bits | 1 << x : bits & ~(1 << x), prompted ?? carried ?? 0);
  }

  voxels() {
    return Array.from({ length: SLICES }, (_, slice) => this.drawn(slice));
  }

  touched() {
    return Object.fromEntries(this.voxels().flatMap((bits, slice) => this.is_touched(slice) ? [[slice, bits]] : []));
  }

  /** @param {number} slice */
  take_back(slice) {
    if (this.is_touched(slice) || this.part(slice).carried === null) return false;
    this.change(slice, { carried: null });
    return true;
  }

  take_all_back() {
    for (const [slice, { prompted, refines, edited }] of this.parts) {
      if (!this.take_back(slice) && prompted !== null && !refines && !edited) this.change(slice, { carried: null });
    }
  }

  /** An edit in the volume: what it changes is one mask afterwards, the user's.
   * @param {any} edit */
  edit_volume(edit) {
    const before = this.voxels();
    const after = edited_voxels(before, edit);
    const slices = after.flatMap((bits, slice) => bits === before[slice] ? [] : [slice]);
    return { slices, apply: () => {
      for (const slice of slices) {
        this.parts.set(slice, { carried: after[slice] ?? 0, edited: true, prompted: null, refines: false, strokes: [] });
      }
    } };
  }

  /** @param {number} version */
  keep(version) {
    this.versions.set(version, new Map(
      [...this.parts].map(([slice, { strokes: _, ...found }]) => [slice, found]),
    ));
  }

  /** @param {number} version */
  restore(version) {
    const kept = this.versions.get(version);
    if (!kept) return;
    for (const slice of new Set([...this.parts.keys(), ...kept.keys()])) {
      this.change(slice, kept.get(slice) ?? { carried: null, edited: false, prompted: null, refines: false });
    }
  }

  /** Step by step, from the mask that is there now.
   * @param {number} from
   * @param {string[]} directions
   * @param {unknown} window */
  propagate(from, directions, window) {
    return this.#course(from, directions, window, this.drawn(from));
  }

  /** @param {number} from
   * @param {string[]} directions
   * @param {unknown} window
   * @param {Bits} start
   * @returns {Generator<any>} */
  * #course(from, directions, window, start) {
    for (const [i, direction] of directions.entries()) {
      const by = direction === "up" ? 1 : -1;
      let [at, neighbour] = [from, i ? this.drawn(from) : start];
      for (;;) {
        const slice = at + by;
        const found = slice < 0 || slice >= SLICES || this.is_touched(slice)
          ? null
          : followed(slice, window, neighbour);
        if (found === null) {
          const reason = slice < 0 || slice >= SLICES ? "end" : this.is_touched(slice) ? "marked" : "low_iou";
          for (let beyond = slice; this.take_back(beyond);) beyond += by;
          yield { step: "stopped", direction, slice, reason };
          break;
        }
        this.change(slice, { carried: found });
        [at, neighbour] = [slice, found];
        yield { step: "carried", slice, iou: 0.9, area_px: count(found), doubts: [] };
      }
    }
    yield { step: "finished" };
  }
}

/** The engine of a page. `look` is asked before and after each step of a propagation. */
class Engine {
  /** @type {Map<number, Structure>} */
  object_masks = new Map();
  /** @type {Map<number, { bits: Bits, slice: number, object: number, refines: boolean, found: any }>} */
  segments = new Map();
  /** @type {Generator<any> | null} */
  running = null;
  next_id = 1;
  view = { slice: 0, window: /** @type {any} */ (null) };
  /** The model's own. @type {any} */
  window = null;

  /** @param {number} object */
  of(object) {
    const structure = this.object_masks.get(object);
    if (!structure) throw { code: "session_order", message: "No such object." };
    return structure;
  }

  /** @param {any} prompt @param {string} key */
  found({ box, points, refine, refine_carried = false, take = false, object }, key) {
    const { slice } = this.view;
    const window = this.window ?? this.view.window;
    const structure = this.object_masks.get(object) ?? new Structure();
    this.object_masks.set(object, structure);
    const start = refine !== null ? this.segments.get(refine)?.bits ?? null
      : refine_carried ? structure.part(slice).carried : null;
    const bits = answer({ slice, window, box, points, start });
    const lost = start === null ? 0 : count(start & ~bits) / count(start);
    const offered = start !== null && points.length && !take && lost > 0.5
      ? { lost_fraction: lost, point_outside: false, point_inside: false }
      : null;
    const id = this.next_id++;
    const found = {
      id, key, box, points, mask: mask_of(bits), area_px: count(bits), bounds: null, decode_ms: 1, candidates: [0.9],
      chosen: 0, iou: 0.9, offered,
    };
    this.segments.set(id, { bits, slice, object, refines: refine_carried, found });
    if (!offered) this.place(id);
    return found;
  }

  /** @param {number} id */
  place(id) {
    const segment = this.segments.get(id);
    if (segment) this.of(segment.object).change(segment.slice, { prompted: segment.bits, refines: segment.refines });
    return segment;
  }
}

/** The worker's methods for edits in the volume, on this engine. @type {(engine: () => Engine) => any} */
function editing(engine) {
  /** @type {{ number: number, edit: any, apply: () => void } | null} */
  let pending = null;
  const made = volume_edits(() => /** @type {any} */ ({
    begin_volume_edit: (/** @type {number} */ number, /** @type {any} */ edit) => {
      const { slices, apply } = engine().of(number).edit_volume(edit);
      pending = { number, edit, apply };
      return { object: number, added: slices.length, removed: 0, slices };
    },
    apply_volume_edit: () => {
      const { edit, apply } = /** @type {NonNullable<typeof pending>} */ (pending);
      apply();
      return { edit };
    },
    drop_volume_edit: () => { pending = null; },
    pending_edit_mask: () => new Uint8Array(8),
    keep_propagation: (/** @type {number} */ number, /** @type {number} */ version) => engine().of(number).keep(version),
    object_mask: () => ({ plane: "axial" }),
    stored_masks: () => "",
  }), () => {});
  return Object.fromEntries(Object.entries(made).map(([method, run]) =>
    [method, (/** @type {any[]} */ args) => /** @type {any} */ (run)(...args)]));
}

/** @type {(bits: Bits) => Uint8Array<ArrayBuffer>} */
const mask_of = (bits) => Uint8Array.from({ length: 8 }, (_, i) => bits >> i & 1);

/** A page on such an engine, with a volume and an object on its middle slice.
 * @param {{ with_model?: boolean }} [options] */
async function begun({ with_model = true } = {}) {
  let engine = new Engine();
  const made = page({
    create: ([kind]) => {
      engine = new Engine();
      return { kind, name: kind };
    },
    open: ([, , key]) => {
      engine.view = { slice: Math.floor(SLICES / 2), window: WINDOWS[0] };
      engine.window = null;
      return scan_of(key, SLICES);
    },
    load_weights: () => {
      engine.segments.clear();
      engine.running = null;
      for (const structure of engine.object_masks.values()) {
        structure.versions.clear();
        structure.take_all_back();
      }
      return { name: "M", recipe: "litemedsam", trained_on_points: false };
    },
    show: ([, plane, slice, window]) => {
      engine.view = { slice, window };
      return { shown: shown(made.state().scan?.key ?? "", { plane, slice, window }), masks: null };
    },
    model_window: ([, window]) => { engine.window = window; },
    segment: ([, prompts]) =>
      prompts.map((/** @type {any} */ prompt) => engine.found(prompt, made.state().image?.key ?? "")),
    accept: ([, id]) => ({ ...engine.place(id)?.found, key: made.state().image?.key, offered: null }),
    remove: ([, id]) => void engine.segments.delete(id),
    ...editing(() => engine),
    edit: ([object, slice, strokes]) => engine.of(object).change(slice, { strokes }),
    unmark: ([object, slice]) => engine.of(object).change(slice, { prompted: null, refines: false }),
    discard_propagation: ([object, keep]) => {
      engine.of(object).keep(keep);
      engine.of(object).take_all_back();
    },
    restore_propagation: ([object, keep, version]) => {
      engine.of(object).keep(keep);
      engine.of(object).restore(version);
    },
    begin_propagation: ([object, from, directions, keep, window]) => {
      engine.of(object).keep(keep);
      if (engine.of(object).drawn(from) === 0) throw { code: "session_order", message: "No mask." };
      engine.running = engine.of(object).propagate(from, directions, window ?? engine.window ?? engine.view.window);
    },
    propagation_step: () => {
      const object_masks = [...engine.object_masks.values()];
      const touched = object_masks.map((structure) => structure.touched());
      const step = engine.running?.next().value;
      assert.deepEqual(
        object_masks.map((structure) => structure.touched()), touched, "a propagation changes nothing that is touched",
      );
      return { step, memory: MEMORY };
    },
    abandon_propagation: () => { engine.running = null; },
    remove_object: ([object]) => void engine.object_masks.delete(object),
    slice_masks: ([, slice]) => [...engine.object_masks].flatMap(([object, structure]) => structure.drawn(slice)
      ? [{
        object, mask: mask_of(structure.drawn(slice)), origin: structure.is_touched(slice) ? "marked" : "carried",
        iou: 0.9, doubts: [],
      }] : []),
  }, "auto", SLICES);
  made.dispatch(open(1));
  if (with_model) made.dispatch(ready("a"));
  /** Until the engine is asked nothing more. */
  const settled = async () => {
    for (let quiet = 0, before = -1; quiet < 4; before = made.asked.length) {
      await new Promise((resolve) => setImmediate(resolve));
      quiet = made.asked.length === before ? quiet + 1 : 0;
    }
  };
  await settled();
  made.dispatch({ do: "box_added", box: [0, 0, 1, 1] });
  await settled();
  return { ...made, settled, voxels: () => engine.object_masks.get(1)?.voxels() ?? [] };
}

/** What a replay of the file's steps comes to, as `Session::replay` does it.
 * @type {(steps: import("../../web/features/sessions/format.js").FileStep[]) => Bits[]} */
function replayed(steps) {
  const structure = new Structure();
  for (const step of steps) {
    switch (step.do) {
      case "prompt": {
        const { slice, window } = step;
        /** @type {Bits | null} */
        let start = null;
        for (const [i, { box, points, refine_carried = false }] of step.prompts.entries()) {
          if (i === 0 && refine_carried) start = structure.part(slice).carried;
          start = answer({ slice, window, box, points, start });
          structure.change(slice, { prompted: start, refines: refine_carried });
        }
        break;
      }
      case "propagate":
        for (const direction of step.directions) {
          const limit = step.until?.[direction === "up" ? 1 : 0];
          if (limit === step.from) continue;
          for (const each of structure.propagate(step.from, [direction], step.window)) {
            if (each.step === "carried" && each.slice === limit) break;
          }
        }
        break;
      case "take_back": structure.take_all_back(); break;
      case "edit_volume": structure.edit_volume(step.edit).apply(); break;
      case "unmark": structure.change(step.slice, { prompted: null, refines: false }); break;
      case "edit": structure.change(step.slice, { strokes: step.strokes }); break;
    }
  }
  return structure.voxels();
}

/** @type {(random: (below: number) => number) => Action} */
function deed(random) {
  const slice = random(SLICES);
  const direction = /** @type {("up" | "down")[]} */ ([["up"], ["down"], ["up", "down"]][random(3)]);
  switch (random(19)) {
    case 0: return { do: "box_added", box: [0, 0, 1 + random(3), 1], to_selected: true };
    case 1: case 2: return { do: "point_added", point: [random(4), random(2), random(4) ? 1 : 0] };
    case 3: case 4: case 5: return {
      do: "stroke_drawn", number: 1, slice,
      stroke: { kind: random(2) ? "paint" : "erase", radius_px: 1, path: [[random(8), 0]] },
    };
    case 6: return { do: "strokes_taken_back", number: 1, slice };
    case 7: case 8: return { do: "propagation_wanted", number: 1, directions: direction };
    case 9: return { do: "discard_wanted", number: 1 };
    case 10: case 11: return { do: "undone" };
    case 12: return { do: "redone" };
    case 13: return { do: "refine_set", on: random(3) > 0 };
    case 14: return { do: "display_window_taken", number: 1 };
    case 16: return { do: "volume_edit_wanted", number: 1, edit: { interpolate_v1: { plane: "axial" } } };
    case 17: return { do: "volume_edit_wanted", number: 1, edit: { margin_v1: { mm: random(3) ? 1 : -1 } } };
    case 18: return { do: "preview_wanted", number: 1, edit: { margin_v1: { mm: 1 } } };
    default: return { do: "rendering_wanted", slice };
  }
}

/** To the slice of the object's prompts, with all asked. @param {Awaited<ReturnType<typeof begun>>} made */
async function at_rest({ dispatch, state, settled }) {
  await settled();
  const [object] = state().objects;
  if (!object) return;
  dispatch({ do: "rendering_wanted", plane: object.at.plane, slice: object.at.slice });
  await settled();
  const [here] = state().objects;
  if (here && open_offer(here)) dispatch({ do: "offer_taken", number: 1 });
  await settled();
}

/** @type {(made: Awaited<ReturnType<typeof begun>>, about: string) => void} */
function replays({ state, voxels }, about) {
  assert.equal(why_no_save(state()) || why_not(FORMAT, state()), "", about);
  const steps = JSON.parse(JSON.stringify(file_steps(steps_of(state().steps, 1))));
  const [object] = state().objects;
  const seen = object && mask_here(object, state())?.mask;
  if (object && seen) {
    assert.deepEqual(Array.from(seen), Array.from(mask_of(voxels()[object.at.slice] ?? 0)), `what is seen: ${about}`);
  }
  const told = steps.map((/** @type {unknown} */ step) => JSON.stringify(step)).join("\n");
  assert.deepEqual(replayed(steps), voxels(), `${about}\n${told}`);
}

for (const [name, quick, windows, models] of /** @type {[string, boolean, boolean, boolean][]} */ ([
  ["one after the other", false, false, false], ["in quick succession", true, false, false],
  ["in other windows", false, true, false],
  ["with other models", false, false, true],
])) {
  test(`the steps replay to the very voxels: ${name}`, async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = generator(seed);
      const made = await begun();
      const { dispatch, state, settled } = made;
      /** @type {string[]} */
      const done = [];
      /** What there was before each change. @type {Map<unknown, Bits[]>} */
      const voxels_of = new Map();
      for (let i = 0; i < 25 && state().objects.length; i++) {
        const action = models && random(12) === 0 ? ready(state().weights.id === "a" ? "b" : "a")
          : windows && random(8) === 0 ? /** @type {Action} */ ({ do: "rendering_wanted", window: WINDOWS[random(2)] })
          : deed(random);
        done.push(JSON.stringify(action));
        const before = state();
        if (action.do === "undone") await at_rest(made);
        const undone = before.history.at(-1);
        const was = made.voxels();
        const is_whole = before.objects[0]?.main.phase === "done";
        if (action.do === "weights_ready") {
          dispatch({ do: "model_wanted", id: action.id });
          voxels_of.clear();
        }
        dispatch(action);
        if (!quick && is_whole && state().history.at(-1) === before.objects) voxels_of.set(before.objects, was);
        if (!quick && action.do === "undone" && state().objects.length) {
          await at_rest(made);
          const found = undone && voxels_of.get(undone);
          if (found) assert.deepEqual(made.voxels(), found, `undone: seed ${seed}: ${done.join("\n")}`);
        }
        if (quick && random(2)) continue;
        await settled();
        const [object] = state().objects;
        if (object && open_offer(object) && random(3)) {
          dispatch({ do: random(2) ? "offer_taken" : "offer_declined", number: 1 });
        }
      }
      if (!state().objects.length) continue;
      await at_rest(made);
      replays(made, `seed ${seed}: ${done.join("\n")}`);
    }
  });
}

test("undone to the beginning and redone, every change comes to the voxels that it had", async () => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = generator(seed);
    const { dispatch, state, settled, voxels } = await begun();
    /** @type {string[]} */
    const done = [];
    /** By the length of the history. @type {Map<number, Bits[]>} */
    const voxels_at = new Map();
    for (let i = 0; i < 12; i++) {
      const action = deed(random);
      if (action.do === "undone" || action.do === "redone") continue;
      done.push(JSON.stringify(action));
      dispatch(action);
      await settled();
      const [object] = state().objects;
      if (object && open_offer(object)) dispatch({ do: "offer_taken", number: 1 });
      await settled();
      if (state().objects[0]?.main.phase === "done") voxels_at.set(state().history.length, voxels());
      else voxels_at.delete(state().history.length);
    }
    const begin = Math.min(...voxels_at.keys());
    for (const step of /** @type {const} */ (["undone", "redone", "undone"])) {
      while (step === "undone" ? state().history.length > begin : state().future.length) {
        done.push(step);
        dispatch({ do: step });
        const [object] = state().objects;
        await settled();
        if (object) dispatch({ do: "rendering_wanted", slice: object.at.slice });
        await settled();
        const found = voxels_at.get(state().history.length);
        if (found) assert.deepEqual(voxels(), found, `seed ${seed}: ${done.join("\n")}`);
      }
    }
  }
});

/** Does one after the other. @param {Awaited<ReturnType<typeof begun>>} made @param {Action[]} actions */
async function does({ dispatch, settled }, ...actions) {
  for (const action of actions) {
    dispatch(action);
    await settled();
  }
}

/** @type {(slice: number) => Action} */
const shown_at = (slice) => ({ do: "rendering_wanted", slice });
/** @type {Action} */
const POINT = { do: "point_added", point: [1, 1, 1] };
/** @type {Action} */
const GROWTH = { do: "volume_edit_wanted", number: 1, edit: { margin_v1: { mm: 1 } } };

test("a prompt below an undone edit is undone and redone: its mask comes back with its version", async () => {
  const made = await begun();
  await does(made, shown_at(5), POINT);
  const before = made.voxels();
  await does(made, GROWTH, { do: "undone" }, { do: "undone" });
  assert.equal(made.voxels()[5], 0);
  await does(made, { do: "redone" });
  assert.deepEqual([made.voxels(), made.state().objects[0]?.main.phase], [before, "done"]);
});

test("a point that is set on an edited slice while it is propagated is undone alone", async () => {
  const made = await begun();
  await does(made, GROWTH);
  const [edited, was] = [made.voxels(), made.state().objects[0]];
  made.dispatch({ do: "propagation_wanted", number: 1, directions: ["up"] });
  await does(made, POINT);
  assert.notEqual(made.voxels()[3], edited[3]);
  await does(made, { do: "undone" });
  assert.deepEqual([made.voxels()[3], made.state().objects[0]?.prompts], [edited[3], was?.prompts]);
  await does(made, { do: "undone" });
  assert.deepEqual(made.voxels(), edited);
  replays(made, "after both");
});

test("a prompt that was the first to be answered is undone, though an earlier one still waits", async () => {
  const made = await begun({ with_model: false });
  await does(made, shown_at(5), { do: "box_added", box: [0, 0, 2, 1], to_selected: true }, ready("a"));
  assert.notEqual(made.voxels()[5], 0);
  await does(made, { do: "undone" });
  assert.deepEqual(made.voxels(), Array(SLICES).fill(0));
});

test("an edit stays where a prompt that was answered before waits to be asked again", async () => {
  const made = await begun();
  await does(made, shown_at(5), POINT, { do: "undone" });
  const before = made.voxels();
  assert.equal(made.state().objects[0]?.main.phase, "waiting", "until its slice is shown");
  await does(made, GROWTH);
  const edited = made.voxels();
  assert.notEqual(edited[3], before[3]);
  await does(made, shown_at(3));
  assert.deepEqual(made.voxels(), edited);
  await does(made, { do: "undone" });
  assert.deepEqual(made.voxels(), before);
});
