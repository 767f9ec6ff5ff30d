// Choosing a model: the default waits for the device, a switch keeps image and objects, a failure keeps
// the former model.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Loader } from "../../web/models/load.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { loadable } from "../../web/features/models/weights_state.js";
import { MEMORY, key_of, next_of_work as next_request, scan_of } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").State} State */
/** @typedef {import("../../web/state/reduce.js").Action} Action */
/** @typedef {import("../../web/features/models/state.js").ModelEntry} ModelEntry */

/** @type {(state: State, ...actions: Action[]) => State} */
const after = (state, ...actions) => actions.reduce(reduce, state);
/** @type {(id: string, recipe?: ModelEntry["recipe"], source?: ModelEntry["source"]) => ModelEntry} */
const entry = (id, recipe = "litemedsam", source = "site") => ({
  id, source, name: id, file: id, bytes: 10, sha256: "", origin: "", recipe, licence: "", minimum_binding_bytes: null,
  gpu_bytes: null, facts: null,
});
/** @type {(kind: "gpu" | "cpu", generation?: number) => Action} */
const probed = (kind, generation = 1) =>
  ({
    do: "engine_probed", generation, device: { kind, software: false, binding_bytes: 2 ** 31, buffer_bytes: 2 ** 31 },
  });
/** @type {Action} */
const listed = { do: "models_listed", faults: [], entries: [entry("vit", "medsam"), entry("lite")] };
/** @type {(id: string) => Action} */
const ready = (id) => ({ do: "weights_ready", side: "main", id, file: new Blob([id]) });
/** @type {(id: string) => Action} */
const loaded = (id) => ({
  do: "weights_loaded", generation: 1, side: "main", model: { id, name: id, trained_on_points: true, published: true },
});
const failure = { code: "test", message: "A test failure." };

const with_mask = after(initial_state("auto"), listed, probed("cpu"), ready("lite"),
  { do: "engine_ready", generation: 1, kind: "cpu", name: "", reason: "" }, loaded("lite"),
  { do: "open_wanted", source: { serial: 1, title: "", files: [new Blob(["1"])] } },
  { do: "scan_opened", generation: 1, serial: 1, scan: scan_of("a") },
  { do: "embed_done", generation: 1, side: "main", key: key_of("a"), encode_ms: 1, memory: MEMORY },
  { do: "box_added", box: [0, 0, 1, 1] },
  {
    do: "predicted", generation: 1, side: "main", key: key_of("a"),
    answers: [{
      number: 1, serial: 1, box: [0, 0, 1, 1],
      prediction: {
        id: 7, mask: new Uint8Array(1), candidates: [1], chosen: 0, iou: 1, area_px: 0, bounds: null, decode_ms: 1,
      },
    }],
  });

test("nothing is chosen before both the list and the device are known", () => {
  assert.equal(after(initial_state("auto"), listed).weights.id, undefined);
  assert.equal(after(initial_state("auto"), probed("gpu")).weights.id, undefined);
  assert.equal(after(initial_state("auto"), listed, probed("gpu")).weights.id, "vit");
  assert.equal(after(initial_state("auto"), probed("cpu"), listed).weights.id, "lite");
});

test("a site's only model is chosen before the device is known, and stays", () => {
  /** @type {Action} */
  const one = { ...listed, entries: [entry("vit", "medsam"), entry("own", "litemedsam", "own")] };
  const chosen = after(initial_state("auto"), one);
  assert.deepEqual([chosen.weights.id, chosen.weights.phase], ["vit", "idle"]);
  const begun = after(chosen, { do: "weights_progress", side: "main", loaded: 5 });
  for (const kind of /** @type {const} */ (["cpu", "gpu"])) {
    assert.equal(after(begun, probed(kind)).weights, begun.weights, kind);
  }
});

test("a GPU that does not start takes its default with it; the user's choice stays", () => {
  /** @type {Action} */
  const refused = { do: "engine_gpu_refused", generation: 1, reason: "" };
  assert.equal(after(initial_state("auto"), listed, probed("gpu"), refused, probed("cpu", 2)).weights.id, "lite");
  const chosen =
    after(initial_state("auto"), listed, probed("gpu"), { do: "model_wanted", id: "vit" }, refused, probed("cpu", 2));
  assert.equal(chosen.weights.id, "vit");
});

test("another model keeps image and objects; the old masks stay until the new ones come", () => {
  const wanted = after(with_mask, { do: "model_wanted", id: "vit" });
  assert.deepEqual([wanted.weights.phase, wanted.objects[0]?.main.phase, next_request(wanted)], ["idle", "done", null]);
  const drawn = after(wanted, { do: "box_added", box: [0, 0, 1, 1] });
  assert.equal(next_request(drawn)?.do, "segment", "meanwhile the former model works");
  const come = after(wanted, ready("vit"));
  assert.deepEqual(/** @type {any} */ (next_request(come)).weights.id, "vit");
  const used = after(come, loaded("vit"));
  assert.deepEqual([used.scan?.key, used.objects[0]?.main.prediction?.id, used.objects[0]?.main.phase], [
    "a", 7, "waiting",
  ]);
  assert.equal(next_request(used)?.do, "embed");
});

test("a download that fails, or is cancelled, leaves the former model and its masks", () => {
  const wanted = after(with_mask, { do: "model_wanted", id: "vit" });
  const failed = after(wanted, { do: "weights_failed", side: "main", failure });
  assert.deepEqual([loadable(failed.weights)?.id, failed.message?.offers, next_request(failed)], [
    "lite", ["retry"], null,
  ]);
  assert.deepEqual([after(failed, { do: "retry" }).weights.id, after(failed, { do: "retry" }).weights.phase], [
    "vit", "idle",
  ]);
  const cancelled = after(wanted, { do: "weights_cancelled", side: "main" });
  assert.deepEqual([cancelled.weights.id, cancelled.weights.phase, next_request(cancelled)], ["lite", "ready", null]);
});

test("weights that the engine refuses leave the former model; the user's own file is taken off the list", () => {
  const own =
    after(with_mask, { do: "model_added", entry: entry("own", "sam", "own"), wanted_for: "main" }, ready("own"));
  const refused = after(own, { do: "weights_refused", generation: 1, side: "main", id: "own", failure });
  assert.deepEqual([refused.weights.id, refused.message?.offers, next_request(refused)], ["lite", [], null]);
  assert.deepEqual(refused.models.entries.map(({ id }) => id), ["vit", "lite"]);
  assert.equal(refused.objects[0]?.main.phase, "done");
});

test("weights that kill the worker are not tried again", () => {
  const own = after(with_mask, { do: "model_wanted", id: "vit" }, ready("vit"));
  const died = after(own, { do: "engine_died", generation: 1, step: "load_weights", failure });
  assert.deepEqual([died.weights.id, died.engine.phase, died.message?.text], ["lite", "none", failure.message]);
});

test("choosing the former model again needs no download", () => {
  const back = after(with_mask, { do: "model_wanted", id: "vit" }, { do: "model_wanted", id: "lite" });
  assert.deepEqual([back.weights.phase, next_request(back)], ["ready", null]);
});

test("the list that can't be loaded is loaded again on retry", () => {
  const failed = after(initial_state("auto"), { do: "models_failed", failure });
  assert.deepEqual([failed.models.phase, failed.message?.offers], ["failed", ["retry"]]);
  assert.equal(after(failed, { do: "retry" }).models.phase, "none");
});

test("no model is downloaded before the module's bytes are there, nor while they are waited for again", async () => {
  let state = after(initial_state("auto"), listed, probed("cpu"));
  /** @type {string[]} */
  const brought = [];
  /** @type {(action: Action) => void} */
  const dispatch = (action) => {
    state = reduce(state, action);
    loader.follow();
  };
  const loader = new Loader(() => state, dispatch, async ({ id }) => {
    brought.push(id);
    return new Blob();
  });
  dispatch({ do: "module_progress", loaded: 1, total: 2 });
  dispatch({ do: "module_failed", failure });
  dispatch({ do: "retry" });
  dispatch({ do: "module_progress", loaded: 1, total: 2 });
  assert.deepEqual([brought, state.weights.phase], [[], "idle"]);
  dispatch({ do: "module_progress", loaded: 2, total: 2 }); // it compiles meanwhile
  assert.deepEqual(brought, ["lite"]);
  dispatch({ do: "module_ready" });
  assert.deepEqual(brought, ["lite"]);
});

test("a site whose files are in this browser sends module and model at the same time", () => {
  let state = after(initial_state("auto"), listed, probed("cpu"), { do: "module_progress", loaded: 1, total: 2 });
  /** @type {string[]} */
  const brought = [];
  const bring = async (/** @type {{ id: string }} */ { id }) => {
    brought.push(id);
    return new Blob();
  };
  for (const is_here of [false, true]) {
    const loader = new Loader(() => state, (action) => { state = reduce(state, action); }, bring, () => is_here);
    loader.follow();
    assert.deepEqual(brought, is_here ? ["lite"] : []);
  }
});

test("a choice that comes while another model is loading stops that one, and its end is not told", async () => {
  let state = after(initial_state("auto"), listed, probed("cpu"), { do: "module_ready" });
  /** @type {string[]} */
  const brought = [];
  /** @type {(action: Action) => void} */
  const dispatch = (action) => {
    state = reduce(state, action);
    loader.follow();
  };
  const loader = new Loader(() => state, dispatch, (wanted, { signal, on_bytes }) => {
    brought.push(wanted.id);
    on_bytes(3);
    if (wanted.id === "vit") return Promise.resolve(new Blob(["v"]));
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  loader.follow();
  assert.deepEqual([state.weights.phase, state.weights.loaded], ["loading", 3]);
  dispatch({ do: "model_wanted", id: "vit" });
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual([brought, state.weights.id, state.weights.phase], [["lite", "vit"], "vit", "ready"]);
});
