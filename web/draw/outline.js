// Lines over a scan: light on a dark halo, so that they are seen on any grey.

const HALO = "rgb(0 0 0 / 55%)";

/** Strokes the path that `trace` makes twice: the halo, then the line. Widths are in pixels of the context.
 * @type {(
 *   context: CanvasRenderingContext2D,
 *   line: { halo: number, width: number, style: string },
 *   trace: (is_halo: boolean) => void,
 * ) => void} */
export function outlined(context, { halo, width, style }, trace) {
  for (const is_halo of [true, false]) {
    context.beginPath();
    trace(is_halo);
    context.lineWidth = is_halo ? halo : width;
    context.strokeStyle = is_halo ? HALO : style;
    context.stroke();
  }
}
