// Session files that are too large in some respect, and what is said. What a person makes by hand is far below every limit.

import assert from "node:assert/strict";
import { test } from "node:test";

import { session_file } from "../../web/features/sessions/file.js";
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

/** @type {(state: State, ...actions: any[]) => State} */
const after = (state, ...actions) => actions.reduce(reduce, state);
const box = { do: "box_added", box: [0, 0, 2, 2] };
const more = { do: "stroke_drawn", number: 1, slice: 4, stroke };
/** A volume with an object on slice 4, whose steps are replaced. @type {(steps?: unknown[]) => State} */
function drawn_on(steps) {
  const ready = settled(after(settled(after(initial_state("cpu"), open(1))), box));
  return steps ? { ...ready, steps: { 1: /** @type {any} */ ([...ready.steps[1] ?? [], ...steps]) } } : ready;
}
const propagate = { do: "propagation_wanted", number: 1, directions: ["up", "down"] };

for (const [what, count, steps, actions, said] of /** @type {[string, number, (count: number) => unknown[], any[], RegExp][]} */ ([
  ["steps of an object", MAX_STEPS - 2 - (drawn_on().steps[1]?.length ?? 0), (count) => times(count, { do: "unmark", slice: 0 }),
    [propagate, { do: "unmark_wanted", number: 1, slice: 4 }, more], /Object 1 was changed .* times, as often as a session holds/],
  ["discarded propagations", MAX_TAKE_BACKS - 1, (count) => times(count, { do: "take_back" }),
    [{ do: "discard_wanted", number: 1 }], /1,00. propagations of object 1 were discarded/],
  ["prompts of all objects", MAX_ALL_PROMPTS / MAX_PROMPTS - 1, (count) =>
    times(count, { ...first, prompts: times(MAX_PROMPTS, prompt) }).concat({ ...first, prompts: times(MAX_PROMPTS - 2, prompt) }),
    [box], /prompts together, and a session holds 100,000/],
  ["points of all strokes", MAX_ALL_POINTS / MAX_PATH_POINTS - 1, (count) =>
    [edit([
      ...times(count, { ...stroke, path: times(MAX_PATH_POINTS, [1, 1]) }),
      { ...stroke, path: times(MAX_PATH_POINTS - 1, [1, 1]) },
    ])],
    [more], /points of prompts and strokes together, and a session holds 5,000,000/],
])) {
  test(`${what}: drawing goes on up to the limit, and ends at it with words`, () => {
    const [below, at] = [drawn_on(steps(count)), drawn_on([...steps(count), ...steps(2)])];
    for (const action of actions) {
      assert.notEqual(after(below, action).message?.code, "limit", `${what}: ${action.do}`);
      const full = after(at, action);
      assert.match(full.message?.text ?? "", said, `${what}: ${action.do}`);
      assert.deepEqual([full.objects, full.propagating, full.unmarking], [at.objects, at.propagating, at.unmarking]);
    }
  });
}

test("strokes that the engine does not have yet count as well", () => {
  const strokes = /** @type {any} */ (times(MAX_ALL_POINTS / MAX_PATH_POINTS, { ...stroke, path: times(MAX_PATH_POINTS, [1, 1]) }));
  const state = drawn_on();
  const waiting = { ...state, objects: state.objects.map((object) => ({ ...object, edits: [{ slice: 5, strokes }] })) };
  assert.match(after(waiting, more).message?.text ?? "", /5,000,000 points/);
  assert.equal(after({ ...waiting, edited: { 1: waiting.objects[0]?.edits ?? [] } }, more).message, null);
});

test("the steps of all objects end together", () => {
  const state = drawn_on();
  const [one] = state.objects;
  const numbers = Array.from({ length: MAX_ALL_STEPS / MAX_STEPS + 1 }, (_, i) => i + 1);
  const list = /** @type {any} */ (times(MAX_STEPS - 100, { do: "unmark", slice: 0 }));
  const full = {
    ...state, objects: numbers.map((number) => ({ .../** @type {any} */ (one), number })),
    steps: Object.fromEntries(numbers.map((number) => [number, list])),
  };
  assert.match(after(full, more).message?.text ?? "", /108,900 changes together, and a session holds 100,000/);
});

test("a propagation that could reach more slices than a mask has in a session is refused before it begins", () => {
  const state = drawn_on();
  const image = { .../** @type {any} */ (state.image), slices: MAX_MASK_SLICES + 5, slice: 3000 };
  assert.match(after({ ...state, image }, propagate).message?.text ?? "", /could reach 10,004/);
  assert.equal(after({ ...state, image }, { ...propagate, directions: ["up"] }).propagating?.phase, "wanted");
});

test("a session that could not be opened again is not saved, and the user is told which limit", async () => {
  const session = /** @type {any} */ (await session_of_text(text([object([], masks([{ slice: 0, runs: [8] }]))])));
  const written = { ...session, format: "boxel-session", version: 2 };
  const [one] = written.objects;
  assert.deepEqual(await session_of_text(await (await session_file(written)).text()), session);
  /** @type {(objects: object[], most?: number) => Promise<unknown>} */
  const saved = (objects, most) => session_file({ ...written, objects }, most);
  await saved(times(MAX_OBJECTS, one));
  await saved([{ ...one, masks: JSON.stringify({ slices: times(MAX_MASK_SLICES, { slice: 0, runs: [1] }) }) }]);
  for (const [objects, why] of /** @type {[object[], RegExp][]} */ ([
    [times(MAX_OBJECTS + 1, one), /1,001 objects/],
    [[{ ...one, steps: times(MAX_STEPS + 1, first) }], /10,001 steps of n/],
    [[{ ...one, masks: JSON.stringify({ size: [1, 1, 1], slices: [{ slice: 0, runs: times(MAX_RUNS + 1, 1) }] }) }], /4,000,001 runs/],
    [[{ ...one, masks: JSON.stringify({ slices: times(MAX_MASK_SLICES + 1, { slice: 0, runs: [1] }) }) }], /10,001 slices of a mask/],
  ])) {
    await assert.rejects(saved(objects), ({ code, message }) =>
      code === "session_limit" && /not saved, because it could not be opened again/.test(message) && why.test(message));
  }
  const too_long = saved([{ ...one, masks: `"${"x".repeat(3e6)}"` }], 1024 * 1024);
  await assert.rejects(too_long, { message: /would have 3 MiB, and the limit is 1 MiB/ });
});

test("drawing stops, with words, at the limits on objects, prompts, points of a prompt and strokes on a slice", () => {
  const ready = settled(after(settled(after(initial_state("cpu"), open(1))), box));
  const [one] = ready.objects;
  if (!one) return assert.fail();
  const { main: { prediction: _, ...main }, ...rest } = one;
  const full = { ...ready, objects: times(MAX_OBJECTS, one) };
  assert.match(after(full, box).message?.text ?? "", /at most 1,000 objects/);
  assert.equal(after(full, box).objects, full.objects);
  assert.equal(after({ ...full, objects: full.objects.slice(1) }, box).objects.length, MAX_OBJECTS);
  const drawn = { ...ready, objects: [{ ...one, edits: [{ slice: 4, strokes: times(MAX_STROKES, /** @type {any} */ (stroke)) }] }] };
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
