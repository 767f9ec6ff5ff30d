// Boxel's engine without the page; bench.js drives it.

import { EngineClient } from "../boxel/web/engine/client.js";
import { parse } from "../boxel/web/open/parser.js";

/** Each loads the module itself. @type {(script: string) => Worker} */
function worker_of(script) {
  const worker = new Worker(script, { type: "module" });
  worker.postMessage({ wasm: null });
  return worker;
}
const engine_worker = () => worker_of("../boxel/web/engine/worker.js");
const parse_worker = () => worker_of("../boxel/web/open/parse_worker.js");
/** @type {EngineClient} */
let client;
let opened = 0;

/** @type {(url: string) => Promise<Blob>} */
const file_at = async (url) => (await fetch(url)).blob();

/** A PNG of blobs, the same each time. @type {(side: number) => Promise<Blob>} */
function noise(side) {
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  for (let i = 0; i < 60; i += 1) {
    context.fillStyle = `rgb(${i * 37 % 256} ${i * 37 % 256} ${i * 37 % 256})`;
    context.beginPath();
    context.ellipse(i * 173 % 100 / 100 * side, i * 311 % 100 / 100 * side, side / 9, side / 14, i, 0, 7);
    context.fill();
  }
  return canvas.convertToBlob({ type: "image/png" });
}

/** What is timed is what a user waits for: the call's way to the worker and back is in it.
 * @type {<T>(task: () => Promise<T>) => Promise<[number, T]>} */
async function timed(task) {
  const begun = performance.now();
  const value = await task();
  return [performance.now() - begun, value];
}

Object.assign(globalThis, {
  bench: {
    /** @param {"cpu" | "gpu"} kind @param {string} weights */
    async load(kind, weights) {
      client = new EngineClient(engine_worker(), ({ message }) => { throw new Error(message); });
      const device = await client.call("create", [kind]);
      await client.call("load_weights", ["main", await file_at(weights), "litemedsam"]);
      return device;
    },
    /** Encodes an image anew; `opened_ms` is from the file to the engine. @param {string | number} image its address, or the side of one that is made */
    async encode(image) {
      const file = typeof image === "string" ? await file_at(image) : await noise(image);
      const opening = performance.now();
      const { scan, key } = await parse(parse_worker, [file], {
        on_read: () => {}, choose: async () => 0, signal: new AbortController().signal,
      });
      // A new key each time, so that nothing is cached.
      await client.call("open", ["main", scan, `${key} ${opened += 1}`], { transfer: [scan.buffer] });
      const opened_ms = performance.now() - opening;
      /** @type {{ stage: string, at: number }[]} */
      const steps = [];
      const begun = performance.now();
      const on_progress = (/** @type {{ stage: string }} */ { stage }) => steps.push({ stage, at: performance.now() - begun });
      const [ms] = await timed(() => client.call("embed", ["main"], { on_progress }));
      return { ms, opened_ms, steps };
    },
    /** An object through a volume from its middle, up and down: what the propagation alone takes.
     * @param {number[]} volume NIfTI @param {[number, number, number, number]} box */
    async carry(volume, box) {
      const file = new File([new Uint8Array(volume)], "volume.nii");
      const { scan, key } = await parse(parse_worker, [file], {
        on_read: () => {}, choose: async () => 0, signal: new AbortController().signal,
      });
      const { shown: { slice } } = await client.call("open", ["main", scan, `${key} ${opened += 1}`], { transfer: [scan.buffer] });
      await client.call("embed", ["main"], { on_progress: () => {} });
      await client.call("segment", ["main", [{ box, points: [], refine: null, multimask: false, object: 1 }]]);
      const [ms, slices] = await timed(async () => {
        await client.call("begin_propagation", [1, slice, ["up", "down"]]);
        for (let carried = 0; ;) {
          const { step } = await client.call("propagation_step", []);
          if (step.step === "carried") carried += 1;
          if (step.step === "finished") return carried;
        }
      });
      return { ms, slices };
    },
    /** Boxes in one batch: their masks in the image. @param {[number, number, number, number][]} boxes */
    async decode(boxes) {
      const prompts = boxes.map((box) => ({ box, points: [], refine: null, multimask: false, object: null }));
      const [ms, found] = await timed(() => client.call("segment", ["main", prompts]));
      for (const { id } of found) await client.call("remove", ["main", id]);
      return { ms, areas: found.map((/** @type {{ area_px: number }} */ { area_px }) => area_px) };
    },
  },
});
