// Lets the service worker store the page's files once the model is loaded, unless the user refuses. Reports updates.

import { Countdown } from "../../countdown.js";
import { service_worker_address } from "../../offline/own_scripts.js";
import { PREFIX, SITE, VERSION } from "../../offline/place.js";

/** @typedef {import("../../state/reduce.js").Action} Action */
/** @typedef {import("../../state/reduce.js").State} State */
/**
 * @typedef {object} Browser
 * @property {ServiceWorkerContainer | undefined} container
 * @property {CacheStorage | undefined} caches
 * @property {LockManager | undefined} locks
 * @property {() => void} reload
 */

/** How long a terminated service worker may still be writing a file. */
const LAST_FILE_MS = 1000;
/** How long a new version may take to replace the old one. */
const MAX_TAKE_OVER_MS = 5000;
/** How long after its end an installation's own message may still be on its way. */
const FAULT_MS = 1000;
/** How long the host may take to send the service worker, which is small. */
const MAX_REGISTER_MS = 30_000;
const SILENT = `service-worker.js: the host has sent nothing for ${MAX_REGISTER_MS / 1000} seconds`;
const NO_ROOM = "the files could not be stored: is the disk full?";
const SETTLED = ["ready", "failed", "cancelled"];

export class Offline {
  #state;
  #dispatch;
  #browser;
  #is_started = false;
  #is_removed = false;
  #is_listening = false;
  /** Runs changes one after the other, however fast the user switches. */ #turn = Promise.resolve();
  /** @type {ServiceWorkerRegistration | null} */ #registration = null;
  /** Of the active service worker, once it has answered. @type {string | null} */ #active_version = null;
  /** Why the installation in progress failed; empty until it does. */ #fault = "";

  /** @param {() => State} state @param {(action: Action) => void} dispatch @param {Browser} browser */
  constructor(state, dispatch, browser) {
    this.#state = state;
    this.#dispatch = dispatch;
    this.#browser = browser;
    // Tells service workers that a tab of this version is open. The browser releases it with the tab.
    browser.locks?.request(`${PREFIX}${VERSION}`, { mode: "shared" }, () => new Promise(() => {})).catch(() => {});
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

  /** Tries again to keep the files. What was kept before the failure is in the browser's own cache. */
  retry() {
    this.#turn = this.#turn.then(() => this.#start());
  }

  /** Reloads the page in the newest version there is. Other tabs keep theirs. */
  async update() {
    const waiting = this.#registration?.waiting;
    if (waiting) {
      const activated = new Promise((resolve) => {
        waiting.addEventListener("statechange", () => { if (waiting.state === "activated") resolve(null); });
        setTimeout(resolve, MAX_TAKE_OVER_MS);
      });
      waiting.postMessage("take over");
      await activated;
    }
    this.#browser.reload();
  }

  /** Removes the service worker and its files. A page that it serves then gets its files from the host. */
  async remove() {
    const { container, caches } = this.#browser;
    const registration = await container?.getRegistration();
    const installing = registration?.installing;
    await registration?.unregister();
    // It may be writing a file at this moment.
    if (installing && installing.state === "installing") {
      await new Promise((resolve) => {
        installing.addEventListener("statechange", resolve, { once: true });
        setTimeout(resolve, LAST_FILE_MS);
      });
    }
    for (const name of await caches?.keys() ?? []) {
      if (name.startsWith(PREFIX)) await caches?.delete(name);
    }
    this.#registration = null;
    this.#active_version = null;
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
    // Another tab may have changed to another version.
    container.addEventListener("controllerchange", () => this.#greet(container.controller));
    container.addEventListener("message", ({ data }) => this.#receive(data));
  }

  async #start() {
    const { container } = this.#browser;
    if (!container) return this.#unavailable(
      isSecureContext ? "this browser has no service workers here" : "the address does not begin with https", false,
    );
    if (!this.#state().offline.wanted) return;
    this.#dispatch({ do: "offline_preparing" });
    this.#fault = "";
    this.#listen(container);
    try {
      const registration = await this.#register(container);
      if (!registration) throw new Error("the browser forbids it");
      this.#watch(registration);
    } catch (error) {
      this.#unavailable(error instanceof Error ? error.message : String(error));
    }
  }

  /** If the host cannot be reached, the worker that is there stays in use.
   * @param {ServiceWorkerContainer} container @returns {Promise<ServiceWorkerRegistration>} */
  async #register(container) {
    const options = /** @type {const} */ ({ scope: SITE, updateViaCache: "none" });
    const countdown = new Countdown();
    try {
      return await Promise.race([
        container.register(service_worker_address(), options),
        new Promise((_, reject) => countdown.start(MAX_REGISTER_MS, () => reject(new Error(SILENT)))),
      ]);
    } catch (error) {
      const before = await container.getRegistration();
      if (!before?.active) throw error;
      return before;
    } finally {
      countdown.stop();
    }
  }

  /** @param {ServiceWorkerRegistration} registration */
  #watch(registration) {
    this.#registration = registration;
    this.#greet(registration.active);
    this.#tell_update();
    this.#follow_worker(registration.installing ?? registration.waiting);
    registration.addEventListener("updatefound", () => {
      this.#fault = "";
      this.#follow_worker(registration.installing);
    });
  }

  /** The worker answers with its version, once it has all its files: the user may have refused them in the meantime,
   * or the browser needed space. @param {ServiceWorker | null} worker */
  #greet(worker) {
    worker?.postMessage({ hello: VERSION });
  }

  /** @param {ServiceWorker | null} worker */
  #follow_worker(worker) {
    let was_installed = worker?.state === "installed";
    worker?.addEventListener("statechange", () => {
      was_installed ||= worker.state === "installed";
      if (worker.state === "activated") this.#greet(worker);
      if (worker.state === "redundant" && !was_installed) setTimeout(() => this.#failed(), this.#fault ? 0 : FAULT_MS);
      this.#tell_update();
    });
  }

  /** The version that could not be kept is gone; the former one, if there is one, goes on. */
  #failed() {
    const reason = this.#fault || NO_ROOM;
    if (this.#registration?.active) this.#dispatch({ do: "update_failed", reason });
    else this.#unavailable(reason);
  }

  /** Whether a reload brings another version. */
  #tell_update() {
    const active = this.#active_version;
    const is_other = active !== null && active !== VERSION;
    const is_ready = is_other || Boolean(this.#registration?.active && this.#registration.waiting);
    this.#dispatch({ do: "update_seen", is_ready });
  }

  /** @param {any} data */
  #receive(data) {
    if (data?.requests) this.#dispatch({ do: "requested", requests: data.requests });
    if (typeof data?.failed === "string") this.#fault = data.failed;
    if (typeof data?.version !== "string") return;
    this.#active_version = data.version;
    if (data.kept) this.#dispatch({ do: "offline_ready" });
    else this.#unavailable(data.fault || NO_ROOM);
    this.#tell_update();
  }

  /** @param {string} reason */
  #unavailable(reason, may_retry = true) {
    this.#dispatch({ do: "offline_unavailable", reason, may_retry });
  }
}
