// Starts a new worker on its device.

import { failure_of } from "../../failure.js";
import { choose_device } from "../adapter.js";

/** @type {(
 *   reach: import("../driver.js").Reach,
 *   on_trying_gpu: () => void,
 *   on_failure: (failure: import("../../failure.js").Failure) => void,
 * ) => Promise<void>} */
export async function start({ generation, state, dispatch, call }, on_trying_gpu, on_failure) {
  const { wanted, engine: { gpu_refused } } = state();
  dispatch({ do: "engine_started", generation });
  try {
    const probe = await call("probe", []);
    const choice = choose_device(wanted, probe, gpu_refused);
    const { name: adapter, software, binding_bytes, buffer_bytes } = probe;
    dispatch({ do: "engine_probed", generation, device: { kind: choice.kind, software, binding_bytes, buffer_bytes } });
    if (choice.kind === "gpu" && wanted === "auto") on_trying_gpu();
    const { kind, name: backend } = await call("create", [choice.kind]);
    const name = kind === "gpu" ? adapter : backend;
    dispatch({ do: "engine_ready", generation, kind, name, reason: choice.reason });
  } catch (error) {
    on_failure(failure_of(error, "device_failed"));
  }
}
