// Starts the scripts that run next to the page, and no others.

import { fence } from "./fence.js";
import { BASE, SITE } from "./place.js";

const SERVICE_WORKER = new URL("service-worker.js", SITE).href;
/** Script → address of the blob that starts it. @type {Map<string, string>} */
const starters = new Map();

/** The page's policy allows no other Trusted Types, so no other address becomes a worker. */
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("boxel", {
  /** @param {string} address */
  createScriptURL(address) {
    if (address === SERVICE_WORKER || [...starters.values()].includes(address)) return address;
    throw new TypeError(`${address} is not a script of this page`);
  },
});

/** @type {(address: string) => string} */
const trusted = (address) => policy ? policy.createScriptURL(address) : address;

/** The address of the service worker, for `register`. */
export const service_worker_address = () => trusted(SERVICE_WORKER);

/** Starts a worker under the page's own policy, whatever headers its host sends: a worker from a blob inherits the
 * policy, and one from an address takes that of the host's answer. @type {(script: URL) => Worker} */
export function start_worker({ href }) {
  const name = href.slice(BASE.length);
  const text = `(${fence})();\n(${begin})(${JSON.stringify(href)});\n`;
  // The fragment changes nothing; it tells the workers apart in a debugger.
  const starter = () => URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const address = starters.get(href) ?? `${starter()}#/${name}`;
  starters.set(href, address);
  return new Worker(trusted(address), { type: "module", name });
}

/** In the worker: imports its script, and hands it what the page has sent in the meantime. Self-contained, as `fence`.
 * @param {string} script */
function begin(script) {
  /** @type {MessageEvent[]} */
  const early = [];
  /** @param {MessageEvent} event */
  const keep = (event) => early.push(event);
  addEventListener("message", keep);
  import(script).then(() => {
    removeEventListener("message", keep);
    for (const { data } of early) dispatchEvent(new MessageEvent("message", { data }));
  }, (error) => setTimeout(() => { throw error; }));
}
