// Instantiates the wasm module in a worker, and explains why a browser may refuse it.

/** @typedef {import("./failure.js").Failure} Failure */

/** The smallest module with a SIMD instruction, which the engine needs: () -> v128, splatted. */
const WITH_SIMD = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);

/** What the browser lacks for the module; empty if it lacks nothing.
 * @type {(wasm: Pick<typeof WebAssembly, "validate"> | undefined) => string} */
export function wasm_lack(wasm) {
  if (!wasm) return "WebAssembly is switched off in this browser";
  return wasm.validate(WITH_SIMD) ? "" : "this browser's WebAssembly has no SIMD";
}

/** @type {(error: any, lack: string) => Failure} */
export function module_failure(error, lack) {
  const code = "wasm_refused";
  if (lack) return {
    code, message: `The engine cannot run here: ${lack}. A current Chrome, Edge, Firefox or Safari can run it.`,
  };
  if (error instanceof RangeError) {
    return {
      code: "out_of_memory",
      message: "There is not enough memory for the engine. Close other tabs and programs, then retry.",
    };
  }
  return {
    code,
    message: `The engine could not be loaded (${error?.message ?? error}). Retry; `
      + "if it fails again, the browser or its settings block WebAssembly on this page.",
  };
}

/** In a worker: instantiates the module once the page has sent it compiled as `{ wasm }`. Without a page (`embed/`)
 * that is null, and the worker downloads the module.
 * @template T
 * @param {(options: { module_or_path: WebAssembly.Module | URL }) => Promise<T>} init
 * @param {EventTarget} [scope] of the worker
 * @returns {Promise<T>} rejects with a `Failure` */
export async function load_module(init, scope = self) {
  const compiled = await sent_module(scope);
  const lack = wasm_lack(globalThis.WebAssembly);
  if (lack) throw module_failure(null, lack);
  try {
    return await init({ module_or_path: compiled ?? new URL("../boxel-bindings_bg.wasm", import.meta.url) });
  } catch (error) {
    throw module_failure(error, "");
  }
}

/** @type {(scope: EventTarget) => Promise<WebAssembly.Module | null>} */
const sent_module = (scope) => new Promise((resolve) => {
  /** @param {Event} event */
  const receive = (event) => {
    const { data } = /** @type {MessageEvent} */ (event);
    if (!("wasm" in data)) return;
    scope.removeEventListener("message", receive);
    resolve(data.wasm);
  };
  scope.addEventListener("message", receive);
});
