// Strokes on their way to the engine's worker.

import assert from "node:assert/strict";
import { test } from "node:test";

import { received, to_send } from "../../web/features/brush/packed.js";

/** @type {(points: number) => import("../../web/features/brush/packed.js").Stroke} */
const stroke = (points) => ({
  kind: "paint", radius_px: 2.5, path: Array.from({ length: points }, (_, i) => [i / 3, -i]),
});
const pause = async () => false;

test("few points travel as they are, many as numbers in a row, and they arrive the same", async () => {
  const few = [stroke(10)];
  assert.equal(await to_send(few, pause), few);
  assert.deepEqual(received(few), few);
  const many = [stroke(3000), stroke(1)];
  const sent = await to_send(many, pause);
  assert.ok(sent.every(({ path }) => path instanceof Float64Array));
  assert.deepEqual(received(structuredClone(sent)), many);
});

test("a stroke is packed once for all that are drawn after it; memory that is given away is not sent again", async () => {
  const many = [stroke(3000)];
  const [first] = await to_send(many, pause);
  const [again, more] = await to_send([...many, stroke(1)], pause);
  assert.deepEqual([again === first, more?.path.length], [true, 2]);
  /** @type {ArrayBuffer[]} */
  const transfer = [];
  const given = structuredClone(await to_send(many, pause, transfer), { transfer });
  assert.equal(transfer.length, 1);
  assert.deepEqual(received(given), many);
  assert.deepEqual(received(await to_send(many, pause)), many);
});
