// Paints the state on a canvas.

import { draw_brush, draw_strokes } from "../features/brush/draw.js";
import { brush_of, is_brush } from "../features/brush/state.js";
import { coming_strokes } from "../features/brush/strokes_state.js";
import { placing_of } from "../features/display/state.js";
import { draw_lasso } from "../features/edits/draw.js";
import { pending_mask_here } from "../features/edits/state.js";
import { draw_crosshair, place_of } from "../features/keyboard/crosshair.js";
import { draw_axes } from "../features/measures/axes.js";
import { draw_overlay, drawn_of } from "../features/measures/overlay.js";
import { current_overlay, wanted_overlay } from "../features/measures/overlay_state.js";
import { current_measure } from "../features/measures/state.js";
import { css_of, rgb_of } from "../features/objects/colours.js";
import { changeable_box } from "../features/prompts/boxes_state.js";
import { draw_path } from "../features/prompts/draw_path.js";
import { draw_handles } from "../features/prompts/handles.js";
import { draw_marker } from "../features/prompts/markers.js";
import { last_prompt } from "../features/prompts/state.js";
import { is_here, mask_here } from "../state/here.js";
import { image_layer, mask_layer, preview_layer, same_masks, shown_masks } from "./layers.js";
import { outlined } from "./outline.js";
import { PartsRead } from "./parts_read.js";
import { device_from_image, fit_transform, framed_transform, screen_from_image } from "./screen_transform.js";

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../features/prompts/state.js").ImageBox} ImageBox */
/** @typedef {import("../features/prompts/state.js").PromptedObject} PromptedObject */
/** @typedef {import("../state/sessions.js").Side} Side */

const MARGIN = 12; // CSS pixels around the image
/** From this size on, in CSS pixels, image pixels are drawn with sharp edges. */
const CRISP_FROM = 8;

export class ImageCanvas {
  /** The box being drawn, in image space. @type {ImageBox | null} */ band = null;
  /** The path being drawn. @type {import("../features/prompts/draw_path.js").DrawnPath | null} */ path = null;
  /** @type {import("../features/keyboard/crosshair.js").Crosshair | null} */
  crosshair = null;
  /** Called after painting: the image may have moved. */ on_painted = () => {};
  /** The stroke being drawn.
   * @type {{
   *   number: number, plane: string, slice: number,
   *   stroke: import("../features/brush/strokes_state.js").Stroke,
   * } | null} */
  stroke = null;
  /** The lasso being drawn, in image space. @type {{ path: [number, number][], cuts: boolean } | null} */ lasso = null;
  /** Where the brush is, in screen space.
   * @type {{ at: import("./screen_transform.js").Point, erases: boolean } | null} */
  brush = null;
  #canvas;
  #context;
  #side;
  /** @type {{ of: unknown, inverted: boolean, layer: OffscreenCanvas } | null} */ #image = null;
  /** @type {{ of: unknown, shown: import("./layers.js").Shown[], layer: import("./layers.js").MaskLayer | null } | null} */
  #masks = null;
  /** @type {{ of: unknown[], layer: import("./layers.js").MaskLayer | null } | null} */ #preview = null;
  /** @type {import("../features/measures/overlay.js").Drawn | null} */ #reference = null;
  /** @type {State | null} */ #state = null;
  #parts_read = new PartsRead();
  #device_per_screen = 0; // as painted

  /** @param {HTMLCanvasElement} canvas @param {Side} side whose masks it shows */
  constructor(canvas, side) {
    this.#canvas = canvas;
    this.#side = side;
    const context = canvas.getContext("2d");
    if (!context) throw new Error("The browser offers no 2D canvas.");
    this.#context = context;
    new ResizeObserver(() => this.paint()).observe(canvas);
  }

  /** @returns {import("../features/display/framing.js").FitFrame | null} while nothing is open */
  get frame() {
    const state = this.#state;
    if (!state?.image) return null;
    const { image } = state;
    const { orientation } = placing_of(state);
    const screen = { width: this.#canvas.clientWidth, height: this.#canvas.clientHeight };
    return {
      image, screen, orientation, fit: fit_transform(image, screen, MARGIN, orientation),
      device_per_screen: window.devicePixelRatio || 1,
    };
  }

  /** Screen ↔ image as painted now; null while nothing is open. */
  get transform() {
    const frame = this.frame;
    const framing = this.#state && placing_of(this.#state).framing;
    return frame && (framing ? framed_transform(frame, framing) : frame.fit);
  }

  /** Paints only what has changed: most changes of the state, such as progress, are seen elsewhere. Before it has a size,
   * the canvas has nothing to show; it is painted when it gets one. @param {State} state */
  show(state) {
    const is_same = !this.#parts_read.differ_in(state) && this.#device_per_screen === window.devicePixelRatio;
    this.#state = this.#parts_read.noted(state);
    if (!is_same) this.paint();
  }

  paint() {
    this.#parts_read.forget();
    this.#device_per_screen = window.devicePixelRatio;
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (!width || !height) return;
    const device_per_screen = window.devicePixelRatio || 1;
    const device_width = Math.round(width * device_per_screen);
    const device_height = Math.round(height * device_per_screen);
    if (this.#canvas.width !== device_width) this.#canvas.width = device_width;
    if (this.#canvas.height !== device_height) this.#canvas.height = device_height;

    const context = this.#context;
    context.setTransform(device_per_screen, 0, 0, device_per_screen, 0, 0);
    context.clearRect(0, 0, width, height);
    const state = this.#state;
    const transform = this.transform;
    if (!state?.image || !transform) return;
    const { image, objects, opacity, selected, display: { inverted } } = state;

    if (this.#image?.of !== image || this.#image.inverted !== inverted) {
      this.#image = { of: image, inverted, layer: image_layer(image, inverted) };
    }
    const shown = shown_masks(state, this.#side);
    if (this.#masks?.of !== image || !same_masks(this.#masks.shown, shown)) {
      this.#masks = { of: image, shown, layer: mask_layer(image, shown) };
    }
    context.setTransform(...device_from_image(transform, device_per_screen));
    context.imageSmoothingEnabled = Math.min(transform.screen_per_image_x, transform.screen_per_image_y) < CRISP_FROM;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.#image.layer, 0, 0);
    context.imageSmoothingEnabled = false;
    context.globalAlpha = opacity;
    const masks = this.#masks?.layer;
    if (masks) context.drawImage(masks.canvas, masks.x, masks.y);
    context.globalAlpha = 1;
    if (this.#side === "main") this.#draw_preview(state, image);
    context.setTransform(device_per_screen, 0, 0, device_per_screen, 0, 0);

    if (this.#side === "main") this.#draw_reference(state, transform, device_per_screen);
    if (this.#side === "main") for (const object of objects) this.#draw_strokes(object, transform);
    for (const object of objects) {
      if (is_here(object, image) && !object.hidden) this.#draw_prompt(object, object.number === selected);
    }
    if (this.#side === "main") this.#draw_axes(transform);
    if (this.crosshair) draw_crosshair(context, transform, image, place_of(this.crosshair.at, state.tools.tool));
    if (this.band) this.#stroke(this.band, "white", true, false);
    if (this.lasso) draw_lasso(context, transform, this.lasso.path, this.lasso.cuts);
    const { path } = this;
    if (path) draw_path(context, transform, path, { style: "white", width: 1.5, dashed: path.is_closed });
    const has_brush = is_brush(state.tools) || state.tools.tool === "sphere";
    const brush = has_brush && this.#side === "main" ? brush_of(state) : null;
    const at_crosshair = this.crosshair && {
      at: screen_from_image(transform, place_of(this.crosshair.at, state.tools.tool)),
      erases: state.tools.tool === "eraser",
    };
    const brush_at = at_crosshair ?? this.brush;
    if (brush && brush_at) draw_brush(context, transform, brush_at.at, brush.radius_px, brush_at.erases);
    this.on_painted();
  }

  /** What the previewed edit adds and removes.
   * @param {State} state @param {import("../state/rendering.js").Image} image */
  #draw_preview(state, image) {
    const pending = pending_mask_here(state);
    const object = state.objects.find(({ number }) => number === state.editing?.number);
    if (!pending) return;
    const of = [pending, object && mask_here(object, state)?.mask];
    if (!this.#preview || of.some((each, i) => each !== this.#preview?.of[i])) {
      this.#preview = { of, layer: preview_layer(image, of[1], pending) };
    }
    const { layer } = this.#preview;
    if (layer) this.#context.drawImage(layer.canvas, layer.x, layer.y);
  }

  /** @param {PromptedObject} object @param {boolean} selected */
  #draw_prompt(object, selected) {
    const { box: asked, points, polygon } = last_prompt(object);
    const box = (selected && this.#state && changeable_box(this.#state)) || asked;
    const waits = object[this.#side].phase === "waiting" || box !== asked;
    const style = css_of(rgb_of(object.colour));
    if (box) this.#stroke(box, style, waits, selected);
    const transform = this.transform;
    if (!transform) return;
    if (polygon) {
      const line = { style, width: selected ? 2.5 : 1.5, dashed: waits };
      draw_path(this.#context, transform, { path: polygon, is_closed: true }, line);
    }
    if (selected && box && !object.locked && !this.band && !this.crosshair && this.#state?.tools.tool === "box") {
      draw_handles(this.#context, transform, box);
    }
    for (const [x, y, label] of points) draw_marker(this.#context, screen_from_image(transform, { x, y }), label);
  }

  /** Draws the strokes that are not in the object's mask yet.
   * @param {PromptedObject} object
   * @param {import("./screen_transform.js").ScreenTransform} transform */
  #draw_strokes(object, transform) {
    const [state, { stroke: drawn }] = [this.#state, this];
    if (!state?.image) return;
    const { plane, slice } = state.image;
    const is_drawn = drawn?.number === object.number && drawn.plane === plane && drawn.slice === slice;
    const strokes = [...coming_strokes(object, state), ...(is_drawn ? [drawn.stroke] : [])];
    draw_strokes(this.#context, transform, strokes, css_of(rgb_of(object.colour)), state.opacity);
  }

  /** @param {State} state @param {import("./screen_transform.js").ScreenTransform} transform
   *  @param {number} device_per_screen */
  #draw_reference(state, transform, device_per_screen) {
    const values = current_overlay(state);
    if (!values || !state.image) return;
    if (this.#reference?.of !== values) this.#reference = drawn_of(values, state.image.width);
    const is_compared = wanted_overlay(state)?.number !== undefined;
    draw_overlay(this.#context, transform, device_per_screen, this.#reference, is_compared);
  }

  /** Draws the axes of the selected object. @param {import("./screen_transform.js").ScreenTransform} transform */
  #draw_axes(transform) {
    const measured = this.#state?.measurement.axes ? current_measure(this.#state)?.slice : null;
    if (!measured?.long_axis) return;
    draw_axes(this.#context, transform, [measured.long_axis, measured.short_axis].filter((axis) => axis !== null));
  }

  /** @param {ImageBox} box @param {string} style @param {boolean} dashed @param {boolean} selected */
  #stroke([x0, y0, x1, y1], style, dashed, selected) {
    const transform = this.transform;
    if (!transform) return;
    const from = screen_from_image(transform, { x: x0, y: y0 });
    const to = screen_from_image(transform, { x: x1, y: y1 });
    const context = this.#context;
    context.setLineDash(dashed ? [5, 4] : []);
    const width = selected ? 2.5 : 1.5;
    outlined(context, { halo: width + 2, width, style }, () =>
      context.rect(from.x, from.y, to.x - from.x, to.y - from.y));
  }
}
