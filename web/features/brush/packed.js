// Strokes on their way to the engine's worker. The browser copies a list of points in a microsecond each, which freezes the
// page for many; a typed array takes almost no time.

/** @typedef {import("../../../boxel-bindings.js").Stroke} Stroke */
/** `path` has x and y in turn. @typedef {Omit<Stroke, "path"> & { path: Float64Array }} PackedStroke */
/** @typedef {Stroke[] | PackedStroke[]} SentStrokes */

/** So many points are copied in a few milliseconds as they are. */
const MAX_PLAIN_POINTS = 2000;

/** @type {(stroke: Stroke) => PackedStroke} */
function packed(stroke) {
  const path = new Float64Array(2 * stroke.path.length);
  stroke.path.forEach(([x, y], i) => {
    path[2 * i] = x;
    path[2 * i + 1] = y;
  });
  return { ...stroke, path };
}

/** Strokes as they were packed: each later stroke sends all of its slice. @type {WeakMap<Stroke, PackedStroke>} */
const kept = new WeakMap();

/** If there is a `transfer`, the worker gets the memory, and nothing is kept.
 * @type {(strokes: Stroke[], pause: () => Promise<boolean>, transfer?: ArrayBuffer[]) => Promise<SentStrokes>} */
export async function to_send(strokes, pause, transfer) {
  if (strokes.reduce((sum, { path }) => sum + path.length, 0) <= MAX_PLAIN_POINTS) return strokes;
  /** @type {PackedStroke[]} */
  const made = [];
  for (const stroke of strokes) {
    const each = (transfer ? undefined : kept.get(stroke)) ?? packed(stroke);
    if (transfer) transfer.push(/** @type {ArrayBuffer} */ (each.path.buffer));
    else kept.set(stroke, each);
    made.push(each);
    await pause();
  }
  return made;
}

/** In the worker: as the engine takes them. @type {(strokes: SentStrokes) => Stroke[]} */
export const received = (strokes) => strokes.map((stroke) => {
  const { path } = stroke;
  if (!(path instanceof Float64Array)) return /** @type {Stroke} */ (stroke);
  /** @type {[number, number][]} */
  const points = Array.from({ length: path.length / 2 }, (_, i) => [path[2 * i] ?? 0, path[2 * i + 1] ?? 0]);
  return { ...stroke, path: points };
});
