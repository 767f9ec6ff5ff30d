// Unsaved work in the browser's private file system (OPFS), a session file for each tab. Nothing is here unless the user has
// switched it on: the folder is there while it is on.

import { has_files } from "../models/shelf_files.js";

const FOLDER = "autosave";
/** A tab that lives holds the lock of its file. @type {(id: string) => string} */
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
  /** This tab's. @type {string} */
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

  /** What this page is called where it is stored. */
  get name() {
    return `${FOLDER}/${name_of(this.id)}`;
  }

  /** @param {string} text */
  async write(text) {
    const handle = await (await folder(true)).getFileHandle(name_of(this.id), { create: true });
    const writable = await handle.createWritable(); // another file until it is closed: half of one is never there
    await writable.write(text);
    await writable.close();
  }

  /** Of tabs that are gone. @returns {Promise<{ id: string, at_ms: number, file: File }[]>} */
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

  /** Nothing of any tab is left. */
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
