// Every fetch of the page: GET, relative to the page, without query, body or credentials.

/** @typedef {{ signal?: AbortSignal, cache?: RequestCache, headers?: Record<string, string> }} FetchOptions */

/** @type {(path: string, options?: FetchOptions) => Promise<Response>} */
export async function fetch_asset(path, options) {
  const response = await fetch_answer(path, options);
  if (!response) throw { code: "fetch", message: `${path} could not be loaded; is the page's host reachable?` };
  if (!response.ok) throw { code: "fetch", message: `${path} could not be loaded: the host answered ${response.status}.` };
  return response;
}

/** Whatever the host answers; null when it does not.
 * @type {(path: string, options?: FetchOptions) => Promise<Response | null>} */
export const fetch_answer = (path, { signal, cache = "default", headers = {} } = {}) =>
  fetch(path, { method: "GET", cache, credentials: "omit", redirect: "error", signal, headers }).catch((error) => {
    if (signal?.aborted) throw error;
    return null;
  });
