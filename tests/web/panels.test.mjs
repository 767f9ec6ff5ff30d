// The panels: what they ask of the engine and when, and what of an answer still counts.

import assert from "node:assert/strict";
import { test } from "node:test";

import { next_of_panels } from "../../web/engine/next_panels.js";
import { panels } from "../../web/engine/requests/panels.js";
import {
  agreement_text, digits, measure_hint, measure_lines, spacing_note,
} from "../../web/features/measures/words.js";
import { input_lines } from "../../web/features/model_input/show.js";
import { current_measure } from "../../web/features/measures/state.js";
import { panels_of_new_scan } from "../../web/state/panels.js";
import { reduce } from "../../web/state/reduce.js";
import { reference_to_read } from "../../web/features/measures/reference_state.js";
import { input, masked, measured, object } from "./masked.mjs";

/** @typedef {import("../../web/state/reduce.js").State} State */
/** @typedef {import("../../web/state/reduce.js").Action} Action */

/** @type {(state: State, ...actions: Action[]) => State} */
const after = (state, ...actions) => actions.reduce(reduce, state);
const AREAS = { areas: [0, 12.5, 4], in_mm2: true };
const failure = { code: "test", message: "A test failure." };

/** Asks for what the panels want until they want nothing; what was asked, and the state then.
 * @type {(
 *   state: State, answers?: Record<string, (...args: any[]) => any>,
 * ) => Promise<{ state: State, asked: string[] }>} */
async function served(state, answers = {}) {
  /** @type {string[]} */
  const asked = [];
  /** @type {Record<string, (...args: any[]) => any>} */
  const engine = {
    export_refusals: () => ({}), export_warnings: () => ({}), measure: () => measured, model_input: () => input,
    open_reference: () => ({ labels: [1, 4] }), compare: (_, label) => ({ dice: label / 10, nsd: null }),
    slice_areas: () => AREAS, slice_dice: () => [null, 0.5], reference_slice: () => new Uint8Array([0, 1, 2, 3]), ...answers,
  };
  for (let request = next_of_panels(state); request; request = next_of_panels(state)) {
    assert.ok(asked.length < 20, `asks for ever: ${asked}`);
    const reach = /** @type {import("../../web/engine/driver.js").Reach} */ (/** @type {unknown} */ ({
      generation: state.engine.generation,
      call: async (/** @type {string} */ method, /** @type {unknown[]} */ args) => {
        asked.push(method);
        return engine[method]?.(...args);
      },
      dispatch: (/** @type {Action} */ action) => { state = reduce(state, action); },
    }));
    const run = /** @type {(reach: unknown, request: unknown) => Promise<void>} */ (panels[request.do]);
    await run(reach, request);
  }
  return { state, asked };
}

test("the selected object is measured once, and again when its mask or the slice changes", async () => {
  const { state, asked } = await served(masked());
  assert.deepEqual(asked, ["export_refusals", "export_warnings", "measure", "slice_areas"]);
  assert.equal(current_measure(state), measured);
  const comparison_mask = { ...state, object_masks_version: state.object_masks_version + 1 };
  assert.equal(current_measure(comparison_mask), null);
  assert.deepEqual((await served(comparison_mask)).asked, ["measure", "slice_areas"]);
  const image = state.image && { ...state.image, slice: 5 };
  assert.deepEqual((await served({ ...state, image })).asked, ["measure"]);
  assert.deepEqual((await served({ ...state, selected: null })).asked, []);
});

test("an object that the engine does not hold is not measured, and the page says so", async () => {
  const state = masked({ numbers: [] });
  assert.deepEqual((await served(state)).asked, ["export_refusals", "export_warnings"]);
  assert.equal(measure_hint(state), "Measured once the mask is ready.");
});

test("a refused measure is said and not asked for again", async () => {
  const { state, asked } = await served(masked(), { measure: () => { throw failure; } });
  assert.deepEqual(asked, ["export_refusals", "export_warnings", "measure", "slice_areas"]);
  assert.equal(measure_hint(state), failure.message);
});

test("a slice that is scrolled past is not measured", async () => {
  assert.deepEqual((await served({ ...masked(), settled: false })).asked, ["export_refusals", "export_warnings"]);
});

test("measures in mm with their unit, in pixels where the spacing is unknown", async () => {
  const { state } = await served(masked());
  assert.deepEqual(measure_lines(state), [
    { what: "Area", value: "1,235 mm²" },
    { what: "Long × short axis", value: "40.3 × 25.6 mm" },
    { what: "Mean ± SD", value: "52.3 ± 8.12 HU (−12 to 90)" },
    { what: "Volume", value: "12.3 mL in 3 slices" },
    { what: "Mean ± SD, all slices", value: "50 ± 9 HU (−20 to 95)" },
  ].map(({ what, value }) => ({ what, value: value.replaceAll("−", "-") })));
  /** @type {import("../../boxel-bindings.js").Axis} */
  const axis = { ends: [[0, 0], [3, 4]], ends_mm: null, length_px: 5, length_mm: null };
  const in_px = await served(masked(), { measure: () => ({
    slice: { area_px: 4567, area_mm2: null, long_axis: axis, short_axis: axis, values: null },
    volume: { voxels: 4567, volume_ml: null, slices: 1, values: null },
  }) });
  assert.deepEqual(measure_lines(in_px.state).map(({ value }) => value), [
    "4,567 pixels", "5 × 5 px", "4,567 voxels in 1 slice",
  ]);
});

test("what millimetres are worth is said where it matters", () => {
  /** @type {(spacing_source: import("../../boxel-bindings.js").OpenedScan["spacing_source"]) => string} */
  const note = (spacing_source) => {
    const state = masked();
    return spacing_note({ ...state, scan: state.scan && { ...state.scan, spacing_source } });
  };
  assert.match(note("imager_pixel_spacing"), /at the detector; the size in the patient is smaller/);
  assert.match(note(null), /in pixels/);
  assert.match(
    note("magnification_factor"), /estimates: the size at the detector divided by the file's magnification factor/,
  );
  assert.match(note("source_distances"), /estimates/);
  assert.match(note("unstated_pixel_spacing"), /does not say whether/);
  assert.match(note("ultrasound_region"), /inside an ultrasound region/);
  assert.deepEqual([note("pixel_spacing"), note("nifti")], ["", ""]);
  const state = masked();
  const tall = {
    ...state, scan: state.scan && { ...state.scan, spacing_source: null },
    image: state.image && { ...state.image, pixel_aspect: 4 / 3 },
  };
  assert.match(spacing_note(tall), /in pixel widths/);
});

test("numbers have the digits that they are worth", () => {
  assert.deepEqual([0.1234, 3, 12.345, 123.45, 12345.6].map(digits), ["0.12", "3", "12.3", "123", "12,346"]);
});

test("the model's input is fetched while its panel is open, and when prompt, image or model change", async () => {
  const closed = (await served(masked())).state;
  assert.equal(closed.model_input.input, null);
  const open = await served(after(closed, { do: "input_panel_toggled", open: true }));
  assert.deepEqual([open.asked, open.state.model_input.input, open.state.model_input.number], [
    ["model_input"], input, 1,
  ]);
  assert.deepEqual((await served({ ...open.state, selected: 7 })).asked, []);
  const other_prompt = { ...open.state, objects: [object(1, { box: [1, 1, 3, 3] })] };
  assert.deepEqual((await served(other_prompt)).asked, ["model_input"]);
  const { main } = open.state.sessions;
  const model = { id: "n", name: "N", trained_on_points: true, published: true };
  assert.deepEqual((await served({ ...open.state, sessions: { main: { ...main, model }, comparison: null } })).asked, [
    "model_input",
  ]);
  assert.equal(after(open.state, { do: "input_panel_toggled", open: false }).model_input.input, null);
});

test("a prompt of another slice is no part of this one's input", async () => {
  const elsewhere = { ...masked(), objects: [object(1, {}, { at: { plane: "axial", slice: 9 } })] };
  /** @type {any[]} */
  let given = [];
  await served(after(elsewhere, { do: "input_panel_toggled", open: true }), {
    model_input: (...args) => { given = args; return input; },
  });
  assert.deepEqual(given, [null, []]);
});

test("the input in words: recipe, sizes, padding, window, and the prompt in model space", async () => {
  const { state } = await served(after(masked(), { do: "input_panel_toggled", open: true }));
  assert.deepEqual(input_lines(state), [
    "4 × 3 becomes 256 × 192 in a square of 256, 64 rows of padding below",
    "Window: level 40, width 400",
    "Box 0, 0, 128, 128.5",
    "Point + 10, 20",
  ]);
});

test("a reference is read, given to the engine once, compared by label, and read "
  + "again for another worker", async () => {
  const scan = new Uint8Array([1]);
  let state = (await served(masked())).state;
  state = after(state, { do: "reference_wanted", serial: 5, files: [] });
  assert.equal(reference_to_read(state)?.serial, 5);
  assert.equal(agreement_text(state), "The reference is being read…");
  state = after(state, { do: "reference_read", serial: 5, scan });
  assert.equal(reference_to_read(state), null);
  const first = await served(state);
  assert.deepEqual(first.asked, ["open_reference", "reference_slice", "slice_dice", "compare"]);
  state = first.state;
  assert.equal(
    agreement_text(state), "Object 1: Dice 0.100, no NSD: the voxel size is unknown or differs between slices",
  );
  assert.equal(state.reference?.scan, null);
  const second = await served(after(state, { do: "reference_label_chosen", label: 4 }));
  assert.deepEqual([second.asked, second.state.reference?.agreement?.dice], [["reference_slice", "slice_dice", "compare"], 0.4]);
  assert.deepEqual((await served({ ...second.state, object_masks_version: 9 })).asked.includes("compare"), true);
  const restarted = { ...second.state, engine: { ...second.state.engine, generation: 2 } };
  assert.equal(reference_to_read(restarted)?.serial, 5);
  assert.equal(after(state, { do: "reference_removed" }).reference, null);
});

test("a reference that does not fit goes, with the reason; one that was replaced says nothing", () => {
  const wanted = after(masked(), { do: "reference_wanted", serial: 5, files: [] });
  const refused = after(wanted, { do: "reference_refused", generation: 1, serial: 5, failure });
  assert.deepEqual([refused.reference, refused.message?.text], [null, failure.message]);
  assert.equal(after(wanted, { do: "reference_unreadable", serial: 4, failure }), wanted);
  const empty = after(wanted, { do: "reference_taken", generation: 1, serial: 5, labels: [] });
  assert.deepEqual([empty.reference, empty.message?.code], [null, "reference_empty"]);
});

test("a panel that ends the worker rests, and the work goes on", async () => {
  const state = (await served(after(masked(), { do: "input_panel_toggled", open: true }))).state;
  /** @type {(step: import("../../web/state/engine.js").Step) => State} */
  const died = (step) => after(state, { do: "engine_died", generation: 1, step, failure });
  assert.equal(died("measure").measurement.off, true);
  assert.equal(died("model_input").model_input.open, false);
  for (const step of /** @type {const} */ (["measure", "model_input", "refusals", "agreement", "give_reference", "overlay", "curve"])) {
    const next = died(step);
    const { message, engine, sessions } = next;
    assert.deepEqual(
      [message?.text, engine.phase, sessions.main.embedding.phase], [failure.message, "none", "none"], step,
    );
  }
});

test("a new scan takes what was found along, and leaves what was chosen", async () => {
  const state = after(
    (await served(masked())).state, { do: "input_panel_toggled", open: true }, { do: "axes_set", on: false },
    { do: "identity_chosen", identity: "de_identified" }, { do: "reference_wanted", serial: 5, files: [] },
  );
  const { model_input, measurement, reference, exports } = panels_of_new_scan(state);
  assert.deepEqual([model_input.open, measurement.axes, exports.identity], [true, false, "de_identified"]);
  assert.deepEqual([model_input.input, measurement.measured, reference, exports.of], [null, null, null, ""]);
});
