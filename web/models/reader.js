// Reads and converts weights files in a worker that is terminated after each task, so that a malicious file cannot
// affect the engine and its memory is freed.

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
