//! The segmenter for JavaScript: the only crate that knows a browser.
//!
//! It is thin on purpose: it converts arguments and results and does no arithmetic. What fails
//! throws a plain object `{ code, message }`. All coordinates are in image space, in pixels of the
//! opened image. An [`Engine`] belongs into a worker, since the CPU works while a method runs.

mod engine;
mod error;
mod opener;
mod prompt;
#[cfg(target_family = "wasm")]
mod relaxed_simd;
mod weights;

pub use engine::Engine;
pub use opener::Opener;
#[cfg(target_family = "wasm")]
pub use relaxed_simd::use_relaxed_simd;
pub use weights::{convert_weights, inspect_weights};

use wasm_bindgen::prelude::wasm_bindgen;

/// Once, when the module has been instantiated.
#[wasm_bindgen(start)]
pub fn start() {
    run_constructors();
    #[cfg(target_family = "wasm")]
    use_relaxed_simd();
    // Without it a trap says only `unreachable`.
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&panic.to_string().into());
    }));
}

/// What registers itself before `main` natively (Burn's GPU runtime does, by the crate `inventory`). A module that
/// does not call them gets them before each call from JavaScript, by the linker: again and again.
#[allow(unsafe_code, reason = "the linker's own function has no safe name")]
fn run_constructors() {
    #[cfg(target_family = "wasm")]
    {
        unsafe extern "C" {
            fn __wasm_call_ctors();
        }
        // SAFETY: the first thing that runs in this instance, and it does not run again.
        unsafe { __wasm_call_ctors() }
    }
}

/// The SHA-256 of bytes, as 64 lower-case hexadecimal digits.
#[wasm_bindgen]
pub fn verify_sha256(bytes: &[u8]) -> String {
    boxel_segmenter::sha256_hex(bytes)
}
