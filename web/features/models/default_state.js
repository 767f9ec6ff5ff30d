// Chooses the default model, before anything is downloaded.

/** @typedef {import("./state.js").ModelEntry} ModelEntry */
/** What the device offers. Browsers do not reveal a GPU's memory, so the largest buffer stands for it.
 * @typedef {{ kind: "gpu" | "cpu", software: boolean, binding_bytes: number, buffer_bytes: number }} Device */

const GIB = 1024 ** 3;
/** Default if the entry has no value: a ViT-B at 1024×1024 in f32, a SAM 2.1 at 1024×1024, a MedSAM2 at 512×512.
 * LiteMedSAM runs everywhere. */
const GPU_BYTES = { sam: 1.5 * GIB, medsam: 1.5 * GIB, litemedsam: 0, sam2: 1.5 * GIB, medsam2: 0.7 * GIB };

/** Whether the model runs on the device in reasonable time.
 * @type {(entry: ModelEntry, device: Device) => boolean} */
export function fits({ recipe, gpu_bytes, minimum_binding_bytes }, { kind, software, binding_bytes, buffer_bytes }) {
  const needed = gpu_bytes ?? GPU_BYTES[recipe];
  if (kind === "cpu" || software) return recipe === "litemedsam";
  return needed <= buffer_bytes && (minimum_binding_bytes ?? 0) <= binding_bytes;
}

/** The first of the site's models that fits, else LiteMedSAM, else the smallest.
 * @type {(entries: ModelEntry[], device: Device) => ModelEntry | null} */
export function default_model(entries, device) {
  const offered = entries.filter(({ source }) => source === "site");
  const smallest = [...offered].sort((a, b) => a.bytes - b.bytes)[0];
  return offered.find((entry) => fits(entry, device))
    ?? offered.find(({ recipe }) => recipe === "litemedsam")
    ?? smallest ?? null;
}

/** The only model of a site, which is its default on every device. @type {(entries: ModelEntry[]) => ModelEntry | null} */
export function only_model(entries) {
  const [first, ...others] = entries.filter(({ source }) => source === "site");
  return first && !others.length ? first : null;
}

/** A warning for a model that does not fit the device; empty if it fits.
 * @type {(entry: ModelEntry, device: Device | null) => string} */
export function warning_of(entry, device) {
  if (!device || fits(entry, device)) return "";
  return device.kind === "cpu" || device.software
    ? "slow on this device: minutes for a scan"
    : "may need more memory than this GPU has";
}
