// One colour per object; the first is the article's yellow.

/** @typedef {[number, number, number]} Rgb */

/** @type {[Rgb, ...Rgb[]]} */
export const PALETTE = [
  [251, 252, 30],
  [0, 200, 255],
  [255, 92, 170],
  [90, 230, 120],
  [255, 150, 50],
  [180, 140, 255],
  [255, 110, 90],
  [120, 220, 220],
];

/** @type {(colour: number) => Rgb} */
export const rgb_of = (colour) => PALETTE[colour % PALETTE.length] ?? PALETTE[0];

/** @type {(rgb: Rgb) => string} */
export const css_of = ([r, g, b]) => `rgb(${r} ${g} ${b})`;
