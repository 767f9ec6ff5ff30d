// Wires the device, the models, the messages and the progress bar.

import { progress_of } from "../show/words.js";
import { element } from "../ui/element.js";
import { on_click } from "./listen.js";

/** @type {(text: string | null) => import("../state/engine.js").Wanted} */
export const wanted_from = (text) => text === "gpu" || text === "cpu" ? text : "auto";

/** @type {(app: import("./listen.js").App) => void} */
export function listen_to_engine({ state, dispatch, driver, loader, may_leave }) {
  const device = element("device", HTMLSelectElement);
  device.addEventListener("change", () => dispatch({ do: "device_wanted", wanted: wanted_from(device.value) }));
  const budget = element("budget", HTMLSelectElement);
  budget.addEventListener("change", () => dispatch({ do: "budget_wanted", bytes: Number(budget.value) }));
  const threads = element("threads", HTMLSelectElement);
  threads.addEventListener("change", () =>
    dispatch({ do: "threads_wanted", wanted: threads.value === "auto" ? "auto" : Number(threads.value) }));
  on_click("progress-cancel", () => {
    switch (progress_of(state())?.cancels) {
      case "opening": return dispatch({ do: "open_given_up" });
      case "loading": return loader.cancel();
      case "embedding": return driver.cancel_embedding();
      case "segments": return dispatch({ do: "segments_given_up" });
      case "session": return dispatch({ do: "session_read" });
      case "replay": return dispatch({ do: "replay_stopped", why: "You stopped it." });
      case "edit": return dispatch({ do: "volume_edits_cancelled" });
      case "propagation": return dispatch({ do: "propagation_cancelled" });
    }
  });
  // Opening the scan again replaces one whose objects may be unsaved.
  const retry = async () => {
    if (!state().unopened || await may_leave()) dispatch({ do: "retry" });
  };
  on_click("resume", retry);
  on_click("message-retry", retry);
  on_click("message-use-cpu", () => dispatch({ do: "device_wanted", wanted: "cpu" }));
  const compare = element("compare", HTMLSelectElement);
  compare.addEventListener("change", () => dispatch({ do: "comparison_wanted", id: compare.value || null }));
  on_click("recipe-cancel", () => dispatch({ do: "own_given_up" }));
  on_click("message-close", () => dispatch({ do: "message_closed" }));
}
