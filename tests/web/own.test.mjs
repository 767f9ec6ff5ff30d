// The user's own weights: recognised, asked about, kept on request and given back.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { Kept, kept_key } from "../../web/models/kept.js";
import { OwnModels } from "../../web/models/own.js";
import { begins_like_weights, is_weights } from "../../web/models/sniff.js";
import { facts_text } from "../../web/features/models/show_facts.js";
import { listed } from "../../web/features/models/show.js";
import { kept_copy } from "../../web/features/models/own_state.js";
import { initial_state, reduce } from "../../web/state/reduce.js";

/** @typedef {import("../../web/state/reduce.js").State} State */
/** @typedef {import("../../web/state/reduce.js").Action} Action */
/** @typedef {import("../../boxel-bindings.js").WeightsFile} WeightsFile */
/** @typedef {import("../../web/features/models/state.js").ModelEntry} ModelEntry */

/** @type {(text: string) => string} */
const sha256_of = (text) => createHash("sha256").update(text).digest("hex");
/** @type {(facts: Partial<WeightsFile>) => WeightsFile} */
const facts = (facts) => ({
  format: "pytorch", names: "original", architecture: "ViT-B", dtype: "f32", tensors: 314, parameters: 93_735_472,
  sha256: sha256_of("weights"), known: null, recipes: ["sam", "medsam"], ...facts,
});
const watch = { signal: new AbortController().signal, on_bytes: () => {}, on_checking: () => {} };

/** A shelf in memory. */
function shelf() {
  /** @type {Map<string, { entry: ModelEntry, file: Blob }>} */
  const rows = new Map();
  return {
    rows,
    list: async () => [...rows.values()].map(({ entry }) => entry),
    put: async (/** @type {string} */ key, /** @type {ModelEntry} */ entry, /** @type {Blob} */ file) =>
      void rows.set(key, { entry, file }),
    read: async (/** @type {string} */ key) => rows.get(key)?.file ?? Promise.reject(new Error("missing")),
    remove: async (/** @type {string} */ key) => void rows.delete(key),
    clear: async () => rows.clear(),
  };
}

/** @param {WeightsFile | { code: string, message: string }} answer of the worker
 * @param {import("../../web/models/kept.js").Shelf} [used] */
function page(answer, used = shelf()) {
  let state = initial_state("auto");
  /** @type {string[]} */
  const asked = [];
  let workers = 0;
  /** @type {string[]} */
  const downloaded = [];
  const new_worker = () => {
    workers += 1;
    const worker = /** @type {any} */ ({
      terminate: () => { workers -= 1; },
      postMessage: async (/** @type {any} */ { id, method, args }) => {
        asked.push(`${method} ${args.slice(1)}`.trim());
        await null;
        if ("message" in answer) worker.onmessage({ data: { id, failure: answer } });
        else worker.onmessage({
          data: { id, value: method === "inspect_weights" ? answer : new TextEncoder().encode("converted") },
        });
      },
    });
    return worker;
  };
  const own = new OwnModels({
    state: () => state, new_worker, kept: new Kept(used),
    dispatch: (action) => { state = reduce(state, action); },
    sha256: async (file) => sha256_of(await file.text()),
    download: async (entry) => {
      downloaded.push(entry.id);
      return new Blob(["from the site"]);
    },
  });
  return {
    own, asked, downloaded, state: () => state, workers: () => workers,
    dispatch: (/** @type {Action} */ action) => { state = reduce(state, action); },
  };
}

test("weights are known by their extension or their first bytes, and all else is a scan", async () => {
  for (const name of ["sam.pth", "SAM.PT", "a.safetensors", "pytorch_model.bin"]) {
    assert.ok(await is_weights(new File(["x"], name)), name);
  }
  const header = '{"a":{}}';
  const safetensors = new Uint8Array([header.length, 0, 0, 0, 0, 0, 0, 0, ...new TextEncoder().encode(header)]);
  assert.ok(await is_weights(new File([safetensors], "download")));
  assert.equal(
    await is_weights(new File([new Uint8Array([0x50, 0x4b, 3, 4, 0, 0])], "download")), false, "a ZIP of anything",
  );
  assert.ok(begins_like_weights(new Uint8Array([0x80, 2, 0x8a]), 3));
  for (const scan of [[0x89, 0x50, 0x4e, 0x47], [0xff, 0xd8], [0x42, 0x4d], [0x49, 0x49, 0x2a, 0], []]) {
    assert.equal(await is_weights(new File([new Uint8Array(scan)], "scan.png")), false, String(scan));
  }
  assert.equal(begins_like_weights(safetensors, 10), false, "its header is longer than the file");
});

test("weights of a certain recipe are in the list and wanted at once", async () => {
  const { own, state, workers, asked } = page(facts({ recipes: ["medsam"], known: "MedSAM ViT-B" }));
  await own.read(new File(["weights"], "any.pth"), "main");
  const [entry] = state().models.entries;
  assert.deepEqual([entry?.name, entry?.recipe, entry?.source, state().weights.id], [
    "MedSAM ViT-B", "medsam", "own", entry?.id,
  ]);
  assert.deepEqual([asked, workers(), state().reading], [["inspect_weights"], 0, null]);
  assert.equal(await (await own.bring(entry ?? assert.fail(), watch)).text(), "weights");
});

test("where several recipes fit the page asks, and takes no other answer", async () => {
  const { own, state, dispatch } = page(facts({}));
  await own.read(new File(["weights"], "any.pth"), "main");
  assert.deepEqual([state().reading?.facts?.recipes, state().models.entries, state().weights.id], [
    ["sam", "medsam"], [], undefined,
  ]);
  dispatch({ do: "own_recipe_chosen", recipe: "litemedsam" });
  assert.equal(state().models.entries.length, 0);
  dispatch({ do: "own_recipe_chosen", recipe: "sam" });
  assert.deepEqual([state().models.entries[0]?.recipe, state().reading], ["sam", null]);
  dispatch({ do: "own_given_up" });
});

test("a file that is no weights says so, and changes nothing else", async () => {
  const { own, state, workers } = page({ code: "weights_key", message: "The key image_encoder.pos_embed is missing." });
  await own.read(new File(["junk"], "any.pth"), "main");
  assert.deepEqual([state().message?.code, state().reading, state().models.entries, workers()], [
    "weights_key", null, [], 0,
  ]);
});

test("of two files picked in a row the later counts", async () => {
  const { own, state } = page(facts({ recipes: ["sam"] }));
  const first = own.read(new File(["a"], "a.pth"), "main");
  const second = own.read(new File(["b"], "b.pth"), "main");
  await Promise.all([first, second]);
  assert.equal(state().models.entries.length, 1);
});

test("kept on request, as f16; listed on the next visit, loaded when chosen, and removed", async () => {
  const storage = shelf();
  const { own, state, asked } = page(facts({ recipes: ["sam"] }), storage);
  await own.read(new File(["weights"], "any.pth"), "main");
  assert.equal(storage.rows.size, 0, "nothing is stored without a click");
  const entry = state().models.entries[0] ?? assert.fail();
  await own.keep(entry);
  assert.deepEqual([asked.at(-1), storage.rows.size, state().keeping], ["convert_weights f16", 1, null]);
  assert.deepEqual(listed(state().models.entries).map(({ source }) => source), ["own"]);
  assert.equal(kept_copy(state().models.entries, entry)?.bytes, "converted".length);

  const next = page(facts({}), storage);
  await next.own.list();
  const kept = next.state().models.entries[0] ?? assert.fail();
  assert.deepEqual([kept.source, kept.facts?.dtype, kept.facts?.format, next.state().weights.id], [
    "kept", "f16", "safetensors", undefined,
  ]);
  assert.equal(await (await next.own.bring(kept, watch)).text(), "converted");
  await next.own.remove(kept);
  assert.deepEqual([storage.rows.size, next.state().models.entries], [0, []]);
});

test("one file kept for two recipes is two models, and removing one leaves the other", async () => {
  const storage = shelf();
  const { own, state } = page(facts({ recipes: ["sam"], dtype: "f16", format: "safetensors" }), storage);
  await own.read(new File(["weights"], "any.safetensors"), "main");
  const sam = state().models.entries[0] ?? assert.fail();
  await own.keep(sam);
  await own.keep({ ...sam, recipe: "medsam" });
  const kept = state().models.entries.filter(({ source }) => source === "kept");
  assert.deepEqual(kept.map(({ recipe }) => recipe), ["sam", "medsam"]);
  assert.equal(new Set(kept.map(({ id }) => id)).size, 2);
  await own.remove(kept[0] ?? assert.fail());
  assert.deepEqual([...storage.rows.values()].map(({ entry }) => entry.recipe), ["medsam"]);
});

test("what is small and in the original names already is kept as it is", async () => {
  const storage = shelf();
  const { own, state, asked } = page(facts({ recipes: ["sam"], dtype: "bf16", format: "safetensors" }), storage);
  await own.read(new File(["weights"], "any.safetensors"), "main");
  await own.keep(state().models.entries[0] ?? assert.fail());
  assert.deepEqual(
    [asked, await storage.rows.get(kept_key({ sha256: sha256_of("weights"), recipe: "sam" }))?.file.text()],
    [["inspect_weights"], "weights"],
  );
});

test("a site's model that is kept comes from storage, and from the site if it is damaged there", async () => {
  const storage = shelf();
  /** @type {ModelEntry} */
  const site = {
    id: "site:m", source: "site", name: "M", file: "m", bytes: 13, sha256: sha256_of("from the site"),
    origin: sha256_of("from the site"),
    recipe: "litemedsam", licence: "", minimum_binding_bytes: null, gpu_bytes: null, facts: null,
  };
  const { own, state, downloaded, dispatch } = page(facts({}), storage);
  dispatch({ do: "models_listed", entries: [site], faults: [] });
  await own.keep(site);
  assert.deepEqual([downloaded, listed(state().models.entries).length], [["site:m"], 1]);
  assert.equal(await (await own.bring(site, watch)).text(), "from the site");
  assert.equal(downloaded.length, 1);
  const row = storage.rows.get(kept_key(site)) ?? assert.fail();
  storage.rows.set(kept_key(site), { ...row, file: new Blob(["damaged"]) });
  await own.bring(site, watch);
  assert.equal(downloaded.length, 2);
  await assert.rejects(
    own.bring(state().models.entries.find(({ source }) => source === "kept") ?? assert.fail(), watch),
    { code: "weights_checksum" },
  );
});

test("storage that is full or refused says so, and leaves nothing behind", async () => {
  for (const [name, code] of /** @type {const} */ ([
    ["QuotaExceededError", "storage_full"], ["SecurityError", "storage"],
  ])) {
    const broken = { ...shelf(), put: () => Promise.reject(new DOMException("no", name)) };
    const { own, state } = page(facts({ recipes: ["sam"] }), broken);
    await own.read(new File(["weights"], "any.pth"), "main");
    await own.keep(state().models.entries[0] ?? assert.fail());
    assert.deepEqual([state().message?.code, state().keeping, state().models.entries.length], [code, null, 1]);
    assert.match(state().message?.text ?? "", /not stored/);
  }
});

test("what another version has stored is not offered", async () => {
  const storage = {
    ...shelf(), list: async () => [/** @type {any} */ ({ id: "kept:x", recipe: "sam9" }), /** @type {any} */ (null)],
  };
  const { own, state } = page(facts({}), storage);
  await own.list();
  assert.deepEqual(state().models.entries, []);
});

test("the facts in one line", () => {
  assert.equal(
    facts_text(facts({})), "ViT-B · 93.7 million parameters in 314 tensors · f32 · PyTorch · original names",
  );
});
