// Stores unsaved work in this browser if the user has switched that on, and finds the work of earlier tabs.

import { is_settled } from "../exports/formats.js";
import { read_session } from "../sessions/read.js";
import { is_unsaved, objects_of_user, work_of } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/reduce.js").Action} Action */
/** @typedef {Pick<
 *   import("./files.js").AutosaveFiles,
 *   "id" | "name" | "is_possible" | "is_on" | "begin" | "write" | "left" | "remove" | "clear"
 * >} Files */

const PAUSE_MS = 3000;

/** @type {(error: any) => string} */
const reason_of = (error) =>
  error?.name === "QuotaExceededError" ? "the browser has no room left" : String(error?.message ?? error);

export class Autosave {
  #state;
  #dispatch;
  #session;
  #files;
  #written = ""; // the work that is in the file
  #is_writing = false;
  /** @type {ReturnType<typeof setTimeout> | null} */ #timer = null;
  /** @type {Promise<void>} */ #writing = Promise.resolve();
  /** @type {string | null} */ #recovering = null;
  /** @type {string[]} */ #adopted = [];

  /** @param {() => State} state
   * @param {(action: Action) => void} dispatch
   * @param {(state: State) => Promise<Blob>} session a session file
   * @param {Files} files */
  constructor(state, dispatch, session, files) {
    this.#state = state;
    this.#dispatch = dispatch;
    this.#session = session;
    this.#files = files;
  }

  /** Finds out whether it was switched on before, and the stored work. */
  async begin() {
    try {
      if (!await this.#files.is_on()) return;
      await this.#files.begin();
      const found = [];
      for (const { id, at_ms, file } of await this.#files.left()) {
        const session = await read_session(file).catch(() => null);
        // An unreadable file, such as one of a later version, stays until everything is removed.
        if (session) {
          found.push({ id, at_ms, scan_key: session.scan.sha256, names: session.objects.map(({ name }) => name) });
        }
      }
      this.#dispatch({ do: "work_found", found });
      this.#dispatch({ do: "autosave_set", on: true });
    } catch (error) {
      this.#dispatch({ do: "autosave_failed", reason: reason_of(error) });
    }
  }

  /** @param {boolean} on */
  async set(on) {
    try {
      if (on && !this.#files.is_possible()) {
        throw new Error("this browser has no private file system that a page can write to");
      }
      if (!on) return await this.end();
      await this.#files.begin();
      this.#dispatch({ do: "autosave_set", on });
    } catch (error) {
      this.#dispatch({ do: "autosave_failed", reason: reason_of(error) });
    }
  }

  /** Removes all stored work from this browser. */
  async end() {
    this.#dispatch({ do: "autosave_set", on: false });
    this.#stop();
    await this.#writing; // otherwise a running write would recreate the file
    this.#written = "";
    await this.#files.clear();
    this.#dispatch({ do: "autosave_removed" });
    this.#dispatch({ do: "work_found", found: [] });
  }

  /** @param {string} id */
  async discard(id) {
    await this.#files.remove(id).catch(() => {});
    this.#dispatch({ do: "work_discarded", id });
  }

  /** To be called after every action. */
  follow() {
    const state = this.#state();
    if (!state.autosave.is_on) return this.#stop();
    this.#recover(state);
    if (!is_unsaved(state)) return this.#forget(state);
    if (this.#timer === null && !this.#is_writing && work_of(state) !== this.#written) {
      this.#timer = setTimeout(() => { this.#writing = this.#write(); }, PAUSE_MS);
    }
  }

  #stop() {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #write() {
    const state = this.#state();
    this.#timer = null;
    const work = work_of(state);
    if (!state.autosave.is_on || !is_unsaved(state) || work === this.#written) return;
    // Wait for pending answers.
    if (state.replay?.before || !is_settled(state)
      || !state.objects.every(({ number }) => state.sessions.main.numbers.includes(number))) {
      return this.follow();
    }
    try {
      this.#is_writing = true;
      const file = await this.#session(state);
      if (!this.#state().autosave.is_on) return;
      await this.#files.write(file);
      this.#written = work;
      this.#is_writing = false; // what has changed meanwhile is written next
      this.#dispatch({ do: "autosaved", at_ms: Date.now(), name: this.#files.name, bytes: file.size });
      await this.#let_go();
    } catch (error) {
      // If the engine died, storage is not at fault: the masks are restored and written later. The browser's own errors have
      // numbers as codes.
      const { code } = /** @type {any} */ (error) ?? {};
      if (typeof code === "string" && code !== "session_limit") return;
      this.#dispatch({ do: "autosave_failed", reason: reason_of(error) });
    } finally {
      this.#is_writing = false;
    }
  }

  /** Removes the file once its work is saved or its scan is gone. @param {State} state */
  #forget({ autosave }) {
    this.#stop();
    void this.#let_go();
    if (this.#written === "") return;
    this.#written = "";
    void this.#files.remove(this.#files.id).catch(() => {});
    if (autosave.at_ms) this.#dispatch({ do: "autosave_removed" });
  }

  /** Removes the files of earlier tabs whose work is now in this tab's file, or saved. */
  async #let_go() {
    for (const id of this.#adopted.splice(0)) await this.#files.remove(id).catch(() => {});
  }

  /** Restores found work once its scan is open. @param {State} state */
  #recover(state) {
    const { scan, found, replay, opening } = state;
    if (replay?.found_as && replay.phase === "restored" && found.some(({ id }) => id === replay.found_as)) {
      this.#adopted.push(replay.found_as);
      return this.#dispatch({ do: "work_recovered", id: replay.found_as });
    }
    const fitting = found.find(({ scan_key }) => scan_key === scan?.key);
    if (!fitting || replay || opening || this.#recovering === fitting.id || objects_of_user(state).length) return;
    this.#recovering = fitting.id;
    void this.#bring(fitting.id);
  }

  /** @param {string} id */
  async #bring(id) {
    const file = (await this.#files.left().catch(() => [])).find((each) => each.id === id)?.file;
    const session = file && await read_session(file).catch(() => null);
    const { replay, scan, objects } = this.#state();
    if (session && !replay && scan?.key === session.scan.sha256 && !objects.length) this.#dispatch({
      do: "session_opened", session, found_as: id,
    });
    else this.#recovering = null;
  }
}
