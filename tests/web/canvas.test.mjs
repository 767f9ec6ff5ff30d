// When the canvas is painted, and what of it is made anew: with a canvas that only counts.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ImageCanvas } from "../../web/draw/canvas.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { settled } from "./ideal.mjs";
import { open } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").State} State */
/** @type {(state: State, ...actions: any[]) => State} */
const after = (state, ...actions) => actions.reduce(reduce, state);
const box = { do: "box_added", box: [0, 0, 2, 2] };

/** A canvas of this size; `paints` counts its paintings, `layers` the layers made for them.
 * @param {{ width: number, height: number }} size */
function counted(size) {
  const counts = { paints: 0, layers: 0 };
  /** @type {(on_clear: () => void) => any} */
  const context = (on_clear) => new Proxy({}, {
    get: (made, name) => Reflect.get(made, name) ?? (name === "clearRect" ? on_clear
      : name === "createImageData" ? (/** @type {number} */ w, /** @type {number} */ h) => ({ data: new Uint8ClampedArray(4 * w * h) })
        : () => {}),
  });
  class OffscreenCanvas {
    constructor() { counts.layers += 1; }
    getContext() { return Object.assign(context(() => {}), { canvas: this }); }
  }
  /** @type {() => void} */
  let resized = () => {};
  class ResizeObserver {
    constructor(/** @type {() => void} */ on_resize) { resized = on_resize; }
    observe() {}
  }
  Object.assign(globalThis, { OffscreenCanvas, ResizeObserver, ImageData: class {}, window: { devicePixelRatio: 1 } });
  const element = {
    clientWidth: size.width, clientHeight: size.height, width: 0, height: 0,
    getContext: () => context(() => { counts.paints += 1; }),
  };
  const canvas = new ImageCanvas(/** @type {any} */ (element), "main");
  return {
    counts, show: (/** @type {State} */ state) => canvas.show(state),
    resize: (/** @type {number} */ clientWidth, /** @type {number} */ clientHeight) => {
      Object.assign(element, { clientWidth, clientHeight });
      resized();
    },
  };
}

test("progress and messages paint nothing; what is seen on the canvas does, each time", () => {
  const { counts, show } = counted({ width: 100, height: 80 });
  let state = settled(after(settled(initial_state("cpu")), open(1)));
  show(state);
  assert.deepEqual(counts, { paints: 1, layers: 1 });
  const { engine: { generation }, image } = state;
  /** @type {(...actions: any[]) => number} */
  const paints = (...actions) => {
    const before = counts.paints;
    for (const action of actions) {
      const next = reduce(state, action);
      assert.notEqual(next, state, action.do);
      state = next;
      show(state);
    }
    return counts.paints - before;
  };
  assert.equal(paints(
    { do: "weights_progress", side: "main", loaded: 7 },
    { do: "embed_progress", generation, side: "main", key: image?.key, stage: "a", done: 1, total: 2 },
    { do: "told", code: "sha256", text: "Copied." },
    { do: "requested", requests: [{ by: "page", path: "a", bytes: 1, is_kept: true }] },
  ), 0);
  assert.equal(paints(box), 1);
  state = settled(state);
  show(state);
  const { layers } = counts;
  for (const action of [
    { do: "object_selected", number: null }, { do: "object_selected", number: 1 }, { do: "opacity_set", opacity: 0.3 },
    { do: "inverted_set", on: true }, { do: "turned", turn: "clockwise" }, { do: "box_nudged", edges: [0, 0, 1, 0] },
    { do: "object_hidden", number: 1, on: true }, { do: "object_hidden", number: 1, on: false },
  ]) assert.equal(paints(action), 1, JSON.stringify(action));
  // The inverted image, and the mask that is there again.
  assert.equal(counts.layers - layers, 2);
});

test("a canvas without a size is painted when it gets one", () => {
  const { counts, show, resize } = counted({ width: 0, height: 0 });
  show(settled(after(settled(initial_state("cpu")), open(1))));
  assert.equal(counts.paints, 0);
  resize(50, 50);
  assert.equal(counts.paints, 1);
});
