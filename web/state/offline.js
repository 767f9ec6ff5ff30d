// Whether the page works with the network off, whether a new version waits, and what has been requested.

/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("../offline/requests.js").Requested} Requested */
/** Alike requests: `bytes` of them all together. @typedef {Requested & { times: number }} Tally */
/** `wanted`: the user lets the page keep its own files. @typedef {{ wanted: boolean, phase: "none" | "preparing" | "ready" | "unavailable" | "removing" | "removed", reason: string, update: boolean }} Offline */
/**
 * @typedef {{ do: "offline_preparing" }
 *  | { do: "offline_ready" }
 *  | { do: "offline_unavailable", reason: string }
 *  | { do: "update_ready" }
 *  | { do: "offline_wanted", on: boolean }
 *  | { do: "offline_removed" }
 *  | { do: "requested", requests: Requested[] }} OfflineAction
 */

/** @type {Offline} */
export const NOT_OFFLINE = { wanted: true, phase: "none", reason: "", update: false };

/** @type {(state: State, changes: Partial<Offline>) => State} */
const changed = (state, changes) => ({ ...state, offline: { ...state.offline, ...changes } });

/** What is told of files that are kept changes nothing once they are not to be. @type {(state: State, changes: Partial<Offline>) => State} */
const kept = (state, changes) => state.offline.wanted ? changed(state, changes) : state;

/** Alike ones are counted, not listed: a page that is open for a day must not grow by each scan's own reader.
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

/** @type {import("./slices.js").Handlers<OfflineAction>} */
export const offline_actions = {
  offline_preparing: (state) => kept(state, { phase: "preparing", reason: "" }),
  offline_ready: (state) => kept(state, { phase: "ready", reason: "" }),
  offline_unavailable: (state, { reason }) => kept(state, { phase: "unavailable", reason }),
  update_ready: (state) => kept(state, { update: true }),
  offline_wanted: (state, { on }) => on === state.offline.wanted ? state
    : changed(state, { wanted: on, phase: on ? "none" : "removing", reason: "", update: false }),
  offline_removed: (state) => state.offline.wanted ? state : changed(state, { phase: "removed" }),
  requested: (state, { requests }) => ({ ...state, requests: tallied(state.requests, requests) }),
};

/** @type {import("./slices.js").Slice<OfflineAction, "offline" | "requests">} */
export const offline_slice = { initial: { offline: NOT_OFFLINE, requests: [] }, actions: offline_actions };
