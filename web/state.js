// The page's whole state and the one pure function that changes it. No DOM, no worker, no clock.
//
// Every reply of the engine carries the engine's generation (a new one per worker) and, once an
// image is involved, the image's key. A reply of an older worker or an older image changes nothing:
// that is how a new image never shows an old mask.

/** @typedef {[number, number, number, number]} ImageBox x0, y0, x1, y1 in image space, pixels */
/** @typedef {"gpu" | "cpu"} Kind */
/** @typedef {"auto" | Kind} Wanted */
/** @typedef {"start" | "open" | "reopen" | "load_weights" | "embed" | "remove" | "segment"} Step */
/** @typedef {import("./failure.js").Failure} Failure */
/** @typedef {{ level: "error" | "info", code: string, text: string, offers: ("retry" | "use_cpu")[] }} Message */

/**
 * @typedef {object} Engine
 * @property {number} generation which worker; replies of any other are dropped
 * @property {"none" | "starting" | "ready" | "failed"} phase
 * @property {Kind | null} kind
 * @property {string} name the adapter's or the CPU backend's
 * @property {string} reason why this device was chosen
 * @property {string} gpu_refused why the GPU did not start, when it was tried and did not
 * @property {boolean} has_weights
 * @property {string | null} image_key the image the worker has open
 * @property {number[]} ids of the segments that the worker keeps
 */
/** @typedef {{ model: string, phase: "idle" | "loading" | "checking" | "ready" | "failed" | "cancelled", loaded: number, total: number, bytes: Uint8Array<ArrayBuffer> | null }} Weights */
/** @typedef {{ serial: number, title: string, bytes: Uint8Array<ArrayBuffer> }} Source */
/** @typedef {Source & { key: string, width: number, height: number, format: string, bits: number, rgba: Uint8ClampedArray<ArrayBuffer> }} Image */
/** @typedef {{ phase: "none" | "running" | "done" | "cancelled" | "failed", stage: string, done: number, total: number }} Embedding */
/** @typedef {{ id: number, mask: Uint8Array<ArrayBuffer>, iou: number, area_px: number, bounds: ImageBox | null | undefined }} Segment */

/**
 * `colour` counts into the palette. A box that waits may still show the segment of an earlier
 * worker: it is of the same image.
 * @typedef {{ number: number, colour: number, box: ImageBox, phase: "waiting" | "done", segment: Segment | null }} Box
 */
/**
 * @typedef {object} State
 * @property {Wanted} wanted
 * @property {Engine} engine
 * @property {Weights} weights
 * @property {Source | null} opening
 * @property {Image | null} image
 * @property {Embedding} embedding
 * @property {Box[]} boxes
 * @property {Box[][]} history for undo, newest last
 * @property {number} next_number boxes are never renumbered
 * @property {number} opacity of the masks, 0 to 1
 * @property {Message | null} message
 */
/**
 * @typedef {{ do: "device_wanted", wanted: Wanted }
 *  | { do: "engine_started", generation: number }
 *  | { do: "engine_ready", generation: number, kind: Kind, name: string, reason: string }
 *  | { do: "engine_gpu_refused", generation: number, reason: string }
 *  | { do: "engine_died", generation: number, step: Step | null, failure: Failure }
 *  | { do: "weights_progress", model: string, loaded: number, total: number }
 *  | { do: "weights_checking" }
 *  | { do: "weights_ready", bytes: Uint8Array<ArrayBuffer> }
 *  | { do: "weights_failed", failure: Failure }
 *  | { do: "weights_cancelled" }
 *  | { do: "weights_loaded", generation: number }
 *  | { do: "open_wanted", source: Source }
 *  | { do: "image_opened", generation: number, serial: number, image: import("../boxel-bindings.js").OpenedImage }
 *  | { do: "image_reopened", generation: number, opened_key: string }
 *  | { do: "open_failed", generation: number, serial: number, failure: Failure }
 *  | { do: "embed_progress", generation: number, key: string, stage: string, done: number, total: number }
 *  | { do: "embed_done", generation: number, key: string }
 *  | { do: "embed_stopped", generation: number, key: string, by_user: boolean }
 *  | { do: "embed_failed", generation: number, key: string, failure: Failure }
 *  | { do: "box_added", box: ImageBox }
 *  | { do: "segmented", generation: number, key: string, number: number, segment: Segment, box: ImageBox }
 *  | { do: "segment_failed", generation: number, key: string, number: number, failure: Failure }
 *  | { do: "segment_removed", generation: number, id: number }
 *  | { do: "box_removed", number: number }
 *  | { do: "boxes_cleared" }
 *  | { do: "undone" }
 *  | { do: "opacity_set", opacity: number }
 *  | { do: "retry" }
 *  | { do: "failed", failure: Failure }
 *  | { do: "told", code: string, text: string }
 *  | { do: "message_closed" }} Action
 */

const HISTORY_LENGTH = 30;

/** @type {Embedding} */
const NO_EMBEDDING = { phase: "none", stage: "", done: 0, total: 0 };

/** @type {(generation: number) => Engine} */
const new_engine = (generation) => ({
  generation, phase: "none", kind: null, name: "", reason: "", gpu_refused: "",
  has_weights: false, image_key: null, ids: [],
});

/** @type {(wanted: Wanted) => State} */
export const initial_state = (wanted) => ({
  wanted,
  engine: new_engine(1),
  weights: { model: "", phase: "idle", loaded: 0, total: 0, bytes: null },
  opening: null,
  image: null,
  embedding: NO_EMBEDDING,
  boxes: [],
  history: [],
  next_number: 1,
  opacity: 0.6,
  message: null,
});

/** @type {(failure: Failure, offers?: Message["offers"]) => Message} */
const error_message = (failure, offers = []) => ({
  level: "error", code: failure.code, text: failure.message, offers,
});

/** A message that offers something stays until that is done or it is closed.
 * @type {(state: State) => Message | null} */
const lasting_message = ({ message }) => message?.offers.length ? message : null;

/** Boxes as a new worker sees them: all still to be decoded, their masks still shown.
 * @type {(boxes: Box[]) => Box[]} */
const waiting = (boxes) => boxes.map((box) => ({ ...box, phase: "waiting" }));

/** A worker that knows nothing yet; the image, the boxes and their masks stay on the page.
 * @type {(state: State) => State} */
const with_new_engine = (state) => ({
  ...state,
  engine: new_engine(state.engine.generation + 1),
  embedding: NO_EMBEDDING,
  boxes: waiting(state.boxes),
});

/** @type {(state: State, action: Action) => boolean} */
function is_stale(state, action) {
  if ("generation" in action && action.generation !== state.engine.generation) return true;
  if (!("key" in action)) return false;
  return action.key !== state.engine.image_key || action.key !== state.image?.key;
}

/** @type {(state: State, action: Action) => State} */
export function reduce(state, action) {
  if (is_stale(state, action)) return state;
  switch (action.do) {
    case "device_wanted":
      return { ...with_new_engine(state), wanted: action.wanted, message: null };
    case "engine_started":
      return { ...state, engine: { ...state.engine, phase: "starting" } };
    case "engine_ready": {
      const { kind, name, reason } = action;
      return { ...state, engine: { ...state.engine, phase: "ready", kind, name, reason } };
    }
    case "engine_gpu_refused": {
      const next = with_new_engine(state);
      return { ...next, engine: { ...next.engine, gpu_refused: action.reason } };
    }
    case "engine_died":
      return engine_died(state, action.step, action.failure);

    case "weights_progress": {
      const { model, loaded, total } = action;
      return { ...state, weights: { ...state.weights, model, phase: "loading", loaded, total } };
    }
    case "weights_checking":
      return { ...state, weights: { ...state.weights, phase: "checking" } };
    case "weights_ready":
      return { ...state, weights: { ...state.weights, phase: "ready", bytes: action.bytes } };
    case "weights_cancelled":
      return { ...state, weights: { ...state.weights, phase: "cancelled" } };
    case "weights_failed":
      return {
        ...state,
        weights: { ...state.weights, phase: "failed" },
        message: error_message(action.failure, ["retry"]),
      };
    case "weights_loaded":
      return { ...state, engine: { ...state.engine, has_weights: true } };

    case "open_wanted":
      return { ...state, opening: action.source, message: lasting_message(state) };
    case "image_opened":
      return image_opened(state, action.serial, action.image);
    case "image_reopened":
      return {
        ...state,
        engine: { ...state.engine, image_key: action.opened_key, ids: [] },
        boxes: waiting(state.boxes),
      };
    case "open_failed":
      if (action.serial !== state.opening?.serial) return state;
      return { ...state, opening: null, message: error_message(action.failure) };

    case "embed_progress": {
      const { stage, done, total } = action;
      return { ...state, embedding: { phase: "running", stage, done, total } };
    }
    case "embed_done":
      return { ...state, embedding: { ...state.embedding, phase: "done" } };
    case "embed_stopped":
      return {
        ...state,
        embedding: action.by_user ? { ...NO_EMBEDDING, phase: "cancelled" } : NO_EMBEDDING,
      };
    case "embed_failed":
      return {
        ...state,
        embedding: { ...NO_EMBEDDING, phase: "failed" },
        message: error_message(action.failure, ["retry"]),
      };

    case "box_added":
      return box_added(state, action.box);
    case "segmented":
      return {
        ...state,
        engine: { ...state.engine, ids: [...state.engine.ids, action.segment.id] },
        boxes: state.boxes.map((box) => box.number !== action.number ? box
          : { ...box, phase: "done", box: action.box, segment: action.segment }),
      };
    case "segment_failed":
      return { ...without_box(state, action.number), message: error_message(action.failure) };
    case "segment_removed":
      return {
        ...state,
        engine: { ...state.engine, ids: state.engine.ids.filter((id) => id !== action.id) },
      };
    case "box_removed":
      return with_boxes(state, state.boxes.filter((box) => box.number !== action.number));
    case "boxes_cleared":
      return with_boxes(state, []);
    case "undone":
      return undone(state);

    case "opacity_set":
      return { ...state, opacity: Math.min(1, Math.max(0, action.opacity)) };
    case "retry":
      return retried(state);
    case "failed":
      return { ...state, message: error_message(action.failure) };
    case "told":
      return { ...state, message: { level: "info", code: action.code, text: action.text, offers: [] } };
    case "message_closed":
      return { ...state, message: null };
  }
}

/** @type {(state: State, step: Step | null, failure: Failure) => State} */
function engine_died(state, step, failure) {
  const was_gpu = state.engine.kind === "gpu" || (state.engine.kind === null && state.wanted === "gpu");
  const next = with_new_engine(state);
  // A file that kills the worker is dropped, and all else goes on by itself.
  if (step === "open") return { ...next, opening: null, message: error_message(failure) };

  const message = error_message(failure, was_gpu ? ["retry", "use_cpu"] : ["retry"]);
  // What may kill the next worker too waits for the user.
  const gets_no_further = step === "start" || step === "load_weights" || step === "reopen";
  return gets_no_further
    ? { ...next, engine: { ...next.engine, phase: "failed" }, message }
    : { ...next, embedding: { ...NO_EMBEDDING, phase: "failed" }, message };
}

/** @type {(state: State, serial: number, opened: import("../boxel-bindings.js").OpenedImage) => State} */
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

/** @type {(state: State, boxes: Box[]) => State} */
const with_boxes = (state, boxes) => ({
  ...state,
  boxes,
  history: [...state.history, state.boxes].slice(-HISTORY_LENGTH),
  message: lasting_message(state),
});

/** @type {(state: State, box: ImageBox) => State} */
function box_added(state, box) {
  if (!state.image) return state;
  let colour = 0;
  while (state.boxes.some((other) => other.colour === colour)) colour += 1;
  /** @type {Box} */
  const added = { number: state.next_number, colour, box, phase: "waiting", segment: null };
  return { ...with_boxes(state, [...state.boxes, added]), next_number: added.number + 1 };
}

/** A refused box leaves no trace, in the history neither.
 * @type {(state: State, number: number) => State} */
function without_box(state, number) {
  /** @type {(boxes: Box[]) => Box[]} */
  const without = (boxes) => boxes.filter((box) => box.number !== number);
  const boxes = without(state.boxes);
  const steps = [...state.history.map(without), boxes];
  /** @type {(boxes: Box[]) => string} */
  const numbers = (boxes) => boxes.map((box) => box.number).join();
  const history = steps.filter((step, i) => {
    const after = steps[i + 1];
    return after !== undefined && numbers(step) !== numbers(after);
  });
  return { ...state, boxes, history };
}

/** @type {(state: State) => State} */
function undone(state) {
  const before = state.history.at(-1);
  if (!before) return state;
  // The worker has forgotten the boxes that come back: they are decoded again.
  const boxes = before.map((box) =>
    state.boxes.find((present) => present.number === box.number) ?? { ...box, phase: /** @type {const} */ ("waiting") });
  return { ...state, boxes, history: state.history.slice(0, -1), message: lasting_message(state) };
}

/** Whatever failed or was cancelled is to be done again.
 * @type {(state: State) => State} */
function retried(state) {
  const next = state.engine.phase === "failed" ? with_new_engine(state) : state;
  const { weights, embedding } = next;
  const weights_again = weights.phase === "failed" || weights.phase === "cancelled";
  const embed_again = embedding.phase === "failed" || embedding.phase === "cancelled";
  return {
    ...next,
    weights: weights_again ? { ...weights, phase: "idle", loaded: 0 } : weights,
    embedding: embed_again ? NO_EMBEDDING : embedding,
    message: null,
  };
}
