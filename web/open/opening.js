// Brings scans from the user's files to the engine: parses the files that the state wants opened, and holds the scan
// until the engine takes it.

import { failure_of } from "../failure.js";
import { work_of } from "../features/unsaved/state.js";
import { GIVEN_UP, parse } from "./parser.js";

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../state/reduce.js").Action} Action */
/** @typedef {import("../engine/driver.js").Parsed} Parsed */

/** @type {(left_out: readonly Blob[], count: number) => string} */
function left_out_text(left_out, count) {
  const names = left_out.map((file) => file instanceof File ? file.name : "a file").join(", ");
  return `Opened without ${left_out.length} of ${count} files, which crash the reader: ${names}. `
    + "They are damaged or unusual: save or export them again.";
}

export class Opening {
  #state;
  #dispatch;
  #new_worker;
  #may_leave;
  #serial = 0; // of the files being parsed, or last parsed
  #abort = new AbortController();
  /** @type {((choice: number) => void) | null} */ #choose = null;
  /** @type {{ serial: number, parsed: Parsed } | null} */ #held = null;

  /** @param {() => State} state @param {(action: Action) => void} dispatch @param {() => Worker} new_worker
   *  @param {() => Promise<boolean>} may_leave whether the scan may be replaced; asks if something is unsaved */
  constructor(state, dispatch, new_worker, may_leave = async () => true) {
    this.#state = state;
    this.#dispatch = dispatch;
    this.#new_worker = new_worker;
    this.#may_leave = may_leave;
  }

  /** To be called after every action. */
  follow() {
    const { opening } = this.#state();
    if (opening?.serial !== this.#serial) {
      this.#abort.abort();
      this.#held = null;
      this.#choose = null;
      this.#serial = opening?.serial ?? 0;
      if (opening) void this.#parse(opening);
    } else if (opening.choice !== null && this.#choose) {
      this.#choose(opening.choice);
      this.#choose = null;
    }
  }

  /** @param {number} serial @returns {Parsed | null} */
  take(serial) {
    const held = this.#held;
    this.#held = null;
    return held?.serial === serial ? held.parsed : null;
  }

  /** Parses the same scan from the same files again.
   * @param {import("../state/scan.js").Scan} scan
   * @returns {Promise<Parsed>} */
  again({ files, choice }) {
    const signal = new AbortController().signal;
    return parse(this.#new_worker, files, { on_read: () => {}, choose: async () => choice, signal });
  }

  /** @param {import("../state/scan.js").Opening} opening */
  async #parse({ serial, files }) {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const work = work_of(this.#state()); // the work that the user was asked about
    try {
      const { choice, key, scan, left_out } = await parse(this.#new_worker, files, {
        signal,
        on_read: (read) => this.#dispatch({ do: "open_progress", serial, read }),
        choose: (choices) => new Promise((resolve) => {
          this.#choose = resolve;
          this.#dispatch({ do: "scan_choices", serial, choices });
        }),
      });
      if (signal.aborted) return;
      // The previous scan stays in use until now: ask about what was drawn on it meanwhile.
      if (work_of(this.#state()) !== work && !await this.#may_leave() && !signal.aborted) {
        return this.#dispatch({ do: "open_given_up" });
      }
      if (signal.aborted) return;
      this.#held = { serial, parsed: { key, scan } };
      const notes = left_out.length ? [{ code: "files_left_out", text: left_out_text(left_out, files.length) }] : [];
      this.#dispatch({ do: "scan_parsed", serial, choice, notes });
    } catch (error) {
      if (error !== GIVEN_UP) {
        this.#dispatch({ do: "open_failed", serial, failure: failure_of(error, "image_damaged") });
      }
    }
  }
}
