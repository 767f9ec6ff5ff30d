// Paints the state on the page's canvas.

import { last_prompt } from "../state/prompts.js";
import { css_of, rgb_of } from "./colours.js";
import { image_layer, mask_layer } from "./layers.js";
import { draw_marker } from "./markers.js";
import { fit_view, screen_from_image } from "./view.js";

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../state/prompts.js").ImageBox} ImageBox */
/** @typedef {import("../state/prompts.js").PromptedObject} PromptedObject */
/** @typedef {import("../state/sessions.js").Side} Side */

const MARGIN = 12; // CSS pixels around the image

export class ImageCanvas {
  /** The box being drawn, in image space. @type {ImageBox | null} */ band = null;
  #canvas;
  #context;
  #side;
  /** @type {{ of: unknown, layer: OffscreenCanvas } | null} */ #image = null;
  /** @type {{ of: unknown, layer: OffscreenCanvas } | null} */ #masks = null;
  /** @type {State | null} */ #state = null;

  /** @param {HTMLCanvasElement} canvas @param {Side} side whose masks it shows */
  constructor(canvas, side) {
    this.#canvas = canvas;
    this.#side = side;
    const context = canvas.getContext("2d");
    if (!context) throw new Error("The browser offers no 2D canvas.");
    this.#context = context;
    new ResizeObserver(() => this.paint()).observe(canvas);
  }

  /** Screen ↔ image, as painted now; null while nothing is open. */
  get view() {
    const image = this.#state?.image;
    const screen = { width: this.#canvas.clientWidth, height: this.#canvas.clientHeight };
    return image ? fit_view(image, screen, MARGIN) : null;
  }

  /** @param {State} state */
  show(state) {
    this.#state = state;
    this.paint();
  }

  paint() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const device_per_screen = window.devicePixelRatio || 1;
    const device_width = Math.round(width * device_per_screen);
    const device_height = Math.round(height * device_per_screen);
    if (this.#canvas.width !== device_width) this.#canvas.width = device_width;
    if (this.#canvas.height !== device_height) this.#canvas.height = device_height;

    const context = this.#context;
    context.setTransform(device_per_screen, 0, 0, device_per_screen, 0, 0);
    context.clearRect(0, 0, width, height);
    const { image, objects, opacity, selected } = this.#state ?? {};
    const view = this.view;
    if (!image || !objects || !view) return;

    if (this.#image?.of !== image) this.#image = { of: image, layer: image_layer(image) };
    if (this.#masks?.of !== objects) this.#masks = { of: objects, layer: mask_layer(image, objects, this.#side) };
    const drawn_width = image.width * view.screen_per_image;
    const drawn_height = image.height * view.screen_per_image;
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.#image.layer, view.left, view.top, drawn_width, drawn_height);
    context.imageSmoothingEnabled = false;
    context.globalAlpha = opacity ?? 1;
    context.drawImage(this.#masks.layer, view.left, view.top, drawn_width, drawn_height);
    context.globalAlpha = 1;

    for (const object of objects) this.#draw_prompt(object, object.number === selected);
    if (this.band) this.#stroke(this.band, "white", true, false);
  }

  /** @param {PromptedObject} object @param {boolean} selected */
  #draw_prompt(object, selected) {
    const { box, points } = last_prompt(object);
    const waits = object[this.#side].phase === "waiting";
    if (box) this.#stroke(box, css_of(rgb_of(object.colour)), waits, selected);
    const view = this.view;
    if (!view) return;
    for (const [x, y, label] of points) draw_marker(this.#context, screen_from_image(view, { x, y }), label);
  }

  /** @param {ImageBox} box @param {string} style @param {boolean} dashed @param {boolean} selected */
  #stroke([x0, y0, x1, y1], style, dashed, selected) {
    const view = this.view;
    if (!view) return;
    const from = screen_from_image(view, { x: x0, y: y0 });
    const to = screen_from_image(view, { x: x1, y: y1 });
    const context = this.#context;
    context.setLineDash(dashed ? [5, 4] : []);
    const width = selected ? 2.5 : 1.5;
    for (const [line_width, colour] of /** @type {const} */ ([[width + 2, "rgb(0 0 0 / 55%)"], [width, style]])) {
      context.lineWidth = line_width;
      context.strokeStyle = colour;
      context.strokeRect(from.x, from.y, to.x - from.x, to.y - from.y);
    }
  }
}
