// Loads the wanted model's file, wherever it is, and reports progress to the state.

import { failure_of } from "../failure.js";
import { Progress } from "../progress.js";

/** @typedef {import("../state/reduce.js").Action} Action */
/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../state/sessions.js").Side} Side */
/** @typedef {import("../features/models/state.js").ModelEntry} ModelEntry */
/** @typedef {(entry: ModelEntry, watch: import("./download.js").Watch) => Promise<Blob>} Bring */

/** One download at a time: two would share the bandwidth, and may be of the same file. */
export class Loader {
  #state;
  #dispatch;
  #bring;
  #has_files_here;
  /** @type {{ side: Side, id: string } | null} */ #loading = null;
  #abort = new AbortController();

  /** @param {() => State} state @param {(action: Action) => void} dispatch @param {Bring} bring
   *  @param {() => boolean} has_files_here whether the site's files come from this browser */
  constructor(state, dispatch, bring, has_files_here = () => false) {
    this.#state = state;
    this.#dispatch = dispatch;
    this.#bring = bring;
    this.#has_files_here = has_files_here;
  }

  /** To be called after every action. */
  follow() {
    const { weights, comparison_weights, module } = this.#state();
    if (this.#loading) {
      const wanted = this.#loading.side === "main" ? weights : comparison_weights;
      if (wanted?.id !== this.#loading.id) this.#abort.abort("newer");
      return;
    }
    // It would compete for bandwidth with the module, which opening a scan needs. Once its bytes are there, it compiles.
    const has_come = module.phase === "loading" && module.total > 0 && module.loaded >= module.total;
    if (module.phase !== "ready" && !has_come && !this.#has_files_here()) return;
    if (weights.id && weights.phase === "idle") void this.#load("main", weights.id);
    else if (comparison_weights?.id && comparison_weights.phase === "idle") {
      void this.#load("comparison", comparison_weights.id);
    }
  }

  /** Cancels the download for the user. */
  cancel() {
    this.#abort.abort("user");
  }

  /** @param {Side} side @param {string} id */
  async #load(side, id) {
    this.#loading = { side, id };
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    /** @param {Action} action */
    const dispatch = (action) => {
      if (signal.reason !== "newer") this.#dispatch(action);
    };
    const progress = new Progress((loaded) => dispatch({ do: "weights_progress", side, loaded }));
    try {
      const entry = this.#state().models.entries.find((each) => each.id === id);
      if (!entry) throw { code: "weights_fetch", message: "This model is no longer available." };
      dispatch({ do: "weights_progress", side, loaded: 0 });
      const file = await this.#bring(entry, {
        signal,
        on_bytes: (loaded) => progress.seen(loaded),
        on_checking: () => {
          progress.end();
          dispatch({ do: "weights_checking", side });
        },
      });
      progress.end();
      this.#loading = null;
      dispatch({ do: "weights_ready", side, id, file });
    } catch (error) {
      progress.end();
      this.#loading = null;
      if (signal.aborted) dispatch({ do: "weights_cancelled", side });
      else dispatch({ do: "weights_failed", side, failure: failure_of(error, "weights_fetch") });
    }
    this.follow();
  }
}
