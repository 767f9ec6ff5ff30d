// The self-test: a sample with a known mask, segmented on this device.

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("./run.js").Verdict} Verdict */
/**
 * @typedef {object} SelfTest
 * @property {"none" | "running" | "done" | "failed"} phase
 * @property {number} done
 * @property {number} total
 * @property {Verdict | null} verdict
 * @property {import("../../failure.js").Failure | null} failure
 */
/**
 * @typedef {{ do: "self_test_started" }
 *  | { do: "self_test_progress", done: number, total: number }
 *  | { do: "self_test_done", verdict: Verdict }
 *  | { do: "self_test_failed", failure: import("../../failure.js").Failure }} SelfTestAction
 */

/** @type {SelfTest} */
export const NOT_TESTED = { phase: "none", done: 0, total: 0, verdict: null, failure: null };

/** @type {(state: State, changes: Partial<SelfTest>) => State} */
const changed = (state, changes) => ({ ...state, self_test: { ...NOT_TESTED, ...changes } });

/** @type {import("../../state/slices.js").Handlers<SelfTestAction>} */
export const self_test_actions = {
  self_test_started: (state) => changed(state, { phase: "running" }),
  self_test_progress: (state, { done, total }) => changed(state, { phase: "running", done, total }),
  self_test_done: (state, { verdict }) => changed(state, { phase: "done", verdict }),
  // Cancelled by the user, it counts as not begun.
  self_test_failed: (state, { failure }) =>
    failure.code === "cancelled" ? changed(state, {}) : changed(state, { phase: "failed", failure }),
};

/** @type {import("../../state/slices.js").Slice<SelfTestAction, "self_test">} */
export const self_test_slice = { initial: { self_test: NOT_TESTED }, actions: self_test_actions };

/** Why the test cannot run now; empty if it can. @type {(state: State) => string} */
export function self_test_lack({ engine, self_test }) {
  if (self_test.phase === "running") return "The test is running";
  return engine.phase === "ready" ? "" : "The engine has not started yet";
}
