// Reads the segmentation that the state wants loaded, once its scan is open.

import { failure_of } from "../../failure.js";
import { way_of_segments } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/reduce.js").Action} Action */
/** @typedef {import("./state.js").FileSegment} FileSegment */
/** @typedef {import("../../failure.js").Failure} Failure */
/** @typedef {import("../../../boxel-bindings.js").ListedSegment} ListedSegment */
/** Reads files as segments on the open scan; `choose` selects some of them, and `on_part` gets the part that is read.
 * @typedef {(
 *   files: readonly Blob[], resample: boolean, choose: (listed: ListedSegment[]) => Promise<readonly number[]>,
 *   on_part: (part: number) => void, signal: AbortSignal,
 * ) => Promise<FileSegment[]>} ReadSegments */
/** Asks which of several segments to load, as indices of the list; null if the user cancels.
 * @typedef {(listed: ListedSegment[]) => Promise<readonly number[] | null>} AskChoice */
/** Asks whether to resample segments that do not lie on the scan's voxels.
 * @typedef {(failure: Failure) => Promise<boolean>} AskResampling */

/** Segments that do not lie on the scan's voxels. */
const ELSEWHERE = "segments_elsewhere";
const CANCELLED = { code: "cancelled", message: "Loading was cancelled." };

/** @type {(serial: number, error: unknown) => Action} */
const failed = (serial, error) =>
  ({ do: "segments_failed", serial, failure: failure_of(error, "image_unreadable") });

export class SegmentLoader {
  #state;
  #dispatch;
  #read;
  #ask;
  #ask_choice;
  #serial = 0; // of the segments being read, or last read
  #abort = new AbortController();

  /** @param {() => State} state @param {(action: Action) => void} dispatch @param {ReadSegments} read
   *  @param {AskResampling} ask @param {AskChoice} ask_choice */
  constructor(state, dispatch, read, ask, ask_choice) {
    this.#state = state;
    this.#dispatch = dispatch;
    this.#read = read;
    this.#ask = ask;
    this.#ask_choice = ask_choice;
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
    /** @type {readonly number[] | null} */
    let chosen = null;
    /** Asks once, although the segments are listed again for resampling. @param {ListedSegment[]} listed */
    const choose = async (listed) => {
      chosen ??= listed.length > 1 ? await this.#ask_choice(listed) : listed.map((_, i) => i);
      if (!chosen || signal.aborted) throw CANCELLED;
      return chosen;
    };
    /** @param {boolean} resample @returns {Promise<Action>} */
    const read = async (resample) => {
      const found = await this.#read(files, resample, choose, on_part, signal);
      return { do: "segments_read", serial, found, resampled: resample };
    };
    try {
      outcome = await read(false);
    } catch (error) {
      if (error === CANCELLED) return signal.aborted ? undefined : this.#dispatch({ do: "segments_given_up" });
      const failure = failure_of(error, "image_unreadable");
      const resample = failure.code === ELSEWHERE && !signal.aborted && await this.#ask(failure);
      outcome = resample && !signal.aborted ? await read(true).catch((again) => failed(serial, again)) : failed(serial, error);
    }
    if (!signal.aborted) this.#dispatch(outcome);
  }
}
