// Lets the service worker store the page's files once the model is loaded, unless the user refuses. Reports updates.

import { BASE } from "../../offline/requests.js";

/** @typedef {import("../../state/reduce.js").Action} Action */
/** @typedef {import("../../state/reduce.js").State} State */

/** How long a terminated service worker may still be writing a file. */
const LAST_FILE_MS = 1000;
const NO_ROOM = "the files could not be stored: is the disk full?";
export const WORKER = "service-worker.js";
const SETTLED = ["ready", "failed", "cancelled"];
/** Prefix of the service worker's caches. */
const CACHE_PREFIX = `boxel ${new URL(BASE).pathname} `;


export class Offline {
  #state;
  #dispatch;
  #container;
  #caches;
  #reload;
  #is_started = false;
  #is_removed = false;
  #is_listening = false;
  /** Runs changes one after the other, however fast the user switches. */ #turn = Promise.resolve();
  /** @type {ServiceWorkerRegistration | null} */ #registration = null;

  /** @param {() => State} state
   * @param {(action: Action) => void} dispatch
   * @param {{
   *   container: ServiceWorkerContainer | undefined, caches: CacheStorage | undefined,
   *   reload: () => void,
   * }} browser */
  constructor(state, dispatch, { container, caches, reload }) {
    this.#state = state;
    this.#dispatch = dispatch;
    this.#container = container;
    this.#caches = caches;
    this.#reload = reload;
  }

  /** To be called after every action. Waits for the model: by then the browser has most of the files. */
  follow() {
    const { offline, weights } = this.#state();
    if (!offline.wanted) {
      if (this.#is_removed) return;
      this.#is_removed = true;
      this.#is_started = false;
      this.#turn = this.#turn.then(() => this.#refuse());
    } else if (!this.#is_started && SETTLED.includes(weights.phase)) {
      this.#is_started = true;
      this.#is_removed = false;
      this.#turn = this.#turn.then(() => this.#start());
    }
  }

  /** Switches to the new version and reloads the page, unless other tabs still run the old one. */
  update() {
    this.#registration?.waiting?.postMessage("take over");
  }

  /** Removes the service worker and its files. A page that it serves then gets its files from the host. */
  async remove() {
    const registration = await this.#container?.getRegistration();
    const installing = registration?.installing;
    await registration?.unregister();
    // It may be writing a file at this moment.
    if (installing && installing.state === "installing") {
      await new Promise((resolve) => {
        installing.addEventListener("statechange", resolve, { once: true });
        setTimeout(resolve, LAST_FILE_MS);
      });
    }
    for (const name of await this.#caches?.keys() ?? []) {
      if (name.startsWith(CACHE_PREFIX)) await this.#caches?.delete(name);
    }
    this.#registration = null;
  }

  async #refuse() {
    try {
      await this.remove();
      this.#dispatch({ do: "offline_removed" });
    } catch (error) {
      const reason = error instanceof Error ? error.message : error;
      this.#dispatch({ do: "failed", failure: {
        code: "storage",
        message: `The stored files of this page could not be removed (${reason}). `
          + "Your browser's settings can clear this site's data.",
      } });
    }
  }

  /** @param {ServiceWorkerContainer} container */
  #listen(container) {
    if (this.#is_listening) return;
    this.#is_listening = true;
    let was_controlled = container.controller !== null;
    container.addEventListener("controllerchange", () => {
      if (was_controlled) this.#reload();
      was_controlled = true;
    });
    container.addEventListener("message", ({ data }) => this.#receive(data));
  }

  async #start() {
    const container = this.#container;
    if (!container) return this.#unavailable(
      isSecureContext ? "this browser has no service workers here" : "the address does not begin with https",
    );
    if (!this.#state().offline.wanted) return;
    this.#dispatch({ do: "offline_preparing" });
    this.#listen(container);
    try {
      // If the server cannot be reached, the old worker stays in use.
      const registration = await container.register(WORKER, { scope: "./", updateViaCache: "none" })
        .catch(async (error) => {
        const before = await container.getRegistration();
        if (!before?.active) throw error;
        return before;
      });
      if (!registration) throw new Error("the browser forbids it");
      this.#watch(registration);
    } catch (error) {
      this.#unavailable(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {ServiceWorkerRegistration} registration */
  #watch(registration) {
    this.#registration = registration;
    // The files of a continuing worker may be gone: the user refused them, or the browser needed space.
    registration.active?.postMessage("keep");
    if (registration.active && registration.waiting) this.#dispatch({ do: "update_ready" });
    /** @param {ServiceWorker | null} worker */
    const follow = (worker) => worker?.addEventListener("statechange", () => {
      if (worker.state === "activated") this.#dispatch({ do: "offline_ready" });
      if (worker.state === "installed" && registration.active) this.#dispatch({ do: "update_ready" });
      if (worker.state === "redundant" && !registration.active) this.#unavailable(NO_ROOM);
    });
    follow(registration.installing ?? registration.waiting);
    registration.addEventListener("updatefound", () => follow(registration.installing));
  }

  /** @param {any} data */
  #receive(data) {
    if (data?.requests) this.#dispatch({ do: "requested", requests: data.requests });
    if (data?.kept === true) this.#dispatch({ do: "offline_ready" });
    if (data?.kept === false) this.#unavailable(NO_ROOM);
    if (data?.tabs) {
      this.#dispatch({
        do: "told", code: "update_tabs",
        text: `Boxel is open in ${data.tabs} tabs. Close the others first: two versions cannot run at once.`,
      });
    }
  }

  /** @param {string} reason */
  #unavailable(reason) {
    this.#dispatch({ do: "offline_unavailable", reason });
  }
}
