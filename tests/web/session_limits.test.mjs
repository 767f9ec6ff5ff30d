// Session files that are too large in some respect: what is said, that the page's thread is never kept for long, and that a
// reading can be cancelled. What a person makes by hand is far below every limit.

import assert from "node:assert/strict";
import { test } from "node:test";

import { JsonCursor } from "../../web/features/sessions/json_cursor.js";
import { CANCELLED, read_session } from "../../web/features/sessions/read.js";
import {
  MAX_ALL_POINTS, MAX_FILE_BYTES, MAX_MASK_SLICES, MAX_OBJECTS, MAX_PATH_POINTS, MAX_POINTS, MAX_PROMPTS, MAX_RUNS, MAX_STEPS,
  MAX_STROKES,
} from "../../web/features/sessions/limits_state.js";
import { without_session } from "../../web/features/sessions/listen.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { progress_of } from "../../web/show/words.js";
import { settled } from "./ideal.mjs";
import { open } from "./page.mjs";
import { KEY, session_of_text, window } from "./recording.mjs";

/** @typedef {import("../../web/state/reduce.js").State} State */

/** @template T @param {number} count @param {T} value @returns {T[]} */
const times = (count, value) => new Array(count).fill(value);
const prompt = { box: [0, 0, 1, 1], points: [], multimask: false, candidate: null };
const stroke = { kind: "paint", radius_px: 2, path: [[1, 1]] };
const first = { do: "prompt", slice: 0, window, prompts: [prompt] };
/** @type {(strokes: unknown[], slice?: number) => object} */
const edit = (strokes, slice = 0) => ({ do: "edit", slice, strokes });
/** @type {(steps?: unknown[], more?: object) => object} */
const object = (steps = [], more = {}) => ({
  number: 1, name: "n", colour: 0, plane: "axial", steps: [first, ...steps], result: { voxels: 1, sha256: KEY }, ...more,
});
/** @type {(objects: unknown[]) => string} */
const text = (objects) => JSON.stringify({
  format: "boxel-session", version: 2, scan: { sha256: KEY }, model: { name: "m", recipe: "sam", sha256: KEY },
  view: { plane: "axial", slice: 0, window }, objects,
});
/** @type {(slices: unknown[]) => object} */
const masks = (slices) => ({ masks: { size: [4, 2, 9], slices } });

for (const [what, most, make] of /** @type {[string, number, (count: number) => unknown[]][]} */ ([
  ["objects", MAX_OBJECTS, (count) => times(count, object())],
  ["steps", MAX_STEPS, (count) => [object(times(count - 1, { do: "take_back" }))]],
  ["prompts of a slice", MAX_PROMPTS, (count) => [object([{ ...first, prompts: times(count, prompt) }])]],
  ["points of a prompt", MAX_POINTS,
    (count) => [object([{ ...first, prompts: [{ ...prompt, points: times(count, [1, 1, 1]) }] }])]],
  ["strokes on a slice", MAX_STROKES, (count) => [object([edit(times(count, stroke))])]],
  ["points of a stroke", MAX_PATH_POINTS, (count) => [object([edit([{ ...stroke, path: times(count, [1, 1]) }])])]],
  ["slices of a mask", MAX_MASK_SLICES, (count) => [object([], masks(times(count, { slice: 0, runs: [8] })))]],
  ["runs", MAX_RUNS, (count) => [object([], masks([{ slice: 0, runs: times(count, 1) }]))]],
])) {
  test(`${what}: as many as the limit are read, and one more is refused with the count and what to do`, async () => {
    assert.equal((await session_of_text(text(make(most)))).objects.length, make(1).length === 1 && what !== "objects" ? 1 : most);
    const [count, limit] = [most + 1, most].map((each) => each.toLocaleString("en"));
    await assert.rejects(session_of_text(text(make(most + 1))), ({ code, message }) => code === "session_invalid"
      && message.includes(`it has ${count} ${what}`) && message.includes(`the limit is ${limit}`)
      && message.includes("Check which program wrote it"));
  });
}

test("the points of all strokes are limited together, and so is the file", async () => {
  const path = times(MAX_PATH_POINTS, [1, 1]);
  const one = times(MAX_ALL_POINTS / MAX_PATH_POINTS / 4, { ...stroke, path });
  await session_of_text(text(times(4, object([edit(one)]))));
  await assert.rejects(session_of_text(text(times(5, object([edit(one)])))), {
    message: /points of all prompts and strokes/,
  });
  await assert.rejects(read_session(/** @type {any} */ ({ size: MAX_FILE_BYTES + 1 })), {
    message: /it has 257 MiB, and the limit is 256/,
  });
});

test("a large file is read in slices, and reading ends as soon as the user cancels it", async () => {
  const runs = times(100_000, 12);
  const file = new Blob([text(times(30, object([], masks(times(2, { slice: 3, runs })))))]);
  /** @type {number[]} */
  const parts = [];
  const session = await read_session(file, (part) => parts.push(part) > 0);
  assert.ok(parts.length > 2, `${parts.length} slices`);
  assert.deepEqual([session.objects.length, session.objects[0]?.reach], [30, [3, 3]]);
  assert.deepEqual(JSON.parse(session.objects[0]?.masks ?? "").slices[0].runs, runs);
  let calls = 0;
  await assert.rejects(read_session(file, () => ++calls < 2), (error) => error === CANCELLED);
  assert.equal(calls, 2);
});

test("between two looks at the clock lie some ten thousand bytes, whatever they are", async () => {
  const long = "x".repeat(1e6);
  for (const value of [times(300_000, 7), times(300_000, {}), times(3, [[long]]), { a: long, b: times(1e5, "\\\"") }]) {
    const bytes = new TextEncoder().encode(JSON.stringify({ value, small: times(1000, 1) }));
    for (const read of /** @type {((json: JsonCursor) => Promise<unknown>)[]} */ ([
      (json) => json.pass(), (json) => json.counts(), (json) => json.list(Infinity, Infinity, () => json.value()),
      (json) => json.fields({}),
    ])) {
      const looks = [0];
      const json = new JsonCursor(bytes, (at) => { looks.push(at); });
      await json.fields({ value: async () => { await read(json); } });
      json.end();
      const longest = Math.max(...looks.slice(1).map((at, i) => at - (looks[i] ?? 0)));
      assert.ok(longest <= 2 * 65_536 && bytes.length - (looks.at(-1) ?? 0) <= 2 * 65_536, `${longest} bytes`);
    }
  }
});

test("the page shows how far a large session is, and a cancelled one leaves nothing behind", async () => {
  const runs = times(200_000, 12);
  const file = new File([text(times(20, object([], masks(times(2, { slice: 3, runs })))))], "session.json");
  /** @type {string[]} */
  const shown = [];
  /** @param {boolean} cancels */
  const opened = async (cancels) => {
    let state = initial_state("cpu");
    const dispatch = (/** @type {any} */ action) => {
      state = reduce(state, action);
      const progress = progress_of(state);
      if (progress) shown.push(`${progress.label}, ${progress.cancels}`);
      if (cancels && action.do === "session_reading") setTimeout(() => dispatch({ do: "session_read" }), 0);
    };
    const { files, session } = await without_session([file, new File(["1"], "scan.dcm")], { state: () => state, dispatch });
    return [files.length, session?.objects.length, state.reading_session, state.message];
  };
  assert.deepEqual(await opened(false), [1, 20, null, null]);
  assert.equal(shown[0], "Reading the session, session");
  assert.deepEqual(await opened(true), [0, undefined, null, null]);
});

for (const [what, broken] of /** @type {[string, string][]} */ ([
  ["a missing comma", text([object()]).replace('"colour":0,', '"colour":0 ')],
  ["two commas", text([object([], masks([{ slice: 0, runs: [1, 2] }]))]).replace("[1,2]", "[1,,2]")],
  ["a comma at the end", text([object()]).replace(/\]\}$/, ",]}")],
  ["a bracket too many", `${text([])}}`],
  ["an end in a string", text([object()]).slice(0, -4) + '"'],
  ["another closing bracket", text([object()]).replace(/\]\}$/, "}}")],
  ["a value that is missing", text([object()]).replace('"colour":0', '"colour":')],
  ["megabytes of space", text([]).replace("[]", `[${" ".repeat(1e6)}]`)],
])) {
  test(`${what} is refused`, () => assert.rejects(session_of_text(broken), { code: "session_invalid" }));
}

test("strings may hold brackets, quotes and any name, spaces may be anywhere, and a mark may come first", async () => {
  const name = 'a "]}\\ [{,:';
  const made = JSON.stringify(JSON.parse(text([object([], { name, "a]": [["}"]], ["__proto__"]: 1 })])), null, 3);
  assert.equal((await session_of_text(`\ufeff\n ${made}\r\n`)).objects[0]?.name, name);
});

test("what is drawn stops at the limits too, with words, so that no session is written that would be refused", () => {
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
