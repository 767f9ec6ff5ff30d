// Reads and converts weights files in a worker that is terminated after each task, so that a malicious file cannot affect the
// engine and its memory is freed.

import { EngineClient } from "../engine/client.js";

/** @typedef {import("../../boxel-bindings.js").WeightsFile} WeightsFile */

/** @type {(new_worker: () => Worker, method: string, args: unknown[]) => Promise<any>} */
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
