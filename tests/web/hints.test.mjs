// What is doubtful about a mask, and the line of what is at work.

import assert from "node:assert/strict";
import { test } from "node:test";

import { hints_of, part_of } from "../../web/features/prompts/hints.js";
import { spacing_note } from "../../web/features/measures/words.js";
import { scan_facts } from "../../web/show/scan_words.js";
import { mask_words, model_window_words, state_parts, window_words } from "../../web/show/state_words.js";
import { points_hint_of } from "../../web/show/words.js";
import { open, page, ready, settled } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").State} State */
/** @typedef {import("../../web/state/reduce.js").Action} Action */

/** A page on whose image of 4 × 2 pixels an object has been marked.
 * @param {Partial<{ iou: number, area_px: number }>} [answer] @param {Action} [prompt] @param {number} [slices] */
async function marked(answer = {}, prompt = { do: "box_added", box: [0, 0, 2, 2] }, slices = 1) {
  const made = page({
    segment: ([, prompts]) => prompts.map((/** @type {any} */ { box }, /** @type {number} */ i) => ({
      key: made.state().image?.key, box, id: i + 1, mask: new Uint8Array(8), area_px: 3, bounds: null, decode_ms: 85,
      candidates: [1], chosen: 0, iou: 0.9, ...answer,
    })),
  }, "auto", slices);
  made.dispatch(open(1));
  made.dispatch(ready("a"));
  await settled();
  made.dispatch(prompt);
  await settled();
  return made;
}

/** @type {(state: State) => string[]} */
const hints = (state) => state.objects.flatMap((object) => hints_of(object, state));

test("a sound mask has no hint", async () => {
  assert.deepEqual(hints((await marked()).state()), []);
});

test("a box over most of the image is told at once, and only what is inside counts", async () => {
  assert.equal(part_of([-10, -10, 10, 1], { width: 4, height: 2 }), 0.5);
  assert.equal(part_of([5, 5, 9, 9], { width: 4, height: 2 }), 0);
  const { state } = await marked({}, { do: "box_added", box: [-9, 0, 40, 2] });
  assert.match(hints(state()).join(), /^The box covers most of the image/);
  assert.deepEqual(hints((await marked({}, { do: "box_added", box: [0, 0, 3, 2] })).state()), []);
});

test("a low predicted IoU is said to be the model's own", async () => {
  assert.match(hints((await marked({ iou: 0.74 })).state()).join(), /^The model predicts low quality for this mask/);
  assert.deepEqual(hints((await marked({ iou: 0.75 })).state()), []);
});

test("an empty mask is said to be empty, whatever IoU the model predicts for it", async () => {
  assert.match(
    hints((await marked({ iou: 0.2, area_px: 0 })).state()).join(), /^The model found nothing here\. [^.]*\.$/,
  );
});

test("what is asked again has no hint of the answer before", async () => {
  const { state, dispatch } = await marked({ iou: 0.2 });
  dispatch({ do: "device_wanted", wanted: "cpu" });
  assert.deepEqual(hints(state()), []);
});

test("points on a model that learned from boxes, and an unknown spacing, are told", async () => {
  const { state } = await marked({}, { do: "point_added", point: [1, 1, 1] });
  assert.match(points_hint_of(state()), /trained on box prompts only/);
  const { scan } = state();
  assert.match(spacing_note(state()), /^The file does not state its pixel size/);
  assert.match(
    scan ? scan_facts({ ...scan, views: scan.views.map((view) => ({ ...view, spacing_mm: [null, null, null] })) }) : "",
    /spacing unknown/,
  );
});

/** @type {(state: State) => Record<string, string>} */
const line = (state) => Object.fromEntries(state_parts(state).map(({ what, text }) => [what, text]));

test("the line says model, device, window, masks and times", async () => {
  const { state } = await marked();
  assert.deepEqual(line(state()), {
    model: "a", device: "CPU", window: "As stored (level 127.5, width 255)", masks: "1 mask up to date",
    encoded: "encoded in 12 ms", decoded: "decoded in 85 ms",
  });
});

test("in another window the mask stays, and the object says which window the model saw", async () => {
  const { state, dispatch } = await marked();
  dispatch({ do: "rendering_wanted", window: { kind: "linear", level: 100, width: 50 } });
  await settled();
  assert.deepEqual(mask_words(state()), { text: "1 mask up to date", warns: false });
  assert.equal(model_window_words(state().objects[0] ?? {}, state()), "As stored");
  assert.match(window_words(state()), /^level 100, width 50$/);
});

test("before anything is there the line says what it waits for", async () => {
  const { state, dispatch } = page();
  assert.deepEqual(line(state()), { model: "a not loaded yet", device: "engine starting" });
  dispatch({ do: "engine_died", generation: 1, step: "start", failure: { code: "device_failed", message: "No." } });
  assert.equal(line(state()).device, "engine stopped");
});
