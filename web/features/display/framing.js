// Zooming and panning.

import { framed_transform, image_from_screen } from "../../draw/screen_transform.js";

/** @typedef {import("../../draw/screen_transform.js").Point} Point */
/** @typedef {import("../../draw/screen_transform.js").ScreenTransform} ScreenTransform */
/** @typedef {import("./state.js").Framing} Framing */
/** `fit`: the transform that fits the whole image.
 * @typedef {import("../../draw/screen_transform.js").Frame & {
 *   fit: ScreenTransform, device_per_screen: number,
 * }} FitFrame */

/** Screen pixels, not CSS pixels, for one image pixel. */
const LARGEST = 64;
/** Relative to the fitted size. */
const SMALLEST = 0.5;

/** @type {(value: number, least: number, most: number) => number} */
const within = (value, least, most) => Math.min(Math.max(value, least), most);

/** One image pixel on one screen pixel; for non-square pixels, their shorter side.
 * @type {(frame: FitFrame) => number} */
export const one_to_one = ({ image: { pixel_aspect }, device_per_screen }) =>
  Math.max(1, 1 / pixel_aspect) / device_per_screen;

/** Clamps the zoom to a useful range, which always contains the fitted size and 1:1.
 * @type {(frame: FitFrame, screen_per_image_x: number) => number} */
export function allowed(frame, screen_per_image_x) {
  const fit = frame.fit.screen_per_image_x;
  const one = one_to_one(frame);
  return within(screen_per_image_x, Math.min(SMALLEST * fit, one), Math.max(fit, LARGEST * one));
}

/** The framing that puts an image point at a screen point. The middle of the screen stays inside the image, so that the
 * image cannot be lost.
 * @type {(frame: FitFrame, held: { image: Point, screen: Point, screen_per_image_x: number }) => Framing} */
export function held_framing(frame, held) {
  const { image, screen } = frame;
  const screen_per_image_x = allowed(frame, held.screen_per_image_x);
  const middle = { x: screen.width / 2, y: screen.height / 2 };
  const transform = framed_transform(frame, { screen_per_image_x, centre: held.image });
  // The middle is as far from the held point as that is from the middle, in the opposite direction.
  const { x, y } = image_from_screen(transform, { x: 2 * middle.x - held.screen.x, y: 2 * middle.y - held.screen.y });
  return { screen_per_image_x, centre: { x: within(x, 0, image.width), y: within(y, 0, image.height) } };
}

/** @type {(frame: FitFrame, transform: ScreenTransform, at: Point, factor: number) => Framing} */
export function zoomed(frame, transform, at, factor) {
  const held = {
    image: image_from_screen(transform, at), screen: at, screen_per_image_x: transform.screen_per_image_x * factor,
  };
  return held_framing(frame, held);
}

/** @type {(frame: FitFrame, transform: ScreenTransform, by: Point) => Framing} */
export function panned(frame, transform, by) {
  const { width, height } = frame.screen;
  const middle = { x: width / 2, y: height / 2 };
  const held = { image: image_from_screen(transform, middle), screen: { x: middle.x + by.x, y: middle.y + by.y } };
  return held_framing(frame, { ...held, screen_per_image_x: transform.screen_per_image_x });
}

/** Pans and zooms by two fingers, from where they went down to where they are.
 * @type {(frame: FitFrame, transform: ScreenTransform, from: [Point, Point], to: [Point, Point]) => Framing} */
export function pinched(frame, transform, from, to) {
  const factor = apart(to) / Math.max(1, apart(from));
  const held = {
    image: image_from_screen(transform, between(from)), screen: between(to),
    screen_per_image_x: transform.screen_per_image_x * factor,
  };
  return held_framing(frame, held);
}

/** @type {(points: [Point, Point]) => number} */
const apart = ([a, b]) => Math.hypot(a.x - b.x, a.y - b.y);
/** @type {(points: [Point, Point]) => Point} */
const between = ([a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
