// Hidden and locked objects.

import assert from "node:assert/strict";
import { test } from "node:test";

import { object_at } from "../../web/features/objects/pick.js";
import { warnings_of } from "../../web/features/exports/formats.js";
import { changeable_box } from "../../web/features/prompts/boxes_state.js";
import { reduce } from "../../web/state/reduce.js";
import { masked } from "./masked.mjs";

/** @typedef {import("../../web/state/reduce.js").Action} Action */

test("nothing of the user's changes a locked object, until it is unlocked", () => {
  const locked = reduce(masked(), { do: "object_locked", number: 1, on: true });
  for (const action of /** @type {Action[]} */ ([
    { do: "box_changed", number: 1, box: [0, 0, 3, 2] }, { do: "box_added", box: [0, 0, 3, 2], to_selected: true },
    { do: "point_added", point: [1, 1, 1] }, { do: "object_removed", number: 1 },
    { do: "object_named", number: 1, name: "x" },
    { do: "propagation_wanted", number: 1, directions: ["up"] }, { do: "multimask_set", on: true },
  ])) {
    const next = reduce(locked, action);
    assert.deepEqual([next.objects, next.message?.code, next.propagating], [locked.objects, "locked", null], action.do);
  }
  assert.equal(changeable_box(locked), null);
  assert.equal(reduce(locked, { do: "objects_cleared" }).objects.length, 1);
  assert.equal(
    reduce(locked, { do: "box_added", box: [0, 0, 3, 2] }).objects.length, 2, "a new object is another's matter",
  );
  const unlocked = reduce(locked, { do: "object_locked", number: 1, on: false });
  assert.deepEqual(reduce(unlocked, { do: "object_removed", number: 1 }).objects, []);
});

test("a hidden object is not clicked, is saved with a word about it, and undo shows it again", () => {
  const hidden = reduce(masked(), { do: "object_hidden", number: 1, on: true });
  assert.deepEqual([object_at({ x: 1, y: 1 }, masked()), object_at({ x: 1, y: 1 }, hidden)], [1, null]);
  assert.match(warnings_of(hidden).join(), /Hidden, but saved too: .*Object 1/);
  assert.equal(Boolean(reduce(hidden, { do: "undone" }).objects[0]?.hidden), false);
});
