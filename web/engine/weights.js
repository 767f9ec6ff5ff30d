// The model's weights: fetched once with progress in bytes, and never used before their SHA-256 fits.

import { failure_of } from "../failure.js";
import { fetch_asset } from "../open/fetch.js";

/** @typedef {{ name: string, file: string, bytes: number, sha256: string }} ModelEntry */
/** @typedef {(bytes: Uint8Array<ArrayBuffer>) => Promise<string>} Sha256 */

/** @type {(bytes: Uint8Array<ArrayBuffer>) => string} */
const hex_of = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** `crypto.subtle` exists on https and localhost only; elsewhere the engine computes the hash.
 * @type {(in_engine: Sha256) => Sha256} */
export const sha256_with = (in_engine) => async (bytes) =>
  globalThis.crypto?.subtle
    ? hex_of(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)))
    : in_engine(bytes);

/** @type {(response: Response, entry: ModelEntry, on_bytes: (loaded: number) => void) => Promise<Uint8Array<ArrayBuffer>>} */
async function read_body(response, entry, on_bytes) {
  const bytes = new Uint8Array(entry.bytes);
  let loaded = 0;
  if (!response.body) throw { code: "weights_fetch", message: `${entry.file} came without content.` };
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (loaded + part.value.length > entry.bytes) throw wrong_length(entry, `more than ${entry.bytes}`);
    bytes.set(part.value, loaded);
    loaded += part.value.length;
    on_bytes(loaded);
  }
  if (loaded < entry.bytes) throw wrong_length(entry, `only ${loaded}`);
  return bytes;
}

/** @type {(entry: ModelEntry, found: string) => import("../failure.js").Failure} */
const wrong_length = (entry, found) => ({
  code: "weights_checksum",
  message: `The model file ${entry.file} has ${found} bytes and should have ${entry.bytes}; it is not used.`,
});

/** The bundled model's entry: the first of models/models.json.
 * @type {(signal: AbortSignal) => Promise<ModelEntry>} */
async function fetch_entry(signal) {
  const entries = await (await fetch_asset("models/models.json", { signal })).json();
  const entry = entries[0];
  if (!entry) throw { code: "weights_fetch", message: "models/models.json names no model." };
  return entry;
}

/** @type {(entry: ModelEntry, found: string) => void} */
function check(entry, found) {
  if (found === entry.sha256) return;
  throw {
    code: "weights_checksum",
    message: `The model file ${entry.file} is damaged or not ours: its SHA-256 is ${found.slice(0, 12)}… and should be ${entry.sha256.slice(0, 12)}…; it is not used.`,
  };
}

/** Fetches and checks the weights, and tells the state all along. `again`: a second try must not be
 * served the damaged file from the browser's cache.
 * @type {(dispatch: (action: import("../state/reduce.js").Action) => void, sha256: Sha256, signal: AbortSignal, again: boolean) => Promise<void>} */
export async function load_weights(dispatch, sha256, signal, again) {
  try {
    dispatch({ do: "weights_progress", model: "", loaded: 0, total: 0 });
    const entry = await fetch_entry(signal);
    /** @type {(loaded: number) => void} */
    const on_bytes = (loaded) => dispatch({ do: "weights_progress", model: entry.name, loaded, total: entry.bytes });
    on_bytes(0);
    const response = await fetch_asset(`models/${entry.file}`, { signal, cache: again ? "reload" : "default" });
    const bytes = await read_body(response, entry, on_bytes);
    dispatch({ do: "weights_checking" });
    check(entry, await sha256(bytes));
    dispatch({ do: "weights_ready", bytes });
  } catch (error) {
    if (signal.aborted) dispatch({ do: "weights_cancelled" });
    else dispatch({ do: "weights_failed", failure: failure_of(error, "weights_fetch") });
  }
}
