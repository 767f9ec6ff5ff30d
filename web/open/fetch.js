// Every fetch of the page: GET, relative to the page, without query, body or credentials.

/** @type {(path: string, options?: { signal?: AbortSignal, cache?: RequestCache }) => Promise<Response>} */
export async function fetch_asset(path, { signal, cache = "default" } = {}) {
  const response = await fetch(path, { method: "GET", cache, credentials: "omit", redirect: "error", signal })
    .catch((error) => {
      if (signal?.aborted) throw error;
      throw { code: "fetch", message: `${path} could not be loaded; is the page's host reachable?` };
    });
  if (!response.ok) throw { code: "fetch", message: `${path} could not be loaded: the host answered ${response.status}.` };
  return response;
}
