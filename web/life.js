// Whether a worker still lives. A worker may end without an event: the browser ends it for want of memory, or its script
// fails in silence. So each worker holds a lock for as long as it lives, and the page waits for that lock: it gets it when
// the worker is gone, without a clock. Only two cases need one: a worker that never starts, and one that computes for ever.

import { Countdown } from "./countdown.js";

/** The worker's first message: the name of its lock, or null without Web Locks (over plain HTTP). `ready` is sent once the
 * module is loaded.
 * @typedef {{ alive: string | null } | { ready: true }} SignOfLife */
/** `gone`: ended without an event. `not_started`: not one message. `silent`: no message during a request.
 * @typedef {"gone" | "not_started" | "silent"} End */
/** @typedef {Pick<LockManager, "request">} Locks */

/** A worker's script has 100 to 200 kB; it arrives within this time at 1 kB/s. */
const MAX_START_MS = 180_000;
/** Chosen by hand: an encoder's stage, the longest step between two messages, takes about a minute on a software GPU; a
 * large model's conversion and the export of a large volume take less. */
const MAX_SILENCE_MS = 600_000;

const locks_here = () => /** @type {Locks | undefined} */ (globalThis.navigator?.locks);

/** In a worker, first of all: holds a lock until the worker ends, and tells the page its name.
 * @type {(scope: { postMessage(sign: SignOfLife): void }, locks?: Locks) => void} */
export function show_life(scope, locks = locks_here()) {
  const silent = () => scope.postMessage({ alive: null });
  if (!locks) return silent();
  const name = `boxel-worker-${crypto.randomUUID()}`;
  locks.request(name, () => {
    scope.postMessage({ alive: name });
    return new Promise(() => {});
  }).catch(silent);
}

/** On the page: watches one worker. */
export class Life {
  #on_end;
  #locks;
  #has_started = false;
  #is_ready = false;
  #is_busy = false;
  #abort = new AbortController();
  #countdown = new Countdown();

  /** @param {(how: End) => void} on_end called at most once, and not after `end` @param {Locks} [locks] */
  constructor(on_end, locks = locks_here()) {
    this.#on_end = on_end;
    this.#locks = locks;
    this.#count();
  }

  /** To be called with every message of the worker. @param {object} message */
  hear(message) {
    this.#has_started = true;
    if ("ready" in message) this.#is_ready = true;
    if ("alive" in message && typeof message.alive === "string") this.#wait_for(message.alive);
    this.#count();
  }

  /** Whether a request is pending, so that silence is limited. A module that is loading may take any time.
   * @param {boolean} is_busy */
  expect(is_busy) {
    this.#is_busy = is_busy;
    this.#count();
  }

  /** Stops watching. */
  end() {
    this.#countdown.stop();
    this.#abort.abort();
  }

  /** @param {string} lock */
  #wait_for(lock) {
    void this.#locks?.request(lock, { signal: this.#abort.signal }, () => this.#told("gone")).catch(() => {});
  }

  /** Counts anew. */
  #count() {
    this.#countdown.stop();
    if (this.#abort.signal.aborted) return;
    if (!this.#has_started) this.#countdown.start(MAX_START_MS, () => this.#told("not_started"));
    else if (this.#is_ready && this.#is_busy) this.#countdown.start(MAX_SILENCE_MS, () => this.#told("silent"));
  }

  /** @param {End} how */
  #told(how) {
    if (this.#abort.signal.aborted) return;
    this.end();
    this.#on_end(how);
  }
}
