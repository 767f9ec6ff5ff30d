// Makes the moves of a replay and compares the masks at the end.

import { failure_of } from "../../failure.js";
import { next_move } from "./next_move.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/reduce.js").Action} Action */
/** Compares an object with the recorded one.
 * @typedef {(
 *   number: number, recorded: import("./format.js").FileObject,
 * ) => Promise<import("../../../boxel-bindings.js").ReplayCheck>} Check */

export class Replayer {
  #state;
  #dispatch;
  #check;
  #busy = false;

  /** @param {() => State} state @param {(action: Action) => void} dispatch @param {Check} check */
  constructor(state, dispatch, check) {
    this.#state = state;
    this.#dispatch = dispatch;
    this.#check = check;
  }

  /** To be called after every action. */
  follow() {
    const move = next_move(this.#state());
    if (move) this.#dispatch(move);
    else if (this.#state().replay?.phase === "comparing" && !this.#busy) void this.#compare();
  }

  async #compare() {
    this.#busy = true;
    const { replay, engine: { generation } } = this.#state();
    /** @type {Action} */
    let outcome;
    try {
      outcome = { do: "replay_compared", generation, found: await Promise.all(
        replay?.session.objects.map((recorded, i) => this.#check(replay.numbers[i] ?? 0, recorded)) ?? [],
      ) };
    } catch (error) {
      outcome = { do: "replay_stopped", why: failure_of(error, "internal").message };
    }
    this.#busy = false;
    if (this.#state().replay === replay) this.#dispatch(outcome);
    else this.follow();
  }
}
