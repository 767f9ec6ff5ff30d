// The table of keys, and drawing with the crosshair.

import assert from "node:assert/strict";
import { test } from "node:test";

import { into_sight, listen_to_crosshair, step_of, within } from "../../web/features/keyboard/crosshair.js";
import { DISPLAY_KEYS } from "../../web/features/display/keys.js";
import {
  combination_of, CROSSHAIR_KEYS, names_of, shortcut_of, SHORTCUTS,
} from "../../web/features/keyboard/shortcuts.js";
import { crosshair_words } from "../../web/features/keyboard/words.js";
import { ALL_KEYS, grouped } from "../../web/features/keyboard/show.js";
import { initial_state, reduce } from "../../web/state/reduce.js";
import { fit_transform } from "../../web/draw/screen_transform.js";
import { image_of } from "../../web/state/rendering.js";
import { scan_of, shown } from "./page.mjs";

/** @type {(
 *   key: string, held?: Partial<Record<"ctrlKey" | "metaKey" | "shiftKey" | "altKey" | "alt_graph", boolean>>,
 * ) => KeyboardEvent} */
const pressed = (key, { alt_graph = false, ...held } = {}) =>
  /** @type {any} */ (Object.assign(new Event("keydown", { cancelable: true }), {
  key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held,
  getModifierState: (/** @type {string} */ name) => name === "AltGraph" && alt_graph,
}));

test("no two shortcuts share a key, and each is in the sheet once", () => {
  for (const table of [[...SHORTCUTS, ...DISPLAY_KEYS], CROSSHAIR_KEYS]) {
    const keys = table.flatMap((each) => /** @type {readonly string[]} */ (each.keys));
    assert.deepEqual(keys, [...new Set(keys)]);
  }
  const in_sheet = grouped(ALL_KEYS).flatMap(([, shortcuts]) => shortcuts);
  assert.deepEqual(
    in_sheet.map(({ act }) => act).sort(),
    [...SHORTCUTS, ...DISPLAY_KEYS, ...CROSSHAIR_KEYS].map(({ act }) => act).sort(),
  );
});

test("a key with what is held: Command is Ctrl, AltGr is part of the key, Alt is the browser's", () => {
  assert.equal(combination_of(pressed("B", { shiftKey: true })), "b");
  assert.equal(combination_of(pressed("?", { shiftKey: true })), "?");
  assert.equal(combination_of(pressed("z", { metaKey: true })), "Ctrl+z");
  assert.equal(combination_of(pressed("Z", { ctrlKey: true, shiftKey: true })), "Ctrl+Shift+z");
  assert.equal(combination_of(pressed("ArrowUp", { shiftKey: true })), "Shift+ArrowUp");
  assert.equal(combination_of(pressed("[", { ctrlKey: true, altKey: true, alt_graph: true })), "[");
  assert.equal(shortcut_of(SHORTCUTS, pressed("z", { altKey: true })), undefined);
  assert.equal(shortcut_of(SHORTCUTS, pressed("s", { ctrlKey: true })), undefined, "Ctrl+S is the browser's");
});

test("keys as people call them", () => {
  assert.deepEqual(names_of({ group: "", act: "", what: "", keys: ["ArrowUp", "Ctrl+Shift+z", "Shift+Enter", "+"] }), [
    "↑", "Ctrl Shift Z", "Shift Enter", "+",
  ]);
});

test("an arrow goes where it points, on an image that is turned or mirrored too", () => {
  const upright = fit_transform({ width: 40, height: 30, pixel_aspect: 1.5 }, { width: 300, height: 200 }, 12);
  assert.deepEqual(step_of(upright, "ArrowRight"), { x: 1, y: 0 });
  assert.deepEqual(step_of(upright, "ArrowUp"), { x: 0, y: -1 });
  assert.deepEqual(step_of({ ...upright, screen_per_image_x: -upright.screen_per_image_x }, "ArrowRight"), {
    x: -1, y: 0,
  });
});

test("on an enlarged scan the crosshair is brought into sight", () => {
  const image = { width: 40, height: 30, pixel_aspect: 1 };
  const screen = { width: 300, height: 200 };
  const whole = fit_transform(image, screen, 12);
  for (const at of [{ x: 0, y: 0 }, { x: 40, y: 30 }]) assert.deepEqual(into_sight(whole, screen, at), { x: 0, y: 0 });
  const large = fit_transform(image, { width: 3000, height: 2000 }, 12);
  const by = into_sight(large, screen, { x: 40, y: 0 });
  assert.ok(by.x < -1000 && by.y === 0, "only across");
});

test("corners lie on the edges of pixels, points in them", () => {
  assert.deepEqual(within({ x: 9, y: -1 }, { width: 4, height: 2 }, "box"), { x: 4, y: 0 });
  assert.deepEqual(within({ x: 9, y: 9 }, { width: 4, height: 2 }, "positive"), { x: 3, y: 1 });
});

/** A canvas with a crosshair on an image of 40 × 30 pixels, and what came of it.
 * @param {import("../../web/state/tools.js").Tool} [first] */
function drawing(first = "box") {
  let tool = first;
  /** @type {unknown[]} */
  const made = [];
  /** @type {string[]} */
  const news = [];
  const canvas = Object.assign(new EventTarget(), { focus: () => {} });
  /** @type {any} */
  const painted = {
    crosshair: null, band: null, paint: () => {},
    transform: fit_transform({ width: 40, height: 30, pixel_aspect: 1 }, { width: 300, height: 200 }, 12),
  };
  const { begin, follow } = listen_to_crosshair(/** @type {any} */ (canvas), painted, {
    tool: () => tool, size: () => ({ width: 40, height: 30 }),
    on_box: (box, to_selected) => made.push([box, to_selected]),
    on_polygon: (polygon, to_selected) => made.push([polygon, to_selected]), on_point: (point) => made.push(point),
    on_dab: ({ x, y }, other) => x < 25 && made.push([x, y, other]) > 0,
    on_change: (_, what) => news.push(what),
  });
  /** @param {string[]} keys */
  const press = (...keys) => keys.map((key) => {
    const event = pressed(key.replace("Shift+", ""), { shiftKey: key.startsWith("Shift+") });
    canvas.dispatchEvent(event);
    return event.defaultPrevented;
  });
  return {
    made, news, painted, canvas, press, begin, follow, choose: (/** @type {typeof tool} */ next) => { tool = next; },
  };
}

test("a box by keys: Enter, a corner, the other", () => {
  const { made, news, painted, press } = drawing();
  assert.deepEqual(press("ArrowUp", "Escape"), [false, false], "the keys are the page's until the crosshair is there");
  press("Enter");
  assert.deepEqual(painted.crosshair, { at: { x: 20, y: 15 }, from: null, corners: [] });
  press("Shift+ArrowLeft", "ArrowUp", "Enter", "Enter");
  assert.deepEqual([made, news.at(-1)], [[], "flat"]);
  press("Shift+ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown");
  assert.deepEqual(painted.band, [10, 14, 21, 16]);
  press("Enter");
  assert.deepEqual([made, painted.band, painted.crosshair.from], [[[[10, 14, 21, 16], false]], null, null]);
  press("Enter", "Shift+ArrowUp", "Shift+ArrowUp", "Shift+ArrowUp", "ArrowLeft", "Shift+Enter");
  assert.deepEqual(made[1], [[20, 0, 21, 16], true]);
});

test("Escape gives up the corner, then the crosshair, which comes back where it was", () => {
  const { painted, press, news } = drawing();
  press("Enter", "ArrowLeft", "Enter", "Escape");
  assert.deepEqual(painted.crosshair, { at: { x: 19, y: 15 }, from: null, corners: [] });
  press("Escape");
  assert.deepEqual([painted.crosshair, news.at(-1)], [null, "ended"]);
  press("Enter");
  assert.deepEqual(painted.crosshair.at, { x: 19, y: 15 });
});

test("points are set in the middle of a pixel; Shift or the tool puts them beside the object", () => {
  const { made, press, begin, choose } = drawing("positive");
  begin();
  press("Enter", "Shift+Enter");
  choose("negative");
  press(" ");
  assert.deepEqual(made, [[20.5, 15.5, 1], [20.5, 15.5, 0], [20.5, 15.5, 0]]);
});

test("the brush draws where the crosshair is, in the middle of a pixel, and not a box; "
  + "what is refused is not set", () => {
  const { made, news, painted, press, begin } = drawing("brush");
  begin();
  press("Enter", "ArrowLeft", "Shift+Enter");
  assert.deepEqual([made, news.at(-1)], [[[20.5, 15.5, false], [19.5, 15.5, true]], "set"]);
  press("Shift+ArrowRight", "Enter");
  assert.deepEqual([made.length, news.at(-1), painted.crosshair],
    [2, "moved", { at: { x: 29, y: 15 }, from: null, corners: [] }]);
});

test("a polygon by keys: Enter for each corner, Shift and Enter to close it, Escape for the last corner", () => {
  const { made, news, painted, press, begin, follow, choose } = drawing("polygon");
  begin();
  press("Enter", "ArrowRight", "ArrowRight", "Enter", "Shift+Enter");
  assert.deepEqual([made, news.at(-1), painted.crosshair.corners.length], [[], "flat", 2]);
  press("ArrowDown", "Enter", "ArrowDown", "Enter", "Escape", "ArrowUp");
  assert.deepEqual(painted.path, { path: [[20, 15], [22, 15], [22, 16], [22, 16]], is_closed: true });
  press("ArrowDown", "Shift+Enter");
  assert.deepEqual([made, painted.path], [[[[[20, 15], [22, 15], [22, 17]], false]], null]);
  press("Enter");
  choose("box");
  follow();
  assert.deepEqual([painted.crosshair.corners, painted.path], [[], null]);
});

test("another tool has no corner, and the crosshair goes with the keyboard", () => {
  const { painted, press, follow, choose, canvas } = drawing();
  press("Enter", "Enter");
  choose("positive");
  follow();
  assert.deepEqual([painted.crosshair.from, painted.band], [null, null]);
  canvas.dispatchEvent(new Event("blur"));
  assert.equal(painted.crosshair, null);
});

test("where it is, and what Enter does, in words", () => {
  const state = {
    ...initial_state("auto"), scan: /** @type {any} */ (scan_of("a")), image: image_of(scan_of("a"), shown("a")),
  };
  const at = { x: 2, y: 1 };
  assert.equal(crosshair_words(state, null, "ended"), "");
  assert.equal(
    crosshair_words(state, { at, from: null, corners: [] }, "begun"),
    "x 2 y 1 · 0. Enter sets the first corner. Arrows move it, with Shift by ten; Escape ends.",
  );
  assert.equal(
    crosshair_words(state, { at, from: { x: 0, y: 0 }, corners: [] }, "moved"),
    "x 2 y 1 · 0. From 0, 0: 2 × 1 pixels. Enter draws the box.",
  );
  const negative = reduce(state, { do: "tool_chosen", tool: "negative" });
  assert.match(crosshair_words(negative, { at, from: null, corners: [] }, "moved"),
    /Enter sets a point outside the object\.$/);
});

test("masks go off, and come back as they were", () => {
  const thin = reduce(initial_state("auto"), { do: "opacity_set", opacity: 0.3 });
  const off = reduce(thin, { do: "masks_toggled" });
  assert.deepEqual([off.opacity, reduce(off, { do: "masks_toggled" }).opacity], [0, 0.3]);
});
