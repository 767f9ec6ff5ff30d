// Screen ↔ image. Screen space is CSS pixels from the canvas's top left corner; image space is
// pixels of the opened image, with a pixel's edges on the integers.

/** @typedef {{ x: number, y: number }} Point */
/** The image's place on the screen: `screen = image × screen_per_image + (left, top)`.
 * @typedef {{ screen_per_image: number, left: number, top: number }} View */

/** The image whole, centred, as large as it fits, with a margin in which a box can begin.
 * @type {(image: { width: number, height: number }, screen: { width: number, height: number }, margin: number) => View} */
export function fit_view(image, screen, margin) {
  const free_width = Math.max(1, screen.width - 2 * margin);
  const free_height = Math.max(1, screen.height - 2 * margin);
  const screen_per_image = Math.min(free_width / image.width, free_height / image.height);
  return {
    screen_per_image,
    left: (screen.width - image.width * screen_per_image) / 2,
    top: (screen.height - image.height * screen_per_image) / 2,
  };
}

/** @type {(view: View, point: Point) => Point} */
export const image_from_screen = ({ screen_per_image, left, top }, { x, y }) => ({
  x: (x - left) / screen_per_image,
  y: (y - top) / screen_per_image,
});

/** @type {(view: View, point: Point) => Point} */
export const screen_from_image = ({ screen_per_image, left, top }, { x, y }) => ({
  x: x * screen_per_image + left,
  y: y * screen_per_image + top,
});

/** The box between two corners in image space, on whole pixels. It may leave the image: the engine
 * clips it, or says that it lies outside.
 * @type {(a: Point, b: Point) => import("../state/prompts.js").ImageBox} */
export const box_between = (a, b) => [
  Math.round(Math.min(a.x, b.x)),
  Math.round(Math.min(a.y, b.y)),
  Math.round(Math.max(a.x, b.x)),
  Math.round(Math.max(a.y, b.y)),
];
