// Every fetch of the page: GET, relative to the page, without query, body or credentials.

/** @typedef {{ signal?: AbortSignal, cache?: RequestCache, headers?: Record<string, string> }} FetchOptions */

/** @type {(path: string, options?: FetchOptions) => Promise<Response>} */
export async function fetch_asset(path, options) {
  const response = await fetch_answer(path, options);
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
