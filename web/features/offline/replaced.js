// Finds out, when a file of the page cannot be loaded, whether the host has another version by now.

import { BASE, SITE, VERSION } from "../../offline/place.js";
import { fetch_answer } from "../../open/fetch.js";
import { READER_NOT_LOADED } from "../../state/failure_codes.js";

/** @typedef {import("../../state/reduce.js").Action} Action */
/** @typedef {import("../../state/reduce.js").State} State */

/** Failures that a missing file causes, or another answer in its place. */
const OF_FILES = [
  "fetch", "catalogue", "wasm_fetch", "wasm_length", "wasm_refused", "worker_stopped", READER_NOT_LOADED,
];
/** As the build writes it into the page. */
const VERSION_IN_PAGE = /<meta name="version" content="(v-[0-9a-f]{12})">/;

/** Whether this version's files are still there, from the host or the service worker: then a retry may load them. Some
 * hosts answer with a page instead of "not found". */
async function has_own_files() {
  const own = await fetch_answer(new URL("web/offline/manifest.webmanifest", BASE).href, { cache: "no-cache" });
  return own?.ok === true && (await own.text()).trimStart().startsWith("{");
}

/** The version to load instead: the host's, or the service worker's; null if that is unknown.
 * @type {() => Promise<string | null>} */
async function version_of_host() {
  if (await has_own_files()) return VERSION;
  const page = await fetch_answer(SITE, { cache: "no-cache" });
  return VERSION_IN_PAGE.exec(await page?.text() ?? "")?.[1] ?? null;
}

export class Replaced {
  #state;
  #dispatch;
  #ask;
  /** Messages that were looked at: one may come back when another is closed. */ #seen = new WeakSet();

  /** @param {() => State} state @param {(action: Action) => void} dispatch @param {typeof version_of_host} [ask] */
  constructor(state, dispatch, ask = version_of_host) {
    this.#state = state;
    this.#dispatch = dispatch;
    this.#ask = ask;
  }

  /** To be called after every action. */
  follow() {
    const { message } = this.#state();
    if (!message || this.#seen.has(message)) return;
    this.#seen.add(message);
    if (OF_FILES.includes(message.code)) void this.#check();
  }

  async #check() {
    const version = await this.#ask().catch(() => null);
    if (version !== null && version !== VERSION) this.#dispatch({ do: "page_replaced" });
  }
}
