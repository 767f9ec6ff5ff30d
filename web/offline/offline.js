// Has the service worker keep the page's files once the model is there, and says when a new version is.

/** @typedef {import("../state/reduce.js").Action} Action */
/** @typedef {import("../state/reduce.js").State} State */

export const WORKER = "service-worker.js";
const SETTLED = ["ready", "failed", "cancelled"];

export class Offline {
  #state;
  #dispatch;
  #container;
  #reload;
  #is_started = false;
  /** @type {ServiceWorkerRegistration | null} */ #registration = null;

  /** @param {() => State} state @param {(action: Action) => void} dispatch
   *  @param {{ container: ServiceWorkerContainer | undefined, reload: () => void }} browser */
  constructor(state, dispatch, { container, reload }) {
    this.#state = state;
    this.#dispatch = dispatch;
    this.#container = container;
    this.#reload = reload;
  }

  /** To be called after every action. The files are asked for once the model has come: the browser then has the most of them. */
  follow() {
    if (this.#is_started || !SETTLED.includes(this.#state().weights.phase)) return;
    this.#is_started = true;
    void this.#start();
  }

  /** The new version takes over and the page is loaded again, unless other tabs run the former one. */
  update() {
    this.#registration?.waiting?.postMessage("take over");
  }

  /** What is kept is for the next visit no more. */
  async end() {
    await (await this.#container?.getRegistration())?.unregister();
  }

  async #start() {
    const container = this.#container;
    if (!container) return this.#unavailable(isSecureContext ? "this browser has no service workers here" : "the address does not begin with https");
    this.#dispatch({ do: "offline_preparing" });
    let was_controlled = container.controller !== null;
    container.addEventListener("controllerchange", () => {
      if (was_controlled) this.#reload();
      was_controlled = true;
    });
    container.addEventListener("message", ({ data }) => this.#receive(data));
    try {
      // With a server that can't be reached, the worker of before goes on.
      const registration = await container.register(WORKER, { scope: "./", updateViaCache: "none" }).catch(async (error) => {
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
    if (registration.active) this.#dispatch({ do: "offline_ready" });
    if (registration.active && registration.waiting) this.#dispatch({ do: "update_ready" });
    /** @param {ServiceWorker | null} worker */
    const follow = (worker) => worker?.addEventListener("statechange", () => {
      if (worker.state === "activated") this.#dispatch({ do: "offline_ready" });
      if (worker.state === "installed" && registration.active) this.#dispatch({ do: "update_ready" });
      if (worker.state === "redundant" && !registration.active) this.#unavailable("the files could not be kept: is there room on the disk?");
    });
    follow(registration.installing ?? registration.waiting);
    registration.addEventListener("updatefound", () => follow(registration.installing));
  }

  /** @param {any} data */
  #receive(data) {
    if (data?.requests) this.#dispatch({ do: "requested", requests: data.requests });
    if (data?.tabs) {
      this.#dispatch({ do: "told", code: "update_tabs", text: `Boxel is open in ${data.tabs} tabs. Close the others first: the new version must not meet the old one.` });
    }
  }

  /** @param {string} reason */
  #unavailable(reason) {
    this.#dispatch({ do: "offline_unavailable", reason });
  }
}
