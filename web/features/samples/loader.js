// The bundled sample scans, listed in samples/samples.json: fetched when the state asks for them.

import { failure_of } from "../../failure.js";
import { fetch_asset, whole } from "../../open/fetch.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/reduce.js").Action} Action */
/** @typedef {{ file: string, title: string, modality: string, box: import("../prompts/state.js").ImageBox }} Sample */

export class SampleLoader {
  #state;
  #dispatch;

  /** @param {() => State} state @param {(action: Action) => void} dispatch */
  constructor(state, dispatch) {
    this.#state = state;
    this.#dispatch = dispatch;
  }

  /** To be called after every action. */
  follow() {
    const { phase, coming } = this.#state().samples;
    if (phase === "none") void this.#list();
    if (coming?.phase === "idle") void this.#load(coming);
  }

  async #list() {
    this.#dispatch({ do: "samples_listing" });
    try {
      const text = await (await whole(await fetch_asset("samples/samples.json"))).text();
      this.#dispatch({ do: "samples_listed", list: JSON.parse(text) });
    } catch (error) {
      this.#dispatch({
        do: "samples_failed", failure: failure_of(error, "samples", "The list of samples could not be loaded"),
      });
    }
  }

  /** @param {import("./state.js").Coming} coming */
  async #load({ serial, sample: { file, title } }) {
    this.#dispatch({ do: "sample_loading", serial });
    try {
      const blob = await whole(await fetch_asset(`samples/${file}`));
      // The user may have asked for something else meanwhile.
      if (this.#state().samples.coming?.serial !== serial) return;
      this.#dispatch({ do: "open_wanted", source: { serial, title, files: [blob] } });
    } catch (error) {
      this.#dispatch({
        do: "sample_failed", serial, failure: failure_of(error, "samples", "The sample could not be loaded"),
      });
    }
  }
}
