// Long work on the page's thread, in slices that leave the page usable.

/** How long the thread may be busy at a time; the rest of 50 ms is for what the page does in between. */
const SLICE_MS = 20;

/** Lets other tasks run. Not by a timer: browsers throttle timers in hidden tabs. @type {() => Promise<void>} */
const others = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    resolve();
  };
  port2.postMessage(null);
});

/** To be called often: pauses whenever a slice of time is used up, and then returns true. @type {() => () => Promise<boolean>} */
export function pauses() {
  let begun_ms = performance.now();
  return async () => {
    if (performance.now() - begun_ms < SLICE_MS) return false;
    await others();
    begun_ms = performance.now();
    return true;
  };
}
