// Files on their way to a scan, with a worker of the test's own and a clock that stands still.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { GIVEN_UP, parse, parse_failure, time_limit_ms } from "../../web/open/parser.js";
import { READER_NOT_LOADED } from "../../web/state/failure_codes.js";

const MIB = 1024 * 1024;
const parsed = { key: "k", scan: new Uint8Array([1]) };

/** @param {Partial<import("../../web/open/parser.js").Watch>} [watch] @param {Blob[]} [files] */
function parsing(watch = {}, files = [new Blob(["1"]), new Blob(["2"])]) {
  const worker = /** @type {any} */ ({
    sent: [], ended: 0,
    postMessage: (/** @type {any} */ message) => worker.sent.push(message),
    terminate: () => { worker.ended += 1; },
  });
  const abort = new AbortController();
  const result = parse(() => worker, files, {
    on_read: () => {}, choose: async () => { throw new Error("not asked"); }, signal: abort.signal, ...watch,
  });
  /** @param {any} data */
  const reply = (data) => worker.onmessage({ data });
  return { worker, files, result, reply, abort };
}

/** Timers that the test moves. @param {(tick: (ms: number) => void) => Promise<void>} body */
const with_clock = (body) => async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    await body((ms) => mock.timers.tick(ms));
  } finally {
    mock.timers.reset();
  }
};

test("the worker gets the handles, tells how far it is, and ends with the scan", async () => {
  /** @type {number[]} */
  const read = [];
  const { worker, files, result, reply } = parsing({ on_read: (count) => read.push(count) });
  assert.deepEqual(worker.sent, [{ files }]);
  reply({ beat: { read: 0, bytes: 1 } });
  reply({ beat: { read: 1, bytes: 1 } });
  reply({ parsed });
  assert.deepEqual(await result, { ...parsed, choice: 0, left_out: [] });
  assert.deepEqual([read, worker.ended], [[0, 1], 1]);
});

test("a file has five seconds, and one more for each 2 MiB; the next one has its own", with_clock(async (tick) => {
  assert.deepEqual([time_limit_ms(0), time_limit_ms(20 * MIB)], [5_000, 15_000]);
  const { worker, result, reply } = parsing();
  reply({ beat: { read: 0, bytes: 20 * MIB } });
  tick(14_000);
  reply({ beat: { read: 1, bytes: 0 } });
  tick(4_999);
  assert.equal(worker.ended, 0);
  tick(1);
  await assert.rejects(result, { code: "image_timeout", message: /more than 5 seconds.*damaged/ });
  assert.equal(worker.ended, 1);
}));

test("no clock runs until the reader is there, however slow the line; "
  + "from then on it does", with_clock(async (tick) => {
  const { worker, result, reply } = parsing();
  tick(3_600_000);
  assert.equal(worker.ended, 0);
  reply({ requests: [] }); // of its script: no sign of the module
  tick(3_600_000);
  reply({ ready: true });
  tick(4_999);
  assert.equal(worker.ended, 0);
  tick(1);
  await assert.rejects(result, { code: "image_timeout" });
}));

test("of several scans one is chosen, and the user may think about it", with_clock(async (tick) => {
  /** @type {(choice: number) => void} */
  let choose = () => {};
  /** @type {string[][]} */
  const asked = [];
  const { worker, result, reply } = parsing({
    choose: (choices) => new Promise((resolve) => {
      asked.push(choices);
      choose = resolve;
    }),
  });
  reply({ beat: { read: 2, bytes: 2 } });
  reply({ choices: ["T1", "T2"] });
  tick(3_600_000);
  choose(1);
  await null;
  await null;
  assert.deepEqual([asked, worker.sent.at(-1), worker.ended], [[["T1", "T2"]], { choice: 1 }, 0]);
  reply({ parsed });
  assert.equal((await result).choice, 1);
}));

for (const [how, end, code] of /** @type {[string, (made: ReturnType<typeof parsing>) => void, string][]} */ ([
  ["a refusal", ({ reply }) => reply({ failure: { code: "image_format", message: "No scan." } }), "image_format"],
  ["a crash", ({ worker, reply }) => {
    reply({ beat: { read: 0, bytes: 1 } });
    worker.onerror({ message: "out of memory" });
  }, "image_damaged"],
  ["a script that does not load", ({ worker }) => worker.onerror({}), READER_NOT_LOADED],
  ["giving up", ({ abort }) => abort.abort(), GIVEN_UP.code],
])) {
  test(`${how} ends the worker and is told`, async () => {
    const made = parsing({}, [new Blob(["1"])]);
    end(made);
    await assert.rejects(made.result, { code });
    assert.equal(made.worker.ended, 1);
  });
}

/** Readers that stop at files of certain contents, as a module does at a trap.
 * @param {string[]} fatal @param {string[]} texts @param {string[]} [choices] */
async function reading(fatal, texts, choices) {
  const files = texts.map((text) => new Blob([text]));
  let readers = 0;
  const abort = new AbortController();
  /** @type {string[][]} */
  const asked = [];
  const new_worker = () => {
    readers += 1;
    const worker = /** @type {any} */ ({
      terminate: () => {},
      postMessage: async (/** @type {any} */ message) => {
        const read = await Promise.all((message.files ?? []).map((/** @type {Blob} */ file) => file.text()));
        worker.onmessage({ data: { beat: { read: 0, bytes: 1 } } });
        const stops = read.some((text) => fatal.includes(text))
          || (choices && "choice" in message && fatal.includes(`choice ${message.choice}`));
        if (stops) {
          return worker.onmessage({ data: { failure: parse_failure(new WebAssembly.RuntimeError("unreachable")) } });
        }
        if (choices && message.files) return worker.onmessage({ data: { choices } });
        worker.onmessage({ data: { parsed: { key: read.join(""), scan: new Uint8Array() } } });
      },
    });
    return worker;
  };
  const choose = async (/** @type {string[]} */ offered) => {
    asked.push(offered);
    return 1;
  };
  const opened = await parse(new_worker, files, { on_read: () => {}, choose, signal: abort.signal })
    .catch((error) => error);
  return {
    opened, left_out: opened.left_out?.map((/** @type {Blob} */ file) => texts[files.indexOf(file)]),
    readers: () => readers, asked,
  };
}

test("a file that stops the reader costs only itself, wherever it stands among the others", async () => {
  for (const bad of ["a", "d", "h"]) {
    const texts = [..."abcdefgh"];
    const { opened, left_out, readers } = await reading([bad], texts);
    assert.deepEqual([opened.key, left_out], [texts.filter((text) => text !== bad).join(""), [bad]]);
    assert.ok(readers() <= 2 + 3 + 1, `${readers()} readers`); // all, three halves, the file alone, the rest
  }
  const two = await reading(["b", "e"], [..."abcde"]);
  assert.deepEqual([two.opened.key, two.left_out], ["acd", ["e", "b"].toSorted()]);
});

test("where every file stops the reader, or only all together do, the first word on it stands", async () => {
  for (const [fatal, texts] of /** @type {[string[], string[]][]} */ ([
    [["a"], ["a"]], [[..."abcdef"], [..."abcdef"]],
  ])) {
    const { opened } = await reading(fatal, texts);
    assert.deepEqual(Object.keys(opened), ["code", "message"]);
    assert.equal(opened.code, "image_damaged");
  }
});

test("a scan that the user has chosen is not exchanged for another when it stops the reader", async () => {
  const { opened, readers, asked } = await reading(["choice 1"], ["a", "b"], ["T1", "T2"]);
  assert.deepEqual([opened.code, readers(), asked], ["image_damaged", 1, [["T1", "T2"]]]);
});

test("a trap of the module, or memory that it does not get, says what can be done", () => {
  for (const error of [new WebAssembly.RuntimeError("unreachable"), new RangeError("Array buffer allocation failed")]) {
    const { code, message } = parse_failure(error);
    assert.equal(code, "image_damaged");
    assert.match(message, new RegExp(`${error.message}.*save or export it again, or open fewer files`));
  }
  assert.deepEqual(parse_failure({ code: "image_empty", message: "Empty." }), {
    code: "image_empty", message: "Empty.",
  });
});
