// One colour per label; the first is the article's yellow. Session files store indices, so new colours are appended.

/** @typedef {[number, number, number]} Rgb */
/** @typedef {{ name: string, rgb: Rgb }} Colour */

/** @type {[Colour, ...Colour[]]} */
export const PALETTE = [
  { name: "yellow", rgb: [251, 252, 30] },
  { name: "blue", rgb: [0, 200, 255] },
  { name: "pink", rgb: [255, 92, 170] },
  { name: "green", rgb: [90, 230, 120] },
  { name: "orange", rgb: [255, 150, 50] },
  { name: "violet", rgb: [180, 140, 255] },
  { name: "red", rgb: [255, 110, 90] },
  { name: "turquoise", rgb: [120, 220, 220] },
];

/** The palette repeats when there are more labels than colours. @type {(colour: number) => number} */
export const place_in_palette = (colour) => colour % PALETTE.length;

/** @type {(colour: number) => Colour} */
const found = (colour) => PALETTE[place_in_palette(colour)] ?? PALETTE[0];

/** @type {(colour: number) => Rgb} */
export const rgb_of = (colour) => found(colour).rgb;

/** @type {(colour: number) => string} */
export const colour_name = (colour) => found(colour).name;

/** @type {(rgb: Rgb) => string} */
export const css_of = ([r, g, b]) => `rgb(${r} ${g} ${b})`;
