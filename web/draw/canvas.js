// Paints the state on the page's canvas.

import { css_of, rgb_of } from "./colours.js";
import { image_layer, mask_layer } from "./layers.js";
import { fit_view, screen_from_image } from "./view.js";

/** @typedef {import("../state/reduce.js").State} State */
/** @typedef {import("../state/boxes.js").ImageBox} ImageBox */

const MARGIN = 12; // CSS pixels around the image

export class ImageCanvas {
  /** The box being drawn, in image space. @type {ImageBox | null} */ band = null;
  #canvas;
  #context;
  /** @type {{ of: unknown, layer: OffscreenCanvas } | null} */ #image = null;
  /** @type {{ of: unknown, layer: OffscreenCanvas } | null} */ #masks = null;
  /** @type {State | null} */ #state = null;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
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
    const { image, boxes, opacity } = this.#state ?? {};
    const view = this.view;
    if (!image || !boxes || !view) return;

    if (this.#image?.of !== image) this.#image = { of: image, layer: image_layer(image) };
    if (this.#masks?.of !== boxes) this.#masks = { of: boxes, layer: mask_layer(image, boxes) };
    const drawn_width = image.width * view.screen_per_image;
    const drawn_height = image.height * view.screen_per_image;
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.#image.layer, view.left, view.top, drawn_width, drawn_height);
    context.imageSmoothingEnabled = false;
    context.globalAlpha = opacity ?? 1;
    context.drawImage(this.#masks.layer, view.left, view.top, drawn_width, drawn_height);
    context.globalAlpha = 1;

    for (const { box, colour, phase } of boxes) this.#stroke(box, css_of(rgb_of(colour)), phase === "waiting");
    if (this.band) this.#stroke(this.band, "white", true);
  }

  /** @param {ImageBox} box @param {string} style @param {boolean} dashed */
  #stroke([x0, y0, x1, y1], style, dashed) {
    const view = this.view;
    if (!view) return;
    const from = screen_from_image(view, { x: x0, y: y0 });
    const to = screen_from_image(view, { x: x1, y: y1 });
    const context = this.#context;
    context.setLineDash(dashed ? [5, 4] : []);
    for (const [line_width, colour] of /** @type {const} */ ([[3.5, "rgb(0 0 0 / 55%)"], [1.5, style]])) {
      context.lineWidth = line_width;
      context.strokeStyle = colour;
      context.strokeRect(from.x, from.y, to.x - from.x, to.y - from.y);
    }
  }
}
