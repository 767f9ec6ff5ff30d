// Gets the wanted weights file: from the package's list, from an address or from the caller.

import { fetch_catalogue } from "../web/models/catalogue.js";
import { default_model } from "../web/features/models/default_state.js";
import { Downloads } from "../web/models/download.js";
import { inspect } from "../web/models/reader.js";

/** @typedef {import("../web/features/models/state.js").ModelEntry} ModelEntry */
/** @typedef {import("./api.js").ModelChoice} ModelChoice */
/** `listed`: its SHA-256 is in the list, or the one that the caller has given.
 * @typedef {{
 *   id: string, file: Blob, recipe: import("../boxel-bindings.js").Recipe, sha256: string, listed: boolean,
 * }} Brought */
/**
 * @typedef {object} Needs
 * @property {string} folder the one with models.json, as an address that ends in "/"
 * @property {import("../web/features/models/default_state.js").Device} device
 * @property {import("../web/models/checksum.js").Sha256} sha256
 * @property {() => Worker} new_worker
 * @property {import("../web/models/download.js").Watch} watch
 */

/** @type {(choice: ModelChoice | undefined, needs: Needs) => Promise<Brought>} */
export async function bring_model(choice, needs) {
  if (typeof choice === "object") {
    return choice.weights instanceof Blob ? from_hand(choice, choice.weights, needs) : from_address(choice, needs);
  }
  const entry = await from_list(choice, needs);
  return downloaded(entry, needs.folder, needs);
}

/** @type {(choice: string | undefined, needs: Needs) => Promise<ModelEntry>} */
async function from_list(choice, { folder, device, watch }) {
  const { entries } = await fetch_catalogue(watch.signal, folder);
  const entry = choice === undefined
    ? default_model(entries, device)
    : entries.find(({ name, file }) => choice === name || choice === file);
  if (entry) return entry;
  const offered = entries.map(({ name }) => name).join(", ") || "none";
  throw {
    code: "model_unknown",
    message: choice === undefined
      ? `${folder}models.json lists no model.`
      : `There is no model "${choice}". The list has: ${offered}.`,
  };
}

/** @type {(entry: ModelEntry, folder: string, needs: Needs) => Promise<Brought>} */
async function downloaded(entry, folder, { sha256, watch }) {
  const file = await new Downloads(sha256, { folder }).get(entry, watch);
  return { id: entry.name, file, recipe: entry.recipe, sha256: entry.sha256, listed: true };
}

/** A file from elsewhere is used only if its SHA-256 is the one that the caller gives.
 * @type {(choice: Exclude<ModelChoice, string>, needs: Needs) => Promise<Brought>} */
async function from_address({ weights, bytes, sha256, recipe }, needs) {
  if (!bytes || !sha256 || !recipe) throw {
    code: "model_invalid", message: "A model at an address needs its length in bytes, its sha256 and its recipe.",
  };
  const file = String(weights);
  return downloaded({
    id: file, source: "site", name: file, file, bytes, sha256, origin: sha256, recipe, licence: "",
    minimum_binding_bytes: null, gpu_bytes: null, facts: null,
  }, "", needs);
}

/** @type {(choice: Exclude<ModelChoice, string>, file: Blob, needs: Needs) => Promise<Brought>} */
async function from_hand({ sha256, recipe }, file, { new_worker }) {
  const facts = await inspect(new_worker, file);
  if (sha256 && sha256 !== facts.sha256) {
    throw { code: "weights_checksum", message: `The SHA-256 of the weights is ${facts.sha256}, not ${sha256}.` };
  }
  const [certain, another] = facts.recipes;
  const chosen = recipe ?? (another ? undefined : certain);
  if (!chosen) {
    throw { code: "weights_recipe", message: `Name the recipe of these weights: ${facts.recipes.join(" or ")}.` };
  }
  return {
    id: facts.known ?? facts.architecture, file, recipe: chosen, sha256: facts.sha256, listed: Boolean(sha256),
  };
}
