// Chooses GPU or CPU from what the browser's adapter can do, with the reason that the page shows.

/** @typedef {import("../state/engine.js").Wanted} Wanted */
/** `lack`: why the engine cannot run on the adapter. `software` adapters work, but take minutes.
 * @typedef {{ name: string, lack: string, software: boolean, binding_bytes: number, buffer_bytes: number }} GpuProbe */

const MIB = 1024 * 1024;
const SOFTWARE_NAMES = /swiftshader|llvmpipe|lavapipe|softpipe|basic render|\bwarp\b/i;

/** @type {(info: GPUAdapterInfo) => string} */
function adapter_name({ vendor, architecture, device, description }) {
  return description || [vendor, architecture, device].filter(Boolean).join(" ") || "unnamed adapter";
}

/** Why Burn cannot run on the adapter: on the web it panics without `timestamp-query`, and its largest tensor, a
 * 256×256 map of the encoder, needs the binding size that WebGPU guarantees.
 * @type {(adapter: Pick<GPUAdapter, "features" | "limits">) => string} */
export function adapter_lack({ features, limits }) {
  if (!features.has("timestamp-query")) return "the adapter lacks the feature timestamp-query";
  const binding = limits.maxStorageBufferBindingSize;
  if (binding < 128 * MIB) return `the adapter binds at most ${Math.floor(binding / MIB)} MiB, but 128 MiB are needed`;
  if (limits.maxComputeInvocationsPerWorkgroup < 256) {
    return `the adapter runs ${limits.maxComputeInvocationsPerWorkgroup} invocations in a `
      + "workgroup, but 256 are needed";
  }
  return "";
}

/** @type {(gpu: GPU | undefined) => Promise<GpuProbe>} */
export async function probe_gpu(gpu) {
  const none = { name: "", software: false, binding_bytes: 0, buffer_bytes: 0 };
  if (!gpu) return { ...none, lack: "this browser has no WebGPU here" };
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    if (!adapter) return { ...none, lack: "the browser offers no GPU adapter" };
    const name = adapter_name(adapter.info);
    const fallback = adapter.info.isFallbackAdapter === true;
    const { maxStorageBufferBindingSize: binding_bytes, maxBufferSize: buffer_bytes } = adapter.limits;
    return {
      name, lack: adapter_lack(adapter), software: fallback || SOFTWARE_NAMES.test(name), binding_bytes, buffer_bytes,
    };
  } catch (error) {
    return { ...none, lack: `the request for a GPU adapter failed (${String(error)})` };
  }
}

/** `refused`: why the GPU did not start, if it was tried.
 * @type {(wanted: Wanted, probe: GpuProbe, refused: string) => { kind: "gpu" | "cpu", reason: string }} */
export function choose_device(wanted, probe, refused) {
  if (wanted === "cpu") return { kind: "cpu", reason: "You chose the CPU." };
  if (refused) return { kind: "cpu", reason: `The GPU did not start: ${refused}` };
  if (probe.lack) return { kind: "cpu", reason: `No GPU: ${probe.lack}.` };
  if (wanted === "gpu") {
    return probe.software
      ? { kind: "gpu", reason: "You chose the GPU. This adapter is software: encoding can take minutes." }
      : { kind: "gpu", reason: "You chose the GPU." };
  }
  return probe.software
    ? { kind: "cpu", reason: `The only adapter, ${probe.name}, is software and would take minutes.` }
    : { kind: "gpu", reason: "WebGPU can run the model here." };
}
