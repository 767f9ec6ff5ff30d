//! The segmenter for JavaScript: the only crate that knows a browser.
//!
//! It is thin on purpose: it converts arguments and results and does no arithmetic. What fails
//! throws a plain object `{ code, message }`. All coordinates are in image space, in pixels of the
//! opened image. An [`Engine`] belongs into a worker, since the CPU works while a method runs.

mod engine;
mod error;
mod opener;
mod prompt;
mod weights;

pub use engine::Engine;
pub use opener::Opener;
pub use weights::{convert_weights, inspect_weights};

use wasm_bindgen::prelude::wasm_bindgen;

/// Sends the message of a panic to the console: without it a trap says only `unreachable`.
#[wasm_bindgen(start)]
pub fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&panic.to_string().into());
    }));
}

/// The SHA-256 of bytes, as 64 lower-case hexadecimal digits.
#[wasm_bindgen]
pub fn verify_sha256(bytes: &[u8]) -> String {
    boxel_segmenter::sha256_hex(bytes)
}
