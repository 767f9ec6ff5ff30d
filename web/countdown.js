// Counts down in short ticks: while the computer sleeps or the browser freezes the tab, only one tick passes.

const TICK_MS = 10_000;

export class Countdown {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer = undefined;

  /** Starts anew. @param {number} ms @param {() => void} on_end */
  start(ms, on_end) {
    this.stop();
    if (ms <= 0) on_end();
    else this.#timer = setTimeout(() => this.start(ms - TICK_MS, on_end), Math.min(ms, TICK_MS));
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
