// What the page and its workers must not have, although the browser offers it.

/** Removes what no Content-Security-Policy binds, and what the page does not need. To be called before everything else.
 * In a worker nothing is left that sends a request but `import()`, which the policy binds. On the page, code that makes
 * a frame gets what was removed from that frame: there it is a hurdle, not a wall.
 *
 * Self-contained, because workers get its text. */
export function fence() {
  const is_worker = typeof document === "undefined";
  // No policy binds WebRTC. A worker that starts from an address takes the policy of the host's answer, if it has one.
  const everywhere = [
    "RTCPeerConnection", "webkitRTCPeerConnection", "mozRTCPeerConnection", "SharedWorker", "WebTransport",
  ];
  const in_workers = [
    "fetch", "fetchLater", "XMLHttpRequest", "WebSocket", "WebSocketStream", "EventSource", "Worker", "importScripts",
    "caches",
  ];
  /** @type {(target: object, name: string) => void} */
  const remove = (target, name) => {
    for (let at = target; at; at = Object.getPrototypeOf(at)) Reflect.deleteProperty(at, name);
  };
  for (const name of is_worker ? [...everywhere, ...in_workers] : everywhere) remove(globalThis, name);
  if (is_worker) {
    remove(navigator, "serviceWorker");
    return;
  }
  // No policy binds an address that the tab itself goes to.
  /** @type {any} */ (globalThis).navigation?.addEventListener("navigate", (/** @type {any} */ event) => {
    if (event.cancelable && new URL(event.destination.url).origin !== location.origin) event.preventDefault();
  });
}
