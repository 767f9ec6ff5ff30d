// Windows, the wheel, and what the pointer says.

import assert from "node:assert/strict";
import { test } from "node:test";

import { turned } from "../../web/draw/scrolling.js";
import { dragged, levels_of } from "../../web/features/window/tool.js";
import { pointer_words, scan_facts } from "../../web/show/scan_words.js";
import { presets_of } from "../../web/features/window/state.js";
import { fields_of, image_of } from "../../web/state/rendering.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { open, scan_of, shown } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").State} State */

const soft = /** @type {const} */ ({ kind: "linear", level: 40, width: 400 });
const source = { serial: 1, title: "", files: [], choice: 0 };

test("a drag to the right widens, downwards it raises the level; no width below a step", () => {
  assert.deepEqual(dragged(soft, 100, 0), { kind: "linear", level: 40, width: 600 });
  assert.deepEqual(dragged(soft, 0, 50), { kind: "linear", level: 140, width: 400 });
  assert.deepEqual(dragged(soft, -10_000, -20), { kind: "linear", level: 0, width: 2 });
  assert.deepEqual(dragged({ kind: "sigmoid", level: 0.5, width: 1 }, 3, 1), {
    kind: "sigmoid", level: 0.505, width: 1.015,
  });
});

test("a drag begins with what is shown: the window's numbers, else the range of the values", () => {
  const image = image_of(scan_of("a"), { ...shown("a"), values: new Float32Array([-3, 5]) });
  assert.deepEqual(levels_of({ ...image, level: 10, width_of_window: 20 }), { kind: "linear", level: 10, width: 20 });
  assert.deepEqual(levels_of({ ...image, level: null, width_of_window: null }), { kind: "linear", level: 1, width: 8 });
  assert.equal(levels_of({ ...image, level: null, width_of_window: null, values: null }), null);
});

test("the fields show the window that is wanted while the image is still in the one before", () => {
  const before = { ...image_of(scan_of("a"), shown("a")), level: 439.5, width_of_window: 879 };
  assert.deepEqual(fields_of({ kind: "linear", level: 600, width: 879 }, before), { level: 600, width: 879 });
  assert.deepEqual(fields_of({ kind: "percentiles" }, before), { level: 439.5, width: 879 });
});

test("presets: the file's own, CT's, automatic; as stored for 8 bits; none for colours", () => {
  const file = { name: "BRAIN", window: soft };
  const ct = { name: "Lung", level: -600, width: 1500 };
  const names = presets_of({ windows: [file, { ...file, name: "" }], presets: [ct], bits: 16, colour: false })
    .map(({ name }) => name);
  assert.deepEqual(names, ["BRAIN", "From file", "Lung", "Automatic"]);
  assert.deepEqual(presets_of({ windows: [], presets: [], bits: 8, colour: false }).map(({ window }) => window.kind), [
    "percentiles", "stored",
  ]);
  assert.deepEqual(presets_of({ windows: [], presets: [], bits: 8, colour: true }), []);
});

/** The page with a scan. @type {(scan: import("../../boxel-bindings.js").OpenedScan) => State} */
function with_scan(scan) {
  const first = initial_state("auto");
  const opened = /** @type {const} */ ({ do: "scan_opened", generation: first.engine.generation, serial: 1, scan });
  return [open(1), opened].reduce(reduce, first);
}

/** A scan whose values look like Hounsfield units, in the window that the engine chose. @type {() => State} */
function looks_like_ct() {
  const opened = scan_of("a", 24);
  const presets = [{ name: "Soft tissue", level: 40, width: 400 }, { name: "Lung", level: -600, width: 1500 }];
  return with_scan({ ...opened, looks_like_ct: true, bits: 16, presets, shown: { ...opened.shown, window: soft } });
}

test("a scan that looks like a CT is treated as one until the user takes it back, and again", () => {
  const state = looks_like_ct();
  /** @type {(state: State) => string[]} */
  const names = ({ scan }) => scan ? presets_of(scan).map(({ name }) => name) : [];
  assert.deepEqual([names(state), state.rendering?.window], [["Soft tissue", "Lung", "Automatic"], soft]);
  assert.match(state.scan ? scan_facts(state.scan) : "", /^treated as CT · /);
  const off = reduce(state, { do: "ct_set", on: false });
  assert.deepEqual([names(off), off.rendering?.window], [["Automatic"], { kind: "percentiles" }]);
  assert.doesNotMatch(off.scan ? scan_facts(off.scan) : "", /CT/);
  const on = reduce(off, { do: "ct_set", on: true });
  assert.deepEqual([names(on), on.rendering?.window], [["Soft tissue", "Lung", "Automatic"], soft]);
  assert.equal(reduce(on, { do: "ct_set", on: true }), on);
});

test("a window that the user has set stays when a scan is no longer treated as a CT", () => {
  const mine = /** @type {const} */ ({ kind: "linear", level: 7, width: 9 });
  const state = reduce(looks_like_ct(), { do: "rendering_wanted", window: mine });
  const off = reduce(state, { do: "ct_set", on: false });
  assert.deepEqual([off.rendering?.window, off.scan?.not_ct], [mine, true]);
  assert.deepEqual(reduce(off, { do: "ct_set", on: true }).rendering?.window, mine);
});

test("what does not look like a CT can't be treated as one", () => {
  const state = with_scan(scan_of("a"));
  assert.equal(reduce(state, { do: "ct_set", on: true }), state);
  assert.equal(reduce(initial_state("auto"), { do: "ct_set", on: true }).scan, null);
});

test("a notch of the wheel is a slice; a touch pad's small parts add up", () => {
  assert.deepEqual(turned(0, { deltaY: 100, deltaMode: 0 }), { slices: 1, rest: 0 });
  assert.deepEqual(turned(0, { deltaY: -3, deltaMode: 1 }).slices, -1);
  let [rest, slices] = [0, 0];
  for (let i = 0; i < 10; i += 1) {
    const part = turned(rest, { deltaY: 25, deltaMode: 0 });
    [rest, slices] = [part.rest, slices + part.slices];
  }
  assert.deepEqual([slices, rest], [2, 50]);
  assert.deepEqual(turned(90, { deltaY: -20, deltaMode: 0 }), { slices: 0, rest: -20 });
});

test("the scan in one line, with its spacing and where that comes from", () => {
  const volume = scan_of("a", 24);
  const views = volume.views.map((view) => ({
    ...view, spacing_mm: /** @type {[number, number, number]} */ ([0.7031, 0.7031, 5]),
  }));
  const ct = { ...volume, ...source, views, modality: "CT", format: "DICOM", bits: 12 };
  assert.equal(
    scan_facts({ ...ct, spacing_source: "pixel_spacing" }),
    "CT · 4 × 2, 24 slices · 0.703 × 0.703 × 5 mm · DICOM, 12 bit",
  );
  const flat = scan_of("a").views
    .map((view) => ({ ...view, spacing_mm: /** @type {[number, number, null]} */ ([0.14, 0.14, null]) }));
  assert.match(
    scan_facts({ ...ct, views: flat, spacing_source: "imager_pixel_spacing" }),
    / · 0\.14 × 0\.14 mm at the detector · /,
  );
  assert.match(
    scan_facts({ ...ct, views: flat, spacing_source: "magnification_factor" }),
    / · 0\.14 × 0\.14 mm in the patient \(estimate\) · /,
  );
  const none = flat.map((view) => ({ ...view, spacing_mm: /** @type {[null, null, null]} */ ([null, null, null]) }));
  assert.match(scan_facts({ ...ct, views: none }), / · spacing unknown · /);
  const tall = none.map((view) => ({ ...view, pixel_aspect: 4 / 3 }));
  assert.match(scan_facts({ ...ct, views: tall }), / · spacing unknown, pixels 1\.33 times as high as wide · /);
});

test("under the pointer: place, slice, value and unit", () => {
  const scan = { ...scan_of("a", 24), ...source, unit: "HU" };
  const image = image_of(scan, { ...scan.shown, values: Float32Array.from([0, 0, 0, 0, 0, -45, 0, 0]) });
  assert.equal(pointer_words({ scan, image }, { x: 1.9, y: 1.2 }), "x 1 y 1 slice 13 · −45 HU");
  assert.equal(pointer_words({ scan, image }, { x: -1, y: 0 }), "x -1 y 0");
  assert.equal(
    pointer_words({ scan: { ...scan, unit: "" }, image: { ...image, slices: 1, values: null } }, { x: 0, y: 0 }),
    "x 0 y 0",
  );
});
