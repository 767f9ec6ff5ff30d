// Reads and converts files of weights in a worker of its own, which ends with the task: a hostile file
// can't touch the engine, and the memory that it took is given back.

import { EngineClient } from "../engine/client.js";

/** @typedef {import("../../boxel-bindings.js").WeightsFile} WeightsFile */

/** @template {keyof import("../engine/client.js").Methods} M @param {() => Worker} new_worker @param {M} method
 * @param {import("../engine/client.js").Args<M>} args @returns {Promise<import("../engine/client.js").Result<M>>} */
function once(new_worker, method, args) {
  const client = new EngineClient(new_worker(), () => {});
  return client.call(method, args).finally(() => client.terminate());
}

/** @type {(new_worker: () => Worker, file: Blob) => Promise<WeightsFile>} */
export const inspect = (new_worker, file) => once(new_worker, "inspect_weights", [file]);

/** @type {(new_worker: () => Worker, file: Blob, dtype: "f16" | "bf16") => Promise<Blob>} */
export async function convert(new_worker, file, dtype) {
  return new Blob([await once(new_worker, "convert_weights", [file, dtype])]);
}
