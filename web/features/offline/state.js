// Offline use, new versions of the page, and the requests it has made.

import { error_message, message_actions } from "../../state/message.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../offline/requests.js").Requested} Requested */
/** Which of the headers that isolate a page come with its files. @typedef {{ opener: boolean, embedder: boolean }} Isolates */
/** Requests for the same file; `bytes` is their sum. @typedef {Requested & { times: number }} Tally */
/**
 * `wanted`: the user allows the page to keep its own files.
 * @typedef {object} Offline
 * @property {boolean} wanted
 * @property {"none" | "preparing" | "ready" | "unavailable" | "removing" | "removed"} phase
 * @property {string} reason
 * @property {boolean} may_retry it is unavailable now, and perhaps not the next time
 * @property {boolean} update a reload brings another version
 * @property {boolean | null} host_policy the host sends a policy with the page's files; null if unknown
 * @property {Isolates | null} host_isolates null if unknown
 */
/**
 * @typedef {{ do: "offline_preparing" }
 *  | { do: "offline_ready" }
 *  | { do: "offline_unavailable", reason: string, may_retry: boolean }
 *  | { do: "update_seen", is_ready: boolean }
 *  | { do: "update_failed", reason: string }
 *  | { do: "page_replaced" }
 *  | { do: "host_seen", sends_policy: boolean, isolates: Isolates }
 *  | { do: "offline_wanted", on: boolean }
 *  | { do: "offline_removed" }
 *  | { do: "requested", requests: Requested[] }} OfflineAction
 */

const REPLACED = "This page was updated on its host, which no longer has the files of the version in this tab. "
  + "Save your work, then reload.";

/** @type {Offline} */
export const NOT_OFFLINE = {
  wanted: true, phase: "none", reason: "", may_retry: false, update: false, host_policy: null, host_isolates: null,
};

/** @type {(state: State, changes: Partial<Offline>) => State} */
const changed = (state, changes) => ({ ...state, offline: { ...state.offline, ...changes } });

/** Ignores reports about kept files once the user has switched them off.
 * @type {(state: State, changes: Partial<Offline>) => State} */
const kept = (state, changes) => state.offline.wanted ? changed(state, changes) : state;

/** Counts repeated requests instead of listing them, so that the list does not grow with every scan.
 * @type {(tallies: Tally[], requests: Requested[]) => Tally[]} */
function tallied(tallies, requests) {
  if (!requests.length) return tallies;
  const sums = new Map(tallies.map((tally) => [alike(tally), tally]));
  for (const request of requests) {
    const { times, bytes } = sums.get(alike(request)) ?? { times: 0, bytes: 0 };
    sums.set(alike(request), { ...request, times: times + 1, bytes: bytes + request.bytes });
  }
  return [...sums.values()];
}

/** @type {(request: Requested) => string} */
const alike = ({ by, path, is_kept }) => JSON.stringify([by, path, is_kept]);

/** @type {import("../../state/slices.js").Handlers<OfflineAction>} */
export const offline_actions = {
  offline_preparing: (state) => kept(state, { phase: "preparing", reason: "", may_retry: false }),
  offline_ready: (state) => kept(state, { phase: "ready", reason: "", may_retry: false }),
  offline_unavailable: (state, { reason, may_retry }) => kept(state, { phase: "unavailable", reason, may_retry }),
  update_seen: (state, { is_ready }) =>
    is_ready === state.offline.update ? state : kept(state, { update: is_ready }),
  update_failed: (state, { reason }) => message_actions.told(state, {
    do: "told", code: "update_failed",
    text: `The host's new version is incomplete (${reason}). This version stays in use.`,
  }),
  page_replaced: (state) => ({
    ...changed(state, { update: true }), message: error_message({ code: "page_replaced", message: REPLACED }, ["reload"]),
  }),
  host_seen: (state, { sends_policy, isolates }) =>
    changed(state, { host_policy: sends_policy, host_isolates: isolates }),
  offline_wanted: (state, { on }) => on === state.offline.wanted ? state
    : changed(state, { wanted: on, phase: on ? "none" : "removing", reason: "", may_retry: false, update: false }),
  offline_removed: (state) => state.offline.wanted ? state : changed(state, { phase: "removed" }),
  requested: (state, { requests }) => ({ ...state, requests: tallied(state.requests, requests) }),
};

/** @type {import("../../state/slices.js").Slice<OfflineAction, "offline" | "requests">} */
export const offline_slice = { initial: { offline: NOT_OFFLINE, requests: [] }, actions: offline_actions };
