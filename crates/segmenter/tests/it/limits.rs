//! The page's copy of the constants that it shares with the engine.

use boxel_segmenter::imaging::PropagationRule;
use boxel_segmenter::{
    DEFAULT_EMBEDDING_BUDGET_BYTES, DEFAULT_PROPAGATION_RANGE, MAX_BATCH, OWN_COLOURS, PALETTE,
};

#[test]
fn the_page_has_the_engines_limits_and_colours() {
    let colours = PALETTE.map(|[r, g, b]| format!("  [{r}, {g}, {b}],\n"));
    let rule = u32::from(PropagationRule::default());
    let expected = format!(
        "// Limits and colours that the page shares with the engine. A test of crates/segmenter compares this file with the Rust
// constants, and prints the text that belongs here.

/** The largest number of prompts in one decoder batch. */
export const MAX_BATCH = {MAX_BATCH};

/** The memory for cached embeddings that an engine starts with. */
export const DEFAULT_EMBEDDING_BUDGET_BYTES = {DEFAULT_EMBEDDING_BUDGET_BYTES};

/** The rule of new propagations; 1 is that of sessions without a number. */
export const PROPAGATION_RULE = {rule};

/** How many slices a model with a memory goes each way, if the user does not say. */
export const DEFAULT_PROPAGATION_RANGE = {DEFAULT_PROPAGATION_RANGE};

/** From here on a number is a colour of its own: this plus 65,536 times red, 256 times green, and blue. */
export const OWN_COLOURS = {OWN_COLOURS};

/** The labels' colours: red, green, blue.
 * @type {{readonly [number, number, number][]}} */
export const PALETTE = [
{}];
",
        colours.concat()
    );
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/state/limits.js");
    let found = std::fs::read_to_string(path).unwrap();
    assert!(
        found == expected,
        "web/state/limits.js must be:\n{expected}"
    );
}
