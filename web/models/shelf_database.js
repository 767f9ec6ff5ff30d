// Stored models in IndexedDB, for browsers without a private file system.

/** @typedef {import("../features/models/state.js").ModelEntry} ModelEntry */

const DATABASE = "boxel";
const STORE = "models";

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
const result_of = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
  if (request instanceof IDBOpenDBRequest) {
    request.onblocked = () => reject(new Error("another tab uses the stored models; close it"));
  }
});

/** @returns {Promise<IDBDatabase>} */
async function open_database() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  const database = await result_of(request);
  // Another tab wipes everything.
  database.onversionchange = () => database.close();
  return database;
}

/** Resolves when the data is written.
 * @template T
 * @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest<T>} act
 * @returns {Promise<T>} */
async function within(mode, act) {
  const database = await open_database();
  try {
    const transaction = database.transaction(STORE, mode);
    const done = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    const [result] = await Promise.all([result_of(act(transaction.objectStore(STORE))), done]);
    return result;
  } finally {
    database.close();
  }
}

export class DatabaseShelf {
  /** Creates no database for a visitor who has stored nothing. @returns {Promise<ModelEntry[]>} */
  async list() {
    const there = await indexedDB.databases?.();
    if (there && !there.some(({ name }) => name === DATABASE)) return [];
    /** @type {({ entry?: ModelEntry, file?: Blob } | null)[]} */
    const rows = await within("readonly", (store) => store.getAll());
    return rows.flatMap((row) => row?.entry && row.file instanceof Blob ? row.entry : []);
  }

  /** @param {string} key @param {ModelEntry} entry @param {Blob} file */
  async put(key, entry, file) {
    await within("readwrite", (store) => store.put({ entry, file }, key));
  }

  /** @param {string} key @returns {Promise<Blob>} */
  async read(key) {
    const row = await within("readonly", (store) => store.get(key));
    if (!(row?.file instanceof Blob)) throw new Error("the database does not have it");
    return row.file;
  }

  async clear() {
    await result_of(indexedDB.deleteDatabase(DATABASE));
  }

  /** @param {string} key */
  async remove(key) {
    await within("readwrite", (store) => store.delete(key));
  }
}
