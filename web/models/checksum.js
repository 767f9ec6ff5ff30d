// The SHA-256 of a file.

/** @typedef {(file: Blob) => Promise<string>} Sha256 */

/** @type {(bytes: Uint8Array<ArrayBuffer>) => string} */
const hex_of = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** `crypto.subtle` exists on https and localhost only; elsewhere the engine computes the hash.
 * @type {(in_engine: Sha256) => Sha256} */
export const sha256_with = (in_engine) => async (file) =>
  globalThis.crypto?.subtle
    ? hex_of(new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())))
    : in_engine(file);
