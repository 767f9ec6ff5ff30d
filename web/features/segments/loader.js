// Reads the segmentation that the state wants loaded, once its scan is open.

import { failure_of } from "../../failure.js";
import { way_of_segments } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/reduce.js").Action} Action */
/** @typedef {import("./state.js").FileSegment} FileSegment */
/** @typedef {import("../../failure.js").Failure} Failure */
/** Reads files as segments on the open scan; `on_part` gets the part that is read.
 * @typedef {(
 *   files: readonly Blob[], resample: boolean, on_part: (part: number) => void, signal: AbortSignal,
 * ) => Promise<FileSegment[]>} ReadSegments */
/** Asks whether to resample segments that do not lie on the scan's voxels.
 * @typedef {(failure: Failure) => Promise<boolean>} AskResampling */

/** Segments that do not lie on the scan's voxels. */
const ELSEWHERE = "segments_elsewhere";

/** @type {(serial: number, error: unknown) => Action} */
const failed = (serial, error) =>
  ({ do: "segments_failed", serial, failure: failure_of(error, "image_unreadable") });

export class SegmentLoader {
  #state;
  #dispatch;
  #read;
  #ask;
  #serial = 0; // of the segments being read, or last read
  #abort = new AbortController();

  /** @param {() => State} state @param {(action: Action) => void} dispatch @param {ReadSegments} read
   *  @param {AskResampling} ask */
  constructor(state, dispatch, read, ask) {
    this.#state = state;
    this.#dispatch = dispatch;
    this.#read = read;
    this.#ask = ask;
  }

  /** To be called after every action. */
  follow() {
    const { segments } = this.#state();
    if (segments?.serial !== this.#serial) this.#abort.abort();
    const way = way_of_segments(this.#state());
    if (way === "gone") this.#dispatch({ do: "segments_given_up" });
    else if (segments && way === "ready" && segments.serial !== this.#serial) void this.#bring(segments);
  }

  /** @param {import("./state.js").Segments} segments */
  async #bring({ serial, files }) {
    this.#serial = serial;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    /** @type {Action} */
    let outcome;
    const on_part = (/** @type {number} */ part) => this.#dispatch({ do: "segments_reading", serial, part });
    /** @param {boolean} resample @returns {Promise<Action>} */
    const read = async (resample) => {
      const found = await this.#read(files, resample, on_part, signal);
      return { do: "segments_read", serial, found, resampled: resample };
    };
    try {
      outcome = await read(false);
    } catch (error) {
      const failure = failure_of(error, "image_unreadable");
      const resample = failure.code === ELSEWHERE && !signal.aborted && await this.#ask(failure);
      outcome = resample && !signal.aborted ? await read(true).catch((again) => failed(serial, again)) : failed(serial, error);
    }
    if (!signal.aborted) this.#dispatch(outcome);
  }
}
