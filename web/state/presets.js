// The windows that are offered for a scan, in the order of the keys 1 to 9.

/** @typedef {import("../../boxel-bindings.js").Window} Window */
/** @typedef {{ name: string, window: Window, title: string }} Preset */

/** @type {(scan: Pick<import("./scan.js").Scan, "windows" | "presets" | "bits" | "colour">) => Preset[]} */
export function presets_of({ windows, presets, bits, colour }) {
  if (colour) return [];
  return [
    ...windows.map(({ name, window }) => ({ name: name || "File's own", window, title: "A window of the file's own" })),
    ...presets.map(({ name, level, width }) => ({
      name, window: /** @type {const} */ ({ kind: "linear", level, width }), title: `Level ${level}, width ${width}`,
    })),
    { name: "Automatic", window: { kind: "percentiles" }, title: "From the 0.5 to the 99.5 percentile of all values that are not 0" },
    ...(bits <= 8 ? [{ name: "As stored", window: /** @type {const} */ ({ kind: "stored" }), title: "The 8 bits of the file, unchanged" }] : []),
  ];
}
