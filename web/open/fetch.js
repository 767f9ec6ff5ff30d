// Every fetch of the page: GET of an own file, without query, body or credentials. A host that accepts the request and then
// sends nothing is given up.

import { Countdown } from "../countdown.js";
import { BASE } from "../offline/place.js";

/** `with_own` gets the browser's own answer too, unread: only with that can the browser store what it makes of the bytes.
 * @typedef {object} FetchOptions
 * @property {AbortSignal} [signal]
 * @property {RequestCache} [cache]
 * @property {Record<string, string>} [headers]
 * @property {(answer: Response) => void} [with_own] */

/** A file of this version. @type {(path: string, options?: FetchOptions) => Promise<Response>} */
export const fetch_asset = (path, options) => loaded(path, fetch_answer(new URL(path, BASE).href, options));

/** A file at an address that the caller chose, relative to the page.
 * @type {(address: string, options?: FetchOptions) => Promise<Response>} */
export const fetch_at = (address, options) => loaded(address, fetch_answer(address, options));

/** All bytes of an answer. Unlike the answer's own methods, it rejects with the failure of `fetch_answer`.
 * @type {(answer: Response) => Promise<Blob>} */
export async function whole({ body, headers }) {
  const reader = body?.getReader();
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) parts.push(part.value);
  return new Blob(parts, { type: headers.get("content-type") ?? "" });
}

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

/** How long a host may send not one byte. */
const MAX_SILENCE_MS = 30_000;
export const HOST_SILENT = "host_silent";

/** @type {(path: string) => import("../failure.js").Failure} */
const silent = (path) => ({
  code: HOST_SILENT,
  message: `${path.split("/").at(-1) || "The page"} could not be loaded: its host has sent nothing for `
    + `${MAX_SILENCE_MS / 1000} seconds. Check the connection, then retry.`,
});

/** The host's answer, whatever it is; null if there is none. Rejects, as reading the body does, with the code `HOST_SILENT`
 * if the host falls silent.
 * @type {(path: string, options?: FetchOptions) => Promise<Response | null>} */
export async function fetch_answer(path, { signal, cache = "default", headers = {}, with_own } = {}) {
  signal?.throwIfAborted();
  const abort = new AbortController();
  signal?.addEventListener("abort", () => abort.abort(signal.reason), { signal: abort.signal });
  const countdown = new Countdown();
  const failure = silent(path);
  countdown.start(MAX_SILENCE_MS, () => abort.abort(failure));
  try {
    const response = await fetch(path, {
      method: "GET", cache, credentials: "omit", redirect: "error", signal: abort.signal, headers,
    });
    const { body, status } = with_own ? response.clone() : response;
    with_own?.(response);
    return body ? new Response(heard(body, abort, failure), { status, headers: response.headers }) : response;
  } catch (error) {
    if (signal?.aborted) throw error;
    if (abort.signal.aborted) throw failure;
    return null;
  } finally {
    countdown.stop();
  }
}

/** The same bytes; only the time that their reader waits for the host counts as silence.
 * @type {(
 *   body: ReadableStream<Uint8Array<ArrayBuffer>>, abort: AbortController, failure: import("../failure.js").Failure,
 * ) => ReadableStream<Uint8Array<ArrayBuffer>>} */
function heard(body, abort, failure) {
  const reader = body.getReader();
  const countdown = new Countdown();
  return new ReadableStream({
    async pull(controller) {
      countdown.start(MAX_SILENCE_MS, () => {
        controller.error(failure);
        abort.abort(failure);
      });
      try {
        const { done, value } = await reader.read();
        if (abort.signal.reason === failure) return;
        if (done) controller.close();
        else controller.enqueue(value);
      } finally {
        countdown.stop();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}
