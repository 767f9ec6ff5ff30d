// One colour per label; the first is the article's yellow. Session files store indices, so new colours are appended.

import { PALETTE as COLOURS } from "../../state/limits.js";

/** @typedef {[number, number, number]} Rgb */
/** @typedef {{ name: string, rgb: Rgb }} Colour */

const NAMES = ["yellow", "blue", "pink", "green", "orange", "violet", "red", "turquoise"];

/** @type {Colour[]} */
export const PALETTE = COLOURS.map((rgb, place) => ({ name: NAMES[place] ?? "", rgb }));

/** The palette repeats when there are more labels than colours. @type {(colour: number) => number} */
export const place_in_palette = (colour) => colour % PALETTE.length;

/** @type {(colour: number) => Colour} */
const found = (colour) => /** @type {Colour} */ (PALETTE[place_in_palette(colour)]);

/** @type {(colour: number) => Rgb} */
export const rgb_of = (colour) => found(colour).rgb;

/** @type {(colour: number) => string} */
export const colour_name = (colour) => found(colour).name;

/** @type {(rgb: Rgb) => string} */
export const css_of = ([r, g, b]) => `rgb(${r} ${g} ${b})`;
