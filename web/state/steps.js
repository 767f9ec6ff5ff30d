// What the engine was told of each object, in order, as far as it still counts: what a session file writes
// down, and what a replay does again. It follows the engine's answers, not the objects: an undo, a
// redo or another window comes to the same list as the engine comes to the same masks.
//
// Prompts and strokes of different slices don't depend on each other; a propagation depends on all before it.

/** @typedef {import("./prompts.js").Prompt} Prompt */
/** @typedef {import("./through.js").Direction} Direction */
/** @typedef {import("../../boxel-bindings.js").Window} Window */
/** @typedef {import("../../boxel-bindings.js").Stroke} Stroke */
/** The whole chain of a slice, and the window that it was decoded in. @typedef {{ do: "prompt", slice: number, window: Window, prompts: Prompt[] }} PromptStep */
/** One direction. `until` is the last slice that was reached, while it is on its way and where it did not end by
 * itself. @typedef {{ do: "propagate", from: number, window: Window, direction: Direction, until: number | null }} CarryStep */
/** All strokes of a slice. @typedef {{ do: "edit", slice: number, strokes: Stroke[] }} EditStep */
/** The slice lost what a prompt had put on it. @typedef {{ do: "unmark", slice: number }} UnmarkStep */
/** @typedef {PromptStep | CarryStep | EditStep | UnmarkStep} Step */
/** By the object's number. @typedef {Record<number, Step[]>} Steps */

/** @type {(steps: Steps, number: number, change: (list: Step[]) => Step[]) => Steps} */
const changed = (steps, number, change) => ({ ...steps, [number]: change(steps[number] ?? []) });

/** The place of the last step that fits, unless a propagation came after it.
 * @type {(list: Step[], fits: (step: Step) => boolean) => number} */
function replaceable(list, fits) {
  const last = list.findLastIndex(fits);
  const is_used = list.some((step, i) => i > last && step.do === "propagate");
  return is_used ? -1 : last;
}

/** @type {(list: Step[], step: PromptStep | EditStep) => Step[]} */
function replaced(list, step) {
  const place = replaceable(list, (each) => each.do === step.do && each.slice === step.slice);
  const is_taken_away = place >= 0 && list.some((each, i) => i > place && each.do === "unmark" && each.slice === step.slice);
  return place < 0 || is_taken_away ? [...list, step] : list.with(place, step);
}

/** The engine has answered the chain. @type {(steps: Steps, number: number, step: Omit<PromptStep, "do">) => Steps} */
export const with_prompted = (steps, number, step) => changed(steps, number, (list) => replaced(list, { do: "prompt", ...step }));

/** @type {(steps: Steps, number: number, step: Omit<EditStep, "do">) => Steps} */
export const with_edited = (steps, number, step) => changed(steps, number, (list) => {
  const next = replaced(list, { do: "edit", ...step });
  const was_drawn_on = list.some((each) => each.do === "edit" && each.slice === step.slice);
  return step.strokes.length || was_drawn_on ? next : list;
});

/** @type {(steps: Steps, number: number, slice: number) => Steps} */
export const with_unmarked = (steps, number, slice) => changed(steps, number, (list) => {
  const place = replaceable(list, (step) => step.do === "prompt" && step.slice === slice);
  // Where nothing was on the slice before, the prompt leaves no trace.
  const was_empty = !list.some((step, i) => i !== place && (step.do === "propagate" || ("slice" in step && step.do !== "edit" && step.slice === slice)));
  return place >= 0 && was_empty ? list.toSpliced(place, 1) : [...list, { do: "unmark", slice }];
});

/** A direction begins. @type {(steps: Steps, number: number, step: Pick<CarryStep, "from" | "window" | "direction">) => Steps} */
export const with_carrying = (steps, number, step) =>
  changed(steps, number, (list) => [...without_idle(list), { do: "propagate", ...step, until: step.from }]);

/** One that has got nowhere has done nothing. @type {(list: Step[]) => Step[]} */
const without_idle = (list) => list.filter((step) => step.do !== "propagate" || step.until !== step.from);

/** @type {(steps: Steps, number: number, until: (step: CarryStep) => number | null) => Steps} */
const with_until = (steps, number, until) => changed(steps, number, (list) => {
  const place = list.findLastIndex((step) => step.do === "propagate");
  const step = list[place];
  return step?.do === "propagate" ? list.with(place, { ...step, until: until(step) }) : list;
});

/** @type {(steps: Steps, number: number, slice: number) => Steps} */
export const with_carried = (steps, number, slice) => with_until(steps, number, () => slice);

/** It came to an end that a replay comes to as well. Not so at a slice with a prompt: that may have been set
 * while the mask was on its way. @type {(steps: Steps, number: number, reason: import("../../boxel-bindings.js").Stop) => Steps} */
export const with_stopped = (steps, number, reason) =>
  with_until(steps, number, ({ until }) => reason === "marked" ? until : null);

/** Nothing of what was carried is left. @type {(steps: Steps, number: number) => Steps} */
export const with_taken_back = (steps, number) =>
  changed(steps, number, (list) => list.filter((step) => step.do !== "propagate").reduce(
    /** @type {(made: Step[], step: Step) => Step[]} */
    (made, step) => step.do === "prompt" || step.do === "edit" ? replaced(made, step) : [...made, step], []));

/** @type {(steps: Steps, number: number) => Steps} */
export const without_steps = (steps, number) =>
  /** @type {Steps} */ (Object.fromEntries(Object.entries(steps).filter(([each]) => each !== String(number))));

/** What has been done to an object, for a session file. @type {(steps: Steps, number: number) => Step[]} */
export const steps_of = (steps, number) => without_idle(steps[number] ?? []);
