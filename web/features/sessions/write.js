// The state → a session file. It contains no pixels and no tags of the scan, which is identified by a hash.

import { is_of_model, steps_of } from "../../state/steps.js";
import { loaded_maker, maker_of } from "../models/makers_state.js";
import { is_unprompted } from "../prompts/state.js";
import { reviewed_slices } from "../review/state.js";
import { FORMAT, VERSION } from "./format.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/steps.js").Step} Step */
/** @typedef {import("./format.js").FileStep} FileStep */
/** @typedef {import("./format.js").ObjectMasks} ObjectMasks */
/** @typedef {import("../prompts/state.js").Maker} Maker */
/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */

/** @typedef {import("./format.js").SessionFile & { format: string, version: number }} WrittenSession */
/** The model that a session names: the maker of all masks, else the loaded one, with exceptions noted at their objects;
 * null if no model made a mask and none is loaded, undefined if a model is missing.
 * @type {(state: State, objects?: State["objects"]) => Maker | null | undefined} */
export function model_of_masks(state, objects = state.objects) {
  const made = objects.filter(({ number }) => is_of_model(steps_of(state.steps, number)));
  if (!made.length) return loaded_maker(state) ?? null;
  const [first, ...others] = made.map((object) => maker_of(object, state));
  return first && others.every((maker) => maker?.sha256 === first.sha256) ? first : loaded_maker(state) ?? first;
}

/** `objects` are those of the state, or those that a check has set aside; `results` are in the same order.
 * @type {(state: State, results: ObjectMasks[], objects?: State["objects"]) => WrittenSession} */
export function session_of(state, results, objects = state.objects) {
  const { scan, rendering } = state;
  const model = model_of_masks(state, objects);
  if (!scan || !rendering || model === undefined || results.length !== objects.length) {
    throw { code: "session_order", message: "There is nothing to save yet." };
  }
  return {
    format: FORMAT,
    version: VERSION,
    scan: { sha256: scan.key },
    model: model && file_model(model),
    view: { plane: rendering.plane, slice: rendering.slice, window: rendering.window },
    objects: objects.map((object, i) => {
      const { number, name, colour, hidden, locked, at: { plane, slice }, segment } = object;
      const maker = maker_of(object, state) ?? model;
      const { voxels, sha256, masks, slices } = /** @type {ObjectMasks} */ (results[i]);
      const reviewed = reviewed_slices(state.reviewed[number], slices);
      const steps = file_steps(steps_of(state.steps, number));
      return {
        number, name, colour, hidden, locked, plane, at: is_of_edit(object, steps) ? null : prompted_at(steps, slice), steps,
        ...(!maker || maker.sha256 === model?.sha256 ? {} : { model: file_model(maker) }), ...(segment ? { segment } : {}),
        ...(reviewed.length ? { reviewed } : {}),
        result: { voxels, sha256 }, masks,
      };
    }),
  };
}

/** @type {(maker: Maker) => Maker} */
const file_model = ({ name, recipe, sha256, published }) =>
  ({ name, recipe, sha256, ...(published === false ? { published } : {}) });

/** Whether the object's prompts are part of what an edit has made.
 * @type {(object: PromptedObject, steps: FileStep[]) => boolean} */
const is_of_edit = (object, steps) => is_unprompted(object) && steps.some((step) => step.do === "edit_volume");

/** The slice of an object's prompts if a step has prompts there (an offer has none yet), else the last with prompts.
 * @type {(steps: FileStep[], slice: number) => number | null} */
function prompted_at(steps, slice) {
  const slices = steps.flatMap((step) => step.do === "prompt" ? step.slice : []);
  return slices.includes(slice) ? slice : slices.at(-1) ?? null;
}

/** One line per object and step, readable for people and version control.
 * @type {(session: WrittenSession) => string} */
export const text_of = (session) => [...pieces_of(session)].join("");

/** The text in pieces, so that a large session need not be written at once.
 * @type {(session: WrittenSession) => Generator<string>} */
export function* pieces_of({ objects, ...head }) {
  const fields = Object.entries(head).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  yield `{\n${fields.join("\n")}\n  "objects": [`;
  for (const [i, { steps, masks, ...about }] of objects.entries()) {
    yield `${i ? "," : ""}\n    { ${JSON.stringify(about).slice(1, -1)},\n    "steps": [\n`;
    for (const [k, step] of steps.entries()) {
      yield k ? ",\n      " : "      ";
      yield* pieces_of_step(step);
    }
    yield "\n    ]";
    if (masks !== null) yield ',\n    "masks": ';
    for (let at = 0; masks !== null && at < masks.length; at += MAX_PIECE) yield masks.slice(at, at + MAX_PIECE);
    yield " }";
  }
  yield `${objects.length ? "\n  " : ""}]\n}\n`;
}

/** Characters. */
const MAX_PIECE = 1024 * 1024;

/** Prompts and strokes one by one. @type {(step: FileStep) => Generator<string>} */
function* pieces_of_step(step) {
  const list = step.do === "prompt" ? step.prompts : step.do === "edit" ? step.strokes : [];
  if (!list.length) return yield JSON.stringify(step);
  const about = JSON.stringify({ ...step, [step.do === "prompt" ? "prompts" : "strokes"]: [] });
  const end = about.lastIndexOf("[]") + 1;
  yield about.slice(0, end);
  for (const [i, each] of list.entries()) yield `${i ? "," : ""}${JSON.stringify(each)}`;
  yield about.slice(end);
}

/** Merges up and down from one slice into one step, if both stopped by themselves.
 * @type {(steps: Step[]) => FileStep[]} */
export function file_steps(steps) {
  /** @type {FileStep[]} */
  const made = [];
  for (const step of steps) {
    const [before] = made.slice(-1);
    const next = file_step(step);
    if (before?.do === "propagate" && next.do === "propagate" && is_other_way(before, next)) {
      made[made.length - 1] = { ...before, directions: ["up", "down"] };
    } else made.push(next);
  }
  return made;
}

/** @typedef {Extract<FileStep, { do: "propagate" }>} Propagate */
/** @type {(up: Propagate, down: Propagate) => boolean} */
const is_other_way = (up, down) =>
  up.directions.join() === "up" && down.directions.join() === "down" && !up.until && !down.until
  && up.from === down.from && up.rule === down.rule
  && up.range === down.range && JSON.stringify(up.window) === JSON.stringify(down.window);

/** @type {(step: Step) => FileStep} */
function file_step(step) {
  switch (step.do) {
    case "prompt": {
      const { slice, window, prompts } = step;
      return {
        do: "prompt", slice, window,
        prompts: prompts.map(({ box, points, polygon, multimask, candidate, refine_carried }) => ({
          box, points, ...(polygon ? { polygon } : {}), multimask, candidate,
          ...(refine_carried ? { refine_carried } : {}),
        })),
      };
    }
    case "propagate": {
      const { from, window, direction, until, rule, range } = step;
      const ends = until === null
        ? {}
        : { until: /** @type {[number, number]} */ ([Math.min(from, until), Math.max(from, until)]) };
      return {
        do: "propagate", from, window, directions: [direction], ...ends, ...(range === undefined ? {} : { range }),
        ...(rule === 1 ? {} : { rule }),
      };
    }
    default: return step;
  }
}
