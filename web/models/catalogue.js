// models/models.json: the site's models. A broken entry is reported and does not affect the others.

import { fetch_asset, fetch_at, whole } from "../open/fetch.js";

/** @typedef {import("../features/models/state.js").ModelEntry} ModelEntry */
/** @typedef {{ entries: ModelEntry[], faults: string[] }} Catalogue */

export const RECIPES = ["sam", "medsam", "litemedsam", "sam2", "medsam2"];
const MAX_NAME_LENGTH = 80;

/** @type {(signal?: AbortSignal, folder?: string) => Promise<Catalogue>} */
export async function fetch_catalogue(signal, folder) {
  const list = folder === undefined ? fetch_asset("models/models.json", { signal })
    : fetch_at(`${folder}models.json`, { signal });
  return read_catalogue(await (await whole(await list)).text());
}

/** @type {(text: string) => Catalogue} */
export function read_catalogue(text) {
  /** @type {ModelEntry[]} */
  const entries = [];
  /** @type {string[]} */
  const faults = [];
  for (const [i, found] of list_in(text).entries()) {
    const fault = fault_of(found, entries);
    if (fault) faults.push(`models.json, entry ${i + 1}${named(found)}: ${fault}. It is not offered.`);
    else entries.push(entry_of(/** @type {any} */ (found)));
  }
  return { entries, faults };
}

/** @type {(text: string) => unknown[]} */
function list_in(text) {
  /** @type {unknown} */
  let list;
  try {
    list = JSON.parse(text);
  } catch (error) {
    throw {
      code: "catalogue",
      message: `models/models.json is not valid JSON: ${error instanceof Error ? error.message : error}.`,
    };
  }
  if (!Array.isArray(list)) {
    throw { code: "catalogue", message: "models/models.json must be a list of models, in [ ]." };
  }
  return list;
}

/** @type {(found: any) => string} */
const named = (found) =>
  typeof found?.name === "string" && found.name ? ` (${found.name.slice(0, MAX_NAME_LENGTH)})` : "";

/** What is wrong with an entry; empty if it is valid.
 * @type {(found: any, before: ModelEntry[]) => string} */
function fault_of(found, before) {
  if (typeof found !== "object" || found === null || Array.isArray(found)) {
    return "it is not an object { … } with the fields of a model";
  }
  for (const field of ["name", "file", "bytes", "sha256", "recipe", "licence"]) {
    if (found[field] === undefined) return `the field "${field}" is missing`;
  }
  for (const field of ["name", "licence"]) {
    const text = found[field];
    if (typeof text !== "string" || !text.trim() || text.length > MAX_NAME_LENGTH) {
      return `"${field}" must be text of 1 to ${MAX_NAME_LENGTH} characters`;
    }
  }
  for (const field of ["bytes", "minimum_binding_bytes", "gpu_bytes"]) {
    const size = found[field];
    if (size !== undefined && !(Number.isSafeInteger(size) && size > 0)) {
      return `"${field}" must be a whole number above 0`;
    }
  }
  if (typeof found.sha256 !== "string" || !/^[0-9a-f]{64}$/.test(found.sha256)) {
    return '"sha256" must be 64 digits of 0 to 9 and a to f';
  }
  if (!RECIPES.includes(found.recipe)) return `"recipe" must be one of ${RECIPES.join(", ")}`;
  const path_fault = fault_of_path(found.file);
  if (path_fault) return path_fault;
  const twin = before.find(({ file, name }) => file === found.file || name === found.name);
  return twin
    ? `${twin.file === found.file ? `the file ${found.file}` : `the name ${found.name}`} is already in the list`
    : "";
}

/** Only files under models/ are fetched.
 * @type {(file: unknown) => string} */
function fault_of_path(file) {
  if (typeof file !== "string" || !file) return '"file" must be the name of a file in models/';
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(file)) return '"file" is an address; it must be the name of a file in models/';
  if (/[\\?#%\s]|[^\x21-\x7e]/.test(file)) return '"file" may have letters, digits and - _ . / only';
  const outside = file.split("/").some((step) => step === "" || step === "." || step === "..");
  return outside ? '"file" must lie in models/, with no "..", "." or "/" at its ends' : "";
}

/** @type {(found: any) => ModelEntry} */
const entry_of = ({ name, file, bytes, sha256, recipe, licence, minimum_binding_bytes, gpu_bytes }) => ({
  id: `site:${file}`, source: "site", name, file, bytes, sha256, origin: sha256, recipe, licence,
  minimum_binding_bytes: minimum_binding_bytes ?? null, gpu_bytes: gpu_bytes ?? null, facts: null,
});
