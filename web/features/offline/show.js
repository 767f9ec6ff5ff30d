// Shows the network requests, offline use and a new version of the page.

import { megabytes } from "../../show/words.js";
import { element, part, write } from "../../ui/element.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("./state.js").Offline} Offline */

/** @type {(offline: Offline) => string} */
export function offline_words({ phase, reason }) {
  if (phase === "removing") return "Removing the stored files…";
  if (phase === "removed") return "Off: this browser stores none of the page's files";
  if (phase === "ready") return "Ready: this page works offline";
  if (phase === "unavailable") return `Not available: ${reason}`;
  return phase === "preparing" ? "Preparing…" : "Available once the model is loaded";
}

/** Where the policy comes from that binds the page and its workers.
 * @type {(offline: Offline) => string} */
export function policy_words({ host_policy }) {
  if (host_policy === null) return "…";
  return host_policy ? "The page's own and its host's"
    : "The page's own, in this tab and its workers. The host sends none";
}

/** What the page stores, with the size if the build has counted it. @type {(bytes: number) => string} */
export const kept_words = (bytes) => bytes > 0 ? `its own files (${Math.round(bytes / 1e6)} MB)` : "its own files";

/** @type {(requests: State["requests"]) => string} */
export function request_words(requests) {
  const sum = (/** @type {State["requests"]} */ some) => some.reduce((bytes, each) => bytes + each.bytes, 0);
  const came = requests.filter(({ is_kept }) => !is_kept);
  const times = requests.reduce((sum, each) => sum + each.times, 0);
  return `${times} requests, each for a file of this page. ${megabytes(sum(came))} MB came over the network, `
    + `${megabytes(sum(requests) - sum(came))} MB from the browser's cache. Nothing was sent.`;
}

/** @type {() => (state: State) => void} */
export function request_shower() {
  const panel = element("requests-panel", HTMLDetailsElement);
  const rows = element("requests", HTMLElement);
  /** @type {State["requests"]} */
  let shown = [];
  return ({ offline, requests }) => {
    write("offline", offline_words(offline));
    write("policy", policy_words(offline));
    element("offline-retry", HTMLElement).hidden = !offline.may_retry;
    element("update", HTMLElement).hidden = !offline.update;
    element("keep-offline", HTMLInputElement).checked = offline.wanted;
    if (!panel.open || shown === requests) return;
    write("requests-facts", request_words(requests));
    rows.replaceChildren(...requests.map(({ by, path, bytes, is_kept, times }) => {
      const row = part("tr", "", "");
      const cells = [path, by, `${times}`, `${(bytes / 1000).toFixed(1)} kB`, is_kept ? "cache" : "network"];
      row.append(...cells.map((text) => part("td", "", text)));
      return row;
    }));
    shown = requests;
  };
}
