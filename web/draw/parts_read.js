// Which parts of a state its reader has used: while they stay the same, the reader would do the same again.

/** @typedef {import("../state/reduce.js").State} State */

export class PartsRead {
  /** @type {Map<keyof State, unknown>} */ #parts = new Map();

  /** The same state, whose parts are noted as they are read. @type {(state: State) => State} */
  noted(state) {
    const parts = this.#parts;
    return new Proxy(state, {
      get(from, /** @type {keyof State} */ name) {
        parts.set(name, from[name]);
        return from[name];
      },
    });
  }

  /** To be called before the reader begins anew. */
  forget() {
    this.#parts.clear();
  }

  /** Whether a part that was read is another one in this state. @param {State} state */
  differ_in(state) {
    return [...this.#parts].some(([name, part]) => state[name] !== part);
  }
}
