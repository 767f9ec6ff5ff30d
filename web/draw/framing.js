// What zooming and panning make of the image's place.

import { framed_transform, image_from_screen } from "./screen_transform.js";

/** @typedef {import("./screen_transform.js").Point} Point */
/** @typedef {import("./screen_transform.js").ScreenTransform} ScreenTransform */
/** @typedef {import("../state/display.js").Framing} Framing */
/** `fit`: the transform in which the image is whole.
 * @typedef {import("./screen_transform.js").Frame & { fit: ScreenTransform, device_per_screen: number }} FitFrame */

/** Pixels of the screen, not CSS pixels, for one of the image. */
const LARGEST = 64;
/** Of the size in which the image is whole. */
const SMALLEST = 0.5;

/** @type {(value: number, least: number, most: number) => number} */
const within = (value, least, most) => Math.min(Math.max(value, least), most);

/** One pixel of the image on one of the screen, or the shorter side of one that is not square.
 * @type {(frame: FitFrame) => number} */
export const one_to_one = ({ image: { pixel_aspect }, device_per_screen }) => Math.max(1, 1 / pixel_aspect) / device_per_screen;

/** Neither smaller nor larger than is of use; what fits and 1:1 always are.
 * @type {(frame: FitFrame, screen_per_image_x: number) => number} */
export function allowed(frame, screen_per_image_x) {
  const fit = frame.fit.screen_per_image_x;
  const one = one_to_one(frame);
  return within(screen_per_image_x, Math.min(SMALLEST * fit, one), Math.max(fit, LARGEST * one));
}

/** The framing in which a point of the image lies at a point of the screen. The middle of the screen stays in the
 * image, so that the image can't be lost.
 * @type {(frame: FitFrame, held: { image: Point, screen: Point, screen_per_image_x: number }) => Framing} */
export function held_framing(frame, held) {
  const { image, screen } = frame;
  const screen_per_image_x = allowed(frame, held.screen_per_image_x);
  const middle = { x: screen.width / 2, y: screen.height / 2 };
  const transform = framed_transform(frame, { screen_per_image_x, centre: held.image });
  // As far as the held point is to be from the middle, the middle is from it, the other way.
  const { x, y } = image_from_screen(transform, { x: 2 * middle.x - held.screen.x, y: 2 * middle.y - held.screen.y });
  return { screen_per_image_x, centre: { x: within(x, 0, image.width), y: within(y, 0, image.height) } };
}

/** @type {(frame: FitFrame, transform: ScreenTransform, at: Point, factor: number) => Framing} */
export function zoomed(frame, transform, at, factor) {
  const held = { image: image_from_screen(transform, at), screen: at, screen_per_image_x: transform.screen_per_image_x * factor };
  return held_framing(frame, held);
}

/** @type {(frame: FitFrame, transform: ScreenTransform, by: Point) => Framing} */
export function panned(frame, transform, by) {
  const { width, height } = frame.screen;
  const middle = { x: width / 2, y: height / 2 };
  const held = { image: image_from_screen(transform, middle), screen: { x: middle.x + by.x, y: middle.y + by.y } };
  return held_framing(frame, { ...held, screen_per_image_x: transform.screen_per_image_x });
}

/** Two fingers, from where they went down to where they are.
 * @type {(frame: FitFrame, transform: ScreenTransform, from: [Point, Point], to: [Point, Point]) => Framing} */
export function pinched(frame, transform, from, to) {
  const factor = apart(to) / Math.max(1, apart(from));
  const held = { image: image_from_screen(transform, between(from)), screen: between(to), screen_per_image_x: transform.screen_per_image_x * factor };
  return held_framing(frame, held);
}

/** @type {(points: [Point, Point]) => number} */
const apart = ([a, b]) => Math.hypot(a.x - b.x, a.y - b.y);
/** @type {(points: [Point, Point]) => Point} */
const between = ([a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
