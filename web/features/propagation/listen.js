// Wires the propagation of the selected object, or of all objects on the slice.

import { element } from "../../ui/element.js";
import { on_click } from "../../wire/listen.js";
import { propagated_together } from "./words.js";

/** @typedef {import("../../wire/listen.js").App} App */
/** @typedef {import("./state.js").Direction} Direction */

/** @type {(app: App) => void} */
export function listen_to_propagation({ state, dispatch }) {
  for (const [id, directions] of /** @type {[string, Direction[]][]} */ ([
    ["propagate-both", ["up", "down"]], ["propagate-up", ["up"]], ["propagate-down", ["down"]],
  ])) {
    on_click(id, () => {
      const { selected } = state();
      if (selected !== null) dispatch({ do: "propagation_wanted", number: selected, directions });
    });
  }
  on_click("propagate-all", () => {
    const [number, ...others] = propagated_together(state());
    if (number !== undefined) dispatch({ do: "propagation_wanted", number, others, directions: ["up", "down"] });
  });
  const range = element("propagation-range", HTMLInputElement);
  range.addEventListener("change", () => {
    dispatch({ do: "range_wanted", slices: range.valueAsNumber });
    range.value = String(state().propagation_range);
  });
  on_click("discard-propagation", () => {
    const { selected } = state();
    if (selected !== null) dispatch({ do: "discard_wanted", number: selected });
  });
}
