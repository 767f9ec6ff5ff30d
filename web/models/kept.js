// Models kept in this browser's private storage, which no other site sees: files where the browser has
// them, else a database. Nothing else is ever stored.

import { DatabaseShelf } from "./shelf_database.js";
import { FileShelf, has_files } from "./shelf_files.js";

/** @typedef {import("../state/models.js").ModelEntry} ModelEntry */
/**
 * @typedef {object} Shelf by the SHA-256 of the file
 * @property {() => Promise<ModelEntry[]>} list
 * @property {(entry: ModelEntry, file: Blob) => Promise<void>} put
 * @property {(sha256: string) => Promise<Blob>} read
 * @property {(sha256: string) => Promise<void>} remove
 */

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
    await this.#shelf.put(entry, file).catch(async (error) => {
      await this.#shelf.remove(entry.sha256).catch(() => {});
      throw storage_failure(error, file.size);
    });
  }

  /** @param {string} sha256 */
  read(sha256) {
    return this.#shelf.read(sha256).catch(() => {
      throw { code: "storage", message: "The browser no longer has this model. Remove it, and pick its file again." };
    });
  }

  /** @param {string} sha256 */
  remove(sha256) {
    return this.#shelf.remove(sha256).catch((error) => {
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
