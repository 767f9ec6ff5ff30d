// A demo in the page's address: what is read, what is refused with words, what is asked of the page, and that no
// address is made of a user's scan.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fragment_of, parameters_of, read_demo } from "../../web/features/samples/demo_link.js";
import { play } from "../../web/features/samples/demo_player.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { entry } from "./page.mjs";
import { masked, object } from "./masked.mjs";

/** @typedef {import("../../web/features/samples/demo_player.js").Playing} Playing */
/** @typedef {import("../../web/state/reduce.js").State} State */

/** @type {(text: string) => ReturnType<typeof read_demo>} */
const read = (text) => read_demo(new URLSearchParams(text));
/** @type {import("../../web/features/samples/loader.js").Sample[]} */
const samples = [{ file: "ct-abdomen.png", title: "CT, upper abdomen", modality: "CT", box: [0, 0, 1, 1] }];

test("objects are boxes with the points that follow them; points before any box are one object", () => {
  assert.deepEqual(read(
    "sample=CT-abdomen&point=1,2,1&point=3,4.5,0&box=5,6,7,8&point=6,7,1&box=1,1,2,2&slice=3&window=-600,1500"
      + "&model=LiteMedSAM&device=cpu",
  ), {
    sample: "ct-abdomen", model: "litemedsam", device: "cpu", slice: 2, window: { level: -600, width: 1500 },
    faults: [],
    objects: [
      { box: null, points: [[1, 2, 1], [3, 4.5, 0]] }, { box: [5, 6, 7, 8], points: [[6, 7, 1]] },
      { box: [1, 1, 2, 2], points: [] },
    ],
  });
});

test("what is wrong is named, and the rest is taken", () => {
  for (const [bad, why] of /** @type {[string, RegExp][]} */ ([
    ["box=1,2,3", /^box=1,2,3 must be x0,y0,x1,y1/], ["box=1,2,3,", /must be/], ["box=a,b,c,d", /must be/],
    ["box=1,2,3,Infinity", /must be/],
    ["point=1,2", /must be x,y,1/], ["point=1,2,3", /must be x,y,1/], ["slice=0", /number, from 1/],
    ["slice=1.5", /number, from 1/],
    ["window=40,0", /width above 0/], ["device=tpu", /auto, cpu or gpu/], ["model=", /is empty/],
    ["url=elsewhere", /is not known/],
    [`box=${"1".repeat(99)}`, /^box=1{40} must/],
  ])) {
    const { sample, faults, objects } = read(`sample=s&box=0,0,1,1&${bad}`);
    assert.deepEqual([sample, faults.length, objects.length], ["s", 1, 1], bad);
    assert.match(faults[0] ?? "", why);
  }
  assert.match(read("box=0,0,1,1").faults[0] ?? "", /need a sample/);
  assert.equal(read(`sample=s${"&box=0,0,1,1".repeat(66)}`).objects.length, 64);
});

test("the fragment comes first, and one that is a place on the page is none", () => {
  assert.equal(parameters_of({ hash: "#device=cpu", search: "?device=gpu" }).get("device"), "cpu");
  assert.equal(parameters_of({ hash: "#save-title", search: "?device=gpu" }).get("device"), "gpu");
  assert.deepEqual([...parameters_of({ hash: "", search: "" })], []);
});

/** The demo is played on a state until nothing is left, or it waits.
 * @type {(state: State, playing: Playing) => { asked: string[], left: Playing | null, state: State }} */
function played(state, playing) {
  /** @type {string[]} */
  const asked = [];
  /** @type {Playing | null} */
  let left = playing;
  for (let i = 0; left && i < 10; i += 1) {
    const step = play(state, left);
    if (step.left === left && !step.actions.length) break;
    asked.push(...step.actions.map((action) => action.do));
    state = step.actions.reduce(reduce, state);
    left = step.left;
  }
  return { asked, left, state };
}

/** @type {() => State} */
const shown = () => {
  const state = masked();
  const rendering = { plane: /** @type {const} */ ("axial"), slice: 2, window: state.image?.window ?? assert.fail() };
  const views = /** @type {any} */ ([{ plane: "axial", slices: 9 }]);
  return {
    ...state, rendering, scan: state.scan && { ...state.scan, views, title: "CT, upper abdomen" }, objects: [],
    next_number: 1, selected: null,
    models: {
      ...state.models, phase: "listed",
      entries: [{ ...entry("m"), file: "lite/litemedsam.safetensors", name: "LiteMedSAM" }],
    },
    sessions: { ...state.sessions, main: { ...state.sessions.main, shown: rendering } },
  };
};

test("the prompts come once the sample is shown as the address wants it", () => {
  const demo = read("sample=ct-abdomen&slice=3&window=40,400&box=0,0,2,2&point=1,1,0&box=1,1,2,2&model=litemedsam");
  const { asked, left, state } = played(shown(), { demo, serial: 1, asked: false });
  assert.deepEqual([asked, left], [
    ["model_wanted", "rendering_wanted", "box_added", "point_added", "box_added"], null,
  ]);
  assert.deepEqual(state.objects.map(({ prompts }) => prompts.map(({ box, points }) => [box, points])), [
    [[[0, 0, 2, 2], [[1, 1, 0]]]], [[[1, 1, 2, 2], []]],
  ]);
  assert.equal(state.weights.model, "LiteMedSAM");
  assert.equal(state.message, null);

  const waiting = played(shown(), { demo: read("sample=ct-abdomen&slice=5&box=0,0,2,2"), serial: 1, asked: false });
  assert.deepEqual([waiting.asked, waiting.left?.asked, waiting.state.rendering?.slice], [
    ["rendering_wanted"], true, 4,
  ]);
  // Another scan was opened instead.
  assert.deepEqual(played(shown(), { demo, serial: 2, asked: false }), {
    asked: ["model_wanted"], left: null, state: played(shown(), { demo, serial: 2, asked: false }).state,
  });
});

test("what the sample or the site does not have is told, and the rest is done", () => {
  const demo = read("sample=ct-abdomen&slice=90&window=40,400&box=0,0,2,2&model=other&box=1");
  const state = shown();
  const { asked, state: after } =
    played({ ...state, scan: state.scan && { ...state.scan, colour: true } }, { demo, serial: 1, asked: false });
  assert.deepEqual(asked, ["rendering_wanted", "box_added", "failed"]);
  assert.equal(after.message?.text, "Part of this address was ignored: "
    + "box=1 must be x0,y0,x1,y1 in pixels of the image; "
    + "model=other is not a model of this site; slice=90 does not exist: this sample has 9; "
    + "a window needs grey levels, but this sample has colours.");
  const alone = played({ ...initial_state("auto"), models: state.models }, {
    demo: read("model=litemedsam"), serial: null, asked: false,
  });
  assert.deepEqual([alone.asked, alone.left], [["model_wanted"], null]);
});

test("a link is made of a sample alone, and opens it with the prompts of the slice", () => {
  const state = shown();
  const prompted = {
    ...state,
    objects: [
      object(1, { box: [0, 0, 2, 2], points: [[1, 1, 0]] }), object(2, { box: null, points: [[3, 2, 1]] }),
      object(3, {}, { at: { plane: "axial", slice: 7 } }),
    ],
  };
  const fragment = fragment_of(prompted, samples);
  assert.equal(fragment, "#sample=ct-abdomen&slice=3&window=40,400&box=0,0,2,2&point=1,1,0&model=litemedsam");
  assert.deepEqual(read_demo(parameters_of({ hash: fragment ?? "", search: "" })).faults, []);
  // A user's scan has no title.
  assert.equal(fragment_of({ ...prompted, scan: prompted.scan && { ...prompted.scan, title: "" } }, samples), null);
});
