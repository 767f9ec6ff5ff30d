// Models stored in this browser's private storage, which no other site can read: as files if the browser supports them,
// else in a database. Nothing else is stored here.

import { DatabaseShelf } from "./shelf_database.js";
import { FileShelf, has_files } from "./shelf_files.js";

/** @typedef {import("../features/models/state.js").ModelEntry} ModelEntry */
/**
 * @typedef {object} Shelf
 * @property {() => Promise<ModelEntry[]>} list
 * @property {(key: string, entry: ModelEntry, file: Blob) => Promise<void>} put
 * @property {(key: string) => Promise<Blob>} read
 * @property {(key: string) => Promise<void>} remove
 * @property {() => Promise<void>} clear
 */

/** One file counts as two models if it is used with two recipes.
 * @type {(entry: Pick<ModelEntry, "sha256" | "recipe">) => string} */
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
      throw { code: "storage", message: "The browser no longer has this model. Remove it and load its file again." };
    });
  }

  /** Removes every model that this page has stored. */
  clear() {
    return this.#shelf.clear();
  }

  /** @param {ModelEntry} entry */
  remove(entry) {
    return this.#shelf.remove(kept_key(entry)).catch((error) => {
      throw {
        code: "storage",
        message: `The model could not be removed (${error?.message ?? error}). `
          + "Your browser's settings can clear this site's data.",
      };
    });
  }
}

/** @type {(error: any, bytes: number) => import("../failure.js").Failure} */
function storage_failure(error, bytes) {
  if (error?.name === "QuotaExceededError") {
    return {
      code: "storage_full",
      message: `The browser has too little space: ${(bytes / 1e6).toFixed(0)} MB are needed. `
        + "The model can be used but was not stored.",
    };
  }
  return {
    code: "storage",
    message: `The browser does not let this page store files (${error?.message ?? error}), `
      + "perhaps because this is a private window. The model can be used but was not stored.",
  };
}
