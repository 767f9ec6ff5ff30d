// Members of a team in worker threads: each map is complete for all of them, whoever dies.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { Team } from "../../web/engine/team.js";

const LENGTH = 7;
const PARTS = 5;
const MAPS = 40;

/** A member that computes maps whose values are known, and reports the first wrong one. Its parts take some time. */
const MEMBER = `
  import { parentPort, workerData } from "node:worker_threads";
  const { memory, rank, members, encoding, dies_at, url, LENGTH, PARTS, MAPS } = workerData;
  const { Team } = await import(url);
  const team = new Team(memory, rank, members);
  team.join(encoding);
  parentPort.postMessage("joined");
  await new Promise((go) => parentPort.once("message", go));
  const value = (map, part, i) => map * 1000 + part * 10 + i;
  let wrong = null;
  let computed = 0;
  for (let map = 0; map < MAPS && wrong === null; map += 1) {
    if (!team.begin(PARTS, PARTS * LENGTH)) {
      if (!team.is_broken()) wrong = "not begun";
      break;
    }
    const all = new Float32Array(PARTS * LENGTH);
    const compute = (part) => {
      const values = Float32Array.from({ length: LENGTH }, (_, i) => value(map, part, i));
      for (let spin = 0; spin < (rank + 1) * 20000; spin += 1) Math.sqrt(spin);
      all.set(values, part * LENGTH);
      computed += 1;
      team.give(part, part * LENGTH, values);
    };
    const mine = new Set();
    for (let part = team.take(); part !== undefined; part = team.take()) {
      if (map === dies_at) process.exit();
      compute(part);
      mine.add(part);
    }
    for (let part = 0; part < PARTS; part += 1) {
      if (mine.has(part)) continue;
      const into = all.subarray(part * LENGTH, (part + 1) * LENGTH);
      if (!team.receive(part, part * LENGTH, into)) compute(part);
    }
    team.end();
    all.forEach((found, at) => {
      const right = value(map, Math.floor(at / LENGTH), at % LENGTH);
      if (found !== right) wrong = [map, at, found, right];
    });
  }
  parentPort.postMessage({ wrong, computed, gone: Array.from({ length: members }, (_, i) => team.is_gone(i)) });
`;

/** @typedef {{ wrong: unknown, computed: number, gone: boolean[] }} Report */
/** What each member that lives reports after one encoding.
 * @param {SharedArrayBuffer} memory @param {number} members @param {number} encoding
 *  @param {Record<number, number>} [dies] the map at which a member dies
 *  @returns {Promise<(Report | "exited")[]>} */
async function encode(memory, members, encoding, dies = {}) {
  const url = new URL("../../web/engine/team.js", import.meta.url).href;
  const source = new URL(`data:text/javascript,${encodeURIComponent(MEMBER)}`);
  const workers = Array.from({ length: members }, (_, rank) => new Worker(source, {
    workerData: { memory, rank, members, encoding, dies_at: dies[rank] ?? -1, url, LENGTH, PARTS, MAPS },
  }));
  const reports = workers.map((worker) => new Promise((resolve, reject) => {
    worker.on("message", (message) => message !== "joined" && resolve(message));
    worker.on("error", reject);
    worker.on("exit", () => resolve("exited"));
  }));
  await Promise.all(workers.map((worker) => new Promise((joined) => worker.once("message", joined))));
  for (const worker of workers) worker.postMessage("go");
  return Promise.all(reports);
}

for (const members of [1, 2, 4]) {
  test(`each of ${members} members has all parts of all maps, and the parts are computed once`, async () => {
    const memory = Team.memory(PARTS * LENGTH);
    for (const encoding of [1, 2]) {
      const reports = await encode(memory, members, encoding);
      let sum = 0;
      for (const report of reports) {
        assert.ok(report !== "exited");
        assert.deepEqual([report.wrong, report.gone.includes(true)], [null, false]);
        sum += report.computed;
      }
      assert.equal(sum, MAPS * PARTS);
    }
  });
}

test("the others compute what a member that dies had taken, and share nothing after that map", async () => {
  const memory = Team.memory(PARTS * LENGTH);
  const reports = await encode(memory, 3, 1, { 1: 7 });
  const living = reports.filter((report) => report !== "exited");
  assert.ok(living.length >= 2);
  for (const { wrong } of living) assert.equal(wrong, null);
  if (living.length === 2) assert.ok(living.every(({ gone }) => gone[1] && !gone[0] && !gone[2]));
});

test("a member that counts as gone learns it, and a map that is too large is not shared", () => {
  const memory = Team.memory(10);
  const [one, other] = [new Team(memory, 0, 2), new Team(memory, 1, 2)];
  for (const member of [one, other]) member.join(1);
  assert.equal(one.begin(2, 11), false);
  assert.equal(one.begin(2, 10), true);
  one.drop(1);
  assert.equal(other.begin(2, 10), false);
  assert.equal(one.begin(2, 10), false);
  assert.ok(other.is_gone() && other.is_broken() && !one.is_gone());
});
