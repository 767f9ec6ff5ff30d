// Turns a path that is dragged with a prompt tool into a prompt: a scribble into points, a closed line into a polygon.
//
// SAM knows no scribbles, and micro-sam has no tool for them: it gives SAM a list of points, which its user sets one by
// one, and a polygon as its box and its mask. Differs from it: here a drag sets the points, along its path.

/** @typedef {[x: number, y: number]} PathPoint in image space */
/** @typedef {import("./state.js").ImagePoint} ImagePoint */
/** @typedef {{ width: number, height: number }} Size */

/** The most points of a scribble: SAM was trained with up to nine points, one by one, for a mask. */
const MAX_SCRIBBLE_POINTS = 9;
/** Points of a scribble are at least this fraction of the image's longer side apart: two cells of the model's grid of
 * 64, since points within one cell tell the model the same. */
const SCRIBBLE_SPACING = 2 / 64;
/** How far a polygon may be off the drawn line, in pixels of the image. */
const POLYGON_TOLERANCE = 0.25;
/** The most points of a polygon that is drawn on the page; a session holds up to MAX_POLYGON_POINTS. */
const MAX_DRAWN_POINTS = 400;
/** The most points of a path that are simplified, which may take the square of their number. */
const MAX_LOOKED_AT = 2000;

/** @type {(value: number) => number} */
const rounded = (value) => Math.round(value * 100) / 100;

/** @type {(a: PathPoint, b: PathPoint) => number} */
const distance = ([x0, y0], [x1, y1]) => Math.hypot(x1 - x0, y1 - y0);

/** The points of a scribble, evenly spaced along its path, both ends among them; a short path has one, in its middle.
 * Those outside the image are left out.
 * @type {(path: readonly PathPoint[], label: 0 | 1, image: Size) => ImagePoint[]} */
export function scribble_points(path, label, { width, height }) {
  const lengths = path.map((point, i) => distance(path[i - 1] ?? point, point));
  const length = lengths.reduce((sum, each) => sum + each, 0);
  const most = Math.floor(length / (SCRIBBLE_SPACING * Math.max(width, height))) + 1;
  const count = Math.min(most, MAX_SCRIBBLE_POINTS);
  const places = count === 1 ? [length / 2] : Array.from({ length: count }, (_, i) => length * i / (count - 1));
  /** @type {ImagePoint[]} */
  const points = [];
  for (const place of places) {
    const [x, y] = along(path, lengths, place);
    if (x >= 0 && y >= 0 && x <= width && y <= height) points.push([rounded(x), rounded(y), label]);
  }
  return points;
}

/** The point of a path at a distance from its start. `lengths` are those of the parts that end at its points.
 * @type {(path: readonly PathPoint[], lengths: readonly number[], place: number) => PathPoint} */
function along(path, lengths, place) {
  let passed = 0;
  for (const [i, [x, y]] of path.entries()) {
    const length = lengths[i] ?? 0;
    const [from_x, from_y] = path[i - 1] ?? [x, y];
    if (passed + length >= place && length > 0) {
      const part = (place - passed) / length;
      return [from_x + part * (x - from_x), from_y + part * (y - from_y)];
    }
    passed += length;
  }
  return path.at(-1) ?? [0, 0];
}

/** The polygon of a closed path; null if it encloses nothing.
 * @type {(path: readonly PathPoint[]) => PathPoint[] | null} */
export function polygon_of(path) {
  let tolerance = POLYGON_TOLERANCE;
  let kept = simplified(spaced(path), tolerance);
  for (; kept.length > MAX_DRAWN_POINTS; tolerance *= 2) kept = simplified(kept, 2 * tolerance);
  const points = kept.map(([x, y]) => /** @type {PathPoint} */ ([rounded(x), rounded(y)]));
  return points.length >= 3 && area_of(points) > 0 ? points : null;
}

/** @type {(polygon: readonly PathPoint[]) => number} */
const area_of = (polygon) => Math.abs(polygon.reduce((sum, [x, y], i) => {
  const [next_x, next_y] = polygon[(i + 1) % polygon.length] ?? [x, y];
  return sum + (x * next_y - next_x * y) / 2;
}, 0));

/** Leaves out points that are too close to the one before, until few enough are left.
 * @type {(path: readonly PathPoint[]) => readonly PathPoint[]} */
function spaced(path) {
  let kept = path;
  for (let spacing = POLYGON_TOLERANCE; kept.length > MAX_LOOKED_AT; spacing *= 2) {
    let last = kept[0];
    kept = kept.filter((point) => {
      const is_far = point === last || (last !== undefined && distance(point, last) >= spacing);
      if (is_far) last = point;
      return is_far;
    });
  }
  return kept;
}

/** Leaves out points that are less than `tolerance` off the line through the others (Ramer, Douglas and Peucker).
 * @type {(path: readonly PathPoint[], tolerance: number) => PathPoint[]} */
function simplified(path, tolerance) {
  const keeps = new Set([0, path.length - 1]);
  const parts = [/** @type {[number, number]} */ ([0, path.length - 1])];
  for (let part = parts.pop(); part; part = parts.pop()) {
    const [first, last] = part;
    const [from, to] = [path[first], path[last]];
    let [farthest, most] = [-1, tolerance];
    for (let i = first + 1; from && to && i < last; i += 1) {
      const off = from_line(path[i] ?? from, from, to);
      if (off > most) [farthest, most] = [i, off];
    }
    if (farthest < 0) continue;
    keeps.add(farthest);
    parts.push([first, farthest], [farthest, last]);
  }
  return path.filter((_, i) => keeps.has(i));
}

/** The distance of a point from the line between two others.
 * @type {(at: PathPoint, a: PathPoint, b: PathPoint) => number} */
function from_line(at, a, b) {
  const length = distance(a, b);
  if (length === 0) return distance(at, a);
  const part = ((at[0] - a[0]) * (b[0] - a[0]) + (at[1] - a[1]) * (b[1] - a[1])) / (length * length);
  const within = Math.min(Math.max(part, 0), 1);
  return distance(at, [a[0] + within * (b[0] - a[0]), a[1] + within * (b[1] - a[1])]);
}
