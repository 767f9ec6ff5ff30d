// Wires the self-test and the diagnostics.

import { failure_of } from "../../failure.js";
import { element } from "../../ui/element.js";
import { on_click } from "../../wire/listen.js";
import { run_self_test } from "./run.js";
import { diagnostics_of } from "./show.js";

/** @typedef {import("../../wire/listen.js").App} App */

/** @type {(app: App) => void} */
export function listen_to_self_test({ state, dispatch, own_models, new_worker, new_parser }) {
  let running = new AbortController();
  on_click("self-test", () => {
    running = new AbortController();
    void test_device({ state, dispatch, own_models, new_worker, new_parser }, running.signal);
  });
  on_click("self-test-cancel", () => running.abort());
  on_click("self-test-use-cpu", () => dispatch({ do: "device_wanted", wanted: "cpu" }));
  on_click("diagnostics", async () => {
    const text = diagnostics_of(state(), surroundings());
    const shown = element("diagnostics-text", HTMLElement);
    shown.textContent = text;
    shown.hidden = false;
    const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
    if (copied) {
      dispatch({ do: "told", code: "diagnostics", text: "Diagnostics copied. They contain nothing of the scan." });
    }
  });
}

/** @type {(
 *   app: Pick<App, "state" | "dispatch" | "own_models" | "new_worker" | "new_parser">, signal: AbortSignal,
 * ) => Promise<void>} */
async function test_device({ state, dispatch, own_models, new_worker, new_parser }, signal) {
  const { engine: { kind }, models } = state();
  const entry = models.entries.find(({ source, recipe }) => source === "site" && recipe === "litemedsam");
  if (!kind) return;
  dispatch({ do: "self_test_started" });
  try {
    if (!entry) throw { code: "catalogue", message: "The site offers no LiteMedSAM, which the test needs." };
    const weights = await own_models.bring(entry, { signal, on_bytes: () => {}, on_checking: () => {} });
    const verdict = await run_self_test({
      new_worker, new_parser, kind, weights, signal,
      on_progress: ({ done, total }) => dispatch({ do: "self_test_progress", done, total }),
    });
    dispatch({ do: "self_test_done", verdict });
  } catch (error) {
    const failure = signal.aborted ? { code: "cancelled", message: "" } : failure_of(error, "device_failed");
    dispatch({ do: "self_test_failed", failure });
  }
}

/** @type {() => import("./show.js").Surroundings} */
const surroundings = () => ({
  user_agent: navigator.userAgent,
  threads: navigator.hardwareConcurrency,
  memory_gib: /** @type {{ deviceMemory?: number }} */ (navigator).deviceMemory ?? null,
  is_secure: isSecureContext,
  is_isolated: crossOriginIsolated,
  has_gpu: navigator.gpu !== undefined,
});
