// Checks the host's answer for a piece of a file: whether it is that piece, of the same file as the others.

/** @typedef {import("../features/models/state.js").ModelEntry} ModelEntry */
/** @typedef {import("../failure.js").Failure} Failure */

const TRY_AGAIN = [408, 425, 429, 500, 502, 503, 504];

/** A changed file may keep its weak ETag; then the date is the better validator.
 * @type {(headers: Headers) => string} */
function validator_of(headers) {
  const etag = headers.get("ETag") ?? "";
  return etag && !etag.startsWith("W/") ? etag : headers.get("Last-Modified") ?? "";
}

/** Notes the file's validator in `partial`.
 * @type {(
 *   response: Response, entry: ModelEntry, partial: { loaded: number, validator: string },
 * ) => "piece" | "whole" | "changed" | "broken"} */
export function start_of_answer(response, entry, partial) {
  if (TRY_AGAIN.includes(response.status)) return "broken";
  if (response.status === 416) throw length_wrong(entry, `at most ${partial.loaded}`);
  if (response.status !== 200 && response.status !== 206) {
    throw { code: "fetch", message: `models/${entry.file} could not be loaded: the host answered ${response.status}.` };
  }
  const validator = validator_of(response.headers);
  if (response.status === 200) {
    const length = Number(response.headers.get("Content-Length") ?? entry.bytes);
    // A compressed response has another length.
    if (length !== entry.bytes && !response.headers.get("Content-Encoding")) throw length_wrong(entry, String(length));
    partial.validator = validator;
    return "whole";
  }
  const [, from, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("Content-Range") ?? "") ?? [];
  if (total !== undefined && total !== "*" && Number(total) !== entry.bytes) throw length_wrong(entry, total);
  if (Number(from) !== partial.loaded) return "changed";
  if (partial.loaded > 0 && partial.validator !== validator) return "changed";
  partial.validator = validator;
  return "piece";
}

/** @type {(entry: ModelEntry, found: string) => Failure} */
export const length_wrong = ({ file, bytes }, found) => ({
  code: "weights_checksum",
  message: `The model file ${file} has ${found} bytes and should have ${bytes}; it is not used.`,
});

/** @type {(entry: ModelEntry, found: string) => Failure} */
export const checksum_wrong = ({ file, sha256 }, found) => ({
  code: "weights_checksum",
  message: `The model file ${file} is damaged or not ours: its SHA-256 is ${found.slice(0, 12)}… and should be `
    + `${sha256.slice(0, 12)}…; it is not used.`,
});

/** @type {(entry: ModelEntry) => Failure} */
export const changed = ({ file }) => ({
  code: "fetch",
  message: `The model file ${file} changed on the host during the download. Try again later.`,
});

/** @type {(entry: ModelEntry, loaded: number) => Failure} */
export const stopped = ({ name, bytes }, loaded) => ({
  code: "fetch",
  message: `Loading ${name} stopped at ${(loaded / 1e6).toFixed(1)} of ${(bytes / 1e6).toFixed(1)} MB: `
    + "the host cannot be reached. Retry resumes the download.",
});
