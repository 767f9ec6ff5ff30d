// Models kept in this browser's private storage, which no other site sees: files where the browser has
// them, else a database. Nothing else is ever stored.

import { DatabaseShelf } from "./shelf_database.js";
import { FileShelf, has_files } from "./shelf_files.js";

/** @typedef {import("../state/models.js").ModelEntry} ModelEntry */
/**
 * @typedef {object} Shelf
 * @property {() => Promise<ModelEntry[]>} list
 * @property {(key: string, entry: ModelEntry, file: Blob) => Promise<void>} put
 * @property {(key: string) => Promise<Blob>} read
 * @property {(key: string) => Promise<void>} remove
 * @property {() => Promise<void>} clear
 */

/** One file is two models where two recipes go with it. @type {(entry: Pick<ModelEntry, "sha256" | "recipe">) => string} */
export const kept_key = ({ sha256, recipe }) => `${sha256}.${recipe}`;

export class Kept {
  #shelf;

  /** @param {Shelf} shelf */
  constructor(shelf = has_files() ? new FileShelf() : new DatabaseShelf()) {
    this.#shelf = shelf;
  }

  list() {
    return this.#shelf.list();
  }

  /** @param {ModelEntry} entry @param {Blob} file */
  async put(entry, file) {
    await this.#shelf.put(kept_key(entry), entry, file).catch(async (error) => {
      await this.#shelf.remove(kept_key(entry)).catch(() => {});
      throw storage_failure(error, file.size);
    });
  }

  /** @param {ModelEntry} entry */
  read(entry) {
    return this.#shelf.read(kept_key(entry)).catch(() => {
      throw { code: "storage", message: "The browser no longer has this model. Remove it, and pick its file again." };
    });
  }

  /** Whatever this page has ever kept. */
  clear() {
    return this.#shelf.clear();
  }

  /** @param {ModelEntry} entry */
  remove(entry) {
    return this.#shelf.remove(kept_key(entry)).catch((error) => {
      throw { code: "storage", message: `The model could not be removed (${error?.message ?? error}). Your browser's settings can clear this site's data.` };
    });
  }
}

/** @type {(error: any, bytes: number) => import("../failure.js").Failure} */
function storage_failure(error, bytes) {
  return error?.name === "QuotaExceededError"
    ? { code: "storage_full", message: `The browser has no room for it: ${(bytes / 1e6).toFixed(0)} MB are needed. The model works on, but is not kept.` }
    : { code: "storage", message: `The browser does not let this page keep files (${error?.message ?? error}). Is this a private window? The model works on, but is not kept.` };
}
