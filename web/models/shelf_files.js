// Stored models as files in the browser's private file system (OPFS): the weights and a description. The description is
// written last, so that a half-written file is never offered.

/** @typedef {import("../features/models/state.js").ModelEntry} ModelEntry */

const FOLDER = "models";

/** In older versions of Safari, only a worker can write to this file system. */
export const has_files = () => typeof navigator.storage?.getDirectory === "function"
  && typeof FileSystemFileHandle === "function" && "createWritable" in FileSystemFileHandle.prototype;

/** @type {(create: boolean) => Promise<FileSystemDirectoryHandle>} */
const folder = async (create) => (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create });

/** @type {(inside: FileSystemDirectoryHandle, name: string, content: Blob | string) => Promise<void>} */
async function write_file(inside, name, content) {
  const handle = await inside.getFileHandle(name, { create: true });
  const writable = await handle.createWritable();
  await writable.write(content);
  await writable.close();
}

/** @type {(error: any) => void} */
function unless_missing(error) {
  if (error?.name !== "NotFoundError") throw error;
}

export class FileShelf {
  /** @returns {Promise<ModelEntry[]>} */
  async list() {
    const inside = await folder(false).catch(unless_missing);
    if (!inside) return [];
    /** @type {ModelEntry[]} */
    const entries = [];
    for await (const handle of inside.values()) {
      if (!(handle instanceof FileSystemFileHandle) || !handle.name.endsWith(".json")) continue;
      const text = await (await handle.getFile()).text();
      try {
        entries.push(JSON.parse(text));
      } catch {
        // A half-written description: its model is not offered.
      }
    }
    return entries;
  }

  /** @param {string} key @param {ModelEntry} entry @param {Blob} file */
  async put(key, entry, file) {
    const inside = await folder(true);
    await write_file(inside, `${key}.weights`, file);
    await write_file(inside, `${key}.json`, JSON.stringify(entry));
  }

  /** @param {string} key @returns {Promise<Blob>} */
  async read(key) {
    return (await (await folder(false)).getFileHandle(`${key}.weights`)).getFile();
  }

  async clear() {
    await (await navigator.storage.getDirectory()).removeEntry(FOLDER, { recursive: true }).catch(unless_missing);
  }

  /** @param {string} key */
  async remove(key) {
    const inside = await folder(false).catch(unless_missing);
    await inside?.removeEntry(`${key}.json`).catch(unless_missing);
    await inside?.removeEntry(`${key}.weights`).catch(unless_missing);
  }
}
