// Screen ↔ image. Screen space is CSS pixels from the canvas's top left corner; image space is
// pixels of the slice that is shown, with a pixel's edges on the integers.

import { is_lying, UPRIGHT } from "../features/display/state.js";

/** @typedef {import("../features/display/state.js").Orientation} Orientation */
/** @typedef {import("../features/display/state.js").Framing} Framing */
/** @typedef {{ x: number, y: number }} Point */
/** @typedef {{ width: number, height: number }} Size */
/** `pixel_aspect` is a pixel's height in units of its width. @typedef {Size & { pixel_aspect: number }} ImageSize */
/**
 * `screen = orientation · (image × screen_per_image) + origin`, with a factor for each image axis.
 * @typedef {object} ScreenTransform
 * @property {Orientation} orientation
 * @property {number} screen_per_image_x
 * @property {number} screen_per_image_y
 * @property {Point} origin
 */
/** What a transform depends on: the image, the canvas and the orientation.
 * @typedef {{ image: ImageSize, screen: Size, orientation: Orientation }} Frame */

/** Fits the whole image into the screen, centred, with a margin in which a box can begin.
 * @type {(image: ImageSize, screen: Size, margin: number, orientation?: Orientation) => ScreenTransform} */
export function fit_transform(image, screen, margin, orientation = UPRIGHT) {
  const free_width = Math.max(1, screen.width - 2 * margin);
  const free_height = Math.max(1, screen.height - 2 * margin);
  const [columns, rows] = [image.width, image.height * image.pixel_aspect];
  const [across, down] = is_lying(orientation) ? [rows, columns] : [columns, rows];
  const screen_per_image_x = Math.min(free_width / across, free_height / down);
  const centre = { x: image.width / 2, y: image.height / 2 };
  return framed_transform({ image, screen, orientation }, { screen_per_image_x, centre });
}

/** Puts `centre` in the middle of the screen. @type {(frame: Frame, framing: Framing) => ScreenTransform} */
export function framed_transform({ image, screen, orientation }, { screen_per_image_x, centre }) {
  const screen_per_image_y = screen_per_image_x * image.pixel_aspect;
  const about_corner = { orientation, screen_per_image_x, screen_per_image_y, origin: { x: 0, y: 0 } };
  const { x, y } = screen_from_image(about_corner, centre);
  return { ...about_corner, origin: { x: screen.width / 2 - x, y: screen.height / 2 - y } };
}

/** @type {(transform: ScreenTransform, point: Point) => Point} */
export function image_from_screen(
  { orientation: { xx, xy, yx, yy }, screen_per_image_x, screen_per_image_y, origin }, point,
) {
  const [x, y] = [point.x - origin.x, point.y - origin.y];
  return { x: (xx * x + yx * y) / screen_per_image_x, y: (xy * x + yy * y) / screen_per_image_y };
}

/** @type {(transform: ScreenTransform, point: Point) => Point} */
export function screen_from_image(
  { orientation: { xx, xy, yx, yy }, screen_per_image_x, screen_per_image_y, origin }, point,
) {
  const [x, y] = [point.x * screen_per_image_x, point.y * screen_per_image_y];
  return { x: xx * x + xy * y + origin.x, y: yx * x + yy * y + origin.y };
}

/** For a canvas's `setTransform`: drawing is then in image space.
 * @type {(
 *   transform: ScreenTransform, device_per_screen: number,
 * ) => [number, number, number, number, number, number]} */
export function device_from_image(
  { orientation: { xx, xy, yx, yy }, screen_per_image_x, screen_per_image_y, origin }, device_per_screen,
) {
  const [by_x, by_y] = [screen_per_image_x * device_per_screen, screen_per_image_y * device_per_screen];
  return [xx * by_x, yx * by_x, xy * by_y, yy * by_y, origin.x * device_per_screen, origin.y * device_per_screen];
}

/** The box between two corners in image space, on whole pixels. Outside the image, the engine clips or rejects it.
 * @type {(a: Point, b: Point) => import("../features/prompts/state.js").ImageBox} */
export const box_between = (a, b) => [
  Math.round(Math.min(a.x, b.x)),
  Math.round(Math.min(a.y, b.y)),
  Math.round(Math.max(a.x, b.x)),
  Math.round(Math.max(a.y, b.y)),
];
