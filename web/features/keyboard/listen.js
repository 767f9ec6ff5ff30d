// Wires the shortcuts, their list and the crosshair.

import { element, write } from "../../ui/element.js";
import { on_click } from "../../wire/listen.js";
import { dab } from "../brush/listen.js";
import { is_brush } from "../brush/state.js";
import { panned } from "../display/framing.js";
import { apply_preview, copy_slice, editor_at } from "../edits/listen.js";
import { nudge_keys } from "../prompts/nudging.js";
import { review_keys } from "../review/listen.js";
import { presets_of } from "../window/state.js";
import { into_sight, listen_to_crosshair } from "./crosshair.js";
import { listen_to_keys } from "./keys.js";
import { fill_sheet } from "./show.js";
import { crosshair_words } from "./words.js";

/** @typedef {import("../../wire/listen.js").App} App */
/** @typedef {import("./keys.js").KeyHandlers} KeyHandlers */

/** @type {(app: App) => void} */
export function listen_to_keyboard(app) {
  const sheet = element("keys", HTMLDialogElement);
  fill_sheet(element("keys-list", HTMLElement));
  on_click("keys-open", () => sheet.showModal());
  on_click("keys-close", () => sheet.close());
  const crosshair = crosshair_of(app);
  listen_to_keys(window, {
    ...scan_keys(app),
    ...object_keys(app),
    ...nudge_keys(app),
    ...tool_keys(app),
    ...review_keys(app),
    crosshair: () => app.state().image ? crosshair.begin() : false,
    sheet: () => sheet.showModal(),
  });
}

/** @type {(
 *   app: App,
 * ) => Pick<
 *   KeyHandlers,
 *   "open" | "save" | "preset" | "slice_before" | "slice_after" | "ten_before" | "ten_after" | "first_slice"
 *     | "last_slice"
 * >} */
function scan_keys({ state, dispatch }) {
  const slices = () => state().image?.slices ?? 1;
  /** @param {number} by */
  const scroll = (by) => slices() > 1 && dispatch({ do: "scrolled", by });
  /** @param {() => number} slice */
  const go = (slice) => slices() > 1 && dispatch({ do: "rendering_wanted", slice: slice() });
  return {
    open: () => element("file", HTMLInputElement).click(),
    save: () => element("save-mask", HTMLButtonElement).click(),
    slice_before: () => scroll(-1),
    slice_after: () => scroll(1),
    ten_before: () => scroll(-10),
    ten_after: () => scroll(10),
    first_slice: () => go(() => 0),
    last_slice: () => go(() => slices() - 1),
    preset: (key) => {
      const { scan } = state();
      const preset = scan && presets_of(scan)[Number(key) - 1];
      return preset ? dispatch({ do: "rendering_wanted", window: preset.window }) : false;
    },
  };
}

/** @type {(
 *   app: App,
 * ) => Pick<KeyHandlers, "object_before" | "object_after" | "deselect" | "remove" | "masks" | "undo" | "redo">} */
function object_keys({ state, dispatch }) {
  /** @param {number} by */
  const select = (by) => {
    const { objects, selected } = state();
    const place = objects.findIndex(({ number }) => number === selected);
    // With no selection, "next" is the first object and "previous" the last.
    const next = objects.at(place < 0 ? Math.min(by, 0) : Math.min(Math.max(place + by, 0), objects.length - 1));
    return next ? dispatch({ do: "object_selected", number: next.number }) : false;
  };
  return {
    object_before: () => select(-1),
    object_after: () => select(1),
    deselect: () => dispatch(state().editing ? { do: "preview_closed" } : { do: "object_selected", number: null }),
    remove: () => {
      const { selected } = state();
      return selected === null ? false : dispatch({ do: "object_removed", number: selected });
    },
    masks: () => dispatch({ do: "masks_toggled" }),
    undo: () => dispatch({ do: "undone" }),
    redo: () => dispatch({ do: "redone" }),
  };
}

/** @type {(
 *   app: App,
 * ) => Pick<
 *   KeyHandlers,
 *   "tool_box" | "tool_positive" | "tool_negative" | "tool_polygon" | "tool_brush" | "tool_eraser" | "radius_down"
 *     | "radius_up" | "tool_sphere" | "tool_lasso" | "tool_grow" | "copy_before" | "copy_after" | "apply_edit"
 * >} */
const tool_keys = (app, { dispatch } = app) => ({
  tool_sphere: () => dispatch({ do: "tool_chosen", tool: "sphere" }),
  tool_lasso: () => dispatch({ do: "tool_chosen", tool: "lasso" }),
  tool_grow: () => dispatch({ do: "tool_chosen", tool: "grow" }),
  copy_before: () => copy_slice(app, -1),
  copy_after: () => copy_slice(app, 1),
  apply_edit: () => apply_preview(app),
  tool_box: () => dispatch({ do: "tool_chosen", tool: "box" }),
  tool_positive: () => dispatch({ do: "tool_chosen", tool: "positive" }),
  tool_negative: () => dispatch({ do: "tool_chosen", tool: "negative" }),
  tool_polygon: () => dispatch({ do: "tool_chosen", tool: "polygon" }),
  tool_brush: () => dispatch({ do: "tool_chosen", tool: "brush" }),
  tool_eraser: () => dispatch({ do: "tool_chosen", tool: "eraser" }),
  radius_down: () => dispatch({ do: "radius_stepped", by: -1 }),
  radius_up: () => dispatch({ do: "radius_stepped", by: 1 }),
});

/** The shortcut shows the crosshair of the first canvas. @type {(app: App) => { begin: () => void }} */
function crosshair_of({ state, dispatch, canvases, after }) {
  const edit_at = editor_at({ state, dispatch });
  const made = canvases.map(({ canvas, painted }) => listen_to_crosshair(canvas, painted, {
    tool: () => state().tools.tool,
    size: () => state().image,
    on_box: (box, to_selected) => dispatch({ do: "box_added", box, to_selected }),
    on_polygon: (polygon, to_selected) => dispatch({ do: "polygon_added", polygon, to_selected }),
    on_point: (point) => dispatch({ do: "point_added", point }),
    on_dab: (at, other) => is_brush(state().tools) ? dab({ state, dispatch }, at, other) : edit_at(painted, at, other),
    on_change: (crosshair, news) => {
      write("crosshair-words", crosshair_words(state(), crosshair, news));
      const { frame, transform } = painted;
      if (!crosshair || !frame || !transform) return;
      const by = into_sight(transform, frame.screen, crosshair.at);
      if (by.x || by.y) dispatch({ do: "framed", framing: panned(frame, transform, by) });
    },
  }));
  let seen = state().image;
  after.push(() => {
    for (const each of made) each.follow();
    // Another slice or window has another value there.
    const [{ image }, at] = [state(), canvases.find(({ painted }) => painted.crosshair)?.painted.crosshair];
    if (at && image !== seen) write("crosshair-words", crosshair_words(state(), at, "moved"));
    seen = image;
  });
  return { begin: () => made[0]?.begin() };
}
