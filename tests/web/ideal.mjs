// Everything around the pure reducer, as it is when nothing fails: what each request and each download is answered.

import { wanted_edit } from "../../web/features/brush/strokes_state.js";
import { wanted_restore } from "../../web/features/copies/state.js";
import { wanted_pending_mask, wanted_preview } from "../../web/features/edits/state.js";
import { reference_to_read } from "../../web/features/measures/reference_state.js";
import { wanted_version } from "../../web/features/propagation/versions_state.js";
import { next_move, obstacle_to } from "../../web/features/sessions/next_move.js";
import { next_request } from "../../web/engine/next.js";
import { waiting_here } from "../../web/state/here.js";
import { reduce } from "../../web/state/reduce.js";
import { measured, input } from "./masked.mjs";
import { entry, MEMORY, scan_of, shown } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").State} State */
/** @typedef {import("../../web/state/reduce.js").Action} Action */
/** @typedef {import("../../web/engine/next.js").Request} Request */

export const SLICES = 9;
/** The key of the scan in an opening. @type {(serial: number) => string} */
export const key_of_serial = (serial) => `${serial}`.padStart(64, "0");

let next_id = 1;
/** @type {(number: number, serial: number, box: any) => import("../../web/features/objects/state.js").Answer} */
const answer = (number, serial, box) => ({
  number, serial, box, prediction: {
    id: next_id++, mask: new Uint8Array(8).fill(1), candidates: [0.9], chosen: 0, iou: 0.9, area_px: 8, bounds: null,
    decode_ms: 1,
  },
});

/** @type {(state: State, request: Request) => any[]} */
function replies(state, request) {
  const { generation } = state.engine;
  const main = { generation, side: "main", key: state.image?.key };
  switch (request.do) {
    case "start": return [{ do: "engine_started", generation }];
    case "open": return [
      { do: "scan_opened", generation, serial: request.serial, scan: scan_of(key_of_serial(request.serial), SLICES) },
    ];
    case "reopen": return [{ do: "scan_reopened", generation, side: "main", scan_key: request.scan.key }];
    case "open_same": return [{ ...request, do: "scan_reopened", generation }];
    case "show": {
      const { side, rendering, with_masks, version } = request;
      return [{
        do: "shown", generation, side, rendering, version, masks: with_masks ? [] : null,
        shown: shown(state.scan?.key ?? "", rendering),
      }];
    }
    case "load_weights": {
      const { side, weights: { id, model } } = request;
      return [{ do: "weights_loaded", generation, side, model: { id, name: model, trained_on_points: true } }];
    }
    case "model_window": return [{ ...request, do: "model_window_set", generation }];
    case "embed": return [{ ...request, do: "embed_progress", generation, stage: "patches", done: 1, total: 9 }];
    case "remove": return [{ ...request, do: "prediction_removed", generation }];
    case "choose": case "accept": {
      const { side, key, number, serial } = request;
      return [{ do: "predicted", generation, side, key, answers: [answer(number, serial, null)] }];
    }
    case "segment": {
      const { side, key, questions } = request;
      const answers = questions.map(({ number, serial, prompt }) => answer(number, serial, prompt.box));
      return [{ do: "predicted", generation, side, key, answers }];
    }
    case "begin_comparison": return [{ do: "comparison_begun", generation }];
    case "end_comparison": return [{ do: "comparison_ended", generation }];
    case "dice": return [{ ...request, ...main, do: "dice_found", dice: 0.9 }];
    case "set_budget": return [
      { do: "memory_found", generation, side: request.side, memory: { ...MEMORY, budget_bytes: request.bytes } },
    ];
    case "edit": return [{ ...request, do: "edited", generation }];
    case "preview_edit": return [{
      do: "preview_found", generation, of: request.of,
      found: { object: request.number, voxels_before: 8, voxels: 9, added: 1, removed: 0, volume_ml: 1, slices: [4] },
    }];
    case "pending_mask": return [{ ...request, do: "pending_mask_found", generation, mask: new Uint8Array(8) }];
    case "drop_edit": return [{ do: "preview_dropped", generation }];
    case "apply_edit": {
      const { edit } = request;
      const applied = [{
        number: edit.number, plane: "axial", version: edit.version, slices: [4], record: { edit: edit.edit }, masks: "{}",
      }];
      return [{ do: "volume_edited", generation, edit, applied, failure: null }];
    }
    case "remove_object": return [{ ...request, do: "object_forgotten", generation }];
    case "slice_masks": return [{ ...main, do: "slice_masks_found", masks: [], version: request.version }];
    case "object_mask": return [{ ...request, do: "object_mask_found", generation, object_mask: null }];
    case "discard_propagation": return [{ ...request, do: "propagation_discarded", generation }];
    case "restore_propagation": return [{ ...request, do: "version_restored", generation }];
    case "restore_object": return [{ do: "objects_restored", generation, numbers: [request.number] }];
    case "unmark": return [{ ...request, do: "unmarked", generation }];
    case "begin_propagation": return [{ do: "propagation_begun", generation, number: request.number, now_ms: 0 }];
    case "propagation_step": return [{
      do: "propagation_stepped", generation, number: request.number, now_ms: 1, memory: MEMORY,
      step: { step: "finished" },
    }];
    case "end_propagation": return [{ do: "propagation_ended", generation }];
    case "refusals": return [
      { do: "refusals_found", generation, scan_key: request.scan_key, refusals: {}, warnings: {} },
    ];
    case "terms": return [{ do: "terms_found", generation, of: request.of, found: [] }];
    case "measure": return [{ ...main, do: "measure_found", of: request.question.of, measured }];
    case "curve": return [{
      do: "curve_found", generation, of: request.question.of, values: { areas: { areas: [1], in_mm2: true } },
    }];
    case "overlay": return [{
      do: "overlay_found", generation, serial: request.question.serial, of: request.question.of,
      values: new Uint8Array(8),
    }];
    case "model_input": return [{ ...main, do: "model_input_found", question: request.question, input }];
    case "give_reference": return [{ do: "reference_taken", generation, serial: request.serial, labels: [1] }];
    case "agreement": return [{
      do: "agreement_found", generation, serial: request.question.serial, of: request.question.of,
      agreement: { dice: 1, nsd: 1 },
    }];
  }
}

/** What the page's loaders, readers and timers tell next. @type {(state: State) => any} */
function news(state) {
  const { module, models, samples, opening, weights, comparison_weights, engine, image, exports, replay, sessions } =
    state;
  const { generation } = engine;
  if (module.phase === "none") return { do: "module_progress", loaded: 0, total: 9 };
  if (module.phase === "loading") return { do: "module_ready" };
  if (models.phase === "none") return { do: "models_listing" };
  if (models.phase === "listing") return { do: "models_listed", faults: [], entries: [entry("a"), entry("b")] };
  if (samples.phase === "none") return { do: "samples_listing" };
  if (samples.phase === "listing") return { do: "samples_listed", list: [] };
  const { coming } = samples;
  if (coming?.phase === "idle") return { do: "sample_loading", serial: coming.serial };
  if (coming?.phase === "loading") {
    return { do: "open_wanted", source: { serial: coming.serial, title: "", files: [new Blob(["1"])] } };
  }
  if (opening?.phase === "reading") return { do: "scan_parsed", serial: opening.serial, choice: 0 };
  for (const [side, each] of /** @type {const} */ ([["main", weights], ["comparison", comparison_weights]])) {
    if (module.phase !== "ready" || !each?.id) continue;
    if (each.phase === "idle") return { do: "weights_progress", side, loaded: 0 };
    if (each.phase === "loading" || each.phase === "checking") {
      return { do: "weights_ready", side, id: each.id, file: new Blob([each.id]) };
    }
  }
  if (engine.phase === "starting") {
    const kind = state.wanted === "gpu" ? "gpu" : "cpu";
    if (!engine.device) {
      return { do: "engine_probed", generation, device: { kind, software: false, binding_bytes: 1e9, buffer_bytes: 1e9 } };
    }
    if (module.phase === "ready") return { do: "engine_ready", generation, kind, name: kind, reason: "" };
  }
  for (const side of /** @type {const} */ (["main", "comparison"])) {
    if (sessions[side]?.embedding.phase === "running") {
      return { do: "embed_done", generation, side, key: sessions[side].image_key, encode_ms: 1, memory: MEMORY };
    }
  }
  if (image && !state.settled) return { do: "rendering_settled", image_key: image.key };
  const reference = reference_to_read(state);
  if (reference) return { do: "reference_read", serial: reference.serial, scan: new Uint8Array(1) };
  if (replay?.phase === "comparing") {
    return { do: "replay_compared", generation, found: replay.session.objects.map(() => ({
      voxels: 1, recorded_voxels: 1, dice: 1, differing: 0, agrees: true, identical: true,
    })) };
  }
  if (exports.saving) return { do: "save_ended" };
  if (state.reading_session !== null) return { do: "session_read" };
  return next_move(state);
}

/** One step of the page in a world without faults; the same state if nothing is left to do.
 * @type {(state: State) => State} */
export function stepped(state) {
  const move = news(state);
  if (move) return reduce(state, move);
  const request = next_request(state);
  return request ? replies(state, request).reduce(reduce, state) : state;
}

/** The state once nothing is left to do, or once `until` holds.
 * @type {(state: State, until?: (state: State) => boolean) => State} */
export function settled(state, until = () => false) {
  let now = state;
  for (let i = 0; i < 1000; i += 1) {
    if (until(now)) return now;
    const next = stepped(now);
    if (next === now) return now;
    now = next;
  }
  throw new Error(`the page never comes to rest: ${JSON.stringify(next_request(now))}`);
}

/** What the user waits for. @type {(state: State) => string[]} */
export function pending(state) {
  const { module, models, samples, opening, weights, comparison_weights, engine, image, rendering, scan, sessions } =
    state;
  const { propagating, discarding, unmarking, exports, replay } = state;
  const is_coming = (/** @type {{ phase: string } | null} */ each) =>
    each !== null && ["none", "idle", "loading", "listing", "checking", "starting"].includes(each.phase);
  /** @type {Record<string, boolean>} */
  const waits = {
    module: is_coming(module), models: is_coming(models), samples: is_coming(samples),
    sample: is_coming(samples.coming), engine: is_coming(engine),
    weights: Boolean(weights.id) && is_coming(weights),
    second_weights: Boolean(comparison_weights?.id) && is_coming(comparison_weights),
    opening: opening !== null && opening.phase !== "asking",
    scan: scan !== null && sessions.main.scan_key !== scan.key,
    slice: rendering !== null && (sessions.main.shown !== rendering || sessions.main.image_key !== image?.key),
    encoding: image !== null && sessions.main.model !== null && ["none", "running"].includes(sessions.main.embedding.phase),
    masks: waiting_here(state).length > 0, restoring: wanted_restore(state) !== null,
    strokes: wanted_edit(state) !== null, edits: state.applying.length > 0,
    preview: wanted_preview(state) !== null || wanted_pending_mask(state) !== null, version: wanted_version(state) !== null,
    propagating: propagating !== null, discarding: discarding !== null, unmarking: unmarking.length > 0,
    saving: exports.saving !== null, session: state.reading_session !== null,
    replay: replay !== null && (["restoring", "running", "comparing"].includes(replay.phase)
      || (replay.phase === "waiting" && obstacle_to(state, replay) === "engine")),
  };
  return Object.keys(waits).filter((each) => waits[each]);
}

/** What has failed and would go on after a retry. @type {(state: State) => string[]} */
export function failed(state) {
  const { module, models, samples, weights, comparison_weights, engine, unopened, sessions } = state;
  const parts = {
    module, models, samples, sample: samples.coming, weights, second_weights: comparison_weights, engine,
    encoding: sessions.main.embedding, second_encoding: sessions.comparison?.embedding,
  };
  return [...Object.entries(parts).filter(([_, each]) => each?.phase === "failed").map(([name]) => name),
    ...(unopened ? ["unopened"] : [])];
}
