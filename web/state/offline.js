// Whether the page works with the network off, whether a new version waits, and what has been requested.

/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("../offline/requests.js").Requested} Requested */
/** @typedef {{ phase: "none" | "preparing" | "ready" | "unavailable", reason: string, update: boolean }} Offline */
/**
 * @typedef {{ do: "offline_preparing" }
 *  | { do: "offline_ready" }
 *  | { do: "offline_unavailable", reason: string }
 *  | { do: "update_ready" }
 *  | { do: "requested", requests: Requested[] }} OfflineAction
 */

/** @type {Offline} */
export const NOT_OFFLINE = { phase: "none", reason: "", update: false };

/** @type {(state: State, changes: Partial<Offline>) => State} */
const changed = (state, changes) => ({ ...state, offline: { ...state.offline, ...changes } });

/** @type {import("./reduce.js").Handlers<OfflineAction>} */
export const offline_actions = {
  offline_preparing: (state) => changed(state, { phase: "preparing", reason: "" }),
  offline_ready: (state) => changed(state, { phase: "ready", reason: "" }),
  offline_unavailable: (state, { reason }) => changed(state, { phase: "unavailable", reason }),
  update_ready: (state) => changed(state, { update: true }),
  requested: (state, { requests }) => ({ ...state, requests: [...state.requests, ...requests] }),
};
