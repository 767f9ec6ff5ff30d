// From files to the engine: which scan of several, what is kept on the page, and what stays if it fails.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Opening } from "../../web/open/opening.js";
import { parse_failure } from "../../web/open/parser.js";
import { progress_of } from "../../web/show/words.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { scan_of } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").Action} Action */
/** @typedef {import("../../web/state/reduce.js").State} State */

/** The page with the workers that were made for parsing, each answered by the test.
 * @param {() => Promise<boolean>} [may_leave] */
function page(may_leave) {
  /** @type {any[]} */
  const workers = [];
  let state = initial_state("cpu");
  /** @param {Action} action */
  const dispatch = (action) => {
    state = reduce(state, action);
    opening.follow();
  };
  const opening = new Opening(() => state, dispatch, () => {
    const worker = /** @type {any} */ ({
      sent: [], ended: false,
      postMessage: (/** @type {any} */ message) => worker.sent.push(message),
      terminate: () => { worker.ended = true; },
      reply: async (/** @type {any} */ data) => {
        worker.onmessage({ data });
        for (let i = 0; i < 5; i += 1) await null;
      },
    });
    workers.push(worker);
    return worker;
  }, may_leave);
  return { dispatch, opening, workers, state: () => state };
}
const files = [new Blob(["1"]), new Blob(["2"])];
/** @type {(serial: number) => Action} */
const wanted = (serial) => ({ do: "open_wanted", source: { serial, title: "", files } });
/** @type {(serial: number, key: string) => Action} */
const opened = (serial, key) => ({ do: "scan_opened", generation: 1, serial, scan: scan_of(key) });
const parsed = (key = "k") => ({ parsed: { key, scan: new Uint8Array([1, 2]) } });

test("what was parsed is given to the engine once, and nothing of it is in the state", async () => {
  const { dispatch, opening, workers, state } = page();
  dispatch(wanted(1));
  await workers[0].reply({ beat: { read: 1, bytes: 1 } });
  assert.equal(progress_of(state())?.label, "Opening the scan: file 2 of 2");
  await workers[0].reply(parsed());
  assert.deepEqual([state().opening?.phase, workers[0].ended], ["parsed", true]);
  assert.equal(JSON.stringify(state()).includes('"0":1'), false);
  assert.equal(opening.take(1)?.key, "k");
  assert.equal(opening.take(1), null);
});

test("the user chooses one of several; the same one is read again without asking", async () => {
  const { dispatch, opening, workers, state } = page();
  dispatch(wanted(1));
  await workers[0].reply({ choices: ["T1", "T2"] });
  assert.deepEqual([state().opening?.phase, state().opening?.choices], ["asking", ["T1", "T2"]]);
  dispatch({ do: "scan_chosen", choice: 7 });
  assert.equal(state().opening?.phase, "asking");
  dispatch({ do: "scan_chosen", choice: 1 });
  await workers[0].reply({ beat: { read: 2, bytes: 2 } });
  assert.deepEqual(workers[0].sent.at(-1), { choice: 1 });
  await workers[0].reply(parsed());
  dispatch(opened(1, "k"));
  const { scan } = state();
  assert.deepEqual([scan?.choice, scan?.files], [1, files]);

  const again = opening.again(/** @type {any} */ (scan));
  await workers[1].reply({ choices: ["T1", "T2"] });
  assert.deepEqual(workers[1].sent, [{ files }, { choice: 1 }]);
  await workers[1].reply(parsed());
  assert.equal((await again).key, "k");
});

test("given up or followed by another, the worker ends, and what is shown stays", async () => {
  const { dispatch, workers, state } = page();
  dispatch(wanted(1));
  await workers[0].reply(parsed());
  dispatch(opened(1, "k"));
  dispatch(wanted(2));
  await workers[1].reply({ choices: ["T1", "T2"] });
  dispatch({ do: "open_given_up" });
  await workers[1].reply(parsed("late"));
  assert.deepEqual([workers[1].ended, state().opening, state().scan?.key, state().message], [true, null, "k", null]);
  dispatch(wanted(3));
  dispatch(wanted(4));
  await workers[2].reply(parsed("late"));
  assert.deepEqual([workers[2].ended, state().opening?.phase, workers.length], [true, "reading", 4]);
  dispatch({ do: "open_given_up" });
});

test("files that hold no scan say so, and what is shown stays", async () => {
  const { dispatch, workers, state } = page();
  dispatch(wanted(1));
  await workers[0].reply(parsed());
  dispatch(opened(1, "k"));
  dispatch(wanted(2));
  await workers[1].reply({ failure: { code: "image_truncated", message: "It ends too early." } });
  assert.deepEqual([state().opening, state().scan?.key, state().message?.text], [null, "k", "It ends too early."]);
});

test("a reader that dies on a file takes nothing else along: the next file has a worker of its own", async () => {
  const { dispatch, workers, state } = page();
  dispatch({ do: "open_wanted", source: { serial: 1, title: "", files: [new Blob(["1"])] } });
  // Before its first sign of life it would be the page's own files that lack.
  workers[0].onmessage({ data: { ready: true } });
  workers[0].onerror({ message: "Uncaught RuntimeError: unreachable" });
  for (let i = 0; i < 5; i += 1) await null;
  assert.deepEqual([workers[0].ended, state().opening, state().message?.code], [true, null, "image_damaged"]);
  assert.match(state().message?.text ?? "", /unreachable.*save or export it again/);
  dispatch(wanted(2));
  await workers[1].reply(parsed("next"));
  dispatch(opened(2, "next"));
  assert.deepEqual([state().scan?.key, state().opening, state().message], ["next", null, null]);
});

test("the scan is opened without a file that stops its reader, and a note names the file", async () => {
  const { dispatch, workers, state } = page();
  dispatch({
    do: "open_wanted",
    source: { serial: 1, title: "", files: [new File(["1"], "good.dcm"), new File(["2"], "bad.dcm")] },
  });
  const failure = parse_failure(new WebAssembly.RuntimeError("unreachable"));
  await workers[0].reply({ failure });
  for (const answer of [parsed("half"), { failure }, parsed("rest")]) {
    for (let i = 0; i < 9; i += 1) await null;
    await workers.at(-1).reply(answer);
  }
  for (let i = 0; i < 9; i += 1) await null;
  assert.deepEqual([workers.length, workers.map(({ sent }) => sent[0].files.length), state().opening?.phase], [
    4, [2, 1, 1, 1], "parsed",
  ]);
  dispatch(opened(1, "rest"));
  assert.deepEqual(state().scan?.notes.map(({ code }) => code), ["files_left_out"]);
  assert.match(state().scan?.notes[0]?.text ?? "", /^Opened without 1 of 2 files.*: bad\.dcm\./);
});

test("what was drawn while files were read is asked about before they take its place", async () => {
  for (const may_leave of [false, true]) {
    let asked = 0;
    const { dispatch, workers, state } = page(async () => {
      asked += 1;
      return may_leave;
    });
    dispatch(wanted(1));
    await workers[0].reply(parsed("first"));
    dispatch(opened(1, "first"));
    assert.equal(asked, 0, "nothing was there before");
    dispatch(wanted(2));
    dispatch({ do: "box_added", box: [0, 0, 2, 2] });
    assert.equal(state().objects.length, 1);
    await workers[1].reply(parsed("second"));
    assert.deepEqual([asked, state().opening?.phase, state().scan?.key], [
      1, may_leave ? "parsed" : undefined, "first",
    ]);
  }
});
