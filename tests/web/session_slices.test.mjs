// Large session files: the page's thread is never kept for long, and a reading can be cancelled. Files that are not JSON.

import assert from "node:assert/strict";
import { test } from "node:test";

import { JsonCursor } from "../../web/features/sessions/json_cursor.js";
import { CANCELLED, read_session } from "../../web/features/sessions/read.js";
import { without_session } from "../../web/features/sessions/listen.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { progress_of } from "../../web/show/words.js";
import { session_of_text } from "./recording.mjs";
import { masks, object, text, times } from "./session_text.mjs";

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
  for (const value of [times(100_000, 7), times(40_000, {}), times(3, [[long]]), { a: long, b: times(3e4, "\\\"") }]) {
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
