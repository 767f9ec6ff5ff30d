// Copies the objects' masks from the engine, so that they survive its worker: whenever the user pauses, and now and
// then during a propagation.

import { to_be_kept } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/reduce.js").Action} Action */

const PAUSE_MS = 1000;
const PROPAGATING_MS = 10_000;
/** The pause is this many times as long as the last copying took, */
const SHARE = 20;
/** but no longer than this: the measured time includes waiting for the engine, which may be encoding. */
const MAX_PAUSE_MS = 10_000;

export class Keeper {
  #state;
  #dispatch;
  #take;
  /** @type {ReturnType<typeof setTimeout> | null} */ #timer = null;
  #last_ms = 0;

  /** @param {() => State} state @param {(action: Action) => void} dispatch
   *  @param {(number: number) => Promise<string>} take an object's masks */
  constructor(state, dispatch, take) {
    this.#state = state;
    this.#dispatch = dispatch;
    this.#take = take;
  }

  /** To be called after every action. */
  follow() {
    const state = this.#state();
    if (this.#timer !== null || state.replay?.phase === "running" || !to_be_kept(state).length) return;
    const pause_ms = state.propagating ? PROPAGATING_MS : PAUSE_MS;
    this.#timer = setTimeout(() => void this.#run(), Math.max(pause_ms, Math.min(SHARE * this.#last_ms, MAX_PAUSE_MS)));
  }

  async #run() {
    const begun_ms = performance.now();
    for (const number of to_be_kept(this.#state())) {
      const { generation } = this.#state().engine;
      try {
        this.#dispatch({ do: "object_kept", generation, number, masks: await this.#take(number) });
      } catch {
        break; // the engine died or the object is gone: the next change tries again
      }
    }
    this.#last_ms = performance.now() - begun_ms;
    this.#timer = null;
    this.follow();
  }
}
