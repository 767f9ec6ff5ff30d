// Simplifies the path of a brush.

/** @typedef {[number, number]} PathPoint in image space */

/** Minimum distance of points, relative to the radius: the path is then off by less than a hundredth of the radius. */
const SPACING = 1 / 8;
const MIN_PX = 0.25;
/** Strokes are stored in session files and sent to the engine with every later stroke. */
const MAX_POINTS = 1000;

/** @type {(value: number) => number} */
const rounded = (value) => Math.round(value * 100) / 100;

/** Distance in pixel widths. @type {(a: PathPoint, b: PathPoint, aspect: number) => number} */
const distance = ([x0, y0], [x1, y1], aspect) => Math.hypot(x1 - x0, (y1 - y0) * aspect);

/** Keeps points that are at least `spacing` apart, and both ends.
 * @type {(path: PathPoint[], spacing: number, aspect: number) => PathPoint[]} */
function spaced(path, spacing, aspect) {
  /** @type {PathPoint[]} */
  const kept = [];
  path.forEach((point, i) => {
    const last = kept.at(-1);
    if (!last || distance(last, point, aspect) >= spacing) return kept.push(point);
    // The last point replaces a too close one before it; a click stays one point.
    if (i === path.length - 1 && kept.length > 1) kept[kept.length - 1] = point;
  });
  return kept;
}

/** `aspect` is a pixel's height in units of its width.
 * @type {(path: PathPoint[], radius_px: number, aspect: number) => PathPoint[]} */
export function thinned(path, radius_px, aspect) {
  let spacing = Math.max(radius_px * SPACING, MIN_PX);
  let kept = spaced(path, spacing, aspect);
  for (; kept.length > MAX_POINTS; spacing *= 2) kept = spaced(kept, 2 * spacing, aspect);
  return kept.map(([x, y]) => [rounded(x), rounded(y)]);
}

/** Whether a stroke may cover the centre of any pixel of the image.
 * @type {(
 *   path: PathPoint[], radius_px: number, image: { width: number, height: number, pixel_aspect: number },
 * ) => boolean} */
export function reaches(path, radius_px, { width, height, pixel_aspect }) {
  const [xs, ys] = [path.map(([x]) => x), path.map(([, y]) => y)];
  const radius_rows = radius_px / pixel_aspect;
  return Math.max(...xs) + radius_px > 0 && Math.min(...xs) - radius_px < width
    && Math.max(...ys) + radius_rows > 0 && Math.min(...ys) - radius_rows < height;
}
