// Every fetch of the page: GET of an own file, without query, body or credentials.

import { BASE } from "../offline/place.js";

/** @typedef {{ signal?: AbortSignal, cache?: RequestCache, headers?: Record<string, string> }} FetchOptions */

/** A file of this version. @type {(path: string, options?: FetchOptions) => Promise<Response>} */
export const fetch_asset = (path, options) => loaded(path, fetch_answer(new URL(path, BASE).href, options));

/** A file at an address that the caller chose, relative to the page.
 * @type {(address: string, options?: FetchOptions) => Promise<Response>} */
export const fetch_at = (address, options) => loaded(address, fetch_answer(address, options));

/** @type {(path: string, answer: Promise<Response | null>) => Promise<Response>} */
async function loaded(path, answer) {
  const response = await answer;
  if (!response) {
    throw { code: "fetch", message: `${path} could not be loaded. Check that the page's host can be reached.` };
  }
  if (!response.ok) {
    throw { code: "fetch", message: `${path} could not be loaded: the host answered ${response.status}.` };
  }
  return response;
}

/** The host's answer, whatever it is; null if there is none.
 * @type {(path: string, options?: FetchOptions) => Promise<Response | null>} */
export const fetch_answer = (path, { signal, cache = "default", headers = {} } = {}) =>
  fetch(path, { method: "GET", cache, credentials: "omit", redirect: "error", signal, headers }).catch((error) => {
    if (signal?.aborted) throw error;
    return null;
  });
