// The steps that the engine has done for each object, in order and as far as they still matter: a session file records
// them, and a replay repeats them. They follow the engine's answers, not the objects, so undo, redo and another window
// come to the same list whenever the engine comes to the same masks.
//
// Prompts and strokes on different slices are independent; a propagation depends on everything before it.

import { strokes_on } from "../features/brush/strokes_state.js";

/** @typedef {import("../features/prompts/state.js").Prompt} Prompt */
/** @typedef {import("../features/propagation/state.js").Direction} Direction */
/** @typedef {import("../../boxel-bindings.js").Window} Window */
/** @typedef {import("../../boxel-bindings.js").Stroke} Stroke */
/** The whole chain of prompts of a slice, and the window it was decoded in.
 * @typedef {{ do: "prompt", slice: number, window: Window, prompts: Prompt[] }} PromptStep */
/**
 * A propagation in one direction. `reached` is the last slice it reached; `until` is the same while it runs or if it
 * was cut off, and null if it stopped by itself.
 * @typedef {object} PropagateStep
 * @property {"propagate"} do
 * @property {number} from
 * @property {Window} window
 * @property {Direction} direction
 * @property {number} rule how the engine found the masks
 * @property {number} [range] slices each way, of a model with a memory
 * @property {number | null} until
 * @property {number} reached
 */
/** All strokes of a slice. @typedef {{ do: "edit", slice: number, strokes: Stroke[] }} EditStep */
/** The slice lost the mask of its prompts. @typedef {{ do: "unmark", slice: number }} UnmarkStep */
/** The propagation was discarded, except under strokes and refinements. @typedef {{ do: "take_back" }} DiscardStep */
/** The object was loaded from a file: always the first step. @typedef {{ do: "load" }} LoadStep */
/** An edit in the whole volume, and the mask of the other object that it names.
 * @typedef {{ do: "edit_volume" } & import("../../boxel-bindings.js").RecordedEdit} VolumeEditStep */
/** @typedef {PromptStep | PropagateStep | EditStep | UnmarkStep | DiscardStep | LoadStep | VolumeEditStep} Step */
/** By object number. @typedef {Record<number, Step[]>} Steps */
/** @typedef {Omit<PromptStep, "do">} AskedStep */

/** The step that the engine is asked to do for a prompt of an object's chain.
 * @type {(
 *   state: Pick<import("./reduce.js").State, "objects" | "image">, number: number, serial: number,
 * ) => AskedStep | undefined} */
export function asked_step({ objects, image }, number, serial) {
  const object = objects.find((each) => each.number === number);
  const place = object?.prompts.findIndex((prompt) => prompt.serial === serial) ?? -1;
  if (!object || !image || place < 0) return undefined;
  const { at: { slice }, prompts, window = image.window } = object;
  return { slice, window, prompts: prompts.slice(0, place + 1) };
}

/** @type {(steps: Steps, number: number, change: (list: Step[]) => Step[]) => Steps} */
const changed = (steps, number, change) => ({ ...steps, [number]: change(steps[number] ?? []) });

/** Whether the result of a step may depend on an earlier mask of the slice. A propagation that is running or was cut
 * off depends only on the slices it reached.
 * @type {(step: Step, slice: number) => boolean} */
function uses(step, slice) {
  if (step.do !== "propagate") return step.do === "take_back" || step.do === "edit_volume";
  const { from, until } = step;
  return until === null || (Math.min(from, until) <= slice && slice <= Math.max(from, until));
}

/** Index of the last matching step, or −1 if a later step depends on it.
 * @type {(list: Step[], slice: number, fits: (step: Step) => boolean) => number} */
function replaceable(list, slice, fits) {
  const last = list.findLastIndex(fits);
  return list.some((step, i) => i > last && uses(step, slice)) ? -1 : last;
}

/** Appends a step, but before a running propagation that may still reach its slice.
 * @type {(list: Step[], step: PromptStep | EditStep | UnmarkStep) => Step[]} */
function added(list, step) {
  const last = list.findLastIndex((each) => each.do === "propagate");
  const is_after = last < 0
    || list.some((each, i) => i >= last && (uses(each, step.slice) || ("slice" in each && each.slice === step.slice)));
  return list.toSpliced(is_after ? list.length : last, 0, step);
}

/** @type {(list: Step[], step: PromptStep | EditStep) => Step[]} */
function replaced(list, step) {
  const place = replaceable(list, step.slice, (each) => each.do === step.do && each.slice === step.slice);
  const is_taken_away = place >= 0
    && list.some((each, i) => i > place && each.do === "unmark" && each.slice === step.slice);
  return place < 0 || is_taken_away ? added(list, step) : list.with(place, step);
}

/** The engine has answered the chain. @type {(steps: Steps, number: number, step: Omit<PromptStep, "do">) => Steps} */
export const with_prompted = (steps, number, step) =>
  changed(steps, number, (list) => replaced(list, { do: "prompt", ...step }));

/** @type {(steps: Steps, number: number, step: Omit<EditStep, "do">) => Steps} */
export const with_edited = (steps, number, step) => changed(steps, number, (list) => {
  const next = replaced(list, { do: "edit", ...step });
  const was_drawn_on = list.some((each) => each.do === "edit" && each.slice === step.slice);
  return step.strokes.length || was_drawn_on ? next : list;
});

/** @type {(steps: Steps, number: number, slice: number) => Steps} */
export const with_unmarked = (steps, number, slice) => changed(steps, number, (list) => {
  const place = replaceable(list, slice, (step) => step.do === "prompt" && step.slice === slice);
  // If the slice was empty before, the prompt leaves no trace.
  const was_empty = !list.some((step, i) =>
    i !== place && (step.do === "propagate" || ("slice" in step && step.do !== "edit" && step.slice === slice)));
  return place >= 0 && was_empty ? list.toSpliced(place, 1) : added(list, { do: "unmark", slice });
});

/** Adds an edit in the volume. On the slices that it changed, strokes and prompts became part of its result, so further
 * steps remove them: the last steps of a slice are those that the object still has.
 * @type {(
 *   steps: Steps, number: number, record: import("../../boxel-bindings.js").RecordedEdit, slices: number[],
 * ) => Steps} */
export const with_volume_edit = (steps, number, record, slices) => changed(steps, number, (list) => [
  ...without_idle(list),
  { do: "edit_volume", ...record },
  ...slices.filter((slice) => chain_in(list, slice).length).map((slice) => /** @type {const} */ ({ do: "unmark", slice })),
  ...slices.filter((slice) => strokes_in(list, slice).length)
    .map((slice) => /** @type {const} */ ({ do: "edit", slice, strokes: strokes_on([], slice) })),
]);

/** Begins a propagation in one direction.
 * @type {(steps: Steps, number: number, step: Pick<PropagateStep, "from" | "window" | "direction" | "rule" | "range">) => Steps} */
export const with_direction_begun = (steps, number, step) =>
  changed(steps, number, (list) => [
    ...without_idle(list), { do: "propagate", ...step, until: step.from, reached: step.from },
  ]);

/** Drops propagations that reached no slice. @type {(list: Step[]) => Step[]} */
const without_idle = (list) => list.filter((step) => step.do !== "propagate" || step.until !== step.from);

/** @type {(steps: Steps, number: number, change: (step: PropagateStep) => Partial<PropagateStep>) => Steps} */
const with_course = (steps, number, change) => changed(steps, number, (list) => {
  const place = list.findLastIndex((step) => step.do === "propagate");
  const step = list[place];
  return step?.do === "propagate" ? list.with(place, { ...step, ...change(step) }) : list;
});

/** @type {(steps: Steps, number: number, slice: number) => Steps} */
export const with_slice_reached = (steps, number, slice) =>
  with_course(steps, number, () => ({ until: slice, reached: slice }));

/** It stopped where a replay stops as well. A slice with a prompt does not count: the prompt may have been set during
 * the propagation.
 * @type {(steps: Steps, number: number, reason: import("../../boxel-bindings.js").Stop) => Steps} */
export const with_stopped = (steps, number, reason) =>
  with_course(steps, number, ({ until }) => ({ until: reason === "marked" ? until : null }));

/** Discards the propagation. Nothing is left of it, except under strokes or a refinement.
 * @type {(steps: Steps, number: number) => Steps} */
export const with_discarded = (steps, number) => changed(steps, number, (list) => {
  if (list.at(-1)?.do === "take_back") return list;
  if (is_needed(list)) return [...list, { do: "take_back" }];
  return list.filter((step) => step.do !== "propagate" && step.do !== "take_back").reduce(
    /** @type {(made: Step[], step: Step) => Step[]} */
    (made, step) => step.do === "prompt" || step.do === "edit" ? replaced(made, step) : [...made, step], []);
});

/** Whether strokes or a chain of prompts are on a slice that a propagation reached, or an edit may have used its masks.
 * @type {(list: Step[]) => boolean} */
function is_needed(list) {
  const [propagated, edited] = ["propagate", "edit_volume"].map((what) => list.some((step) => step.do === what));
  if (propagated && edited) return true;
  /** @type {(slice: number) => boolean} */
  const is_reached = (slice) => list.some((step) => step.do === "propagate"
    && (step.direction === "up"
      ? step.from < slice && slice <= step.reached
      : step.reached <= slice && slice < step.from));
  return list.some((step) => (step.do === "edit" || step.do === "prompt") && is_reached(step.slice)
    && (strokes_in(list, step.slice).length > 0
      || chain_in(list, step.slice).some(({ refine_carried }) => refine_carried)));
}

/** The final strokes of a slice. @type {(list: Step[], slice: number) => Stroke[]} */
function strokes_in(list, slice) {
  const last = list.findLast((step) => step.do === "edit" && step.slice === slice);
  return last?.do === "edit" ? last.strokes : strokes_on([], slice);
}

/** The final chain of a slice. @type {(list: Step[], slice: number) => Prompt[]} */
function chain_in(list, slice) {
  const last = list.findLast((step) => (step.do === "prompt" || step.do === "unmark") && step.slice === slice);
  return last?.do === "prompt" ? last.prompts : [];
}

/** The prompts that gave a slice its mask; empty if none did.
 * @type {(steps: Steps, number: number, slice: number) => Prompt[]} */
export const chain_on = (steps, number, slice) => chain_in(steps[number] ?? [], slice);

/** The steps of a version, with the strokes that the engine has now.
 * @type {(list: Step[], edits: import("../features/brush/strokes_state.js").Edit[]) => Step[]} */
export function with_strokes_of(list, edits) {
  const slices = new Set([...edits, ...list.filter((step) => step.do === "edit")].map(({ slice }) => slice));
  /** @type {Steps} */
  let steps = { 0: list };
  for (const slice of slices) {
    const strokes = strokes_on(edits, slice);
    if (strokes_in(steps[0] ?? [], slice) !== strokes) steps = with_edited(steps, 0, { slice, strokes });
  }
  return steps[0] ?? [];
}

/** @type {(steps: Steps, number: number) => Steps} */
export const without_steps = (steps, number) =>
  /** @type {Steps} */ (Object.fromEntries(Object.entries(steps).filter(([each]) => each !== String(number))));

/** The steps of an object, for a session file. @type {(steps: Steps, number: number) => Step[]} */
export const steps_of = (steps, number) => without_idle(steps[number] ?? []);

/** Whether a model made at least one of an object's masks. @type {(steps: readonly { do: string }[]) => boolean} */
export const is_of_model = (steps) => steps.some((step) => step.do === "prompt" || step.do === "propagate");
