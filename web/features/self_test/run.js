// Segments a bundled sample on this device and compares the mask with the original PyTorch code's, since some drivers
// compute wrongly without an error. It runs in workers of its own and changes nothing on the screen.

import { EngineClient } from "../../engine/client.js";
import { fetch_asset, whole } from "../../open/fetch.js";
import { parse } from "../../open/parser.js";

/**
 * `runs`: run lengths of 0 and 1 alternately, row by row. `iou` is the predicted one.
 * @typedef {object} Expected
 * @property {string} sample
 * @property {number} width
 * @property {number} height
 * @property {[number, number, number, number]} box
 * @property {number} iou
 * @property {number[]} runs
 */
/**
 * @typedef {object} Verdict
 * @property {number} dice
 * @property {number} iou_off
 * @property {boolean} passed
 * @property {"gpu" | "cpu"} kind
 * @property {number} encode_ms
 * @property {number} decode_ms
 */

const MIN_DICE = 0.98;
const MAX_IOU_OFF = 0.02;

/** Computed here, because the engine is what is tested.
 * @type {(mask: Uint8Array, runs: readonly number[]) => number} */
export function dice_with(mask, runs) {
  let [both, sum, at] = [0, 0, 0];
  runs.forEach((length, i) => {
    const expected = i % 2;
    for (const end = at + length; at < end; at += 1) {
      const inside = mask[at] ?? 0;
      both += inside & expected;
      sum += inside + expected;
    }
  });
  if (at !== mask.length) return 0;
  return sum === 0 ? 1 : 2 * both / sum;
}

/** @type {(
 *   expected: Expected,
 *   found: Pick<import("../../../boxel-bindings.js").Prediction, "mask" | "iou" | "decode_ms">,
 *   kind: "gpu" | "cpu",
 *   encode_ms: number,
 * ) => Verdict} */
export function verdict_of({ runs, iou }, found, kind, encode_ms) {
  const dice = dice_with(found.mask, runs);
  const iou_off = Math.abs(found.iou - iou);
  // NaN fails both comparisons.
  return {
    dice, iou_off, passed: dice >= MIN_DICE && iou_off <= MAX_IOU_OFF, kind, encode_ms, decode_ms: found.decode_ms,
  };
}

/**
 * @typedef {object} Needs
 * @property {() => Worker} new_worker
 * @property {() => Worker} new_parser
 * @property {"gpu" | "cpu"} kind
 * @property {Blob} weights of LiteMedSAM
 * @property {(progress: import("../../../boxel-bindings.js").EmbedProgress) => void} on_progress
 * @property {AbortSignal} signal
 */

/** Rejects with a `Failure`. @type {(needs: Needs) => Promise<Verdict>} */
export async function run_self_test({ new_worker, new_parser, kind, weights, on_progress, signal }) {
  /** @type {Expected} */
  const expected = JSON.parse(await (await whole(await fetch_asset("samples/self-test.json", { signal }))).text());
  const file = await whole(await fetch_asset(`samples/${expected.sample}`, { signal }));
  const { scan, key } = await parse(new_parser, [file], { on_read: () => {}, choose: async () => 0, signal });
  signal.throwIfAborted();
  const client = new EngineClient(new_worker(), () => {});
  // If a driver hangs, the worker receives no more messages.
  const give_up = () => client.terminate();
  signal.addEventListener("abort", give_up);
  const options = { on_progress, signal };
  try {
    await client.call("create", [kind], { signal });
    await client.call("load_weights", ["main", weights, "litemedsam"], { signal });
    await client.call("open", ["main", scan, key], { signal, transfer: [scan.buffer] });
    const { encode_ms } = await client.call("embed", ["main"], options);
    const prompt = { box: expected.box, points: [], refine: null, multimask: false, object: null };
    const [found] = await client.call("segment", ["main", [prompt]], { signal });
    if (!found) throw { code: "internal", message: "The engine answered no prompt." };
    return verdict_of(expected, found, kind, encode_ms ?? 0);
  } finally {
    signal.removeEventListener("abort", give_up);
    client.terminate();
  }
}
