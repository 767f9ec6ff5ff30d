// Words for the display: pure functions of the state.

/** @typedef {import("./state.js").Orientation} Orientation */

/** Describes an orientation as a flip followed by a turn. @type {(orientation: Orientation) => string[]} */
function orientation_words({ xx, xy, yx, yy }) {
  const is_flipped = xx * yy - xy * yx < 0;
  const turn = is_flipped ? [-xx, -yx].join() : [xx, yx].join();
  if (is_flipped && turn === "-1,0") return ["flipped top to bottom"];
  const words = { "0,1": "turned 90° clockwise", "-1,0": "turned by 180°", "0,-1": "turned 90° anticlockwise" }[turn];
  return [...(is_flipped ? ["flipped left to right"] : []), ...(words ? [words] : [])];
}

/** Empty if the image is shown unaltered.
 * @type {(inverted: boolean, orientation: Orientation) => string} */
export function altered_words(inverted, orientation) {
  const words = [...(inverted ? ["inverted"] : []), ...orientation_words(orientation)];
  return words.length ? `Shown ${words.join(", ")}` : "";
}

/** `device_per_image`: screen pixels for one image pixel.
 * @type {(is_fit: boolean, device_per_image: number) => string} */
export function zoom_words(is_fit, device_per_image) {
  const percent = device_per_image * 100;
  return `${is_fit ? "Fit · " : ""}${percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
}
