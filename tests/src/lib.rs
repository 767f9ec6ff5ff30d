//! Golden cases and weights for the tests, and helpers that work both natively and in a browser.

use boxel_segmenter::parity::{Golden, Tolerance, compare, read_report};
use boxel_segmenter::sam::Checkpoint;
use boxel_segmenter::{CheckpointKind, Compute, Error, Model};

mod sam2_answers;
#[path = "../../crates/segmenter/tests/it/small_sam2.rs"]
#[allow(clippy::unwrap_used, reason = "a test that can't go on fails")]
mod small_sam2;
mod tiny;

mod files {
    use super::{Folder, TinyFolder};
    include!(concat!(env!("OUT_DIR"), "/cases.rs"));
}

pub use files::{IMAGES, SAM2_TINY, TINY, WEIGHTS_F16, WEIGHTS_F32};
pub use sam2_answers::sam2_answers;
pub use small_sam2::sam2 as small_sam2;
pub use tiny::{Tiny, TinyFolder};

/// Prints a line: on the terminal, or in a browser's console.
#[macro_export]
macro_rules! print_line {
    ($($argument:tt)*) => {{
        #[cfg(target_family = "wasm")]
        ::wasm_bindgen_test::console_log!($($argument)*);
        #[cfg(not(target_family = "wasm"))]
        println!($($argument)*);
    }};
}

/// A folder of golden cases: its report, and tensors by case.
pub struct Folder {
    report: &'static [u8],
    cases: &'static [(&'static str, &'static [u8])],
}

/// LiteMedSAM as bundled, a safetensors file in f16.
///
/// # Panics
///
/// If the repository lacks the file.
#[allow(
    clippy::expect_used,
    reason = "without the bundled weights there is nothing to test"
)]
pub fn bundled_weights() -> &'static [u8] {
    WEIGHTS_F16.expect("models/litemedsam.safetensors is part of the repository")
}

/// All golden cases: the project's own, and those of `../shared` if it exists.
///
/// # Errors
///
/// A case that can't be read.
pub fn goldens() -> Result<Vec<Golden>, Error> {
    let mut goldens = Vec::new();
    for folder in files::FOLDERS {
        for entry in read_report(&String::from_utf8_lossy(folder.report))? {
            let bytes = |files: &[(&str, &'static [u8])], name: &str| {
                let found = files.iter().find(|(file, _)| *file == name);
                found.map(|(_, bytes)| *bytes)
            };
            let image = entry.image.as_deref().and_then(|name| bytes(IMAGES, name));
            let tensors = bytes(folder.cases, &entry.name).unwrap_or_default();
            goldens.push(Golden::new(entry, tensors, image)?);
        }
    }
    Ok(goldens)
}

/// LiteMedSAM from a safetensors file, on a device.
///
/// # Errors
///
/// Faulty weights.
pub fn model(weights: &[u8], compute: &Compute) -> Result<Model, Error> {
    let checkpoint = Checkpoint::read(weights)?;
    Model::new(CheckpointKind::LiteMedSam, checkpoint, compute)
}

/// Compares every case with the reference, and returns the differences that exceed the tolerance.
///
/// # Errors
///
/// A failing device.
pub async fn too_large(
    model: &Model,
    goldens: &[Golden],
    tolerance: &Tolerance,
    print: impl Fn(String),
) -> Result<Vec<String>, Error> {
    let mut failures = Vec::new();
    for golden in goldens {
        print(golden.name().to_owned());
        for difference in compare(model, golden, tolerance).await? {
            print(format!("  {difference}"));
            if !difference.passes() {
                failures.push(format!("{}: {difference}", golden.name()));
            }
        }
    }
    Ok(failures)
}
