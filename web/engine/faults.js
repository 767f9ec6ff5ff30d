// Failures that the wasm module cannot report itself: a lost GPU leaves its promises pending or makes it panic, and
// running out of memory ends in a bare trap.

/** @typedef {import("../failure.js").Failure} Failure */

const MIB = 1024 * 1024;
/** A trap with less memory than this has another cause. */
const MUCH_MEMORY_BYTES = 1024 * MIB;

/** @type {(reason: string) => Failure} */
export const device_lost = (reason) => ({
  code: "device_lost",
  message: `The GPU was lost${reason ? ` (${reason})` : ""}. The scan and the masks are kept: retry, or use the CPU.`,
});

export const GPU_MEMORY = {
  code: "out_of_memory",
  message: "The GPU is out of memory. The scan and the masks are kept: close other tabs, choose a smaller "
    + "model or use the CPU.",
};

/** A failure of the module; says so if memory ran out.
 * @type {(failure: Failure, error: unknown, wasm_bytes: number) => Failure} */
export function or_out_of_memory(failure, error, wasm_bytes) {
  const is_trap = error instanceof WebAssembly.RuntimeError && wasm_bytes >= MUCH_MEMORY_BYTES;
  if (!is_trap
    && !(error instanceof RangeError && /memory|allocation|array buffer|array length/i.test(error.message))) {
    return failure;
  }
  return {
    code: "out_of_memory",
    message: `The engine ran out of memory, at ${Math.round(wasm_bytes / MIB)} MiB. The scan and the masks are kept: `
      + "close other tabs, or choose a smaller model or scan, and retry.",
  };
}

/** Longer than a working GPU takes to answer, since work is submitted in small pieces. */
const ANSWER_MS = 10_000;
/** Time for the browser to report a loss after the device has answered. */
const WORD_MS = 50;
/** @type {(ms: number) => Promise<void>} */
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Reports the loss of any device created from now on, and when its memory runs out. The returned function waits until
 * a loss has been reported: work on a lost device fails at once, but the browser learns of the loss later, from the
 * GPU process.
 * @param {Pick<GPUAdapter, "requestDevice"> | undefined} adapters the prototype of all adapters, where there is
 *   WebGPU
 * @param {(failure: Failure) => void} on_fault
 * @returns {() => Promise<unknown>} */
export function watch_devices(adapters, on_fault) {
  /** @type {GPUDevice[]} */
  const devices = [];
  if (!adapters) return async () => {};
  const request = adapters.requestDevice;
  adapters.requestDevice = async function (descriptor) {
    const device = await request.call(/** @type {GPUAdapter} */ (this), descriptor);
    devices.push(device);
    void device.lost.then(({ message }) => on_fault(device_lost(message.trim().replace(/\.$/, ""))));
    device.addEventListener("uncapturederror", ({ error }) => {
      if (error instanceof GPUOutOfMemoryError) on_fault(GPU_MEMORY);
    });
    return device;
  };
  // A lost device may never answer, or reject.
  const answered = (/** @type {GPUDevice} */ device) =>
    Promise.race([device.lost, device.queue.onSubmittedWorkDone().catch(() => {}).then(() => pause(WORD_MS))]);
  return () => Promise.race([Promise.all(devices.map(answered)), pause(ANSWER_MS)]);
}
