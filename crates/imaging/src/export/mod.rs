//! Masks, probabilities and overlays → files.

mod overlay;
mod png;

pub use overlay::{Layer, overlay};
pub use png::{mask_png, overlay_png, probability_png, rgb_png};
