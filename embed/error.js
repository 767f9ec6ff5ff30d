// What goes wrong, as those who embed the engine catch it.

import { failure_of } from "../web/failure.js";

export class BoxelError extends Error {
  /** @param {import("../web/failure.js").Failure} failure */
  constructor({ code, message }) {
    super(message);
    this.name = "BoxelError";
    /** What kind of fault it is; docs/embedding.md lists them. */
    this.code = code;
  }
}

export const CANCELLED = { code: "cancelled", message: "Cancelled." };

/** @type {(error: unknown, signal?: AbortSignal) => BoxelError} */
export function boxel_error(error, signal) {
  if (signal?.aborted) return new BoxelError(CANCELLED);
  return error instanceof BoxelError ? error : new BoxelError(failure_of(error, "internal"));
}
