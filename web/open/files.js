// Files from the user: picked, dropped (also folders) or pasted. File names often contain the patient's name, so only
// parse_worker.js reads them.

/** @typedef {{ on_files: (files: File[]) => void, on_failure: (error: unknown) => void }} FileHandlers */

/** For all files together: the reader has them in memory at once. */
const MAX_BYTES = 512 * 1024 * 1024;
const MAX_FILES = 20_000;

/** Rejects too many or too large files before anything is read. @type {(files: readonly Blob[]) => void} */
export function check_amount(files) {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MAX_BYTES) {
    const what = files.length === 1 ? "The file has" : `The ${files.length} files have`;
    throw {
      code: "image_too_large",
      message: `${what} ${Math.round(bytes / 1048576)} MiB; at most ${MAX_BYTES / 1048576} MiB can be opened.`,
    };
  }
  check_count(files.length);
}

/** @type {(count: number) => void} */
function check_count(count) {
  if (count > MAX_FILES) {
    throw { code: "image_too_large", message: `There are more than ${MAX_FILES} files; open the folder of one study.` };
  }
}

/** Listens to an input for files or a folder. @type {(input: HTMLInputElement, handlers: FileHandlers) => void} */
export function listen_to_picker(input, { on_files }) {
  input.addEventListener("change", () => {
    const files = Array.from(input.files ?? []);
    input.value = ""; // the same file can be picked again
    if (files.length) on_files(files);
  });
}

/** Picks a folder with a dialog that speaks of viewing files, not of uploading.
 * @typedef {(options: { mode: "read" }) => Promise<FileSystemDirectoryHandle>} PickFolder */

/** The browser's folder picker, if it has one. @type {(browser: object) => PickFolder | null} */
export const folder_picker_of = (browser) =>
  "showDirectoryPicker" in browser ? /** @type {PickFolder} */ (browser.showDirectoryPicker).bind(browser) : null;

/** A folder input asks "Upload all files to this site?", although nothing is uploaded, so the folder picker is used
 * instead if there is one.
 * @type {(input: HTMLInputElement, pick: PickFolder | null, handlers: FileHandlers) => void} */
export function listen_to_folder_picker(input, pick, handlers) {
  listen_to_picker(input, handlers);
  if (pick) {
    input.addEventListener("click", (event) => {
      event.preventDefault();
      void pick_folder(pick, handlers);
    });
  }
}

/** @type {(pick: PickFolder, handlers: FileHandlers) => Promise<void>} */
export async function pick_folder(pick, { on_files, on_failure }) {
  try {
    const files = await walk_handles(await pick({ mode: "read" }));
    if (files.length) on_files(files);
    else on_failure({ code: "image_empty", message: "This folder contains no files." });
  } catch (error) {
    const is_cancelled = error instanceof DOMException && error.name === "AbortError";
    if (!is_cancelled) on_failure(error instanceof DOMException ? unreadable_folder(error) : error);
  }
}

/** @type {(error: DOMException) => import("../failure.js").Failure} */
const unreadable_folder = ({ name, message }) => ({
  code: "image_unreadable",
  message: `The folder could not be read (${name}: ${message}). Drop it on the page or choose its files.`,
});

/** The files of a folder and its subfolders, in order of their names; iterative, so any depth is fine.
 * @type {(folder: FileSystemDirectoryHandle) => Promise<File[]>} */
export async function walk_handles(folder) {
  /** @type {File[]} */
  const files = [];
  /** @type {FileSystemHandle[]} */
  const waiting = [folder];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next.kind === "file") files.push(await /** @type {FileSystemFileHandle} */ (next).getFile());
    else waiting.push(...(await handles_in(/** @type {FileSystemDirectoryHandle} */ (next))).reverse());
    check_count(files.length + waiting.length);
  }
  return files;
}

/** @type {(folder: FileSystemDirectoryHandle) => Promise<FileSystemHandle[]>} */
async function handles_in(folder) {
  /** @type {FileSystemHandle[]} */
  const found = [];
  for await (const handle of folder.values()) {
    found.push(handle);
    check_count(found.length);
  }
  return found.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** @type {(body: HTMLElement, handlers: FileHandlers) => void} */
export function listen_to_drops(body, { on_files, on_failure }) {
  /** @type {(event: DragEvent) => boolean} */
  const carries_files = (event) => event.dataTransfer?.types.includes("Files") ?? false;
  body.addEventListener("dragover", (event) => {
    if (!carries_files(event)) return;
    event.preventDefault();
    body.classList.add("dropping");
  });
  body.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) body.classList.remove("dropping");
  });
  body.addEventListener("drop", (event) => {
    if (!carries_files(event) || !event.dataTransfer) return;
    event.preventDefault();
    body.classList.remove("dropping");
    // The items exist only during the event; their entries can be read later.
    files_of(Array.from(event.dataTransfer.items)).then((files) => {
      if (files.length) on_files(files);
      else on_failure({ code: "image_empty", message: "The dropped items contain no files." });
    }, on_failure);
  });
}

/** @type {(page: Document, handlers: FileHandlers) => void} */
export function listen_to_pastes(page, { on_files }) {
  page.addEventListener("paste", (event) => {
    const files = Array.from(event.clipboardData?.files ?? []);
    if (!files.length) return;
    event.preventDefault();
    on_files(files);
  });
}

/** @type {(items: DataTransferItem[]) => Promise<File[]>} */
function files_of(items) {
  /** @type {(File | FileSystemEntry)[]} */
  const found = items.filter(({ kind }) => kind === "file")
    .flatMap((item) => item.webkitGetAsEntry() ?? item.getAsFile() ?? []);
  return walk(found);
}

/** The files of folders and their subfolders, in order; iterative, so any depth is fine.
 * @type {(found: (File | FileSystemEntry)[]) => Promise<File[]>} */
export async function walk(found) {
  /** @type {File[]} */
  const files = [];
  const waiting = [...found].reverse();
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next instanceof File) files.push(next);
    else if (next.isDirectory) waiting.push(
      ...(await entries_of(/** @type {FileSystemDirectoryEntry} */ (next))).reverse(),
    );
    else files.push(await file_of(/** @type {FileSystemFileEntry} */ (next)));
    check_count(files.length + waiting.length);
  }
  return files;
}

const unreadable = () => ({
  code: "image_unreadable", message: "A dropped file or folder could not be read. Has it been moved?",
});

/** @type {(entry: FileSystemFileEntry) => Promise<File>} */
const file_of = (entry) => new Promise((resolve, reject) => entry.file(resolve, () => reject(unreadable())));

/** A folder returns its entries in batches; the last one is empty.
 * @type {(folder: FileSystemDirectoryEntry) => Promise<FileSystemEntry[]>} */
async function entries_of(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, () => reject(unreadable())));
    if (!some.length) return all;
    all.push(...some);
  }
}
