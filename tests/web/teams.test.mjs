// Workers that have nothing to do encode an image together with the engine: when they do, and what becomes of it when one
// fails. What the members of a team share, tests/web/team.test.mjs tests.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Lending } from "../../web/engine/lending.js";
import { Team } from "../../web/engine/team.js";

/** @typedef {import("../../web/engine/lending.js").Together} Together */

const SILENCE_MS = 100;
const SHARED = { done: 3, shape: [1, 2, 2, 1], values: Float32Array.of(1, 2, 3, 4), largest_map: 8 };
const engine = /** @type {any} */ ({
  shared_encoding: () => SHARED, drop_unwanted: () => {}, is_lent: () => false,
  lend: () => assert.fail("a member of a team gets no slice"),
});

/** @type {MessagePort[]} */
const ports = [];

/** @param {boolean} is_isolated @param {() => Promise<void>} task */
async function in_page(is_isolated, task) {
  const scope = /** @type {any} */ (globalThis);
  scope.crossOriginIsolated = is_isolated;
  try {
    await task();
  } finally {
    delete scope.crossOriginIsolated;
    for (const port of ports.splice(0)) port.close();
  }
}

function lending_of() {
  /** @type {[number, string][]} */
  const lost = [];
  /** @type {string[]} */
  const apart = [];
  const lending = new Lending(
    () => {}, (id, { message }) => lost.push([id, message]), (reason) => apart.push(reason), SILENCE_MS,
  );
  return { lending, lost, apart };
}

/** A worker's end of the channel. @param {Lending} lending @param {number} id @param {boolean} [joins] */
function helper(lending, id, joins = true) {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1);
  /** @type {Together[]} */
  const asked = [];
  /** @type {Team[]} */
  const teams = [];
  port1.onmessage = ({ data: { together } }) => {
    asked.push(together);
    if (!joins) return;
    const team = new Team(together.memory, together.rank, together.members);
    teams.push(team);
    team.join(together.encoding);
    port1.postMessage({ joined: together.encoding });
  };
  lending.join(id, port2);
  const leave = async () => {
    port1.postMessage({ left: asked.at(-1)?.encoding });
    await new Promise((wake) => setTimeout(wake, 20));
  };
  return { asked, teams, leave };
}

test("a page that is not isolated has no teams, and neither has an engine without idle workers", async () => {
  const { lending } = lending_of();
  await in_page(true, async () => assert.equal(await lending.gather(engine), null, "no idle workers"));
  const other = helper(lending, 1);
  await in_page(false, async () => assert.equal(await lending.gather(engine), null));
  assert.deepEqual(other.asked, []);
});

test("idle workers go on with the image where the engine is, until it is encoded", () => in_page(true, async () => {
  const { lending, lost } = lending_of();
  const others = [helper(lending, 1), helper(lending, 2)];
  const team = await lending.gather(engine);
  assert.equal(team?.members(), 3);
  assert.equal(await lending.gather(engine), team, "in the next step too");
  lending.feed(engine);
  lending.complete();
  assert.deepEqual(others.map(({ asked }) => asked.map(({ rank, members, shared }) => [rank, members, shared])), [
    [[1, 3, SHARED]], [[2, 3, SHARED]],
  ]);
  await others[0]?.leave();
  assert.equal((await lending.gather(engine))?.members(), 2, "the one that has left the former image");
  assert.deepEqual(others[0]?.asked.map(({ encoding }) => encoding), [1, 2], "in the same memory");
  assert.deepEqual(lost, []);
}));

test("after the engine has stopped in the middle, the others stop, and the next image has other memory", () =>
  in_page(true, async () => {
    const { lending } = lending_of();
    const other = helper(lending, 1);
    await lending.gather(engine);
    lending.abort();
    assert.equal(other.teams[0]?.is_broken(), true);
    await other.leave();
    assert.ok(await lending.gather(engine));
    assert.deepEqual(other.asked.map(({ encoding }) => encoding), [1, 2]);
    assert.equal(other.teams[1]?.is_broken(), false);
  }));

test("a worker that ends, or that the team gives up, is not waited for: the engine goes on alone", () =>
  in_page(true, async () => {
    const { lending, lost } = lending_of();
    helper(lending, 1);
    const hangs = helper(lending, 2);
    const team = await lending.gather(engine);
    lending.leave(1);
    assert.equal(team?.is_gone(1), true);
    assert.equal(await lending.gather(engine), null);
    await hangs.leave();
    (await lending.gather(engine))?.drop(1);
    assert.equal(await lending.gather(engine), null);
    assert.deepEqual(lost, [[2, "It gave no sign of life in the middle of an image."]]);
  }));

test("a worker that ends after its image is no member of the next one", () => in_page(true, async () => {
  const { lending } = lending_of();
  helper(lending, 1);
  await lending.gather(engine);
  lending.complete();
  helper(lending, 2);
  const team = await lending.gather(engine);
  lending.leave(1); // it has not said that it has left
  assert.deepEqual([team?.members(), team?.is_broken()], [2, false]);
}));

test("a worker that does not join is left out, and asked again when it has come to it", () => in_page(true, async () => {
  const { lending, lost } = lending_of();
  const other = helper(lending, 1, false);
  assert.equal(await lending.gather(engine), null);
  assert.equal(await lending.gather(engine), null);
  assert.equal(other.asked.length, 1);
  await other.leave();
  assert.equal(await lending.gather(engine), null);
  assert.deepEqual([other.asked.length, lost], [2, []]);
}));

test("without memory to share the engine encodes alone, and the page learns it once", () => in_page(true, async () => {
  const { lending, apart } = lending_of();
  const other = helper(lending, 1);
  const huge = /** @type {any} */ ({ shared_encoding: () => ({ ...SHARED, largest_map: 2 ** 50 }) });
  assert.equal(await lending.gather(huge), null);
  assert.equal(await lending.gather(huge), null);
  assert.deepEqual([apart.length, other.asked.length], [1, 0]);
  assert.match(apart[0] ?? "", /allocation|length/);
}));
