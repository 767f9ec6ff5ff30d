// The progress of a download, told in steps: each one that is told shows the page anew.

const EVERY_MS = 100;

/** Tells the newest number of bytes, at most ten times a second. */
export class Progress {
  #tell;
  #told_ms = -EVERY_MS;
  /** Not told yet. @type {number | null} */ #newest = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer = undefined;

  /** @param {(loaded: number) => void} tell */
  constructor(tell) {
    this.#tell = tell;
  }

  /** @param {number} loaded */
  seen(loaded) {
    this.#newest = loaded;
    const rest_ms = this.#told_ms + EVERY_MS - performance.now();
    if (rest_ms <= 0) this.end();
    else this.#timer ??= setTimeout(() => this.end(), rest_ms);
  }

  /** Tells what is not told yet: no more comes, or something else is told next. */
  end() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const newest = this.#newest;
    if (newest === null) return;
    this.#newest = null;
    this.#told_ms = performance.now();
    this.#tell(newest);
  }
}
