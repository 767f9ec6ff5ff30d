// The errors that callers of the package catch.

import { failure_of } from "../web/failure.js";

export class BoxelError extends Error {
  /** @param {import("../web/failure.js").Failure} failure */
  constructor({ code, message }) {
    super(message);
    this.name = "BoxelError";
    /** The kind of failure; docs/embedding.md lists the codes. */
    this.code = code;
  }
}

export const CANCELLED = { code: "cancelled", message: "Cancelled." };

/** @type {(error: unknown, signal?: AbortSignal) => BoxelError} */
export function boxel_error(error, signal) {
  if (signal?.aborted) return new BoxelError(CANCELLED);
  return error instanceof BoxelError ? error : new BoxelError(failure_of(error, "internal"));
}
