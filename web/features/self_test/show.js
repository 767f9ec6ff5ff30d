// Words for the self-test, and the diagnostics, which contain nothing of a scan.

import { element, enable, write } from "../../ui/element.js";
import { self_test_lack } from "./state.js";

/** @typedef {import("../../state/reduce.js").State} State */

/** @type {(ms: number) => string} */
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

/** @type {(self_test: State["self_test"]) => string} */
export function self_test_words({ phase, done, total, verdict, failure }) {
  if (phase === "running") return total ? `Encoding a sample: step ${done} of ${total}` : "Opening a sample…";
  if (failure) return `The test could not run: ${failure.message}`;
  if (!verdict) return "";
  const on = verdict.kind === "gpu" ? "GPU" : "CPU";
  const measured = `Dice ${verdict.dice.toFixed(4)} with the reference's mask, `
    + `predicted IoU off by ${verdict.iou_off.toFixed(4)}, encoded in ${seconds(verdict.encode_ms)}`;
  return verdict.passed
    ? `Passed on the ${on}: ${measured}. On this one sample, this device computes correctly.`
    : `Failed on the ${on}: ${measured}. Do not trust masks from this device`
      + `${verdict.kind === "gpu" ? ": use the CPU, or update the graphics driver" : ""}.`;
}

/**
 * What the browser reports about itself.
 * @typedef {object} Surroundings
 * @property {string} user_agent
 * @property {number} threads
 * @property {number | null} memory_gib
 * @property {boolean} is_secure
 * @property {boolean} is_isolated
 * @property {boolean} has_gpu
 */

/** For a bug report. It contains nothing of the scan, not even whether one is open.
 * @type {(state: State, surroundings: Surroundings) => string} */
export function diagnostics_of({ engine, sessions, self_test, weights, message, offline }, surroundings) {
  const { kind, name, reason, device, phase, gpu_refused } = engine;
  const { model } = sessions.main;
  return JSON.stringify({
    browser: surroundings,
    engine: { phase, kind, name, reason, gpu_refused, device },
    model: { name: model?.name ?? null, recipe: weights.recipe ?? null, weights: weights.phase },
    self_test: { phase: self_test.phase, verdict: self_test.verdict, failure: self_test.failure?.code ?? null },
    offline: offline.phase,
    message: message?.code ?? null,
  }, null, 2);
}

/** @type {() => (state: State) => void} */
export const self_test_shower = () => (state) => {
  const { self_test } = state;
  enable(
    element("self-test", HTMLButtonElement), self_test_lack(state),
    "Runs a bundled sample on this device and compares its mask with the reference",
  );
  element("self-test-cancel", HTMLElement).hidden = self_test.phase !== "running";
  const { verdict } = self_test;
  element("self-test-use-cpu", HTMLElement).hidden = !(verdict && !verdict.passed && verdict.kind === "gpu");
  write("self-test-words", self_test_words(self_test));
};
