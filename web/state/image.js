// The image at hand, and the file that is to take its place.

import { waiting } from "./boxes.js";
import { NO_EMBEDDING } from "./embedding.js";
import { error_message, lasting_message } from "./message.js";

/** @typedef {import("./reduce.js").State} State */
/** @typedef {import("../failure.js").Failure} Failure */
/** @typedef {import("../../boxel-bindings.js").OpenedImage} OpenedImage */
/** @typedef {{ serial: number, title: string, bytes: Uint8Array<ArrayBuffer> }} Source */
/** @typedef {Source & { key: string, width: number, height: number, format: string, bits: number, rgba: Uint8ClampedArray<ArrayBuffer> }} Image */
/**
 * @typedef {{ do: "open_wanted", source: Source }
 *  | { do: "image_opened", generation: number, serial: number, image: OpenedImage }
 *  | { do: "image_reopened", generation: number, opened_key: string }
 *  | { do: "open_failed", generation: number, serial: number, failure: Failure }} ImageAction
 */

/** @type {import("./reduce.js").Handlers<ImageAction>} */
export const image_actions = {
  open_wanted: (state, { source }) => ({ ...state, opening: source, message: lasting_message(state) }),
  image_opened: (state, { serial, image }) => image_opened(state, serial, image),
  image_reopened: (state, { opened_key }) => ({
    ...state,
    engine: { ...state.engine, image_key: opened_key, ids: [] },
    boxes: waiting(state.boxes),
  }),
  open_failed: (state, { serial, failure }) =>
    serial === state.opening?.serial ? { ...state, opening: null, message: error_message(failure) } : state,
};

/** @type {(state: State, serial: number, opened: OpenedImage) => State} */
function image_opened(state, serial, opened) {
  const { opening } = state;
  // The user has meanwhile asked for another file: the worker now holds an image that is not ours.
  if (opening?.serial !== serial) {
    return {
      ...state,
      engine: { ...state.engine, image_key: null, ids: [] },
      embedding: NO_EMBEDDING,
      boxes: waiting(state.boxes),
    };
  }
  const { key, width, height, format, bits, rgba } = opened;
  return {
    ...state,
    engine: { ...state.engine, image_key: key, ids: [] },
    opening: null,
    image: { ...opening, key, width, height, format, bits, rgba },
    embedding: NO_EMBEDDING,
    boxes: [],
    history: [],
    message: state.weights.phase === "failed" ? state.message : null,
  };
}
