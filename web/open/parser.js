// Files → a scan, in a worker that is terminated after each task. So a file that crashes the reader or makes it loop
// does no harm, and its memory is freed.

import { failure_of } from "../failure.js";
import { Life } from "../life.js";
import { READER_NOT_LOADED } from "../state/failure_codes.js";

/** @typedef {import("../failure.js").Failure} Failure */
/** @typedef {import("../engine/driver.js").Parsed} Parsed */
/** `ready`: the module is loaded. A beat comes before each piece of work, which is about `bytes`. `read` counts files.
 * @typedef {import("../life.js").SignOfLife
 *  | { beat: { read: number, bytes: number } }
 *  | { choices: string[] }
 *  | { parsed: Parsed }
 *  | { segmentations: boolean[] }
 *  | { listed: ListedSegment[] }
 *  | { segments: FileSegment[], part: number }
 *  | { failure: ParseFailure }
 *  | { requests: import("../offline/requests.js").Requested[] }} FromParser */
/** @typedef {{ files: readonly Blob[] } | { choice: number } | { look: readonly Blob[] } | { chosen: readonly number[] }
 *   | { segments: readonly Blob[], place: string, resample: boolean }} ToParser */
/** @typedef {import("../../boxel-bindings.js").FileSegment} FileSegment */
/** @typedef {import("../../boxel-bindings.js").ListedSegment} ListedSegment */
/**
 * @typedef {object} Watch
 * @property {(read: number) => void} on_read how many files
 * @property {(choices: string[]) => Promise<number>} choose one of several scans
 * @property {AbortSignal} signal
 */

const MIB = 1024 * 1024;

/** @type {(bytes: number) => number} */
export const time_limit_ms = (bytes) => 5_000 + 1_000 * bytes / (2 * MIB);

export const GIVEN_UP = { code: "cancelled", message: "Opening was cancelled." };
const UNREADABLE_REPLY = {
  code: "image_unreadable", message: "The file reader sent an unreadable reply. Open the scan again.",
};

/** @type {(ms: number) => Failure} */
const timed_out = (ms) => ({
  code: "image_timeout",
  message: `Reading the scan took more than ${Math.round(ms / 1000)} seconds and was stopped. `
    + "The file is probably damaged: save or export it again.",
});

/** @typedef {Failure & { crashed?: true }} ParseFailure `crashed`: the reader stopped, perhaps because of one file */

/** @type {(reason: string) => ParseFailure} */
const crashed = (reason) => ({
  crashed: true, code: "image_damaged",
  message: `Reading the scan stopped unexpectedly (${reason || "no reason was given"}). `
    + "The file is damaged, or needs more memory than the browser has: save or export it again, or open fewer files.",
});

const NO_READER = {
  code: READER_NOT_LOADED,
  message: "The file reader could not be loaded. "
    + "Check that the page's host can be reached, then retry to open the scan.",
};

/** After this many files that crash the reader, opening is given up. */
const MAX_FATAL_FILES = 3;

/** Opens the scan in some files. If a file crashes the reader, new readers search for that file, and the others are
 * opened without it; `left_out` holds such files. Rejects with a `Failure`, or with `GIVEN_UP` once the signal is
 * aborted.
 * @type {(
 *   new_worker: () => Worker, files: readonly Blob[], watch: Watch,
 * ) => Promise<Parsed & { choice: number, left_out: Blob[] }>} */
export async function parse(new_worker, files, watch) {
  /** @type {Blob[]} */
  const left_out = [];
  let was_asked = false;
  /** @type {Watch["choose"]} */
  const choose = (choices) => {
    was_asked = true;
    return watch.choose(choices);
  };
  for (;;) {
    const rest = files.filter((file) => !left_out.includes(file));
    try {
      return { ...await attempt(new_worker, rest, { ...watch, choose }), left_out };
    } catch (error) {
      // If the scan that the user chose crashes the reader, the user has to choose another one.
      const is_to_be_searched = is_crash(error) && !was_asked && rest.length > 1 && left_out.length < MAX_FATAL_FILES;
      const fatal = is_to_be_searched ? await fatal_file(new_worker, rest, watch.signal) : null;
      if (!fatal) throw told(error);
      left_out.push(fatal);
    }
  }
}

/** @param {any} error */
const is_crash = (error) => error?.crashed === true;

/** Keeps only code and message. @param {any} error */
const told = (error) => is_crash(error) ? { code: error.code, message: error.message } : error;

/** The file that crashes the reader, found by bisection; null if no single file does.
 * @type {(new_worker: () => Worker, files: readonly Blob[], signal: AbortSignal) => Promise<Blob | null>} */
async function fatal_file(new_worker, files, signal) {
  /** @type {(some: readonly Blob[]) => Promise<boolean>} */
  const is_fatal = (some) =>
    attempt(new_worker, some, { on_read: () => {}, choose: async () => 0, signal }).then(() => false, is_crash);
  let some = files;
  while (some.length > 1 && !signal.aborted) {
    const half = some.slice(0, Math.ceil(some.length / 2));
    some = await is_fatal(half) ? half : some.slice(half.length);
  }
  const [last] = some;
  return last && !signal.aborted && await is_fatal([last]) ? last : null;
}

/** Opens one scan of some files with one reader.
 * @type {(new_worker: () => Worker, files: readonly Blob[], watch: Watch) => Promise<Parsed & { choice: number }>} */
function attempt(new_worker, files, { on_read, choose, signal }) {
  let chosen = 0;
  return read_with(new_worker, { files }, { on_read, signal }, (reply, { wait, ask, end, fail }) => {
    if ("parsed" in reply) end({ ...reply.parsed, choice: chosen });
    if (!("choices" in reply)) return;
    wait(); // the user may take any time to choose
    choose(reply.choices).then((choice) => {
      chosen = choice;
      ask({ choice });
    }, fail);
  });
}

/** Which of some files are segmentations, each alone. Rejects like `parse`.
 * @type {(new_worker: () => Worker, files: readonly Blob[], signal: AbortSignal) => Promise<boolean[]>} */
export const look_for_segmentations = (new_worker, files, signal) =>
  read_with(new_worker, { look: files }, { on_read: () => {}, signal }, (reply, { end }) => {
    if ("segmentations" in reply) end(reply.segmentations);
  });

/** Reads files as segments on a scan, which `place` describes: `choose` selects some of them, by their
 * indices in the list, and `on_part` gets the part that is read. `resample`: they need not lie on the scan's voxels.
 * Rejects like `parse`.
 * @type {(
 *   new_worker: () => Worker, task: { files: readonly Blob[], place: string, resample: boolean },
 *   choose: (listed: ListedSegment[]) => Promise<readonly number[]>, on_part: (part: number) => void,
 *   signal: AbortSignal,
 * ) => Promise<FileSegment[]>} */
export function read_segments(new_worker, { files, place, resample }, choose, on_part, signal) {
  /** @type {FileSegment[]} */
  const found = [];
  return read_with(new_worker, { segments: files, place, resample }, { on_read: () => {}, signal }, (reply, next) => {
    const { wait, ask, end, fail } = next;
    if ("listed" in reply) {
      wait(); // the user may take any time to choose
      choose(reply.listed).then((chosen) => ask({ chosen }), fail);
    }
    if (!("segments" in reply)) return;
    found.push(...reply.segments);
    on_part(reply.part);
    if (reply.part >= 1) end(found);
  });
}

/**
 * What can follow a reply of the reader.
 * @template T
 * @typedef {object} Next
 * @property {() => void} wait no clock runs
 * @property {(task: ToParser) => void} ask goes on with another task
 * @property {(result: T) => void} end
 * @property {(error: unknown) => void} fail
 */

/** Gives a new reader a task. The time limit starts once its module is loaded: before that, the page's own files are
 * loading, however slow the connection.
 * @template T
 * @param {() => Worker} new_worker @param {ToParser} task @param {Pick<Watch, "on_read" | "signal">} watch
 * @param {(reply: FromParser, next: Next<T>) => void} on_reply @returns {Promise<T>} */
function read_with(new_worker, task, { on_read, signal }, on_reply) {
  if (signal.aborted) return Promise.reject(GIVEN_UP);
  const worker = new_worker();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {(reason: string) => void} */
  let on_end = () => {};
  const life = new Life(() => on_end("the browser ended the file reader"));
  let is_ready = false;
  /** @type {Promise<T>} */
  const reading = new Promise((resolve, reject) => {
    /** @param {number} ms */
    const allow = (ms) => {
      clearTimeout(timer);
      timer = setTimeout(() => reject(timed_out(ms)), ms);
    };
    /** @type {Next<T>} */
    const next = {
      wait: () => clearTimeout(timer),
      ask: (further) => {
        allow(time_limit_ms(0)); // until the next beat
        worker.postMessage(further);
      },
      end: resolve, fail: reject,
    };
    /** @param {FromParser} reply */
    const receive = (reply) => {
      life.hear(reply);
      if ("requests" in reply || "alive" in reply) return; // main.js handles the requests
      is_ready = true;
      if ("ready" in reply) return allow(time_limit_ms(0)); // until the first beat
      if ("failure" in reply) return reject(reply.failure);
      if ("beat" in reply) {
        allow(time_limit_ms(reply.beat.bytes));
        return on_read(reply.beat.read);
      }
      on_reply(reply, next);
    };
    on_end = (reason) => reject(is_ready ? crashed(reason) : NO_READER);
    signal.addEventListener("abort", () => reject(GIVEN_UP), { once: true });
    worker.onmessage = ({ data }) => receive(data);
    worker.onmessageerror = () => reject(UNREADABLE_REPLY);
    worker.onerror = (event) => {
      event.preventDefault?.();
      on_end(event.message);
    };
    worker.postMessage(task);
  });
  return reading.finally(() => {
    clearTimeout(timer);
    life.end();
    worker.terminate();
  });
}

/** The worker's failure for an error. @param {any} error */
export const parse_failure = (error) => {
  const is_of_module = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
  return is_of_module
    ? crashed(error.message)
    : failure_of(error, "image_damaged", "Reading the scan stopped unexpectedly");
};
