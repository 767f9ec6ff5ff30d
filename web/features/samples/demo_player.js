// Plays a demo from an address: once its sample is shown, sets the slice, the window and the prompts.

import { model_named } from "./demo_link.js";

/** @typedef {import("../../state/reduce.js").State} State */
/** @typedef {import("../../state/reduce.js").Action} Action */
/** @typedef {import("./demo_link.js").Demo} Demo */
/** `serial` is that of the opened sample, null without one.
 * @typedef {{ demo: Demo, serial: number | null, asked: boolean }} Playing */

/** The actions to do now, and what is left after them: null at the end of the demo.
 * @type {(state: State, playing: Playing) => { actions: Action[], left: Playing | null }} */
export function play(state, playing) {
  const { demo, serial } = playing;
  if (demo.model && state.models.phase === "listed") {
    const entry = model_named(state.models.entries, demo.model);
    const left =
      with_demo(playing, { model: null }, entry ? "" : `model=${demo.model.slice(0, 40)} is not a model of this site`);
    return entry ? { actions: [{ do: "model_wanted", id: entry.id }], left } : play(state, left);
  }
  if (serial === null) return demo.model ? { actions: [], left: playing } : { actions: told(demo), left: null };
  const { scan, samples: { coming }, opening, unopened, rendering, image, sessions: { main } } = state;
  // Loading, or waiting for a retry.
  if ([coming, opening, unopened].some((each) => each?.serial === serial)) return { actions: [], left: playing };
  if (scan?.serial !== serial) return { actions: [], left: null }; // it could not be opened, or another scan was opened
  if (!playing.asked) return wanted_view(state, playing);
  if (!image || main.shown !== rendering || main.image_key !== image.key || demo.model) {
    return { actions: [], left: playing };
  }
  return { actions: [...demo.objects.flatMap(prompts_of), ...told(demo)], left: null };
}

/** @type {(playing: Playing, changes: Partial<Demo>, fault: string) => Playing} */
const with_demo = (playing, changes, fault) =>
  ({
    ...playing,
    demo: { ...playing.demo, ...changes, faults: fault ? [...playing.demo.faults, fault] : playing.demo.faults },
  });

/** @type {(state: State, playing: Playing) => { actions: Action[], left: Playing | null }} */
function wanted_view({ scan, image }, playing) {
  const { slice, window } = playing.demo;
  const { slices = 1 } = image ?? {};
  const no_slice = slice !== null && slice >= slices
    ? `slice=${slice + 1} does not exist: this sample has ${slices}`
    : "";
  const no_window = window && scan?.colour ? "a window needs grey levels, but this sample has colours" : "";
  const seen = {
    ...(slice !== null && !no_slice ? { slice } : {}),
    ...(window && !no_window ? { window: /** @type {const} */ ({ kind: "linear", ...window }) } : {}),
  };
  const left = { ...with_demo(with_demo(playing, {}, no_slice), {}, no_window), asked: true };
  return { actions: [{ do: "rendering_wanted", ...seen }], left };
}

/** Points that come before the first answer are asked together with the box.
 * @type {(object: Demo["objects"][number]) => Action[]} */
const prompts_of = ({ box, points }) => [
  /** @type {Action} */ (box ? { do: "box_added", box } : { do: "object_selected", number: null }),
  ...points.map((point) => /** @type {Action} */ ({ do: "point_added", point })),
];

/** @type {(demo: Demo) => Action[]} */
const told = ({ faults }) => faults.length
  ? [{
    do: "failed",
    failure: { code: "link_invalid", message: `Part of this address was ignored: ${faults.join("; ")}.` },
  }]
  : [];
