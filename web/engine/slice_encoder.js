// A worker with the image encoder alone. It encodes slices that the engine's worker lends it: see lending.js. It knows
// neither the scan nor what it is for.

import init, { SliceEncoder } from "../../boxel-bindings.js";
import { failure_of } from "../failure.js";
import { show_life } from "../life.js";
import { load_module } from "../module.js";
import { report_requests } from "../offline/requests.js";
import { or_out_of_memory } from "./faults.js";
import { Team } from "./team.js";
import { let_messages_in } from "./turn.js";

/** @typedef {import("./lending.js").ToSliceEncoder} ToSliceEncoder */
/** @typedef {import("./lending.js").FromSliceEncoder} FromSliceEncoder */
/** @typedef {import("./lending.js").Together} Together */
/** @typedef {import("./slice_encoders.js").Serve} Serve */
/** @typedef {import("./slice_encoders.js").FromWorker} FromWorker */
/** @typedef {{ postMessage(message: FromSliceEncoder, transfer?: Transferable[]): void }} Port */

const scope = /** @type {{ postMessage(reply: FromWorker): void }} */ (/** @type {unknown} */ (self));
show_life(scope);
report_requests("slice encoder");
let wasm_bytes = () => 0;
const loaded = load_module(init).then(({ memory }) => {
  wasm_bytes = () => memory.buffer.byteLength;
});
loaded.catch(() => {}); // reported by `serve`

/** @param {unknown} error */
const die = (error) => scope.postMessage({
  fatal: or_out_of_memory(failure_of(error, "worker_stopped", "It stopped unexpectedly"), error, wasm_bytes()),
});

/** @param {Serve} serve */
async function serve({ port, file, recipe, sha256 }) {
  await loaded;
  const encoder = await SliceEncoder.create(new Uint8Array(await file.arrayBuffer()), recipe, sha256);
  let cancelled = -1; // the ticket
  port.onmessage = (/** @type {MessageEvent<ToSliceEncoder>} */ { data }) => {
    if ("cancel" in data) cancelled = data.cancel;
    else if ("together" in data) encode_together(encoder, port, data.together).catch(die);
    else encode(encoder, port, data, () => cancelled).catch(die);
  };
  scope.postMessage({ ready: true });
}

/** @type {(
 *   encoder: SliceEncoder, port: Port, lent: import("../../boxel-bindings.js").Lent, cancelled: () => number,
 * ) => Promise<void>} */
async function encode(encoder, port, { ticket, input }, cancelled) {
  const total = encoder.begin(input);
  for (let done = 0; done < total;) {
    await let_messages_in();
    if (cancelled() === ticket) {
      encoder.abandon();
      return port.postMessage({ ticket, cancelled: true });
    }
    const start = performance.now();
    const progress = await encoder.step();
    done = progress.done;
    port.postMessage({ ticket, progress, step_ms: performance.now() - start });
  }
  const values = await encoder.finish();
  port.postMessage({ ticket, values }, [values.buffer]);
}

/** Encodes an image together with the engine; only the engine takes the embedding.
 * @type {(encoder: SliceEncoder, port: Port, together: Together) => Promise<void>} */
async function encode_together(encoder, port, { encoding, memory, rank, members, shared: { done, shape, values } }) {
  const team = new Team(memory, rank, members);
  const total = encoder.resume(done, shape, values);
  team.join(encoding);
  port.postMessage({ joined: encoding });
  for (let step = done; step < total && !team.is_broken(); step += 1) await encoder.step(team);
  encoder.abandon();
  port.postMessage({ left: encoding });
}

self.addEventListener("message", ({ data }) => {
  if ("serve" in data) serve(data.serve).catch(die);
});
// A trap in an async function of the module never settles its promise, but ends here.
self.addEventListener("unhandledrejection", (event) => die(event.reason));
self.addEventListener("error", (event) => die(event.error ?? event.message));
