// One colour per label; the first is the article's yellow. Session files store indices, so new colours are appended.

import { OWN_COLOURS, PALETTE as COLOURS } from "../../state/limits.js";

/** @typedef {[number, number, number]} Rgb */
/** @typedef {{ name: string, rgb: Rgb }} Colour */

const NAMES = ["yellow", "blue", "pink", "green", "orange", "violet", "red", "turquoise"];

/** @type {Colour[]} */
export const PALETTE = COLOURS.map((rgb, place) => ({ name: NAMES[place] ?? "", rgb }));

/** The palette repeats when there are more labels than colours; −1 for a colour of its own. @type {(colour: number) => number} */
export const place_in_palette = (colour) => colour < OWN_COLOURS ? colour % PALETTE.length : -1;

/** A loaded segment brings its colour, which is its number then. @type {(colour: number) => Colour} */
function found(colour) {
  const place = PALETTE[place_in_palette(colour)];
  if (place) return place;
  const [red, green, blue] = [colour >> 16 & 255, colour >> 8 & 255, colour & 255];
  return { name: `red ${red}, green ${green}, blue ${blue}`, rgb: [red, green, blue] };
}

/** @type {(colour: number) => Rgb} */
export const rgb_of = (colour) => found(colour).rgb;

/** @type {(colour: number) => string} */
export const colour_name = (colour) => found(colour).name;

/** @type {(rgb: Rgb) => string} */
export const css_of = ([r, g, b]) => `rgb(${r} ${g} ${b})`;
