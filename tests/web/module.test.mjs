// The module's download: its bytes, who gets it, what its failures say, and that a retry goes on with all that waited.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { play } from "../../web/features/samples/demo_player.js";
import { read_demo } from "../../web/features/samples/demo_link.js";
import { bring_module, MODULE, ModuleLoader } from "../../web/module_loader.js";
import { BASE } from "../../web/offline/place.js";
import { Opening } from "../../web/open/opening.js";
import { SampleLoader } from "../../web/features/samples/loader.js";
import { loading_progress } from "../../web/show/loading_words.js";
import { progress_of, resume_of } from "../../web/show/words.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { entry } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").Action} Action */
/** @typedef {import("../../web/state/reduce.js").State} State */

const { fetch, WebAssembly: { validate } } = globalThis;
afterEach(() => Object.assign(globalThis, { fetch }) && Object.assign(WebAssembly, { validate }));

/** A module whose function `f` returns 7. */
const BYTES = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1, 4, 0, 65, 7, 11,
);
const failure = { code: "wasm_fetch", message: "No." };

/** A host that sends the module in parts, one byte short of all where it breaks.
 * @param {{ parts?: Uint8Array<ArrayBuffer>[], breaks?: boolean, status?: number, type?: string }} [how] */
function host({ parts = [BYTES.slice(0, 20), BYTES.slice(20)], breaks = false, status = 200, type } = {}) {
  /** @type {[string, string][]} */
  const asked = [];
  Object.assign(globalThis, { fetch: async (/** @type {string} */ path, /** @type {any} */ { cache }) => {
    asked.push([path, cache]);
    const waiting = [...parts];
    return new Response(new ReadableStream({
      pull(controller) {
        const part = waiting.shift();
        if (part) controller.enqueue(part);
        else if (breaks) controller.error(new TypeError("network error"));
        else controller.close();
      },
    }), { status, headers: type ? { "Content-Type": type } : {} });
  } });
  return asked;
}

/** @type {(total: number, loaded?: number[]) => Promise<WebAssembly.Module>} */
const bring = (total, loaded = []) =>
  bring_module({ total, cache: "default", on_bytes: (bytes) => loaded.push(bytes) });

test("the module is compiled from what comes, whatever the host calls its type, "
  + "and every byte is counted", async () => {
  for (const type of [undefined, "application/wasm", "application/octet-stream"]) {
    const asked = host({ type });
    /** @type {number[]} */
    const loaded = [];
    const module = await bring(BYTES.length, loaded);
    assert.deepEqual([asked, loaded], [[[new URL(MODULE, BASE).href, "default"]], [20, BYTES.length]]);
    const { f } = /** @type {any} */ ((await WebAssembly.instantiate(module, {})).exports);
    assert.equal(f(), 7);
  }
});

test("a module with its own type is compiled from the browser's own answer, which the browser stores code for",
  async () => {
    host({ type: "application/wasm" });
    const { fetch } = globalThis;
    /** @type {Response[]} */
    const answers = [];
    Object.assign(globalThis, { fetch: async (/** @type {[string, object]} */ ...asked) => {
      answers.push(await fetch(...asked));
      return answers[0];
    } });
    const { compileStreaming } = WebAssembly;
    /** @type {unknown[]} */
    const compiled = [];
    WebAssembly.compileStreaming = (answer) => {
      compiled.push(answer);
      return compileStreaming(answer);
    };
    await bring(BYTES.length);
    WebAssembly.compileStreaming = compileStreaming;
    assert.equal(compiled.length, 1);
    assert.equal(compiled[0], answers[0]);
  });

for (const type of [undefined, "application/wasm"]) test("a broken or short download says how far it came; a whole file "
  + `that does not compile is another fault, of type ${type}`, async () => {
  host({ parts: [BYTES.slice(0, 20)], breaks: true, type });
  await assert.rejects(bring(40e6), { code: "wasm_fetch", message: /ended after 0\.0 of 40\.0 MB\. Retry/ });
  host({ parts: [BYTES.slice(0, 20)], type });
  await assert.rejects(bring(BYTES.length), { code: "wasm_length" });
  host({ parts: [BYTES.slice(0, 20)], type }); // of unknown size, so it may be all there is
  await assert.rejects(bring(0), { code: "wasm_refused" });
  host({ parts: [new TextEncoder().encode("<!doctype html><title>Not found</title>")], type });
  await assert.rejects(bring(39), { code: "wasm_refused", message: /could not be loaded/ });
  host({ status: 503, type });
  await assert.rejects(bring(1), { code: "fetch", message: /503/ });
  const asked = host();
  const { validate } = WebAssembly;
  WebAssembly.validate = () => false;
  await assert.rejects(bring(1), { code: "wasm_refused", message: /no SIMD/ });
  assert.deepEqual(asked, [], "for nothing");
  WebAssembly.validate = validate;
});

/** The page as far as it waits for its own files; `answers` of the host in turn, an Error for none.
 * @param {(Response | Error)[]} answers for samples */
function page(answers = []) {
  /** @type {any[]} */
  const modules = [];
  /** @type {any[]} */
  const parsers = [];
  const module = new WebAssembly.Module(BYTES);
  /** @type {string[]} */
  const caches = [];
  let state = initial_state("cpu");
  /** @type {(action: Action) => void} */
  const dispatch = (action) => {
    state = reduce(state, action);
    loader.follow();
    opening.follow();
    samples.follow();
  };
  Object.assign(globalThis, { fetch: async () => {
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    throw answer ?? new Error("the test has no answer left");
  } });
  /** @type {import("../../web/module_loader.js").Bring} */
  const bring_later = ({ cache, on_bytes }) => new Promise((resolve, reject) => {
    caches.push(cache);
    modules.push({
      on_bytes, come: () => resolve(module), fail: (code = failure.code) => reject({ ...failure, code }),
    });
  });
  const loader = new ModuleLoader(() => state, dispatch, 24e6, bring_later);
  const opening = new Opening(() => state, dispatch, () => {
    const worker = /** @type {any} */ ({
      sent: [], postMessage: (/** @type {any} */ message) => worker.sent.push(message), terminate: () => {},
    });
    parsers.push(worker);
    queueMicrotask(() => worker.onmessage({ data: { alive: null } }));
    return loader.give(worker);
  });
  const samples = new SampleLoader(() => state, dispatch);
  return { dispatch, loader, modules, parsers, caches, module, state: () => state };
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
const list = () => Response.json([{ file: "ct-abdomen.png", title: "CT", modality: "CT", box: [0, 0, 1, 1] }]);
/** @type {Action} */
const open = { do: "open_wanted", source: { serial: 1, title: "", files: [new Blob(["1"])] } };

test("what waits for the module gets it after however many tries, and nothing of it is lost", async () => {
  const { dispatch, modules, parsers, caches, module, state } = page([list()]);
  dispatch(open);
  modules[0].on_bytes(9e6);
  assert.equal(progress_of(state())?.label, "Loading Boxel: 9 of 24 MB; the scan opens after 24 MB");
  modules[0].fail();
  await settled();
  assert.deepEqual([state().module.phase, state().message?.code, state().message?.offers, state().opening?.serial], [
    "failed", "wasm_fetch", ["retry"], 1,
  ]);
  assert.deepEqual([resume_of(state()), progress_of(state())?.cancels], ["Load Boxel", "opening"]);
  assert.deepEqual(parsers.map((worker) => worker.sent.length), [1], "the files alone");
  dispatch({ do: "retry" });
  modules[1].fail("wasm_refused");
  await settled();
  dispatch({ do: "retry" });
  // The browser may go on with what came before the connection broke, and not with what does not compile.
  assert.deepEqual([state().message, caches], [null, ["default", "default", "reload"]]);
  modules[2].come();
  await settled();
  assert.deepEqual([parsers.length, parsers[0].sent.at(-1)], [1, { wasm: module }]);
  assert.equal(modules.length, 3);
});

test("a reader whose script did not come is retried with the same files; damage is not", async () => {
  const { dispatch, modules, parsers, state } = page([list()]);
  dispatch(open);
  modules[0].come();
  await settled();
  parsers[0].onerror({});
  await settled();
  assert.deepEqual([state().opening, state().message?.code, state().message?.offers], [
    null, "reader_not_loaded", ["retry"],
  ]);
  dispatch({ do: "retry" });
  assert.deepEqual([parsers.length, state().opening?.serial, state().unopened], [2, 1, null]);
  parsers[1].onmessage({ data: { failure: { code: "image_damaged", message: "Bad." } } });
  await settled();
  assert.deepEqual([state().message?.code, state().message?.offers, state().unopened], ["image_damaged", [], null]);
});

test("samples: a list and a sample that did not come are fetched again, and a demo waits all along", async () => {
  const { dispatch, state } =
    page([new Error("offline"), list(), new Response("", { status: 503 }), new Response("png")]);
  dispatch({ do: "models_listing" });
  await settled();
  assert.deepEqual([state().samples.phase, state().message?.offers], ["failed", ["retry"]]);
  dispatch({ do: "retry" });
  await settled();
  const [sample] = state().samples.list;
  assert.equal(sample?.file, "ct-abdomen.png");
  dispatch({ do: "sample_wanted", serial: 5, sample: sample ?? assert.fail() });
  await settled();
  assert.deepEqual([state().samples.coming?.phase, state().message?.code, resume_of(state())], [
    "failed", "fetch", "Load the sample",
  ]);
  const playing = { demo: read_demo(new URLSearchParams("sample=ct-abdomen&box=0,0,1,1")), serial: 5, asked: false };
  assert.deepEqual(play(state(), playing), { actions: [], left: playing });
  dispatch({ do: "retry" });
  await settled();
  assert.deepEqual([state().samples.coming, state().opening?.serial, state().opening?.title], [null, 5, "CT"]);
  assert.deepEqual(play(state(), playing).left, playing);
  dispatch({ do: "open_given_up" });
  assert.equal(play(state(), playing).left, null);
});

test("the offer to load what did not come stays, whatever else goes on, and is there without the message too", () => {
  /** @type {(...actions: Action[]) => State} */
  const after = (...actions) => actions.reduce(reduce, initial_state("cpu"));
  /** @type {Action} */
  const listed = { do: "models_listed", faults: [], entries: [entry("m")] };
  const sample = { file: "a.png", title: "A", modality: "CT", box: /** @type {const} */ ([0, 0, 1, 1]) };
  for (const [failed, resume] of /** @type {[Action[], string][]} */ ([
    [[{ do: "module_failed", failure }], "Load Boxel"],
    [[{ do: "samples_failed", failure }], "Load the list of samples"],
    [[{ do: "sample_wanted", serial: 1, sample }, { do: "sample_failed", serial: 1, failure }], "Load the sample"],
    [[{ do: "models_failed", failure }], "Load the list of models"],
    [[open, { do: "open_failed", serial: 1, failure: { code: "reader_not_loaded", message: "No." } }], "Open the scan"],
  ])) {
    const busy = after(
      ...failed,
      ...(resume.endsWith("models") ? [] : [listed, /** @type {Action} */ ({ do: "model_wanted", id: "m" })]),
    );
    assert.deepEqual([busy.message?.text, busy.message?.offers, resume_of(busy)], ["No.", ["retry"], resume]);
    assert.equal(resume_of(reduce(busy, { do: "message_closed" })), resume);
    const again = reduce(busy, { do: "retry" });
    assert.deepEqual([again.message, resume_of(again)], [null, ""], resume);
  }
  // A message about something else goes with what is done next.
  assert.equal(after({ do: "failed", failure }, listed, { do: "model_wanted", id: "m" }).message, null);
});

test("a sample that comes after other files were opened is dropped, and so is one that is cancelled", async () => {
  const { dispatch, state } = page([list(), new Response("a"), new Response("b")]);
  dispatch({ do: "models_listing" });
  await settled();
  const sample = state().samples.list[0] ?? assert.fail();
  dispatch({ do: "sample_wanted", serial: 1, sample });
  dispatch({ do: "open_wanted", source: { serial: 2, title: "", files: [] } });
  await settled();
  assert.deepEqual([state().opening?.serial, state().samples.coming], [2, null]);
  dispatch({ do: "sample_wanted", serial: 3, sample });
  assert.equal(progress_of(state())?.cancels, "opening");
  dispatch({ do: "open_given_up" });
  await settled();
  assert.deepEqual([state().opening, state().samples.coming], [null, null]);
});

test("the module and the first model are one number of bytes; a second model is named", () => {
  /** @type {(...actions: Action[]) => State} */
  const after = (...actions) => actions.reduce(reduce, initial_state("cpu"));
  /** @type {Action[]} */
  const listed = [
    { do: "models_listed", faults: [], entries: [{ ...entry("m"), name: "M", bytes: 19e6 }] },
    { do: "model_wanted", id: "m" },
  ];
  /** @type {(loaded: number, total?: number) => Action} */
  const at = (loaded, total = 24e6) => ({ do: "module_progress", loaded, total });
  assert.equal(loading_progress(after()), null);
  assert.equal(loading_progress(after(at(9e6)))?.label, "Loading Boxel: 9 of 24 MB");
  const both = after(...listed, at(9e6));
  assert.deepEqual([loading_progress(both)?.label, loading_progress(both)?.value], [
    "Loading Boxel: 9 of 43 MB", 9 / 43,
  ]);
  const model = [
    ...listed, at(24e6), /** @type {Action} */ ({ do: "module_ready" }),
    /** @type {Action} */ ({ do: "weights_progress", side: "main", loaded: 10e6 }),
  ];
  assert.deepEqual([progress_of(after(...model))?.label, progress_of(after(...model))?.cancels], [
    "Loading Boxel: 34 of 43 MB", "loading",
  ]);
  // The scan needs no model.
  assert.equal(progress_of(after(...model, open))?.label, "Opening the scan");
  const unknown = loading_progress(after(...listed, at(9e6, 0)));
  assert.deepEqual([unknown?.label, unknown?.value, unknown?.task], ["Loading Boxel: 9 MB", null, undefined]);
});
