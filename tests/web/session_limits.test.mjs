// Session files that are too large in some respect, and what is said. What a person makes by hand is far below every limit.

import assert from "node:assert/strict";
import { test } from "node:test";

import { read_session } from "../../web/features/sessions/read.js";
import {
  MAX_ALL_POINTS, MAX_ALL_PROMPTS, MAX_ALL_STEPS, MAX_FILE_BYTES, MAX_MASK_SLICES, MAX_OBJECTS, MAX_PATH_POINTS, MAX_POINTS,
  MAX_PROMPTS, MAX_RUNS, MAX_STEPS, MAX_STROKES, MAX_TAKE_BACKS,
} from "../../web/features/sessions/limits_state.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { settled } from "./ideal.mjs";
import { open } from "./page.mjs";
import { session_of_text } from "./recording.mjs";
import { edit, first, masks, object, prompt, stroke, text, times } from "./session_text.mjs";

/** @typedef {import("../../web/state/reduce.js").State} State */

for (const [what, most, make] of /** @type {[string, number, (count: number) => unknown[]][]} */ ([
  ["objects", MAX_OBJECTS, (count) => times(count, object())],
  ["steps", MAX_STEPS, (count) => [object(times(count - 1, { do: "unmark", slice: 0 }))]],
  ["steps of all objects", MAX_ALL_STEPS, (count) => {
    const full = times(MAX_STEPS - 1, { do: "unmark", slice: 0 });
    return [
      ...times(MAX_ALL_STEPS / MAX_STEPS - 1, object(full)), object(full.slice(1)),
      ...times(count - MAX_ALL_STEPS + 1, object()),
    ];
  }],
  ["discarded propagations", MAX_TAKE_BACKS, (count) => [object(times(count, { do: "take_back" }))]],
  ["prompts of all objects", MAX_ALL_PROMPTS, (count) => {
    const chains = (/** @type {number} */ of) => ({ ...first, prompts: times(of, prompt) });
    return [
      object(times(MAX_ALL_PROMPTS / MAX_PROMPTS - 1, chains(MAX_PROMPTS))), object([chains(MAX_PROMPTS - 2)]),
      ...times(count - MAX_ALL_PROMPTS, object()),
    ];
  }],
  ["prompts of a slice", MAX_PROMPTS, (count) => [object([{ ...first, prompts: times(count, prompt) }])]],
  ["points of a prompt", MAX_POINTS,
    (count) => [object([{ ...first, prompts: [{ ...prompt, points: times(count, [1, 1, 1]) }] }])]],
  ["strokes on a slice", MAX_STROKES, (count) => [object([edit(times(count, stroke))])]],
  ["points of a stroke", MAX_PATH_POINTS, (count) => [object([edit([{ ...stroke, path: times(count, [1, 1]) }])])]],
  ["slices of a mask", MAX_MASK_SLICES, (count) => [object([], masks(times(count, { slice: 0, runs: [8] })))]],
  ["runs", MAX_RUNS, (count) => [object([], masks([{ slice: 0, runs: times(count, 1) }]))]],
])) {
  test(`${what}: as many as the limit are read, and one more is refused with the count and what to do`, async () => {
    assert.equal((await session_of_text(text(make(most)))).objects.length, make(most).length);
    const [count, limit] = [most + 1, most].map((each) => each.toLocaleString("en"));
    await assert.rejects(session_of_text(text(make(most + 1))), ({ code, message }) => code === "session_invalid"
      && message.includes(`it has ${count} ${what}`) && message.includes(`the limit is ${limit}`)
      && message.includes("Divide its objects among several sessions"));
  });
}

test("the points of all strokes are limited together, and so is the file", async () => {
  const path = times(MAX_PATH_POINTS, [1, 1]);
  const one = object([edit(times(MAX_ALL_POINTS / MAX_PATH_POINTS / 4, { ...stroke, path }))]);
  await session_of_text(text([one, one, one, one]));
  await assert.rejects(session_of_text(text([one, one, one, one, object([edit([stroke])])])), {
    message: /points of all prompts and strokes/,
  });
  await assert.rejects(read_session(/** @type {any} */ ({ size: MAX_FILE_BYTES + 1 })), {
    message: /it has 257 MiB, and the limit is 256/,
  });
});

test("drawing stops, with words, at the limits on objects, prompts, points of a prompt and strokes on a slice", () => {
  /** @type {(state: State, ...actions: any[]) => State} */
  const after = (state, ...actions) => actions.reduce(reduce, state);
  const box = { do: "box_added", box: [0, 0, 2, 2] };
  const ready = settled(after(settled(after(initial_state("cpu"), open(1))), box));
  const [one] = ready.objects;
  if (!one) return assert.fail();
  const { main: { prediction: _, ...main }, ...rest } = one;
  const full = { ...ready, objects: times(MAX_OBJECTS, one) };
  assert.match(after(full, box).message?.text ?? "", /at most 1,000 objects/);
  assert.equal(after(full, box).objects, full.objects);
  assert.equal(after({ ...full, objects: full.objects.slice(1) }, box).objects.length, MAX_OBJECTS);
  const drawn = { ...ready, objects: [{ ...one, edits: [{ slice: 4, strokes: times(MAX_STROKES, /** @type {any} */ (stroke)) }] }] };
  const more = { do: "stroke_drawn", number: 1, slice: 4, stroke };
  assert.match(after(drawn, more).message?.text ?? "", /5,000 strokes on this slice/);
  assert.equal(after(drawn, { ...more, slice: 5 }).message, null);
  const point = { do: "point_added", point: [1, 1, 1] };
  /** @type {(changes: object, count?: number) => State} */
  const prompted = (changes, count = 1) => {
    const prompts = times(count, /** @type {any} */ ({ ...one.prompts[0], ...changes }));
    return { ...ready, objects: [{ ...rest, main: { ...main, prediction: null }, prompts }] };
  };
  assert.match(after(prompted({ points: times(MAX_POINTS, [1, 1, 1]) }), point).message?.text ?? "", /500 points/);
  assert.match(after(prompted({}, MAX_PROMPTS), point).message?.text ?? "", /refined 500 times/);
});
