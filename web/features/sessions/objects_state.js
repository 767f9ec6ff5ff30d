// Turns the objects of a session file with masks into the page's objects.

import { with_discarded } from "../../state/steps.js";
import { with_strokes } from "../brush/strokes_state.js";
import { label_of } from "../objects/labels_state.js";
import { LOADED, new_object } from "../prompts/state.js";
import { ticks_of } from "../review/state.js";

/** @typedef {import("../prompts/state.js").PromptedObject} PromptedObject */
/** @typedef {import("../../state/steps.js").Step} Step */
/** @typedef {import("./format.js").SessionFile} SessionFile */
/** @typedef {import("./format.js").FileObject} FileObject */

/** Object numbers start at `next_number`, prompt serials at `next_serial`; `serial` is the next free one.
 * @type {(
 *   session: SessionFile, next_number: number, next_serial: number,
 * ) => {
 *   objects: PromptedObject[], kept: import("../copies/state.js").KeptMasks, serial: number,
 *   reviewed: import("../review/state.js").Reviewed,
 * }} */
export function objects_in({ model, objects: recorded }, next_number, next_serial) {
  let serial = next_serial;
  /** @type {PromptedObject[]} */
  const objects = [];
  /** @type {import("../copies/state.js").KeptMasks} */
  const kept = {};
  /** @type {import("../review/state.js").Reviewed} */
  const reviewed = {};
  for (const [i, from] of recorded.entries()) {
    const number = next_number + i;
    const steps = page_steps(from, number, () => serial++);
    const edits = edits_of(steps);
    const { name, colour, hidden, locked, plane, segment } = from;
    const object = {
      ...new_object({
        number, name, colour: label_of(objects, name)[0]?.colour ?? colour, hidden, locked, ...chain_of(from, steps),
        ...(segment ? { segment } : {}),
      }),
      edits, ...LOADED, main: { ...LOADED.main, ...made_by(from.model ?? model) },
    };
    objects.push({ ...object, at: { ...object.at, plane } });
    if (from.reviewed) reviewed[number] = ticks_of(from.reviewed);
    kept[number] = {
      of: object, masks: from.masks ?? "", sha256: from.result.sha256, edits, propagation_version: 0, steps, stops: {},
    };
  }
  return { objects, kept, serial, reviewed };
}

/** @type {(maker: import("../prompts/state.js").Maker | null) => { made_by?: import("../prompts/state.js").Maker }} */
const made_by = (maker) => maker ? { made_by: maker } : {};

/** The present prompts of an object; none for one that was loaded from a file.
 * @type {(object: FileObject, steps: Step[]) => Pick<PromptedObject, "at" | "prompts" | "window">} */
function chain_of({ plane, at, reach: [lowest, highest] = [0, 0] }, steps) {
  const step = steps.findLast((each) => each.do === "prompt" && (at === null || each.slice === at));
  // The prompts of an edited object may be part of its mask.
  const is_unprompted = step ? at === null && steps.some((each) => each.do === "edit_volume")
    : steps[0]?.do === "load" || steps[0]?.do === "edit_volume";
  if (is_unprompted) return { at: { plane, slice: lowest + highest >> 1 }, prompts: [] };
  if (step?.do !== "prompt") throw { code: "session_invalid", message: "An object of the session has no prompt." };
  return { at: { plane, slice: step.slice }, window: step.window, prompts: step.prompts };
}

/** The last edit step of a slice has all its strokes.
 * @type {(steps: Step[]) => import("../brush/strokes_state.js").Edit[]} */
const edits_of = (steps) => steps.reduce(
  (edits, step) => step.do === "edit" ? with_strokes(edits, step.slice, step.strokes) : edits,
  /** @type {import("../brush/strokes_state.js").Edit[]} */ ([]));

/** @type {(object: FileObject, number: number, next_serial: () => number) => Step[]} */
function page_steps({ steps, reach: [lowest, highest] = [0, 0] }, number, next_serial) {
  /** @type {Step[]} */
  let made = [];
  for (const step of steps) {
    switch (step.do) {
      case "prompt": {
        const { slice, window, prompts } = step;
        made.push({
          do: "prompt", slice, window,
          prompts: prompts.map((prompt) => ({ ...prompt, taken: true, serial: next_serial() })),
        });
        break;
      }
      case "propagate": {
        const { from, window, directions, until, rule = 1, range } = step;
        const within = range === undefined ? {} : { range };
        for (const direction of directions) {
          const end = until ? until[direction === "up" ? 1 : 0] : null;
          // If a propagation stopped by itself, the masks show how far it got; this matters only under strokes.
          const reached = end ?? (direction === "up" ? Math.max(from, highest) : Math.min(from, lowest));
          made.push({ do: "propagate", from, window, direction, rule, ...within, until: end, reached });
        }
        break;
      }
      // The page itself never writes this step.
      case "take_back": made = with_discarded({ [number]: made }, number)[number] ?? []; break;
      default: made.push(step);
    }
  }
  return made;
}
