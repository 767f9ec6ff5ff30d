// Whatever the page is doing, and whatever fails: there is a way on. All pairs of a state and a fault, on the pure reducer
// in a world where nothing else fails.

import assert from "node:assert/strict";
import { test } from "node:test";

import { next_request } from "../../web/engine/next.js";
import { hint_of, resume_of } from "../../web/show/words.js";
import { MAX_DEATHS } from "../../web/state/engine.js";
import { text_of_message } from "../../web/state/message.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { failed, key_of_serial, pending, settled, stepped } from "./ideal.mjs";
import { entry } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").State} State */
/** @typedef {import("../../web/state/reduce.js").Action} Action */

/** @type {(state: State, ...actions: any[]) => State} */
const after = (state, ...actions) => actions.reduce(reduce, state);
/** @type {(serial: number) => any} */
const open = (serial) => ({ do: "open_wanted", source: { serial, title: "", files: [new Blob([`${serial}`])] } });
const sample = { file: "a.png", title: "A", modality: "CT", box: /** @type {any} */ ([0, 0, 1, 1]) };
const box = { do: "box_added", box: [0, 0, 2, 2] };
const box_2 = { do: "box_added", box: [1, 0, 3, 2] };
const stroke = { do: "stroke_drawn", number: 1, slice: 4, stroke: { kind: "paint", radius_px: 1, path: [[1, 1]] } };

/** @type {(kind?: "cpu" | "gpu") => State} */
const at_rest = (kind = "cpu") => settled(initial_state(kind));
/** @type {(kind?: "cpu" | "gpu") => State} */
const image_ready = (kind) => settled(after(at_rest(kind), open(1)));
const with_mask = () => settled(after(image_ready(), box));
const masks = JSON.stringify({ size: [4, 2, 9], slices: [{ slice: 4, runs: [0, 8] }] });
/** @type {(masks: string | null) => any} */
const session = (masks) => ({
  scan: { sha256: key_of_serial(1) }, model: { name: "a", recipe: "litemedsam", sha256: "" },
  view: { plane: "axial", slice: 4, window: { kind: "stored" } },
  objects: [{
    number: 1, name: "liver", colour: 0, hidden: false, locked: false, plane: "axial", at: 4, masks,
    steps: [{
      do: "prompt", slice: 4, window: { kind: "stored" },
      prompts: [{ box: [0, 0, 2, 2], points: [], multimask: false, candidate: null }],
    }],
    result: { voxels: 8, sha256: "" },
  }],
});
/** @type {(masks: string | null, phase: string) => State} */
const with_session = (masks, phase) =>
  settled(after(image_ready(), { do: "session_opened", session: session(masks) }), ({ replay }) => replay?.phase === phase);
const segment = {
  facts: {
    name: "Liver", category: null, kind: null, modifier: null, algorithm: "MANUAL", algorithm_name: "",
  },
  colour: null, plane: "axial", slice: 4, voxels: 8, masks,
};
const with_segment = () => settled(after(
  image_ready(), { do: "segments_wanted", serial: 1, of: 1, files: [] },
  { do: "segments_read", serial: 1, found: [segment] },
));
const propagation = { do: "propagation_wanted", number: 1, directions: ["up", "down"] };
const reference = { do: "reference_wanted", serial: 1, files: [new Blob(["1"])] };

/** What the page is doing. @type {Record<string, () => State>} */
const STATES = {
  "before anything": () => initial_state("cpu"),
  "loading the module": () => after(initial_state("cpu"), { do: "module_progress", loaded: 1, total: 9 }),
  "loading the model": () => settled(initial_state("cpu"), ({ weights }) => weights.phase === "loading"),
  "starting the engine": () => settled(initial_state("cpu"), ({ engine }) => engine.phase === "starting"),
  "nothing open": at_rest,
  "loading a sample": () => stepped(after(at_rest(), { do: "sample_wanted", serial: 1, sample })),
  "reading files": () => after(at_rest(), open(1)),
  "reading files before the module": () => after(initial_state("cpu"), open(1)),
  "asking for a scan": () => after(at_rest(), open(1), { do: "scan_choices", serial: 1, choices: ["T1", "T2"] }),
  "scan opening": () => settled(after(at_rest(), open(1)), ({ opening }) => opening?.phase === "parsed"),
  "encoding": () => settled(after(at_rest(), open(1)), ({ sessions }) => sessions.main.embedding.phase === "running"),
  "image ready": image_ready,
  "image ready on the GPU": () => image_ready("gpu"),
  "another slice wanted": () => after(image_ready(), { do: "scrolled", by: 1 }),
  "another file opening": () => after(with_mask(), open(2)),
  "predicting": () => after(image_ready(), box),
  "predicting two": () => after(image_ready(), box, box_2),
  "mask there": with_mask,
  "stroke pending": () => after(with_mask(), stroke),
  "undone": () => after(with_mask(), box_2, { do: "undone" }),
  "propagating": () => settled(after(with_mask(), propagation), ({ propagating }) => propagating?.phase === "running"),
  "propagation ending": () =>
    after(settled(after(with_mask(), propagation), ({ propagating }) => propagating?.phase === "running"),
      { do: "propagation_cancelled" }),
  "discarding": () => after(settled(after(with_mask(), propagation)), { do: "discard_wanted", number: 1 }),
  "unmarking": () => after(with_mask(), { do: "unmark_wanted", number: 1, slice: 4 }),
  "loading a second model": () => stepped(after(with_mask(), { do: "comparison_wanted", id: "b" })),
  "comparing models": () => settled(after(with_mask(), { do: "comparison_wanted", id: "b" })),
  "loading another model": () => stepped(after(with_mask(), { do: "model_wanted", id: "b" })),
  "reading a reference": () => after(with_mask(), reference),
  "comparing with a reference": () => settled(after(with_mask(), reference)),
  "looking at files": () => after(with_mask(), { do: "files_looked_at", on: true }),
  "loading segments": () => after(with_mask(), { do: "segments_wanted", serial: 1, of: 1, files: [new Blob(["1"])] }),
  "segments waiting for their scan": () =>
    after(with_mask(), open(2), { do: "segments_wanted", serial: 1, of: 2, files: [new Blob(["1"])] }),
  "segments loaded": with_segment,
  "reading weights": () => after(image_ready(), { do: "own_reading", serial: 1, side: "main", bytes: 1 }),
  "reading a session": () => after(with_mask(), { do: "session_reading", part: 0.5 }),
  "session waiting for its scan": () => after(at_rest(), { do: "session_opened", session: session(masks) }),
  "session restoring": () => with_session(masks, "restoring"),
  "session restoring, one object deleted": () =>
    after(with_session(masks, "restoring"), { do: "object_removed", number: 1 }),
  "session restored": () => with_session(masks, "restored"),
  "replaying": () => with_session(null, "running"),
  "comparing after a replay": () => with_session(null, "comparing"),
  "checking by replay": () => settled(after(with_session(masks, "restored"), { do: "replay_wanted" }),
    ({ replay }) => replay?.phase === "running"),
  "saving": () => after(with_mask(), { do: "save_begun", what: "nifti" }),
};

const failure = { code: "fault", message: "It failed." };
/** @type {Parameters<typeof reduce>[1][]} */
const NONE = [];
const STEPS = /** @type {const} */ ([
  null, "start", "open", "reopen", "open_same", "show", "load_weights", "model_window", "embed", "remove", "choose",
  "accept", "begin_comparison", "end_comparison", "dice", "segment", "set_budget", "edit", "remove_object",
  "slice_masks", "object_mask", "discard_propagation", "restore_propagation", "restore_object", "unmark",
  "begin_propagation", "propagation_step", "end_propagation", "refusals", "terms", "measure", "model_input",
  "give_reference", "agreement", "overlay", "curve",
]);
const FILES = (/** @type {State} */ { opening }, /** @type {string} */ code) =>
  opening ? [{ do: "open_failed", serial: opening.serial, failure: { ...failure, code } }] : NONE;

/** What the page waits for from its host, when the host falls silent. @type {(state: State) => any[]} */
const silent = ({ module, models, samples, weights, comparison_weights }) => [
  ...module.phase === "loading" ? [{ do: "module_failed", failure }] : NONE,
  ...models.phase === "listing" ? [{ do: "models_failed", failure }] : NONE,
  ...samples.phase === "listing" ? [{ do: "samples_failed", failure }] : NONE,
  ...samples.coming?.phase === "loading" ? [{ do: "sample_failed", serial: samples.coming.serial, failure }] : NONE,
  ...weights.phase === "loading" ? [{ do: "weights_failed", side: "main", failure }] : NONE,
  ...comparison_weights?.phase === "loading" ? [{ do: "weights_failed", side: "comparison", failure }] : NONE,
];

/** What each fault tells the state. The pending work of a dead engine is rejected first.
 * @type {Record<string, (state: State) => any[]>} */
const FAULTS = {
  "module": () => [{ do: "module_failed", failure }],
  "silent host": silent,
  "page replaced on its host": () => [{ do: "page_replaced" }],
  "list of models": () => [{ do: "models_failed", failure }],
  "list without a usable model": () => [{ do: "models_listed", faults: ["one is broken"], entries: [] }],
  "list of samples": () => [{ do: "samples_failed", failure }],
  "sample": ({ samples: { coming } }) => coming ? [{ do: "sample_failed", serial: coming.serial, failure }] : NONE,
  "download of weights": ({ weights }) => weights.id ? [{ do: "weights_failed", side: "main", failure }] : NONE,
  "download of the second weights": ({ comparison_weights }) =>
    comparison_weights ? [{ do: "weights_failed", side: "comparison", failure }] : NONE,
  "weights refused": ({ engine: { generation }, weights: { id } }) =>
    id ? [{ do: "weights_refused", generation, side: "main", id, failure }] : NONE,
  "second weights refused": ({ engine: { generation }, comparison_weights }) => comparison_weights?.id
    ? [{ do: "weights_refused", generation, side: "comparison", id: comparison_weights.id, failure }] : NONE,
  "damaged file": (state) => FILES(state, "image_damaged"),
  "file reader not loaded": (state) => FILES(state, "reader_not_loaded"),
  ...Object.fromEntries(STEPS.map((step) => [`engine dies at ${step ?? "rest"}`, (/** @type {State} */ state) => [
    ...(state.exports.saving ? [{ do: "failed", failure }, { do: "save_ended" }] : []),
    ...(state.replay?.phase === "comparing" ? [{ do: "replay_stopped", why: failure.message }] : []),
    { do: "engine_died", generation: state.engine.generation, step, failure },
  ]])),
  "second model dies": ({ sessions, engine: { generation } }) =>
    sessions.comparison ? [{ do: "engine_died", generation, side: "comparison", step: "embed", failure }] : NONE,
  "GPU does not start": ({ engine: { generation, phase } }) =>
    phase === "starting" ? [{ do: "engine_gpu_refused", generation, reason: "no" }] : NONE,
  "encoding": ({ engine: { generation }, image }) =>
    image ? [{ do: "embed_failed", generation, side: "main", key: image.key, failure }] : NONE,
  "second encoding": ({ engine: { generation }, image }) =>
    image ? [{ do: "embed_failed", generation, side: "comparison", key: image.key, failure }] : NONE,
  "showing a slice": ({ engine: { generation }, scan }) =>
    scan ? [{ do: "show_failed", generation, side: "main", failure }] : NONE,
  "showing a slice to the second model": ({ engine: { generation }, sessions }) =>
    sessions.comparison ? [{ do: "show_failed", generation, side: "comparison", failure }] : NONE,
  "prediction": ({ engine: { generation }, image, objects }) => objects.flatMap(({ number, prompts: [first] }) =>
    ({ do: "prediction_failed", generation, side: "main", key: image?.key, failure, asked: [{ number, serial: first?.serial }] })),
  "batch": ({ engine: { generation }, image, objects }) => objects.length < 2 ? NONE : [{
    do: "prediction_failed", generation, side: "main", key: image?.key, failure,
    asked: objects.map(({ number, prompts: [first] }) => ({ number, serial: first?.serial })),
  }],
  "choice": ({ engine: { generation }, image, objects: [first] }) => first ? [{
    do: "choice_failed", generation, side: "main", key: image?.key, number: first.number,
    serial: first.prompts[0]?.serial, failure,
  }] : NONE,
  "stroke": (state) => {
    const request = next_request(state);
    return request?.do === "edit"
      ? [{ do: "edit_refused", generation: state.engine.generation, edit: request.edit, failure }] : NONE;
  },
  "copy of a mask": ({ engine: { generation }, kept }) => Object.keys(kept).map((number) =>
    ({ do: "restore_refused", generation, number: Number(number), failure })),
  "propagation": ({ engine: { generation }, propagating }) =>
    propagating ? [{ do: "propagation_failed", generation, failure }] : NONE,
  "comparison": ({ engine: { generation }, sessions }) =>
    sessions.comparison ? [{ do: "comparison_failed", generation, failure }] : NONE,
  "measuring": ({ engine: { generation }, image }) =>
    image ? [{ do: "measure_refused", generation, side: "main", key: image.key, of: "", failure }] : NONE,
  "reference unreadable": () => [{ do: "reference_unreadable", serial: 1, failure }],
  "reference refused": ({ engine: { generation } }) => [{ do: "reference_refused", generation, serial: 1, failure }],
  "agreement": ({ engine: { generation } }) => [{ do: "agreement_refused", generation, serial: 1, of: "", failure }],
  "curve": ({ engine: { generation } }) => [{ do: "curve_refused", generation, of: "" }],
  "overlay": ({ engine: { generation } }) => [{ do: "overlay_found", generation, serial: 1, of: "", values: null }],
  "user's weights": () => [{ do: "own_failed", serial: 1, failure }],
  "export": ({ exports: { saving } }) => saving ? [{ do: "failed", failure }, { do: "save_ended" }] : NONE,
  "file not readable": () => [{ do: "failed", failure }],
  "storage": () => [{ do: "autosave_failed", reason: "no room" }],
  "keeping a model": () => [{ do: "keeping", id: "a" }, { do: "failed", failure }, { do: "keeping", id: null }],
  "offline copy": () => [{ do: "offline_unavailable", reason: "no room", may_retry: true }],
  "replay": ({ replay }) => replay?.phase === "running" ? [{ do: "replay_stopped", why: "no" }] : NONE,
  "news": () => [{ do: "told", code: "sha256", text: "SHA-256 copied." }],
};

/** What the page waits for, beyond what the user decides: a slice whose encoding the user cancelled, an open dialog.
 * @type {(state: State) => string[]} */
const stuck = (state) => [...pending(state), ...failed(state)];

for (const [doing, make] of Object.entries(STATES)) {
  test(`${doing}: after every fault the page goes on, or offers how`, () => {
    const before = make();
    for (const [fault, actions] of Object.entries(FAULTS)) {
      const told = actions(before);
      if (!told.length) continue;
      const about = `${doing}, ${fault}`;
      const ended = settled(after(before, ...told));
      if (stuck(ended).length) {
        assert.ok(ended.message?.offers.includes("retry"), `${about}: waits for ${stuck(ended)} without an offer`);
        assert.notEqual(resume_of(ended), "", `${about}: no way on once the message is closed`);
        const again = settled(after(ended, { do: "retry" }));
        assert.deepEqual(stuck(again), [], `${about}: retry does not go on`);
        assert.equal(again.message, null, about);
      }
      assert.doesNotMatch(hint_of(ended), /engine is starting/, about);
    }
  });

  test(`${doing}: no message removes the offer of a fault that still holds`, () => {
    const before = make();
    for (const [first, actions] of Object.entries(FAULTS)) {
      const broken = settled(after(before, ...actions(before)));
      const offers = broken.message?.offers ?? [];
      if (!offers.length || !failed(broken).length) continue;
      for (const [second, more] of Object.entries(FAULTS)) {
        for (const told of more(broken)) {
          const next = after(broken, told);
          if (!failed(next).length) continue;
          for (const offer of offers) {
            assert.ok(next.message?.offers.includes(offer), `${doing}, ${first}, then ${second}: no ${offer}`);
          }
        }
      }
    }
  });
}

test("a fault that kills every worker ends in an offer, not in a circle", () => {
  for (const step of STEPS) {
    let state = with_session(masks, "restored");
    for (let deaths = 0; next_request(state) || deaths === 0; deaths += 1) {
      assert.ok(deaths < MAX_DEATHS, `${step}: a fourth worker starts`);
      state = after(state, { do: "engine_died", generation: state.engine.generation, step, failure });
    }
    assert.ok(state.message?.offers.includes("retry"), `${step}`);
    assert.deepEqual(stuck(settled(after(state, { do: "retry" }))), [], `${step}`);
  }
});

test("a message over a standing one shows both, and closing it leaves the standing one", () => {
  const broken = after(at_rest(), { do: "weights_failed", side: "main", failure });
  const told = after(broken, { do: "told", code: "sha256", text: "SHA-256 copied." });
  assert.deepEqual([told.message?.text, told.message?.standing?.text, told.message?.offers], [
    "SHA-256 copied.", failure.message, ["retry"],
  ]);
  const more = after(told, { do: "failed", failure: { code: "other", message: "Other." } });
  assert.equal(more.message?.standing, broken.message);
  assert.equal(after(more, { do: "message_closed" }).message, broken.message);
  assert.equal(after(more, { do: "message_closed" }, { do: "message_closed" }).message, null);
  assert.equal(after(more, { do: "retry" }).message, null);
});

test("a page that its host has replaced keeps the offer to retry, with both texts, through news and until it is closed", () => {
  const broken = after(at_rest(), { do: "module_failed", failure });
  const replaced = after(broken, { do: "page_replaced" });
  assert.deepEqual([replaced.message?.code, replaced.message?.offers], ["page_replaced", ["reload", "retry"]]);
  assert.match(text_of_message(replaced.message), /updated on its host.*It failed\.$/);
  const told = after(replaced, { do: "told", code: "sha256", text: "SHA-256 copied." });
  assert.deepEqual([told.message?.offers, told.message?.standing], [["reload", "retry"], replaced.message]);
  assert.equal(after(told, { do: "message_closed" }).message, replaced.message);
  assert.equal(after(replaced, { do: "message_closed" }).message, broken.message);
  assert.equal(after(replaced, { do: "message_closed" }, { do: "message_closed" }).message, null);
  const before = after(at_rest(), { do: "page_replaced" }, { do: "module_failed", failure });
  assert.deepEqual([before.message?.code, before.message?.offers], ["fault", ["retry", "reload"]]);
});

test("a message whose offers newer ones make too stands no longer", () => {
  const state = after(
    at_rest(), { do: "module_failed", failure }, { do: "page_replaced" },
    { do: "failed", failure: { code: "other", message: "Other." } },
    ...["One.", "Two."].map((message) => ({ do: "models_failed", failure: { code: "fault", message } })),
  );
  assert.match(text_of_message(state.message), /^Two\. This page was updated on its host[^]*$/);
  assert.doesNotMatch(text_of_message(state.message), /One\.|It failed\.|Other\./);
  assert.deepEqual(state.message?.offers, ["retry", "reload"]);
  const closed = after(state, { do: "message_closed" });
  assert.deepEqual([closed.message?.code, closed.message?.offers], ["page_replaced", ["reload"]]);
});

test("a standing message does not stop a replay, and a new one does", () => {
  const broken = after(image_ready(), { do: "samples_failed", failure });
  const replaying = settled(after(broken, { do: "session_opened", session: session(null) }),
    ({ replay }) => replay?.phase === "ended" || (replay?.phase === "running" && replay.made));
  assert.equal(replaying.replay?.phase, "running");
  assert.equal(settled(after(replaying, { do: "failed", failure })).replay?.stopped, failure.message);
  assert.equal(settled(replaying).replay?.stopped, "");
});

test("a site without models says that none comes", () => {
  const bare = after(initial_state("cpu"), { do: "models_listed", faults: [], entries: [] });
  assert.match(hint_of(settled(after(bare, open(1), box))), /No model is loaded/);
  const own = after(bare, { do: "model_added", entry: { ...entry("own"), source: "own" }, wanted_for: "main" });
  assert.deepEqual(stuck(settled(after(own, open(1), box))), []);
});
