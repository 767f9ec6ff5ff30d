// Starts a worker on the wanted device; with "auto", falls back to the CPU if the GPU does not start.

import { choose_device } from "../web/engine/adapter.js";
import { EngineClient } from "../web/engine/client.js";
import { failure_of } from "../web/failure.js";
import { CANCELLED } from "./error.js";

/** @typedef {import("../web/failure.js").Failure} Failure */
/** @typedef {import("../web/engine/adapter.js").GpuProbe} GpuProbe */
/** @typedef {{ client: EngineClient, probe: GpuProbe, device: import("./api.js").Device }} Started */

/** `on_death` is called only for the returned client.
 * @type {(
 *   new_worker: () => Worker,
 *   wanted: "auto" | "gpu" | "cpu",
 *   on_death: (failure: Failure) => void,
 *   signal?: AbortSignal,
 * ) => Promise<Started>} */
export async function start(new_worker, wanted, on_death, signal) {
  let refused = "";
  for (;;) {
    if (signal?.aborted) throw CANCELLED;
    let has_started = false;
    const client = new EngineClient(new_worker(), (failure) => { if (has_started) on_death(failure); });
    const give_up = () => client.terminate();
    signal?.addEventListener("abort", give_up, { once: true });
    /** @type {"gpu" | "cpu" | null} */
    let tried = null;
    try {
      const probe = await client.call("probe", []);
      const { kind, reason } = choose_device(wanted, probe, refused);
      tried = kind;
      const made = await client.call("create", [kind]);
      has_started = true;
      return { client, probe, device: { kind: made.kind, name: made.kind === "gpu" ? probe.name : made.name, reason } };
    } catch (error) {
      client.terminate();
      if (tried !== "gpu" || wanted !== "auto") throw error;
      refused = failure_of(error, "device_failed").message;
    } finally {
      signal?.removeEventListener("abort", give_up);
    }
  }
}
