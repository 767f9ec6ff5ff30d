// Failures in the form that the page shows.

/** @typedef {{ code: string, message: string }} Failure */

/** A plain `{ code, message }` was thrown on purpose; anything else gets the code `unexpected`, with `what`.
 * @type {(error: any, unexpected: string, what?: string) => Failure} */
export function failure_of(error, unexpected, what = "Something unexpected happened") {
  const { code, message } = error ?? {};
  if (typeof code === "string" && typeof message === "string" && !(error instanceof Error)) return { code, message };
  return { code: unexpected, message: `${what} (${message ?? String(error)}).` };
}
