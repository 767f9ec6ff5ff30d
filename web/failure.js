// What went wrong, in the form that the page shows.

/** @typedef {{ code: string, message: string }} Failure */

/** A plain `{ code, message }` was thrown on purpose; anything else gets the code `unexpected`.
 * @type {(error: any, unexpected: string) => Failure} */
export function failure_of(error, unexpected) {
  const { code, message } = error ?? {};
  if (typeof code === "string" && typeof message === "string" && !(error instanceof Error)) return { code, message };
  return { code: unexpected, message: `Something unexpected happened: ${message ?? String(error)}.` };
}
