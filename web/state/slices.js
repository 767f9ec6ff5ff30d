// The parts that the state is made of. A new one is added here, and nowhere else.

import { edits_slice } from "../features/brush/edits_state.js";
import { brush_slice } from "../features/brush/state.js";
import { comparison_slice } from "../features/comparison/state.js";
import { kept_slice } from "../features/copies/state.js";
import { display_slice } from "../features/display/state.js";
import { volume_edits_slice } from "../features/edits/state.js";
import { exports_slice } from "../features/exports/state.js";
import { curve_slice } from "../features/measures/curve_state.js";
import { overlay_slice } from "../features/measures/overlay_state.js";
import { reference_slice } from "../features/measures/reference_state.js";
import { measurement_slice } from "../features/measures/state.js";
import { model_input_slice } from "../features/model_input/state.js";
import { own_slice } from "../features/models/own_state.js";
import { models_slice } from "../features/models/state.js";
import { weights_slice } from "../features/models/weights_state.js";
import { labels_slice } from "../features/objects/labels_state.js";
import { locks_slice } from "../features/objects/locks_state.js";
import { objects_slice } from "../features/objects/state.js";
import { offline_slice } from "../features/offline/state.js";
import { boxes_slice } from "../features/prompts/boxes_state.js";
import { propagation_slice } from "../features/propagation/state.js";
import { version_slice } from "../features/propagation/versions_state.js";
import { review_slice } from "../features/review/state.js";
import { samples_slice } from "../features/samples/state.js";
import { self_test_slice } from "../features/self_test/state.js";
import { segments_slice } from "../features/segments/state.js";
import { replay_slice } from "../features/sessions/state.js";
import { unsaved_slice } from "../features/unsaved/state.js";
import { model_window_slice } from "../features/window/model_window_state.js";
import { presets_slice } from "../features/window/state.js";
import { embedding_slice } from "./embedding.js";
import { engine_slice } from "./engine.js";
import { message_slice } from "./message.js";
import { module_slice } from "./module.js";
import { retry_slice } from "./retry.js";
import { scan_slice } from "./scan.js";
import { slice_encoders_slice } from "./slice_encoders.js";
import { tools_slice } from "./tools.js";
import { rendering_slice } from "./rendering.js";

/** @typedef {import("./reduce.js").State} State */
/** One function for each action of a slice.
 * @template {{ do: string }} A
 * @typedef {{ [D in A["do"]]: (state: State, action: Extract<A, { do: D }>) => State }} Handlers */
/** One part of the state: its actions `A`, and the first values of its fields `K`. Actions may change other slices.
 * @template {{ do: string }} A
 * @template {keyof State} K
 * @typedef {{ initial: Pick<State, K>, actions: Handlers<A> }} Slice */

export const slices = /** @type {const} */ ([
  engine_slice,
  slice_encoders_slice,
  models_slice,
  module_slice,
  samples_slice,
  own_slice,
  weights_slice,
  scan_slice,
  rendering_slice,
  presets_slice,
  display_slice,
  propagation_slice,
  version_slice,
  review_slice,
  kept_slice,
  unsaved_slice,
  embedding_slice,
  objects_slice,
  boxes_slice,
  labels_slice,
  locks_slice,
  edits_slice,
  volume_edits_slice,
  comparison_slice,
  brush_slice,
  tools_slice,
  model_input_slice,
  model_window_slice,
  measurement_slice,
  reference_slice,
  overlay_slice,
  curve_slice,
  exports_slice,
  replay_slice,
  segments_slice,
  offline_slice,
  self_test_slice,
  message_slice,
  retry_slice,
]);

/** @typedef {(typeof slices)[number]} AnySlice */
/**
 * The actions of a slice.
 * @template S
 * @typedef {S extends { actions: infer H }
 *   ? { [D in keyof H]: H[D] extends (state: State, action: infer A) => State ? A : never }[keyof H]
 *   : never} ActionOf
 */
/** All actions. @typedef {ActionOf<AnySlice>} Action */
/** @template U
 * @typedef {(U extends unknown ? (each: U) => void : never) extends (all: infer I) => void ? I : never} All */

/** @type {Handlers<Action>} */
export const handlers = Object.assign({}, ...slices.map(({ actions }) => actions));

/** If no slice has a field of `State`, the type checker reports it here. @type {State} */
export const FIRST_STATE = /** @type {All<AnySlice["initial"]>} */ (
  Object.assign({}, ...slices.map(({ initial }) => initial)));
