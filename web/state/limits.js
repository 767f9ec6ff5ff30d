// Limits and colours that the page shares with the engine. A test of crates/segmenter compares this file with the Rust
// constants, and prints the text that belongs here.

/** The largest number of prompts in one decoder batch. */
export const MAX_BATCH = 8;

/** The memory for cached embeddings that an engine starts with. */
export const DEFAULT_EMBEDDING_BUDGET_BYTES = 67108864;

/** The rule of new propagations; 1 is that of sessions without a number. */
export const PROPAGATION_RULE = 3;

/** How many slices a model with a memory goes each way, if the user does not say. */
export const DEFAULT_PROPAGATION_RANGE = 32;

/** From here on a number is a colour of its own: this plus 65,536 times red, 256 times green, and blue. */
export const OWN_COLOURS = 16777216;

/** The labels' colours: red, green, blue.
 * @type {readonly [number, number, number][]} */
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
