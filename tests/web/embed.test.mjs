// The package's API, with workers of the test's own.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { afterEach, test } from "node:test";

import { Boxel, BoxelError } from "../../embed/boxel.js";
import { scan_of, shown } from "./page.mjs";

const NO_GPU = { name: "", lack: "none", software: false, binding_bytes: 0, buffer_bytes: 0 };
const GPU = { name: "a GPU", lack: "", software: false, binding_bytes: 2 ** 30, buffer_bytes: 2 ** 32 };
const weights = { weights: new Blob(["w"]) };
/** @type {Boxel[]} */
const open_ones = [];
afterEach(() => open_ones.splice(0).forEach((boxel) => boxel.close()));

/** `script` replaces single answers; one that returns a promise is waited for.
 * @param {Record<string, (args: any[], tell: (progress: any) => void) => any>} [script]
 * @param {{ choices?: string[] }} [files] */
function workers(script = {}, { choices = ["one"] } = {}) {
  /** @type {string[]} */
  const asked = [];
  let opened = "";
  let id = 0;
  /** @type {Record<string, (args: any[], tell: (progress: any) => void) => any>} */
  const answers = {
    probe: () => NO_GPU,
    create: ([kind]) => ({ kind, name: kind }),
    inspect_weights: () => ({ recipes: ["litemedsam"], sha256: "s", known: null, architecture: "TinyViT" }),
    load_weights: ([, , recipe, , listed]) => ({ name: "M", recipe, trained_on_points: false, published: listed }),
    open: ([, , key]) => {
      opened = key;
      return scan_of(key, 5);
    },
    show: ([, plane, slice, window]) => ({ shown: shown(opened, { plane, slice, window }), masks: null }),
    embed: (_, tell) => {
      tell({ stage: "layers", done: 1, total: 2 });
      return { encode_ms: 12, memory: {} };
    },
    segment: ([, [{ box, points }]]) => [{
      key: "k", id: ++id, box, points, candidates: [1], chosen: 0, iou: 1, mask: new Uint8Array(8), area_px: 0,
      bounds: undefined, decode_ms: 1,
    }],
    begin_propagation: () => null,
    abandon_propagation: () => null,
    export: ([format]) => ({ bytes: new Uint8Array([1]), name: `boxel.${format}`, type: "x/y" }),
    ...script,
  };
  const engine = () => {
    const worker = /** @type {any} */ ({
      terminate: () => { worker.ended = true; },
      postMessage: async (/** @type {any} */ { id: call, method, args, cancel }) => {
        if (cancel) return worker.on_cancel?.();
        asked.push(
          [method, ...args.filter((/** @type {unknown} */ arg) => ["string", "number"].includes(typeof arg))].join(" "),
        );
        await null;
        try {
          const value = await answers[method]?.call(worker, args, (progress) =>
            worker.onmessage({ data: { id: call, progress } }));
          if (!worker.ended) worker.onmessage({ data: value?.fatal ? value : { id: call, value } });
        } catch (failure) {
          if (!worker.ended) worker.onmessage({ data: { id: call, failure } });
        }
      },
    });
    return worker;
  };
  const parser = () => {
    const worker = /** @type {any} */ ({
      terminate: () => {},
      postMessage: async (/** @type {any} */ { files, choice }) => {
        await null;
        if (files && choices.length > 1) return worker.onmessage({ data: { choices } });
        worker.onmessage({
          data: { parsed: { key: `scan ${choice ?? (await files[0].text())}`, scan: new Uint8Array(1) } },
        });
      },
    });
    return worker;
  };
  return { asked, engine, parser };
}

/** @param {ReturnType<typeof workers>} made @param {import("../../embed/api.js").CreateOptions} [options] */
async function create(made, options) {
  const boxel = await Boxel.create({ model: weights, ...options }, made);
  open_ones.push(boxel);
  return boxel;
}
const file = new Blob(["a"]);

test("a box on a slice is shown, embedded and segmented, in this order, and names its object", async () => {
  const made = workers();
  /** @type {string[]} */
  const progress = [];
  const boxel =
    await create(made, { on_progress: ({ stage, done, total }) => progress.push(`${stage} ${done} ${total}`) });
  assert.deepEqual([boxel.device.kind, boxel.model.name, boxel.model.id], ["cpu", "M", "TinyViT"]);
  const scan = await boxel.open([file]);
  assert.deepEqual([scan.info.key, scan.shown.plane, scan.shown.slice], ["scan a", "axial", 2]);
  made.asked.length = 0;
  const first = await scan.segment({ box: [0, 0, 2, 2], slice: 3 });
  const second = await scan.segment({ box: [0, 0, 2, 2] });
  const refined = await scan.segment({ refine: first, points: [[1, 1, 1]] });
  assert.deepEqual([first.object, second.object, refined.object, first.bounds, refined.slice], [1, 2, 1, null, 3]);
  assert.deepEqual(made.asked, [
    "show main axial 3", "embed main", "segment main", "embed main", "segment main", "embed main", "segment main",
  ]);
  assert.deepEqual(progress, ["load 0 null", "embed 1 2", "embed 1 2", "embed 1 2"]);
  assert.deepEqual(scan.objects, [1, 2]);
});

test("calls that are made at once do not come between each other's parts", async () => {
  const made = workers();
  const scan = await (await create(made)).open(file);
  made.asked.length = 0;
  await Promise.all([
    scan.segment({ box: [0, 0, 1, 1], slice: 0 }), scan.show({ slice: 4 }),
    scan.segment({ box: [0, 0, 1, 1], slice: 1 }),
  ]);
  assert.deepEqual(made.asked, [
    "show main axial 0", "embed main", "segment main", "show main axial 4", "show main axial 1", "embed main",
    "segment main",
  ]);
});

test("a GPU that does not start gives way to the CPU, unless it was asked for", async () => {
  const refusing = () => workers({ probe: () => GPU, create: ([kind]) => {
    if (kind === "gpu") throw { code: "device_unavailable", message: "lost" };
    return { kind, name: "Flex" };
  } });
  const boxel = await create(refusing());
  assert.deepEqual(boxel.device, { kind: "cpu", name: "Flex", reason: "The GPU did not start: lost" });
  await assert.rejects(create(refusing(), { device: "gpu" }), { name: "BoxelError", code: "device_unavailable" });
});

test("propagation gives what is carried, goes on to its end, and lets others in between", async () => {
  const steps = [
    { step: "encoding", slice: 3, stage: "layers", done: 1, total: 2 },
    { step: "carried", slice: 3, iou: 1, area_px: 1, doubts: [] },
    { step: "stopped", direction: "up", slice: 4, reason: "empty" }, { step: "finished" },
  ];
  const made = workers({ propagation_step: () => ({ step: steps.shift(), memory: {} }) });
  const scan = await (await create(made)).open(file);
  const { object } = await scan.segment({ box: [0, 0, 2, 2] });
  await scan.show({ plane: "coronal" });
  made.asked.length = 0;
  const seen = [];
  for await (const step of scan.propagate(object, { directions: ["up"] })) {
    seen.push(`${step.step} ${step.slice}`);
    await assert.rejects(scan.propagate(object).next(), { code: "busy" });
    if (step.step === "carried") await scan.show({ slice: 0 });
  }
  assert.deepEqual(seen, ["carried 3", "stopped 4"]);
  assert.deepEqual(made.asked, [
    "show main axial 2", "begin_propagation 1 2", "propagation_step", "propagation_step", "show main axial 0",
    "propagation_step", "propagation_step",
  ]);
});

test("a loop that is left, or aborted, gives the propagation up, and the next may begin", async () => {
  const made = workers({
    propagation_step: () => ({ step: { step: "carried", slice: 3, iou: 1, area_px: 1, doubts: [] }, memory: {} }),
  });
  const scan = await (await create(made)).open(file);
  const { object } = await scan.segment({ box: [0, 0, 2, 2] });
  for await (const _ of scan.propagate(object)) break;
  assert.equal(made.asked.at(-1), "abandon_propagation");
  const abort = new AbortController();
  await assert.rejects(async () => {
    for await (const _ of scan.propagate(object, { signal: abort.signal })) abort.abort();
  }, { code: "cancelled" });
  assert.deepEqual(made.asked.slice(-2), ["propagation_step", "abandon_propagation"]);
  await assert.rejects(scan.propagate(7).next(), { code: "session_order", message: /no object 7/ });
});

test("what waits and is aborted never begins; what encodes is cancelled in the worker", async () => {
  const made = workers({ embed() {
    return new Promise((_, reject) => {
      /** @type {any} */ (this).on_cancel = () => reject({ code: "cancelled", message: "x" });
    });
  } });
  const scan = await (await create(made)).open(file);
  const [running, waiting] = [new AbortController(), new AbortController()];
  const first = scan.embed({ signal: running.signal });
  const second = scan.show({ slice: 0 }, { signal: waiting.signal });
  waiting.abort();
  await assert.rejects(second, { code: "cancelled" });
  while (made.asked.at(-1) !== "embed main") await null;
  running.abort();
  await assert.rejects(first, { name: "BoxelError", code: "cancelled" });
  await scan.show({ slice: 1 });
  assert.deepEqual(made.asked.slice(-2), ["embed main", "show main axial 1"]);
});

test("of several scans one must be chosen", async () => {
  const boxel = await create(workers({}, { choices: ["T1", "T2"] }));
  await assert.rejects(boxel.open(file), { code: "scan_choice", message: /2 scans/ });
  await assert.rejects(boxel.open(file, { choose: () => 2 }), { code: "scan_choice" });
  const scan = await boxel.open(file, { choose: (labels) => labels.indexOf("T2") });
  assert.equal(scan.info.key, "scan 1");
});

test("wrong order and wrong sources are named", async () => {
  const boxel = await create(workers());
  await assert.rejects(boxel.open([]), { code: "image_empty" });
  await assert.rejects(boxel.open(/** @type {any} */ ({})), { code: "source_invalid" });
  await assert.rejects(boxel.open({ data: new Int16Array(3), dimensions: [2, 2, 1] }), { code: "voxels_invalid" });
  const before = await boxel.open(file);
  await assert.rejects(before.measure(1), { code: "session_order" });
  await assert.rejects(before.show({ plane: "stored" }), {
    code: "plane_invalid", message: /axial, coronal, sagittal/,
  });
  const after = await boxel.open(file);
  await assert.rejects(before.embed(), { code: "scan_replaced" });
  const waiting = after.embed();
  boxel.close();
  await assert.rejects(waiting, { code: "closed" });
  await assert.rejects(after.embed(), { code: "closed" });
  await assert.rejects(boxel.open(file), { code: "closed" });
  assert.throws(() => boxel.device, { code: "closed" });
});

test("the death of the engine is an event, and the answer to what waits and comes", async () => {
  const failure = { code: "device_failed", message: "The GPU was lost." };
  const boxel = await create(workers({ segment: () => ({ fatal: failure }) }));
  /** @type {BoxelError[]} */
  const heard = [];
  const off = boxel.on("error", (error) => heard.push(error));
  const scan = await boxel.open(file);
  await assert.rejects(scan.segment({ box: [0, 0, 1, 1] }), failure);
  await assert.rejects(scan.show({ slice: 1 }), failure);
  assert.ok(heard.length === 1 && heard[0] instanceof BoxelError && heard[0].code === "device_failed");
  off();
});

test("weights in hand are those that are named, with a recipe that is certain", async () => {
  const two = () => workers({
    inspect_weights: () => ({ recipes: ["sam", "medsam"], sha256: "s", known: null, architecture: "ViT-B" }),
  });
  await assert.rejects(create(two()), { code: "weights_recipe", message: /sam or medsam/ });
  assert.equal((await create(two(), { model: { ...weights, recipe: "medsam" } })).model.recipe, "medsam");
  await assert.rejects(create(two(), { model: { ...weights, recipe: "sam", sha256: "t" } }), {
    code: "weights_checksum",
  });
  await assert.rejects(create(two(), { model: { weights: "w.safetensors" } }), { code: "model_invalid" });
  await assert.rejects(create(two(), { signal: AbortSignal.abort() }), { code: "cancelled" });
});

test("weights are published if the engine knows them, or if the caller says which they are", async () => {
  const { published } = (await create(workers())).model;
  const vouched = (await create(workers(), { model: { ...weights, sha256: "s" } })).model.published;
  assert.deepEqual([published, vouched], [false, true]);
});

test("an export has a neutral name, all objects, and no identity unless it is asked for", async () => {
  /** @type {any[]} */
  let told = [];
  const made = workers({ export: (args) => {
    told = args;
    return { bytes: new Uint8Array([1, 2]), name: "boxel-labels.nii.gz", type: "application/gzip" };
  } });
  const scan = await (await create(made)).open(file);
  await scan.segment({ box: [0, 0, 2, 2] });
  const saved = await scan.export("nifti");
  assert.deepEqual([saved.name, saved.size, saved.type], ["boxel-labels.nii.gz", 2, "application/gzip"]);
  const [format, objects, { plane, slice, identity, now, seed }] = told;
  assert.deepEqual([format, objects, plane, slice, identity, seed.length], [
    "nifti", [{ object: 1, name: "Object 1", colour: [251, 252, 30] }], "axial", 2, "de_identified", 16,
  ]);
  assert.match(now, /^\d{8}T\d{6}$/);
  await scan.export("dicom_seg", [{ object: 1, name: "liver" }], { identity: "linked", slice: 4 });
  assert.deepEqual([told[1][0].name, told[2].identity, told[2].slice], ["liver", "linked", 4]);
});

test("the README's example is the one that the browser test opens", () => {
  const read = (/** @type {string} */ path) => readFileSync(new URL(`../../embed/${path}`, import.meta.url), "utf8");
  const example = read("example/main.js").replace('"../boxel.js"; // from the package: "boxel"', '"boxel";');
  assert.ok(read("README.md").includes(`\`\`\`js\n${example}\`\`\``));
});
