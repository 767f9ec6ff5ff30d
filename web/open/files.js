// Files that the user hands over: by picker, by dropping them anywhere, by pasting. Their names are
// not kept: they often name the patient.

/** @typedef {{ on_file: (file: File) => void, on_several: (count: number) => void }} FileHandlers */

/** Reading a file takes its whole size in memory; the engine's own limits come after that. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;

/** @type {(file: Blob) => Promise<Uint8Array<ArrayBuffer>>} */
export async function read_file(file) {
  if (file.size > MAX_FILE_BYTES) {
    throw { code: "image_too_large", message: `The file has ${Math.round(file.size / 1048576)} MiB; at most ${MAX_FILE_BYTES / 1048576} MiB can be opened.` };
  }
  const buffer = await file.arrayBuffer().catch(() => {
    throw { code: "image_unreadable", message: "The file could not be read. Is it a folder, or has it been moved?" };
  });
  return new Uint8Array(buffer);
}

/** @type {(files: FileList | undefined | null, handlers: FileHandlers) => boolean} */
function take_first(files, { on_file, on_several }) {
  const first = files?.[0];
  if (!first) return false;
  on_file(first);
  if (files.length > 1) on_several(files.length);
  return true;
}

/** @type {(input: HTMLInputElement, handlers: FileHandlers) => void} */
export function listen_to_picker(input, handlers) {
  input.addEventListener("change", () => {
    take_first(input.files, handlers);
    input.value = ""; // the same file can be picked again
  });
}

/** @type {(body: HTMLElement, handlers: FileHandlers) => void} */
export function listen_to_drops(body, handlers) {
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
    if (!carries_files(event)) return;
    event.preventDefault();
    body.classList.remove("dropping");
    take_first(event.dataTransfer?.files, handlers);
  });
}

/** @type {(page: Document, handlers: FileHandlers) => void} */
export function listen_to_pastes(page, handlers) {
  page.addEventListener("paste", (event) => {
    if (take_first(event.clipboardData?.files, handlers)) event.preventDefault();
  });
}
