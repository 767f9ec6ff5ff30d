// Downloads and compiles the wasm module once, on the page, with progress, and gives it to every worker. Two workers
// that each downloaded it would share the bandwidth, and neither could report progress.

import { failure_of } from "./failure.js";
import { module_failure, wasm_lack } from "./module.js";
import { fetch_asset, HOST_SILENT } from "./open/fetch.js";
import { Progress } from "./progress.js";

/** @typedef {import("./state/reduce.js").State} State */
/** @typedef {import("./state/reduce.js").Action} Action */
/**
 * @typedef {object} BringOptions
 * @property {number} total bytes, or 0 if unknown
 * @property {RequestCache} cache
 * @property {(loaded: number) => void} on_bytes
 * @property {(headers: Headers) => void} [on_headers]
 */
/** @typedef {(options: BringOptions) => Promise<WebAssembly.Module>} Bring */

export const MODULE = "boxel-bindings_bg.wasm";
const TYPE = "application/wasm";

/** @type {(bytes: number) => string} */
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);

/** The connection broke, or the host sent too little. */
const BROKEN = "wasm_fetch";
const SHORT = "wasm_length";

/** @type {(code: string, loaded: number, total: number) => import("./failure.js").Failure} */
const ended = (code, loaded, total) => ({
  code,
  message: `Boxel could not be loaded: the download of ${MODULE} ended after `
    + `${megabytes(loaded)}${total ? ` of ${megabytes(total)}` : ""} MB. Retry; your files are opened after it.`,
});

/** `total`: its bytes, or 0 if unknown. All sizes are of the uncompressed file; a Content-Length would be the
 * compressed size.
 * @type {Bring} */
export async function bring_module({ total, cache, on_bytes, on_headers }) {
  const lack = wasm_lack(globalThis.WebAssembly);
  if (lack) throw module_failure(null, lack);
  /** @type {Promise<WebAssembly.Module> | null} */
  let compiling = null;
  const { body, headers } = await fetch_asset(MODULE, {
    cache,
    with_own: (answer) => {
      if (!answer.ok || answer.headers.get("content-type") !== TYPE) return;
      compiling = WebAssembly.compileStreaming(answer);
      compiling.catch(() => {}); // seen below
    },
  });
  on_headers?.(headers);
  let loaded = 0;
  let has_ended = false;
  /** @type {any} */ let fault = null;
  const reader = body?.getReader();
  /** @type {() => Promise<Uint8Array<ArrayBuffer> | null>} */
  const next_part = async () => {
    const part = await reader?.read().catch((error) => {
      fault = error;
      throw error;
    });
    if (!part?.value) {
      has_ended = true;
      return null;
    }
    loaded += part.value.length;
    on_bytes(loaded);
    return part.value;
  };
  try {
    if (!compiling) return await compiled_from(next_part, (reason) => reader?.cancel(reason));
    while (await next_part());
    return await compiling;
  } catch (error) {
    if (fault?.code === HOST_SILENT) throw fault;
    if (has_ended && total > 0 && loaded !== total) throw ended(SHORT, loaded, total);
    throw error instanceof WebAssembly.CompileError ? module_failure(error, "") : ended(BROKEN, loaded, total);
  }
}

/** A host that does not know the type: with it, the module compiles while it loads, too.
 * @type {(
 *   next_part: () => Promise<Uint8Array<ArrayBuffer> | null>, cancel: (reason: any) => void,
 * ) => Promise<WebAssembly.Module>} */
const compiled_from = (next_part, cancel) => WebAssembly.compileStreaming(new Response(new ReadableStream({
  async pull(controller) {
    const part = await next_part();
    if (part) controller.enqueue(part);
    else controller.close();
  },
  cancel,
}, { highWaterMark: 0 }), { headers: { "Content-Type": TYPE } }));

export class ModuleLoader {
  #state;
  #dispatch;
  #total;
  #bring;
  /** @type {WebAssembly.Module | null} */ #module = null;
  /** @type {Worker[]} */ #waiting = [];
  /** @type {RequestCache} */ #cache = "default";

  /** @param {() => State} state @param {(action: Action) => void} dispatch
   *  @param {number} total bytes of the module, 0 if unknown @param {Bring} [bring] */
  constructor(state, dispatch, total, bring = bring_module) {
    this.#state = state;
    this.#dispatch = dispatch;
    this.#total = total;
    this.#bring = bring;
  }

  /** To be called after every action. */
  follow() {
    if (this.#state().module.phase === "none") void this.#load();
  }

  /** Gives the module to a worker as soon as it is loaded, after any number of tries. @param {Worker} worker */
  give(worker) {
    if (this.#module) worker.postMessage({ wasm: this.#module });
    else this.#waiting.push(worker);
    return worker;
  }

  async #load() {
    const total = this.#total;
    const progress = new Progress((loaded) => this.#dispatch({ do: "module_progress", loaded, total }));
    this.#dispatch({ do: "module_progress", loaded: 0, total });
    try {
      this.#module = await this.#bring({
        total,
        cache: this.#cache,
        on_bytes: (loaded) => {
          progress.seen(loaded);
          if (loaded === total) progress.end(); // the weights wait for it
        },
        // The service worker names the policy that it has added.
        on_headers: (headers) => {
          const sends_policy = headers.has("content-security-policy") && !headers.has("boxel-policy");
          const isolates = {
            opener: headers.has("cross-origin-opener-policy"), embedder: headers.has("cross-origin-embedder-policy"),
          };
          this.#dispatch({ do: "host_seen", sends_policy, isolates });
        },
      });
      progress.end();
      for (const worker of this.#waiting.splice(0)) worker.postMessage({ wasm: this.#module });
      this.#dispatch({ do: "module_ready" });
    } catch (error) {
      progress.end();
      const failure = failure_of(error, BROKEN, "Boxel could not be loaded");
      // A complete but wrong file may be a cached copy.
      this.#cache = [SHORT, "wasm_refused"].includes(failure.code) ? "reload" : "default";
      this.#dispatch({ do: "module_failed", failure });
    }
  }
}
