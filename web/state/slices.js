// The parts that the state is made of. A new one is added here, and nowhere else.

import { boxes_slice } from "./boxes.js";
import { brush_slice } from "./brush.js";
import { version_slice } from "./propagation_versions.js";
import { comparison_slice } from "./comparison.js";
import { display_slice } from "./display.js";
import { edits_slice } from "./edits.js";
import { embedding_slice } from "./embedding.js";
import { engine_slice } from "./engine.js";
import { exports_slice } from "./exports.js";
import { kept_slice } from "./kept.js";
import { labels_slice } from "./labels.js";
import { locks_slice } from "./locks.js";
import { measurement_slice } from "./measurement.js";
import { message_slice } from "./message.js";
import { model_input_slice } from "./model_input.js";
import { model_window_slice } from "./model_window.js";
import { models_slice } from "./models.js";
import { module_slice } from "./module.js";
import { objects_slice } from "./objects.js";
import { offline_slice } from "./offline.js";
import { own_slice } from "./own.js";
import { presets_slice } from "./presets.js";
import { reference_slice } from "./reference.js";
import { replay_slice } from "./replay.js";
import { retry_slice } from "./retry.js";
import { samples_slice } from "./samples.js";
import { scan_slice } from "./scan.js";
import { self_test_slice } from "./self_test.js";
import { propagation_slice } from "./propagation.js";
import { tools_slice } from "./tools.js";
import { unsaved_slice } from "./unsaved.js";
import { view_slice } from "./view.js";
import { weights_slice } from "./weights.js";

/** @typedef {import("./reduce.js").State} State */
/** One function for each action of a slice.
 * @template {{ do: string }} A
 * @typedef {{ [D in A["do"]]: (state: State, action: Extract<A, { do: D }>) => State }} Handlers */
/** One part of the state: the actions `A`, and what its fields `K` begin with. Actions may change fields of other slices.
 * @template {{ do: string }} A
 * @template {keyof State} K
 * @typedef {{ initial: Pick<State, K>, actions: Handlers<A> }} Slice */

export const slices = /** @type {const} */ ([
  engine_slice,
  models_slice,
  module_slice,
  samples_slice,
  own_slice,
  weights_slice,
  scan_slice,
  view_slice,
  presets_slice,
  display_slice,
  propagation_slice,
  version_slice,
  kept_slice,
  unsaved_slice,
  embedding_slice,
  objects_slice,
  boxes_slice,
  labels_slice,
  locks_slice,
  edits_slice,
  comparison_slice,
  brush_slice,
  tools_slice,
  model_input_slice,
  model_window_slice,
  measurement_slice,
  reference_slice,
  exports_slice,
  replay_slice,
  offline_slice,
  self_test_slice,
  message_slice,
  retry_slice,
]);

/** @typedef {(typeof slices)[number]} AnySlice */
/** @template S
 * @typedef {S extends { actions: infer H } ? { [D in keyof H]: H[D] extends (state: State, action: infer A) => State ? A : never }[keyof H] : never} ActionOf */
/** All that may happen. @typedef {ActionOf<AnySlice>} Action */
/** @template U
 * @typedef {(U extends unknown ? (each: U) => void : never) extends (all: infer I) => void ? I : never} All */

/** @type {Handlers<Action>} */
export const handlers = Object.assign({}, ...slices.map(({ actions }) => actions));

/** Lacks a field here, where no slice has it: the type checker says so. @type {State} */
export const FIRST_STATE = /** @type {All<AnySlice["initial"]>} */ (Object.assign({}, ...slices.map(({ initial }) => initial)));
