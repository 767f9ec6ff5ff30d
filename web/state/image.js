// The image at hand, and the file that is to take its place.

import { error_message, lasting_message } from "./message.js";
import { NO_EMBEDDING, to_be_decoded, with_session } from "./sessions.js";

/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("../failure.js").Failure} Failure */
/** @typedef {import("../../boxel-bindings.js").OpenedImage} OpenedImage */
/** @typedef {{ serial: number, title: string, bytes: Uint8Array<ArrayBuffer> }} Source */
/** @typedef {Source & { key: string, width: number, height: number, format: string, bits: number, rgba: Uint8ClampedArray<ArrayBuffer> }} Image */
/**
 * @typedef {{ do: "open_wanted", source: Source }
 *  | { do: "image_opened", generation: number, serial: number, image: OpenedImage }
 *  | { do: "image_reopened", generation: number, side: import("./sessions.js").Side, opened_key: string }
 *  | { do: "open_failed", generation: number, serial: number, failure: Failure }} ImageAction
 */

/** @type {import("./reduce.js").Handlers<ImageAction>} */
export const image_actions = {
  open_wanted: (state, { source }) => ({ ...state, opening: source, message: lasting_message(state) }),
  image_opened: (state, { serial, image }) => image_opened(state, serial, image),
  image_reopened: (state, { side, opened_key }) => to_be_decoded(state, side, { image_key: opened_key, ids: [] }),
  open_failed: (state, { serial, failure }) =>
    serial === state.opening?.serial ? { ...state, opening: null, message: error_message(failure) } : state,
};

/** @type {(state: State, serial: number, opened: OpenedImage) => State} */
function image_opened(state, serial, opened) {
  const { opening } = state;
  // The user has meanwhile asked for another file: the worker now holds an image that is not ours.
  if (opening?.serial !== serial) {
    return to_be_decoded(state, "main", { image_key: null, ids: [], embedding: NO_EMBEDDING });
  };
  const { key, width, height, format, bits, rgba } = opened;
  return {
    ...with_session(with_session(state, "other", { embedding: NO_EMBEDDING }), "main", { image_key: key, ids: [], embedding: NO_EMBEDDING }),
    opening: null,
    image: { ...opening, key, width, height, format, bits, rgba },
    objects: [],
    history: [],
    selected: null,
    message: state.weights.phase === "failed" ? state.message : null,
  };
}
