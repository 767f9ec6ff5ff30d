// The state → a session file. It contains no pixels and no tags of the scan, which is identified by a hash.

import { steps_of } from "../../state/steps.js";
import { loaded_maker, maker_of } from "../models/makers_state.js";
import { FORMAT, VERSION } from "./format.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/steps.js").Step} Step */
/** @typedef {import("./format.js").FileStep} FileStep */
/** @typedef {import("./format.js").ObjectMasks} ObjectMasks */
/** @typedef {import("../prompts/state.js").Maker} Maker */

/** @typedef {import("./format.js").SessionFile & { format: string, version: number }} WrittenSession */
/** The model that a session names: the maker of all masks, else the loaded one, with exceptions noted at their objects.
 * @type {(state: State, objects?: State["objects"]) => Maker | undefined} */
export function model_of_masks(state, objects = state.objects) {
  const [first, ...others] = objects.map((object) => maker_of(object, state));
  return first && others.every((maker) => maker?.sha256 === first.sha256) ? first : loaded_maker(state) ?? first;
}

/** `objects` are those of the state, or those that a check has set aside; `results` are in the same order.
 * @type {(state: State, results: ObjectMasks[], objects?: State["objects"]) => WrittenSession} */
export function session_of(state, results, objects = state.objects) {
  const { scan, rendering } = state;
  const model = model_of_masks(state, objects);
  if (!scan || !rendering || !model || results.length !== objects.length) {
    throw { code: "session_order", message: "There is nothing to save yet." };
  }
  return {
    format: FORMAT,
    version: VERSION,
    scan: { sha256: scan.key },
    model: file_model(model),
    view: { plane: rendering.plane, slice: rendering.slice, window: rendering.window },
    objects: objects.map((object, i) => {
      const { number, name, colour, hidden, locked, at: { plane, slice } } = object;
      const maker = maker_of(object, state) ?? model;
      const { voxels, sha256, masks } = /** @type {ObjectMasks} */ (results[i]);
      const steps = file_steps(steps_of(state.steps, number));
      return {
        number, name, colour, hidden, locked, plane, at: prompted_at(steps, slice), steps,
        ...(maker.sha256 === model.sha256 ? {} : { model: file_model(maker) }), result: { voxels, sha256 }, masks,
      };
    }),
  };
}

/** @type {(maker: Maker) => Maker} */
const file_model = ({ name, recipe, sha256, published }) =>
  ({ name, recipe, sha256, ...(published === false ? { published } : {}) });

/** The slice of an object's prompts if a step has prompts there (an offer has none yet), else the last with prompts.
 * @type {(steps: FileStep[], slice: number) => number | null} */
function prompted_at(steps, slice) {
  const slices = steps.flatMap((step) => step.do === "prompt" ? step.slice : []);
  return slices.includes(slice) ? slice : slices.at(-1) ?? null;
}

/** One line per object and step, readable for people and version control.
 * @type {(session: WrittenSession) => string} */
export function text_of({ objects, ...head }) {
  const fields = Object.entries(head).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  const made = objects.map(({ steps, masks, ...about }) => {
    const lines = steps.map((step) => `      ${JSON.stringify(step)}`);
    const in_runs = masks === null ? "" : `,\n    "masks": ${masks}`;
    return `    { ${JSON.stringify(about).slice(1, -1)},\n    "steps": [\n${lines.join(",\n")}\n    ]${in_runs} }`;
  });
  return `{\n${fields.join("\n")}\n  "objects": [${made.length ? `\n${made.join(",\n")}\n  ` : ""}]\n}\n`;
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
  && up.from === down.from && JSON.stringify(up.window) === JSON.stringify(down.window);

/** @type {(step: Step) => FileStep} */
function file_step(step) {
  switch (step.do) {
    case "prompt": {
      const { slice, window, prompts } = step;
      return {
        do: "prompt", slice, window,
        prompts: prompts.map(({ box, points, multimask, candidate, refine_carried }) =>
          ({ box, points, multimask, candidate, ...(refine_carried ? { refine_carried } : {}) })),
      };
    }
    case "propagate": {
      const { from, window, direction, until } = step;
      const ends = until === null
        ? {}
        : { until: /** @type {[number, number]} */ ([Math.min(from, until), Math.max(from, until)]) };
      return { do: "propagate", from, window, directions: [direction], ...ends };
    }
    default: return step;
  }
}
