// One press on the scan, and which of the tools gets it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { listen_to_tools, screen_of } from "../../web/draw/gesture.js";

/** @typedef {import("../../web/draw/gesture.js").Tool<string>} Tool */

/** A canvas at 10, 20 and a page: what is done to the canvas is in `done`. @param {Tool[]} tools */
function listening(tools) {
  /** @type {string[]} */
  const done = [];
  const page = new EventTarget();
  /** @type {Set<number>} */
  const captured = new Set();
  const canvas = Object.assign(new EventTarget(), {
    getBoundingClientRect: () => ({ left: 10, top: 20 }),
    setPointerCapture: (/** @type {number} */ id) => captured.add(id),
    hasPointerCapture: (/** @type {number} */ id) => captured.has(id),
    releasePointerCapture: (/** @type {number} */ id) => captured.delete(id),
  });
  listen_to_tools(/** @type {any} */ (page), /** @type {any} */ (canvas), tools);
  canvas.addEventListener("pointerdown", () => done.push("seen by others"));
  page.addEventListener("keydown", () => done.push("key of the page"));
  /** @type {(type: string, x?: number, y?: number, pointerId?: number) => void} */
  const send = (type, x = 0, y = 0, pointerId = 1) => {
    canvas.dispatchEvent(Object.assign(new Event(type), { clientX: 10 + x, clientY: 20 + y, pointerId }));
  };
  const escape = () => page.dispatchEvent(Object.assign(new Event("keydown"), { key: "Escape" }));
  return { done, send, escape, captured };
}

/** Notes what is asked of it.
 * @type {(
 *   name: string, done: string[], takes?: boolean,
 * ) => Required<Pick<Tool, "begin" | "move" | "end" | "cancel" | "hover" | "leave">>} */
const noting = (name, done, takes = true) => ({
  begin: (_, { x, y }) => takes ? `${x} ${y}` : null,
  move: (held, _, { x, y }) => { done.push(`${name} moved from ${held} to ${x} ${y}`); },
  end: (held) => { done.push(`${name} ended from ${held}`); },
  cancel: () => { done.push(`${name} cancelled`); },
  hover: (_, __, held) => { done.push(`${name} hovers${held === null ? "" : " and holds"}`); },
  leave: () => { done.push(`${name} left`); },
});

test("points are in CSS pixels from the canvas's corner", () => {
  const canvas = { getBoundingClientRect: () => ({ left: 10, top: 20 }) };
  assert.deepEqual(screen_of(/** @type {any} */ (canvas), { clientX: 15, clientY: 22 }), { x: 5, y: 2 });
});

test("the first tool of the list that takes a press keeps the pointer", () => {
  /** @type {string[]} */
  const done = [];
  const { send, captured } = listening([noting("none", done, false), noting("first", done), noting("second", done)]);
  send("pointerdown", 1, 2);
  assert.ok(captured.has(1));
  send("pointermove", 3, 4);
  send("pointerup", 3, 4);
  assert.deepEqual(done, [
    "first moved from 1 2 to 3 4", "none hovers", "first hovers and holds", "second hovers", "first ended from 1 2",
  ]);
  assert.equal(captured.size, 0);
});

test("a gesture hears nothing of other pointers", () => {
  /** @type {string[]} */
  const done = [];
  const { send } = listening([noting("tool", done)]);
  send("pointerdown");
  for (const type of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) send(type, 5, 5, 2);
  assert.deepEqual(done, []);
});

test("escape cancels the gesture, and nothing else", () => {
  /** @type {string[]} */
  const done = [];
  const { send, escape, done: others } = listening([noting("tool", done)]);
  send("pointerdown");
  escape();
  send("pointerup");
  assert.deepEqual([done, others], [["tool cancelled"], ["seen by others"]]);
  escape();
  assert.deepEqual(others, ["seen by others", "key of the page"]);
});

test("a tool that has nothing to take back leaves escape to the page", () => {
  /** @type {string[]} */
  const done = [];
  const { cancel: _, ...tool } = noting("tool", done);
  const { send, escape, done: others } = listening([tool]);
  send("pointerdown");
  escape();
  send("pointerup");
  assert.deepEqual([done, others], [["tool ended from 0 0"], ["seen by others", "key of the page"]]);
});

test("the browser's cancelling ends the gesture without its effect", () => {
  /** @type {string[]} */
  const done = [];
  const { send } = listening([noting("tool", done)]);
  send("pointerdown");
  send("pointercancel");
  send("pointerup");
  assert.deepEqual(done, ["tool cancelled"]);
});

test("an event that is intercepted reaches neither a tool nor another listener, and can cancel a gesture", () => {
  /** @type {string[]} */
  const done = [];
  /** @type {Tool} */
  const second_finger = {
    intercept: (event, _, cancel) => {
      if (event.pointerId === 2 && event.type === "pointerdown") cancel(1);
      return event.pointerId === 2;
    },
  };
  const { send, done: others } = listening([second_finger, noting("tool", done)]);
  send("pointerdown", 0, 0, 1);
  send("pointerdown", 9, 9, 2);
  send("pointermove", 9, 9, 2);
  send("pointerup", 0, 0, 1);
  assert.deepEqual([done, others], [["tool cancelled"], ["seen by others"]]);
});

test("each tool hears that the pointer has left", () => {
  /** @type {string[]} */
  const done = [];
  const { send } = listening([noting("a", done), noting("b", done)]);
  send("pointerleave");
  assert.deepEqual(done, ["a left", "b left"]);
});
