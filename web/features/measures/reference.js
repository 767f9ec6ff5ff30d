// Reads the files of a reference mask when the state has one.

import { failure_of } from "../../failure.js";
import { reference_to_read } from "./reference_state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/reduce.js").Action} Action */
/** Reads the first scan in the files, as the engine takes it.
 * @typedef {(files: readonly Blob[]) => Promise<Uint8Array<ArrayBuffer>>} ReadScan */

let last_serial = 0;
/** A new one for each reference. */
export const new_reference_serial = () => ++last_serial;

export class ReferenceReader {
  #state;
  #dispatch;
  #read;
  #busy = false;

  /** @param {() => State} state @param {(action: Action) => void} dispatch @param {ReadScan} read */
  constructor(state, dispatch, read) {
    this.#state = state;
    this.#dispatch = dispatch;
    this.#read = read;
  }

  /** To be called after every action. */
  follow() {
    const reference = reference_to_read(this.#state());
    if (reference && !this.#busy) void this.#bring(reference);
  }

  /** @param {import("./reference_state.js").Reference} reference */
  async #bring({ serial, files }) {
    this.#busy = true;
    /** @type {Action} */
    let outcome;
    try {
      outcome = { do: "reference_read", serial, scan: await this.#read(files) };
    } catch (error) {
      outcome = { do: "reference_unreadable", serial, failure: failure_of(error, "image_unreadable") };
    }
    this.#busy = false;
    this.#dispatch(outcome);
    this.follow(); // there may be a newer reference; the outcome for an old one is ignored
  }
}
