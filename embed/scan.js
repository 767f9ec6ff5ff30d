// An open scan: its slices, predictions and object masks. Each call names a slice, or uses the one that was shown last.

import { rgb_of } from "../web/features/objects/colours.js";
import { time_of } from "../web/save/time.js";
import { boxel_error } from "./error.js";

/** @typedef {import("./api.js").Scan} ScanApi */
/** @typedef {import("./api.js").At} At */
/** @typedef {import("./api.js").Place} Place */
/** @typedef {import("./api.js").Segment} Segment */
/** @typedef {import("../boxel-bindings.js").Shown} Shown */
/**
 * What a scan needs of the engine.
 * @typedef {object} Port
 * @property {<T>(task: () => Promise<T>, signal?: AbortSignal) => Promise<T>} turn rejects once another scan is open
 * @property {import("../web/engine/client.js").EngineClient["call"]} call
 * @property {(progress: import("./api.js").Progress) => void} tell
 */

/** @implements {ScanApi} */
export class Scan {
  #port;
  /** @type {Shown} */ #shown;
  /** The last slice with a prompt, by object. @type {Map<number, Place>} */ #objects = new Map();
  #next_object = 1;
  #is_propagating = false;

  /** @param {import("../boxel-bindings.js").OpenedScan} opened @param {Port} port */
  constructor({ shown, ...info }, port) {
    this.info = info;
    this.#shown = shown;
    this.#port = port;
  }

  get shown() {
    return this.#shown;
  }

  get objects() {
    return [...this.#objects.keys()];
  }

  /** @param {At} [at] @param {{ signal?: AbortSignal }} [options] */
  show(at = {}, { signal } = {}) {
    return this.#turn(() => this.#show(at), signal);
  }

  /** @param {At & { signal?: AbortSignal }} [options] */
  embed({ signal, ...at } = {}) {
    return this.#turn(async () => {
      await this.#show(at);
      return this.#embed(signal);
    }, signal);
  }

  /** @param {import("./api.js").SegmentOptions} options @returns {Promise<Segment>} */
  segment({ box = null, polygon = [], points = [], multimask = false, refine, object, signal, ...at }) {
    return this.#turn(async () => {
      await this.#show(at);
      await this.#embed(signal);
      const number = object ?? refine?.object ?? this.#next_object;
      // The caller accepts every answer.
      const prompt = { box, polygon, points, refine: refine?.id ?? null, multimask, object: number, take: true };
      /** @type {import("../boxel-bindings.js").Prediction[]} */
      const [found] = await this.#port.call("segment", ["main", [prompt]]);
      if (!found) throw { code: "internal", message: "The engine did not answer the prompt." };
      this.#next_object = Math.max(this.#next_object, number + 1);
      const { plane, slice, window } = this.#shown;
      this.#objects.set(number, { plane, slice, window });
      return this.#segment_of(found, number);
    }, signal);
  }

  /** @param {Segment} segment @param {number} candidate @returns {Promise<Segment>} */
  choose({ id, object, plane, slice, window }, candidate) {
    return this.#turn(async () => {
      await this.#show({ plane, slice, window });
      return this.#segment_of(await this.#port.call("choose", ["main", id, candidate]), object);
    });
  }

  /** @param {number} object @param {import("./api.js").PropagateOptions} [options]
   *  @returns {AsyncGenerator<import("./api.js").PropagationStep, void, void>} */
  async *propagate(object, { from, directions = ["up", "down"], range, signal } = {}) {
    if (this.#is_propagating) {
      throw boxel_error({ code: "busy", message: "A propagation is already running; end it first." });
    }
    this.#is_propagating = true;
    let is_under_way = false;
    try {
      await this.#turn(async () => {
        const place = this.#place_of(object);
        const start = from ?? place.slice;
        await this.#show({ ...place, slice: start });
        const newest = undefined;
        await this.#port.call("begin_propagation", [object, start, directions, undefined, undefined, newest, range]);
        is_under_way = true;
      }, signal);
      while (is_under_way) {
        /** @type {{ step: import("../web/engine/lending.js").Step }} */
        const { step } = await this.#turn(() => this.#port.call("propagation_step", []), signal);
        if (step.step === "finished") is_under_way = false;
        else if (step.step === "encoding") this.#port.tell({
          stage: "embed", done: step.done, total: step.total, slice: step.slice,
        });
        else yield step;
      }
    } finally {
      this.#is_propagating = false;
      // The slices done so far stay.
      if (is_under_way) await this.#turn(() => this.#port.call("abandon_propagation", [])).catch(() => {});
    }
  }

  /** @param {At} [at] */
  masks(at = {}) {
    return this.#turn(() => {
      const { plane, slice } = this.#rendering(at);
      return this.#port.call("slice_masks", [plane, slice]);
    });
  }

  /** @param {number} object */
  structure(object) {
    return this.#turn(() => this.#port.call("object_mask", [object]));
  }

  /** @param {number} object @param {At} [at] */
  measure(object, at) {
    return this.#turn(async () => {
      const { plane, slice } = this.#rendering({ ...this.#place_of(object), ...at });
      return this.#port.call("measure", [object, plane, slice]);
    });
  }

  /** @param {number} object @param {readonly import("./api.js").Stroke[]} strokes @param {{ slice?: number }} [at] */
  draw(object, strokes, { slice } = {}) {
    return this.#turn(async () =>
      this.#port.call("edit", [object, slice ?? this.#place_of(object).slice, [...strokes]]));
  }

  /** @param {number | null} object @param {import("./api.js").EditStep} edit */
  edit(object, edit) {
    return this.#turn(async () => {
      const { plane, slice, window } = object === null ? this.#shown : this.#place_of(object);
      const number = object ?? this.#next_object;
      const asked = { number, edit, version: 0, is_new: object === null, at: { plane, slice } };
      const question = { edit: asked, keep: null, others: [], has_preview: false };
      const { applied: [applied] } = await this.#port.call("apply_edit", [question, null]);
      if (!applied) return null;
      const { slices } = applied;
      this.#next_object = Math.max(this.#next_object, number + 1);
      if (object === null) this.#objects.set(number, { plane: applied.plane, slice: slices[slices.length >> 1] ?? slice, window });
      return { object: number, slices };
    });
  }

  /** @param {number} object */
  fingerprint(object) {
    return this.#turn(() => this.#port.call("fingerprint", [object]));
  }

  /** @param {number} object */
  take_back(object) {
    return this.#turn(() => this.#port.call("discard_propagation", [object]));
  }

  /** @param {number} object */
  remove(object) {
    return this.#turn(async () => {
      await this.#port.call("remove_object", [object]);
      this.#objects.delete(object);
    });
  }

  refusals() {
    return this.#turn(() => this.#port.call("export_refusals", []));
  }

  warnings() {
    return this.#turn(() => this.#port.call("export_warnings", []));
  }

  /** @param {readonly number[]} [objects] @returns {Promise<import("./api.js").Overlap[]>} */
  overlaps(objects) {
    return this.#turn(() => this.#port.call("overlaps", [new Uint32Array(objects ?? this.objects), null]));
  }

  /** @param {import("../boxel-bindings.js").ExportFormat} format
   *  @param {readonly (number | import("./api.js").NamedObject)[]} [objects]
   *  @param {Parameters<import("./api.js").Scan["export"]>[2]} [options] */
  export(format, objects, { identity = "de_identified", seg_form = "auto", winner = "later", ...at } = {}) {
    return this.#turn(async () => {
      const named = (objects ?? this.objects)
        .map((each) => named_object(typeof each === "number" ? { object: each } : each));
      const options = {
        ...this.#rendering(at), identity, seg_form, winner, now: time_of(new Date()),
        seed: crypto.getRandomValues(new Uint8Array(16)),
      };
      /** @type {import("../boxel-bindings.js").ExportedFile} */
      const { bytes, name, type } = await this.#port.call("export", [format, named, options]);
      return new File([bytes], name, { type });
    });
  }

  /** @template T @param {() => Promise<T>} task @param {AbortSignal} [signal] @returns {Promise<T>} */
  async #turn(task, signal) {
    try {
      return await this.#port.turn(task, signal);
    } catch (error) {
      throw boxel_error(error, signal);
    }
  }

  /** @param {At} at @returns {Place} */
  #rendering({ plane = this.#shown.plane, slice, window = this.#shown.window }) {
    const view = this.info.views.find((each) => each.plane === plane);
    if (!view) {
      throw {
        code: "plane_invalid",
        message: `This scan has no plane "${plane}"; it has ${this.info.views.map((each) => each.plane).join(", ")}.`,
      };
    }
    return {
      plane, slice: slice ?? (plane === this.#shown.plane ? this.#shown.slice : Math.floor(view.slices / 2)), window,
    };
  }

  /** @param {At} at */
  async #show(at) {
    const { plane, slice, window } = this.#rendering(at);
    const is_shown = plane === this.#shown.plane && slice === this.#shown.slice
      && JSON.stringify(window) === JSON.stringify(this.#shown.window);
    if (!is_shown) this.#shown = (await this.#port.call("show", ["main", plane, slice, window, false])).shown;
    return this.#shown;
  }

  /** Encodes the shown slice, unless its encoding is cached. @param {AbortSignal} [signal] */
  async #embed(signal) {
    const { slice } = this.#shown;
    const on_progress = (/** @type {{ done: number, total: number }} */ { done, total }) =>
      this.#port.tell({ stage: "embed", done, total, slice });
    const { encode_ms } = await this.#port.call("embed", ["main"], { on_progress, signal });
    return { encode_ms };
  }

  /** @param {import("../boxel-bindings.js").Prediction} found @param {number} object @returns {Segment} */
  #segment_of({ key: _, updated: __, bounds, ...found }, object) {
    const { plane, slice, window, width, height } = this.#shown;
    return { ...found, bounds: bounds ?? null, object, plane, slice, window, width, height };
  }

  /** @param {number} object @returns {Place} */
  #place_of(object) {
    const place = this.#objects.get(object);
    if (!place) throw { code: "session_order", message: `There is no object ${object}: call segment first.` };
    return place;
  }
}

/** @type {(object: import("./api.js").NamedObject) => import("../boxel-bindings.js").ExportObject} */
const named_object = ({ object, name = `Object ${object}`, colour = rgb_of(object - 1) }) => ({ object, name, colour });
