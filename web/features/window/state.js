// The window presets of a scan, in the order of the keys 1 to 9, and whether CT presets are among them.

import { same_window, rendering_actions } from "../../state/rendering.js";

/** @typedef {import("../../../boxel-bindings.js").Window} Window */
/** @typedef {import("../../state/scan.js").Scan} Scan */
/** @typedef {{ name: string, window: Window, title: string }} Preset */
/** @typedef {{ do: "ct_set", on: boolean }} PresetAction */

/** @type {(scan: Pick<Scan, "presets">) => Preset[]} */
const of_ct = ({ presets }) => presets.map(({ name, level, width }) => ({
  name, window: /** @type {const} */ ({ kind: "linear", level, width }), title: `Level ${level}, width ${width}`,
}));

/** @type {(scan: Pick<Scan, "windows" | "presets" | "bits" | "colour" | "not_ct">) => Preset[]} */
export function presets_of(scan) {
  const { windows, bits, colour, not_ct } = scan;
  if (colour) return [];
  return [
    ...windows.map(({ name, window }) => ({ name: name || "From file", window, title: "A window stored in the file" })),
    ...(not_ct ? [] : of_ct(scan)),
    {
      name: "Automatic", window: { kind: "percentiles" },
      title: "From the 0.5th to the 99.5th percentile of all non-zero values",
    },
    ...(bits <= 8 ? [{
      name: "As stored", window: /** @type {const} */ ({ kind: "stored" }),
      title: "The 8-bit values of the file, unchanged",
    }] : []),
  ];
}

/** @type {import("../../state/slices.js").Handlers<PresetAction>} */
export const preset_actions = {
  /** Treats a scan whose values look like Hounsfield units as a CT, or not; a CT window follows. */
  ct_set(state, { on }) {
    const { scan, rendering } = state;
    if (!scan?.looks_like_ct || !rendering || on === !scan.not_ct) return state;
    const next = { ...state, scan: { ...scan, not_ct: !on } };
    const presets = of_ct(scan);
    const is_automatic = rendering.window.kind === "percentiles";
    const is_of_ct = presets.some(({ window }) => same_window(window, rendering.window));
    const window = on ? presets[0]?.window : /** @type {const} */ ({ kind: "percentiles" });
    if (!window || !(on ? is_automatic : is_of_ct)) return next;
    return rendering_actions.rendering_wanted(next, { do: "rendering_wanted", window });
  },
};

/** @type {import("../../state/slices.js").Slice<PresetAction, never>} */
export const presets_slice = { initial: {}, actions: preset_actions };
