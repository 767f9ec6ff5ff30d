// Scribbles and polygons: what a dragged path becomes, what the engine is asked, and what an undo takes back.

import assert from "node:assert/strict";
import { test } from "node:test";

import { polygon_of, scribble_points } from "../../web/features/prompts/paths.js";
import { box_of, last_prompt } from "../../web/features/prompts/state.js";
import { prompt_tool, prompt_tool_of } from "../../web/features/prompts/tool.js";
import { MAX_POINTS, MAX_POLYGON_POINTS } from "../../web/features/sessions/limits_state.js";
import { prompt_in } from "../../web/features/sessions/values.js";
import { file_steps } from "../../web/features/sessions/write.js";
import { prompt_text } from "../../web/show/words.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { image_of } from "../../web/state/rendering.js";
import { scan_of, shown } from "./page.mjs";

/** @typedef {import("../../web/state/reduce.js").State} State */
/** @typedef {import("../../web/state/reduce.js").Action} Action */
/** @typedef {import("../../web/features/prompts/paths.js").PathPoint} PathPoint */

const SIZE = { width: 640, height: 320 };
/** @type {PathPoint[]} */
const TRIANGLE = [[10, 10], [50, 10], [10, 40]];

test("a scribble's points are evenly along its path, both ends among them, and no more than nine", () => {
  // Two parts of 30 pixels: a point for every 20.
  assert.deepEqual(scribble_points([[10, 10], [40, 10], [40, 40]], 1, SIZE),
    [[10, 10, 1], [30, 10, 1], [40, 20, 1], [40, 40, 1]]);
  assert.deepEqual(scribble_points([[10, 10], [18, 10]], 0, SIZE), [[14, 10, 0]], "a short one is one point");
  const long = scribble_points([[0, 100], [600, 100]], 1, SIZE);
  assert.deepEqual([long.length, long.at(0), long.at(-1)], [9, [0, 100, 1], [600, 100, 1]]);
  // What leaves the image is left out; the rest stays.
  assert.deepEqual(scribble_points([[-30, 5], [30, 5]], 1, SIZE), [[10, 5, 1], [30, 5, 1]]);
  assert.deepEqual(scribble_points([[-30, 5], [-10, 5]], 1, SIZE), []);
});

test("a polygon keeps the line within a quarter of a pixel, with few points", () => {
  const circle = Array.from({ length: 2000 }, (_, i) => {
    const angle = i / 2000 * 2 * Math.PI;
    return /** @type {PathPoint} */ ([300 + 100 * Math.cos(angle), 150 + 100 * Math.sin(angle)]);
  });
  const polygon = polygon_of(circle) ?? assert.fail("it encloses something");
  assert.ok(polygon.length > 20 && polygon.length < 100, `${polygon.length} points`);
  for (const [x, y] of polygon) assert.ok(Math.abs(Math.hypot(x - 300, y - 150) - 100) < 0.02);
  const area = Math.abs(polygon.reduce((sum, [x, y], i) => {
    const [u, v] = polygon[(i + 1) % polygon.length] ?? [x, y];
    return sum + (x * v - u * y) / 2;
  }, 0));
  assert.ok(Math.abs(area / (Math.PI * 100 ** 2) - 1) < 0.005);
  const jagged = Array.from({ length: 30_000 }, (_, i) => /** @type {PathPoint} */ ([i / 50, i % 2 ? 300 : 10]));
  assert.ok((polygon_of(jagged)?.length ?? 0) <= 400);
  assert.equal(polygon_of([[1, 1], [9, 9]]), null);
  assert.equal(polygon_of([[1, 1], [9, 9], [1, 1]]), null);
});

/** A tool on a canvas that shows an image pixel as a CSS pixel, and what it gave. */
function drawing() {
  /** @type {any[]} */
  const made = [];
  /** @type {any} */
  const painted = {
    band: null, path: null, paint: () => {},
    transform: {
      orientation: { xx: 1, xy: 0, yx: 0, yy: 1 }, screen_per_image_x: 1, screen_per_image_y: 1, origin: { x: 0, y: 0 },
    },
  };
  /** @type {"box" | "positive" | "negative" | "polygon"} */
  let used = "positive";
  const tool = prompt_tool(painted, {
    tool: () => used,
    on_box: (...box) => made.push(["box", ...box]), on_polygon: (...polygon) => made.push(["polygon", ...polygon]),
    on_point: (point) => made.push(["point", point]),
    on_scribble: (...scribble) => made.push(["scribble", ...scribble]), on_click: () => made.push(["click"]), on_hover: () => {},
  });
  /** @type {(path: PathPoint[], more?: object) => void} */
  const drag = (path, more = {}) => {
    const event = /** @type {any} */ ({ button: 0, isPrimary: true, pointerType: "mouse", shiftKey: false, ...more });
    const [first = [0, 0], ...rest] = path;
    const held = tool.begin?.(event, { x: first[0], y: first[1] });
    if (!held) return;
    for (const [x, y] of rest) tool.move?.(held, event, { x, y });
    const [x, y] = path.at(-1) ?? first;
    tool.end?.(held, event, { x, y });
  };
  return { made, painted, drag, choose: (/** @type {typeof used} */ next) => { used = next; } };
}

test("boxes, points and polygons are prompts, the other tools are not", () => {
  /** @type {import("../../web/state/tools.js").Tool[]} */
  const tools = ["box", "positive", "negative", "polygon", "brush", "eraser"];
  assert.deepEqual(tools.map(prompt_tool_of), ["box", "positive", "negative", "polygon", null, null]);
});

test("a press of a point tool sets a point, a drag scribbles, with the same modifiers; a polygon needs a drag", () => {
  const { made, drag, choose, painted } = drawing();
  drag([[5, 5], [8, 9]]);
  assert.deepEqual(made.pop(), ["point", [8, 9, 1]]);
  const path = /** @type {PathPoint[]} */ ([[5, 5], [30, 5], [5, 6]]);
  drag(path);
  assert.deepEqual(made.pop(), ["scribble", [...path, [5, 6]], 1], "although it ends where it began");
  drag(path, { button: 2 });
  assert.equal(made.pop()[2], 0);
  drag(path, { shiftKey: true });
  assert.equal(made.pop()[2], 0);
  choose("negative");
  drag(path);
  assert.equal(made.pop()[2], 0);
  choose("polygon");
  drag([[5, 5], [6, 6]]);
  assert.deepEqual(made.pop(), ["click"]);
  drag(path, { button: 2 });
  assert.deepEqual(made, [], "the right button drags the window");
  drag([...TRIANGLE, [10, 10]], { shiftKey: true });
  assert.deepEqual(made.pop(), ["polygon", [...TRIANGLE, [10, 10]], true]);
  drag([[5, 5], [30, 5], [5, 5]]);
  assert.deepEqual([made.pop(), painted.path], [["polygon", null, false], null]);
});

/** @type {(state: State, ...actions: Action[]) => State} */
const after = (state, ...actions) => actions.reduce(reduce, state);
/** A page with a scan. @type {State} */
const opened = {
  ...initial_state("auto"), scan: /** @type {any} */ (scan_of("a")), image: image_of(scan_of("a"), shown("a")),
};
/** @type {Action} */
const polygon_added = { do: "polygon_added", polygon: TRIANGLE };

test("a scribble is one change: it is asked and undone as a whole", () => {
  const points = scribble_points([[10, 10], [50, 10]], 1, SIZE);
  const scribbled = after(opened, { do: "scribble_added", points });
  assert.deepEqual(scribbled.objects.map((object) => last_prompt(object).points), [points]);
  const more = after(scribbled, { do: "scribble_added", points: [[1, 1, 0], [2, 2, 0]] });
  assert.deepEqual(last_prompt(more.objects[0] ?? assert.fail()).points, [...points, [1, 1, 0], [2, 2, 0]]);
  assert.deepEqual(after(more, { do: "undone" }).objects.map((object) => last_prompt(object).points), [points]);
  assert.deepEqual(after(more, { do: "undone" }, { do: "undone" }).objects, []);
});

test("a scribble does not go beyond the points that a session holds, nor change a locked object", () => {
  const many = Array.from({ length: MAX_POINTS - 1 }, () => /** @type {[number, number, 1]} */ ([1, 1, 1]));
  const full = after(opened, { do: "scribble_added", points: many });
  assert.equal(after(full, { do: "scribble_added", points: many.slice(0, 1) }).message, null);
  const refused = after(full, { do: "scribble_added", points: many.slice(0, 2) });
  assert.match(refused.message?.text ?? "", /has 499 points/);
  assert.equal(refused.objects, full.objects);
  const locked = after(full, { do: "object_locked", number: 1, on: true });
  for (const action of /** @type {Action[]} */ ([
    { do: "scribble_added", points: many.slice(0, 1) }, { do: "polygon_added", polygon: TRIANGLE, to_selected: true },
  ])) {
    assert.match(after(locked, action).message?.text ?? "", /is locked/);
  }
});

test("a polygon begins an object; with Shift it replaces the selected one's shape, and a box replaces it", () => {
  const drawn = after(opened, polygon_added);
  const prompt = last_prompt(drawn.objects[0] ?? assert.fail());
  assert.deepEqual([prompt.box, prompt.polygon, box_of(prompt)], [null, TRIANGLE, [10, 10, 50, 40]]);
  assert.equal(prompt_text(prompt), "Polygon of 3 corners");
  const other = /** @type {PathPoint[]} */ ([[1, 1], [2, 1], [1, 2]]);
  const replaced = after(drawn, { do: "polygon_added", polygon: other, to_selected: true });
  assert.deepEqual(replaced.objects.map((object) => last_prompt(object).polygon), [other]);
  const boxed = after(replaced, { do: "box_added", box: [1, 2, 3, 4], to_selected: true });
  assert.deepEqual(boxed.objects.map((object) => last_prompt(object)).map(({ box, polygon }) => [box, polygon]),
    [[[1, 2, 3, 4], undefined]]);
  const pointed = after(drawn, { do: "point_added", point: [12, 12, 1] });
  assert.deepEqual(last_prompt(pointed.objects[0] ?? assert.fail()).polygon, TRIANGLE, "points go on from it");
  assert.equal(after(drawn, polygon_added).objects.length, 2);
});

test("a session file holds a polygon instead of a box, and refuses what is none", () => {
  const window = { kind: /** @type {const} */ ("stored") };
  const prompt = { serial: 1, box: null, points: [], polygon: TRIANGLE, multimask: false, candidate: null };
  const [step] = file_steps([{ do: "prompt", slice: 0, window, prompts: [prompt] }]);
  const written = step?.do === "prompt" ? step.prompts[0] : assert.fail();
  assert.deepEqual(written, { box: null, points: [], polygon: TRIANGLE, multimask: false, candidate: null });
  assert.deepEqual(prompt_in(JSON.parse(JSON.stringify(written)), "here"), written);
  for (const polygon of [[], [[1, 2], [3, 4]], [[1, 2], [3, 4], [5, null]], 3, null, [[1, 2, 3], [1, 2], [3, 4]]]) {
    assert.throws(() => prompt_in({ ...written, polygon }, "here"), { code: "session_invalid" });
  }
  const many = Array.from({ length: MAX_POLYGON_POINTS + 1 }, () => [1, 2]);
  assert.throws(() => prompt_in({ ...written, polygon: many }, "here"), (/** @type {any} */ { message }) =>
    /1,001 points of a polygon/.test(message));
});
