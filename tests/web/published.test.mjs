// A model whose file is not a published one: the page says so at its name, next to its masks, in exports and sessions.

import assert from "node:assert/strict";
import { test } from "node:test";

import { exported_objects } from "../../web/features/exports/exporter.js";
import { loaded_maker } from "../../web/features/models/makers_state.js";
import { is_published, label_of_model } from "../../web/features/models/published_state.js";
import { session_of, text_of } from "../../web/features/sessions/write.js";
import { caption_of, model_of, weights_hint_of } from "../../web/show/words.js";
import { masked, object } from "./masked.mjs";
import { entry, open, page, ready, settled } from "./page.mjs";
import { session_of_text } from "./recording.mjs";

/** @typedef {import("../../web/features/models/state.js").ModelEntry} ModelEntry */
/** @typedef {import("../../web/state/reduce.js").State} State */

const SHA256 = "ab".repeat(32);
const NONE = "not a published file";

/** A file of the user. @type {(known: string | null) => ModelEntry} */
const own = (known) => ({
  ...entry(`own:${SHA256}`), source: "own", name: "Mine", sha256: SHA256, origin: SHA256,
  facts: {
    format: "safetensors", names: "original", architecture: "TinyViT at 256", dtype: "f16", tensors: 327,
    parameters: 9_790_000, sha256: SHA256, known, recipes: ["litemedsam"],
  },
});

/** The page of `masked` with another model. @type {(model: ModelEntry) => State} */
function with_model(model) {
  const state = masked();
  const published = is_published(model);
  const { main } = state.sessions;
  return {
    ...state,
    models: { ...state.models, entries: [model] },
    weights: { id: model.id, model: model.name, phase: "ready", loaded: 1, total: 2e7, published, former: null },
    sessions: {
      ...state.sessions,
      main: { ...main, model: { id: model.id, name: model.name, trained_on_points: false, published } },
    },
    rendering: { plane: "axial", slice: 2, window: { kind: "linear", level: 40, width: 400 } },
    steps: { 1: [{ do: "prompt", slice: 2, window: { kind: "stored" }, prompts: object(1).prompts }] },
  };
}
const result = { voxels: 12, sha256: SHA256, masks: '{"size":[4,3,9],"slices":[]}', slices: [] };
/** @type {(state: State) => ReturnType<typeof session_of_text>} */
const saved = (state) => session_of_text(
  text_of(session_of({ ...state, scan: { .../** @type {any} */ (state.scan), key: SHA256 } }, [result])),
);

test("a file is a published one if the site lists it or the engine knows its SHA-256", () => {
  assert.deepEqual([entry("site"), own("litemedsam.safetensors"), own(null)].map(is_published), [true, true, false]);
  assert.equal(label_of_model({ name: "A", published: false }), `A (${NONE})`);
  assert.deepEqual([label_of_model({ name: "A", published: true }), label_of_model({ name: "A" })], ["A", "A"]);
});

test("the page says it at the model's name and next to the masks, and of a published file it does not", () => {
  const doubtful = with_model(own(null));
  assert.equal(model_of(doubtful), `Mine, 20.0 MB, ${NONE}`);
  assert.match(caption_of(doubtful, "main"), new RegExp(`^Mine \\(${NONE}\\)`));
  assert.match(weights_hint_of(doubtful), new RegExp(`^Mine: ${NONE}\\.`));
  assert.equal(weights_hint_of({ ...doubtful, objects: [] }), "", "there is no mask");
  for (const model of [own("litemedsam.safetensors"), entry("site")]) {
    const sure = with_model(model);
    assert.match(model_of(sure), /SHA-256 checked$/);
    assert.deepEqual([weights_hint_of(sure), caption_of(sure, "main")], ["", model.name]);
  }
});

test("a session says it of its model and of each object's, and an older one says nothing", async () => {
  const made = await saved(with_model(own(null)));
  assert.equal(made.model?.published, false);
  assert.equal("published" in ((await saved(with_model(own("litemedsam.safetensors")))).model ?? {}), false);
  const state = with_model(entry("site"));
  /** @type {import("../../web/features/prompts/state.js").Maker} */
  const maker = { name: "Mine", recipe: "litemedsam", sha256: SHA256, published: false };
  const mixed = { ...state, objects: [object(1, {}, { main: { ...object(1).main, made_by: maker } })] };
  assert.equal((await saved(mixed)).model?.published, false, "the maker of all masks");
  assert.match(weights_hint_of(mixed), /^Mine: /);
  const text = JSON.stringify({ ...JSON.parse(text_of(session_of(
    { ...mixed, scan: { .../** @type {any} */ (mixed.scan), key: SHA256 } }, [result],
  ))), model: { name: "Before", recipe: "litemedsam", sha256: SHA256 } });
  assert.deepEqual((await session_of_text(text)).model, { name: "Before", recipe: "litemedsam", sha256: SHA256 });
  await assert.rejects(session_of_text(text.replace('"name":"Before"', '"name":"Before","published":"no"')), {
    message: /"model\.published" does not match/,
  });
});

test("an export names another maker's doubtful file, in the 64 characters that DICOM has", () => {
  const name = "N".repeat(64);
  /** @type {import("../../web/features/prompts/state.js").Maker} */
  const maker = { name, recipe: "litemedsam", sha256: SHA256, published: false };
  const state = with_model(entry("site"));
  const [exported] = exported_objects({
    ...state, objects: [object(1, {}, { main: { ...object(1).main, made_by: maker } })],
  });
  assert.match(exported?.model ?? "", new RegExp(`^N+ \\(${NONE}\\)$`));
  assert.ok((exported?.model?.length ?? 99) <= 64);
});

test("the engine gets the SHA-256 that the page has found, and whether a list has it", async () => {
  /** @type {unknown[][]} */
  const told = [];
  const { dispatch, state } = page({
    load_weights: ([, , ...about]) => {
      told.push(about);
      return { name: "M", recipe: "litemedsam", trained_on_points: false, published: about[2] };
    },
  });
  dispatch(open(1));
  dispatch(ready("a"));
  await settled();
  dispatch({ do: "model_added", entry: own(null), wanted_for: "main" });
  dispatch(ready(`own:${SHA256}`));
  await settled();
  assert.deepEqual(told, [["litemedsam", undefined, true], ["litemedsam", SHA256, false]]);
  assert.equal(state().sessions.main.model?.published, false);
  assert.equal(loaded_maker(state())?.published, false);
});
