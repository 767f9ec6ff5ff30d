// Unsaved work in the browser's private file system (OPFS), one session file per tab. The folder exists only while the
// user has this switched on.

import { has_files } from "../../models/shelf_files.js";

const FOLDER = "autosave";
/** An open tab holds the lock of its file. @type {(id: string) => string} */
const lock_of = (id) => `boxel ${FOLDER} ${id}`;

/** @type {(error: any) => void} */
function unless_missing(error) {
  if (error?.name !== "NotFoundError") throw error;
}

/** @type {(create: boolean) => Promise<FileSystemDirectoryHandle>} */
const folder = async (create) => (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create });

/** @type {(id: string) => string} */
const name_of = (id) => `${id}.json`;

export class AutosaveFiles {
  /** The id of this tab's file. @type {string} */
  id = crypto.randomUUID();
  #is_locked = false;

  is_possible() {
    return has_files();
  }

  async is_on() {
    return this.is_possible() && await folder(false).then(() => true, () => false);
  }

  async begin() {
    await folder(true);
    this.#lock();
  }

  /** The name of this page's folder. */
  get name() {
    return `${FOLDER}/${name_of(this.id)}`;
  }

  /** @param {Blob} file */
  async write(file) {
    const handle = await (await folder(true)).getFileHandle(name_of(this.id), { create: true });
    // A temporary file until it is closed, so no half-written file exists.
    const writable = await handle.createWritable();
    await writable.write(file);
    await writable.close();
  }

  /** The files of closed tabs. @returns {Promise<{ id: string, at_ms: number, file: File }[]>} */
  async left() {
    const inside = await folder(false).catch(unless_missing);
    if (!inside) return [];
    const { held = [] } = await navigator.locks?.query() ?? {};
    const living = held.map(({ name }) => name);
    const found = [];
    for await (const handle of inside.values()) {
      if (!(handle instanceof FileSystemFileHandle) || !handle.name.endsWith(".json")) continue;
      const id = handle.name.slice(0, -".json".length);
      if (id === this.id || living.includes(lock_of(id))) continue;
      const file = await handle.getFile();
      found.push({ id, at_ms: file.lastModified, file });
    }
    return found.sort((a, b) => b.at_ms - a.at_ms);
  }

  /** @param {string} id */
  async remove(id) {
    const inside = await folder(false).catch(unless_missing);
    await inside?.removeEntry(name_of(id)).catch(unless_missing);
  }

  /** Removes the files of all tabs. */
  async clear() {
    if (!this.is_possible()) return;
    await (await navigator.storage.getDirectory()).removeEntry(FOLDER, { recursive: true }).catch(unless_missing);
  }

  #lock() {
    if (this.#is_locked || !navigator.locks) return;
    this.#is_locked = true;
    void navigator.locks.request(lock_of(this.id), () => new Promise(() => {})).catch(() => {});
  }
}
