// Runs tasks one after the other: a task may send several requests to the engine without others in between.

import { CANCELLED } from "./error.js";

export class Turns {
  #last = Promise.resolve();

  /** A task that is aborted while waiting never begins.
   * @template T @param {() => Promise<T>} task @param {AbortSignal} [signal] @returns {Promise<T>} */
  take(task, signal) {
    return new Promise((resolve, reject) => {
      let has_begun = false;
      signal?.addEventListener("abort", () => { if (!has_begun) reject(CANCELLED); }, { once: true });
      this.#last = this.#last.then(async () => {
        if (signal?.aborted) return reject(CANCELLED);
        has_begun = true;
        await task().then(resolve, reject);
      });
    });
  }
}
