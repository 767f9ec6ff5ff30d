//! The segmenter for JavaScript: the only crate that knows a browser.
//!
//! It only converts arguments and results. Errors are thrown as plain objects `{ code, message }`. All coordinates are in
//! image space, in pixels of the slice. An [`Engine`] belongs in a worker, because methods block while the CPU works.

mod engine;
mod error;
mod opener;
#[cfg(target_family = "wasm")]
mod relaxed_simd;
mod slice_encoder;
mod team;
#[cfg(test)]
mod typescript;
mod weights;

pub use engine::Engine;
pub use opener::Opener;
#[cfg(target_family = "wasm")]
pub use relaxed_simd::use_relaxed_simd;
pub use slice_encoder::SliceEncoder;
pub use weights::{convert_weights, inspect_weights};

use wasm_bindgen::prelude::wasm_bindgen;

/// The values that cross to JavaScript, for wasm-bindgen's declarations. A test generates the file from the Rust types.
#[wasm_bindgen(typescript_custom_section)]
const VALUES: &str = include_str!("../typescript/values.d.ts");

/// Runs once, when the module is instantiated.
#[wasm_bindgen(start)]
pub fn start() {
    run_constructors();
    #[cfg(target_family = "wasm")]
    use_relaxed_simd();
    // Without a hook, a trap says only `unreachable`.
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&panic.to_string().into());
    }));
}

/// Runs the constructors that run before `main` on native targets; Burn's GPU runtime registers itself in one, by the
/// crate `inventory`. In a module that does not call them, the linker calls them before each call from JavaScript.
#[allow(unsafe_code, reason = "the linker's own function has no safe name")]
fn run_constructors() {
    #[cfg(target_family = "wasm")]
    {
        unsafe extern "C" {
            fn __wasm_call_ctors();
        }
        // SAFETY: this runs first in this instance, and only once.
        unsafe { __wasm_call_ctors() }
    }
}

/// The SHA-256 of bytes, as 64 lower-case hexadecimal digits.
#[wasm_bindgen]
pub fn verify_sha256(bytes: &[u8]) -> String {
    boxel_segmenter::sha256_hex(bytes)
}
