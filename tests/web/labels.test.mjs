// Labels: objects of one name have one colour, and change it together.

import assert from "node:assert/strict";
import { test } from "node:test";

import { colour_name, PALETTE, place_in_palette, rgb_of } from "../../web/features/objects/colours.js";
import { exported_objects } from "../../web/features/exports/exporter.js";
import { reduce } from "../../web/state/reduce.js";
import { masked } from "./masked.mjs";

/** @typedef {import("../../web/state/reduce.js").State} State */
/** @typedef {import("../../web/state/reduce.js").Action} Action */

/** @type {(state: State, ...actions: Action[]) => State} */
const after = (state, ...actions) => actions.reduce(reduce, state);
/** @type {(state: State) => [string, number][]} */
const labels = ({ objects }) => objects.map(({ name, colour }) => [name, colour]);
/** @type {Action} */
const box = { do: "box_added", box: [0, 0, 3, 2] };
/** @type {(number: number, name: string) => Action} */
const named = (number, name) => ({ do: "object_named", number, name });
/** @type {(name: string, colour: number) => Action} */
const coloured = (name, colour) => ({ do: "label_coloured", name, colour });
/** Three objects, each a label of its own. */
const three = () => after(masked(), box, box);

test("an object that gets another's name gets its colour, in one change that is undone as one", () => {
  const state = after(three(), named(3, " Object 1 "));
  assert.deepEqual(labels(state), [["Object 1", 0], ["Object 2", 1], ["Object 1", 0]]);
  assert.equal(state.history.length, three().history.length + 1);
  const back = after(state, { do: "undone" });
  assert.deepEqual(labels(back), labels(three()));
  assert.deepEqual(labels(after(back, { do: "redone" })), labels(state));
});

test("names that differ in their letters' case are different labels", () => {
  assert.deepEqual(labels(after(three(), named(1, "Liver"), named(2, "liver"))), [
    ["Liver", 0], ["liver", 1], ["Object 3", 2],
  ]);
});

test("an object that leaves a label gets a free colour; one that was alone keeps its own", () => {
  const joined = after(three(), named(3, "Object 1"));
  assert.deepEqual(labels(after(joined, named(1, "liver"))), [["liver", 2], ["Object 2", 1], ["Object 1", 0]]);
  assert.deepEqual(labels(after(joined, named(2, "spleen")))[1], ["spleen", 1]);
  // From one label to another there is no colour to be found.
  assert.deepEqual(labels(after(joined, named(3, "Object 2"))), [["Object 1", 0], ["Object 2", 1], ["Object 2", 1]]);
  // Emptied, a name is the object's first one.
  assert.deepEqual(labels(after(joined, named(3, "  "))), labels(three()));
});

test("a label's colour is all of its objects', in exports too, and can be undone", () => {
  const joined = after(three(), named(3, "Object 1"));
  const state = after(joined, coloured("Object 1", 4));
  assert.deepEqual(labels(state), [["Object 1", 4], ["Object 2", 1], ["Object 1", 4]]);
  assert.deepEqual(exported_objects(state).map(({ colour }) => colour), [rgb_of(4), rgb_of(1), rgb_of(4)]);
  assert.equal(state.objects[0]?.main, joined.objects[0]?.main, "nothing is asked anew");
  assert.equal(after(state, coloured("Object 1", 4)), state, "the same colour is no change");
  assert.equal(after(state, coloured("none", 4)), state);
  assert.deepEqual(labels(after(state, { do: "undone" })), labels(joined));
});

test("two labels may have one colour by choice, and stay two", () => {
  const state = after(three(), coloured("Object 2", 0));
  assert.deepEqual(labels(state), [["Object 1", 0], ["Object 2", 0], ["Object 3", 2]]);
  assert.deepEqual(labels(after(state, named(2, "spleen")))[1], ["spleen", 0]);
  assert.deepEqual(labels(after(state, coloured("Object 1", 5))), [["Object 1", 5], ["Object 2", 0], ["Object 3", 2]]);
  assert.deepEqual(labels(after(state, box)).at(-1), ["Object 4", 1], "the next object gets what is free");
});

test("a locked object keeps its colour, so its label does; another may join it", () => {
  const locked = after(three(), named(2, "Object 1"), { do: "object_locked", number: 2, on: true });
  const refused = after(locked, coloured("Object 1", 6));
  assert.deepEqual([labels(refused), refused.message?.code], [labels(locked), "locked"]);
  assert.match(refused.message?.text ?? "", /Object 2 is locked/);
  assert.deepEqual(labels(after(locked, named(3, "Object 1"))).at(-1), ["Object 1", 0]);
});

test("a new object is no part of a label that is there already", () => {
  assert.deepEqual(labels(after(masked(), named(1, "Object 2"), box)), [["Object 2", 0], ["Object 3", 1]]);
});

test("every colour has a name of its own, and more labels begin with the first again", () => {
  assert.equal(new Set(PALETTE.map(({ name }) => name)).size, PALETTE.length);
  assert.deepEqual([colour_name(0), colour_name(PALETTE.length), place_in_palette(PALETTE.length + 2)], [
    "yellow", "yellow", 2,
  ]);
  assert.deepEqual(rgb_of(PALETTE.length + 1), rgb_of(1));
});
