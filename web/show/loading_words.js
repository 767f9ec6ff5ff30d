// Words for the loading of the page: the module and the first model together, as one number of bytes.

import { kept_copy } from "../features/models/own_state.js";

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("./words.js").Progress} Progress */

/** @type {(bytes: number) => string} */
const whole_megabytes = (bytes) => String(Math.round(bytes / 1e6));

/** The bytes of the first model, if it comes over the network.
 * @type {(state: State) => { loaded: number, total: number }} */
function first_model({ weights, models: { entries } }) {
  const entry = entries.find(({ id }) => id === weights.id);
  const comes = !weights.former && entry?.source === "site" && !kept_copy(entries, entry);
  return comes ? { loaded: weights.loaded, total: weights.total } : { loaded: 0, total: 0 };
}

/** Null unless the module or the first model is loading. @type {(state: State) => Progress | null} */
export function loading_progress(state) {
  const { module, weights, opening, samples: { coming } } = state;
  if (module.phase === "failed" && (opening || coming)) {
    return { label: "The scan opens once Boxel has loaded", value: null, cancels: "opening" };
  }
  const is_module = module.phase === "loading";
  const is_model = module.phase === "ready" && weights.phase === "loading" && !weights.former && !opening;
  if (!is_module && !is_model) return null;

  const model = first_model(state);
  const is_known = module.total > 0;
  const loaded = module.loaded + model.loaded;
  const total = module.total + model.total;
  const until = opening || coming
    ? `; the scan opens ${is_known ? `after ${whole_megabytes(module.total)} MB` : "first"}`
    : "";
  const label =
    `Loading Boxel: ${whole_megabytes(loaded)}${is_known ? ` of ${whole_megabytes(total)}` : ""} MB${until}`;
  return {
    label,
    value: is_known ? loaded / total : null,
    cancels: is_model ? "loading" : opening || coming ? "opening" : null,
    ...(is_known
      ? { task: { key: `loading boxel ${total}`, done: loaded, total, unit: /** @type {const} */ ("bytes") } }
      : {}),
  };
}
