// Where things lie on the screen, for whoever drives the browser.

/** @typedef {{ x: number, y: number }} Point */

const VIEW_MARGIN = 12; // CSS pixels that the page leaves around the image

/** Where a point of the image lies in the window: the image is whole and centred, unless it is zoomed or turned.
 * @type {(
 *   seen: Pick<import("../../web/show/inspect.js").Seen, "image" | "display">,
 *   canvas: { x: number, y: number, width: number, height: number },
 *   point: Point,
 * ) => Point} */
export function place_in_window({ image, display }, canvas, { x, y }) {
  if (!image) throw new Error("no image is shown");
  const { framing, orientation } = display.planes[image.plane] ?? {};
  const { xx, xy, yx, yy } = orientation ?? { xx: 1, xy: 0, yx: 0, yy: 1 };
  const [columns, rows] = [image.width, image.height * image.pixel_aspect];
  const [across, down] = xx === 0 ? [rows, columns] : [columns, rows];
  const factor = framing?.screen_per_image_x
    ?? Math.min((canvas.width - 2 * VIEW_MARGIN) / across, (canvas.height - 2 * VIEW_MARGIN) / down);
  const centre = framing?.centre ?? { x: image.width / 2, y: image.height / 2 };
  const [from_centre_x, from_centre_y] = [(x - centre.x) * factor, (y - centre.y) * factor * image.pixel_aspect];
  return {
    x: canvas.x + canvas.width / 2 + xx * from_centre_x + xy * from_centre_y,
    y: canvas.y + canvas.height / 2 + yx * from_centre_x + yy * from_centre_y,
  };
}
