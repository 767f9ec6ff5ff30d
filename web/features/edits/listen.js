// Wires the panel of edits in the volume, and its tools on the canvas.

import { element } from "../../ui/element.js";
import { on_click } from "../../wire/listen.js";
import { brush_of } from "../brush/state.js";
import { current_measure } from "../measures/state.js";
import { EDITS, edit_of, marked_slices, range_of, range_of_mask, range_of_window } from "./form.js";
import { show_edits } from "./show.js";
import { number_to_edit } from "./state.js";
import { edit_tool } from "./tool.js";
import { voxel_of, voxels_of } from "./voxels.js";
import { why_no_sphere, why_not_apply, why_not_edit } from "./words.js";

/** @typedef {import("../../wire/listen.js").App} App */
/** @typedef {Pick<App, "state" | "dispatch">} Acting */
/** @typedef {import("../../draw/screen_transform.js").Point} Point */
/** @typedef {import("../../../boxel-bindings.js").EditStep} EditStep */

/** A preview begins after the fields have stayed the same for this long. */
const PAUSE_MS = 250;

const field = (/** @type {string} */ id) => element(id, HTMLInputElement);
const choice = (/** @type {string} */ id) => element(id, HTMLSelectElement).value;

/** @returns {import("./form.js").Fields} */
const fields = () => ({
  size: field("edit-size").valueAsNumber, unit: /** @type {any} */ (choice("edit-unit")),
  where: /** @type {any} */ (choice("edit-where")), radius_mm: field("edit-radius").valueAsNumber,
  distance_mm: field("edit-distance").valueAsNumber, low: field("edit-low").value, high: field("edit-high").value,
  between: /** @type {any} */ (choice("edit-between")),
  object: choice("edit-other") ? Number(choice("edit-other")) : NaN,
});

/** @type {(prefix: string) => boolean} */
const has_no_range = (prefix) => !field(`${prefix}-low`).value && !field(`${prefix}-high`).value;

/** @type {(prefix: string, range: [number, number] | null) => void} */
function fill_range(prefix, range) {
  if (!range) return;
  field(`${prefix}-low`).value = String(range[0]);
  field(`${prefix}-high`).value = String(range[1]);
}

/** @type {(app: App) => void} */
export function listen_to_edits(app) {
  const { state, dispatch, after } = app;
  const kind = element("edit-kind", HTMLSelectElement);
  const form = element("edits-form", HTMLFormElement);
  kind.append(...Object.entries(EDITS).map(([value, { name }]) => new Option(name, value)));
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** Keeps the form, which says why it has no preview. @param {string} why */
  const without_preview = (why) => {
    kind.dataset.why = why;
    kind.dataset.open = "false";
    dispatch({ do: "preview_closed" });
    show_edits(state());
  };
  /** Previews what the fields describe, or says why they describe nothing. */
  const preview = () => {
    clearTimeout(timer);
    const now = state();
    const chosen = EDITS[kind.value];
    if (!chosen || !now.image) return show_edits(now);
    if (why_not_edit(now, chosen.makes_object)) return without_preview("");
    const place = { plane: now.image.plane, marked: marked_slices(now, now.selected) };
    const edit = edit_of(kind.value, fields(), place);
    if (typeof edit === "string") return without_preview(`${edit}.`);
    kind.dataset.why = "";
    dispatch({ do: "preview_wanted", number: number_to_edit(now), edit });
  };
  const close = () => {
    clearTimeout(timer);
    kind.value = "";
    dispatch({ do: "preview_closed" });
    show_edits(state());
  };
  kind.addEventListener("change", () => {
    const has_range = EDITS[kind.value]?.fields.includes("range") ?? false;
    if (has_range && has_no_range("edit")) fill_range("edit", range_of_window(state()));
    if (kind.value) preview();
    else close();
  });
  form.addEventListener("input", ({ target }) => {
    if (target === kind) return;
    clearTimeout(timer);
    timer = setTimeout(preview, PAUSE_MS);
  });
  for (const [id, range] of /** @type {const} */ ([
    ["window", () => range_of_window(state())], ["mask", () => range_of_mask(current_measure(state()))],
  ])) {
    on_click(`edit-range-${id}`, () => {
      fill_range("edit", range());
      preview();
    });
    on_click(`edit-tool-${id}`, () => fill_range("edit-tool", range()));
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    const { editing } = state();
    // What was typed last may not be previewed yet: then Enter shows it first.
    preview();
    const now = state().editing;
    if (now && editing && JSON.stringify(now.edit) === JSON.stringify(editing.edit)) apply(app);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target instanceof HTMLSelectElement) {
      event.preventDefault(); // a list would open
      form.requestSubmit();
    }
    if (event.key !== "Escape" || !kind.value) return;
    event.stopPropagation(); // this Escape cancels the edit, not the selection
    close();
    kind.focus();
  });
  on_click("edit-cancel", close);
  on_click("copy-before", () => copy_slice(app, -1));
  on_click("copy-after", () => copy_slice(app, 1));
  const overwriting = field("overwriting");
  overwriting.addEventListener("change", () => dispatch({ do: "overwriting_set", on: overwriting.checked }));
  for (const tool of /** @type {const} */ (["sphere", "lasso", "grow"])) {
    element(`tool-${tool}`, HTMLElement).addEventListener("change", () => dispatch({ do: "tool_chosen", tool }));
  }
  element("edit-tool-form", HTMLFormElement).addEventListener("submit", (event) => event.preventDefault());
  field("edit-tool-limits").addEventListener("change", () => {
    if (has_no_range("edit-tool")) fill_range("edit-tool", range_of_window(state()));
    show_edits(state());
  });
  let [selected, plane, tool] = [state().selected, state().image?.plane, state().tools.tool];
  after.push(() => {
    const now = state();
    if (now.tools.tool !== tool) {
      tool = now.tools.tool;
      if (tool === "grow" && has_no_range("edit-tool")) fill_range("edit-tool", range_of_window(now));
    }
    if (now.selected === selected && now.image?.plane === plane) return;
    [selected, plane] = [now.selected, now.image?.plane];
    if (kind.value) preview();
  });
}

/** Applies the preview; false without one. @type {(app: App) => boolean} */
function apply({ state, dispatch }) {
  const { editing } = state();
  if (!editing || why_not_apply(state())) return false;
  dispatch({ do: "volume_edit_wanted", number: editing.number, edit: editing.edit });
  return true;
}

/** Applies the preview by key, unless the key presses a button. @type {(app: App) => boolean} */
export const apply_preview = (app) => !(document.activeElement instanceof HTMLButtonElement) && apply(app);

/** Copies the mask that is shown to a neighbouring slice, and goes there. @type {(app: App, by: 1 | -1) => boolean} */
export function copy_slice({ state, dispatch }, by) {
  const now = state();
  const { image, selected } = now;
  if (!image || selected === null || why_not_edit(now)) return false;
  const { plane, slice: from, slices } = image;
  const to = from + by;
  if (to < 0 || to >= slices) return false;
  dispatch({ do: "volume_edit_wanted", number: selected, edit: { copy_slice_v1: { plane, from, to } } });
  dispatch({ do: "rendering_wanted", slice: to });
  return true;
}

/** The range in the tool's fields; null if it is invalid, and the page has said why.
 * @type {(app: Pick<App, "dispatch">) => import("../../../boxel-bindings.js").ValueRange | null} */
function tool_range({ dispatch }) {
  const range = range_of(field("edit-tool-low").value, field("edit-tool-high").value);
  if (typeof range !== "string") return range;
  dispatch({ do: "told", code: "edit", text: `${range}.` });
  return null;
}

/** Whether a gesture can begin; the page says why not. @type {(app: Acting, why_not_there?: string) => boolean} */
export function may_edit({ state, dispatch }, why_not_there = "") {
  const now = state();
  const why_not = why_not_edit(now, true) || why_not_there || (now.tools.tool === "sphere" ? why_no_sphere(now) : "");
  if (why_not) dispatch({ do: "told", code: "edit", text: `${why_not}.` });
  return !why_not;
}

/** @type {(app: Acting, edit: EditStep) => void} */
const edit_now = ({ state, dispatch }, edit) =>
  dispatch({ do: "volume_edit_wanted", number: number_to_edit(state()), edit });

/** Paints or erases with the 3D brush along a path in image space; returns whether an edit was requested.
 * @type {(app: Acting, path: [number, number][], erases: boolean) => boolean} */
export function paint_sphere(app, path, erases) {
  const now = app.state();
  const brush = brush_of(now);
  if (!brush || !now.image || !now.scan || !path.length) return false;
  const is_limited = field("edit-tool-limits").checked;
  const range = is_limited ? tool_range(app) : null;
  if (is_limited && !range) return false;
  edit_now(app, {
    sphere_v1: {
      kind: erases ? "erase" : "paint", radius_mm: brush.radius, path: voxels_of(now.scan, now.image, path),
      ...(range ? { range } : {}),
    },
  });
  return true;
}

/** Adds or cuts what a polygon in image space encloses.
 * @type {(app: Acting, polygon: [number, number][], cuts: boolean) => boolean} */
export function lasso(app, polygon, cuts) {
  const { image } = app.state();
  if (!image || polygon.length < 3) return false;
  const { plane, slice } = image;
  edit_now(app, { lasso_v1: { plane, slice, kind: cuts ? "erase" : "paint", polygon } });
  return true;
}

/** Grows from a point in image space. @type {(app: Acting, at: Point) => boolean} */
export function grow(app, { x, y }) {
  const { image, scan } = app.state();
  if (!image || !scan || x < 0 || y < 0 || x >= image.width || y >= image.height) return false;
  const range = tool_range(app);
  if (!range) return false;
  const most = field("edit-tool-most").value.trim();
  const max_mm = Number(most);
  if (most && !(max_mm > 0)) {
    app.dispatch({ do: "told", code: "edit", text: `"${most}" is not a distance in mm.` });
    return false;
  }
  const voxel = voxel_of(scan, image, [Math.floor(x) + 0.5, Math.floor(y) + 0.5]);
  edit_now(app, { grow_v1: { voxel, range, ...(most ? { max_mm } : {}) } });
  return true;
}

/** @type {(app: App, on: App["canvases"][number]) => import("../../draw/gesture.js").Tool<any>} */
export const edits_on = (app, { canvas, painted }) => edit_tool(canvas, painted, {
  tool: () => app.state().tools.tool,
  begin: () => {
    const is_first = painted === app.canvases[0]?.painted;
    if (!may_edit(app, is_first ? "" : "Edits change the first model's mask: use the other view")) return null;
    const { image, selected } = app.state();
    const brush = brush_of(app.state());
    return image && brush && {
      number: selected ?? -1, plane: image.plane, slice: image.slice, radius_px: brush.radius_px,
      pixel_aspect: image.pixel_aspect,
    };
  },
  on_sphere: (path, erases) => void paint_sphere(app, path, erases),
  on_lasso: (polygon, cuts) => void lasso(app, polygon, cuts),
  on_grow: (at) => void grow(app, at),
});

/** Handles Enter at the crosshair for the edit tools; with Shift they erase or cut. The lasso collects corners until
 * one is set twice.
 * @type {(app: Acting) => (
 *   painted: import("../../draw/canvas.js").ImageCanvas, at: Point, other: boolean,
 * ) => boolean} */
export function editor_at(app) {
  /** @type {{ key: string, path: [number, number][] }} */
  let corners = { key: "", path: [] };
  return (painted, { x, y }, other) => {
    const { image, tools: { tool } } = app.state();
    if (!image || !may_edit(app)) return false;
    if (tool === "sphere") return paint_sphere(app, [[x, y]], other);
    if (tool === "grow") return grow(app, { x, y });
    const path = corners.key === image.key ? corners.path : [];
    const last = path.at(-1);
    const is_closed = (other || (last?.[0] === x && last[1] === y)) && path.length > 2;
    corners = { key: image.key, path: is_closed ? [] : [...path, [x, y]] };
    painted.lasso = is_closed ? null : { path: corners.path, cuts: false };
    return is_closed ? lasso(app, path, other) : false;
  };
}
