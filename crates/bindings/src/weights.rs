//! Weights files, before an engine loads them.

use boxel_segmenter::imaging::Recipe;
use boxel_segmenter::sam::tensor_file::Format;
use boxel_segmenter::sam::{Checkpoint, FloatFormat, Naming};
use boxel_segmenter::{CheckpointKind, inspect, inspect_checked};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{from_js, thrown, thrown_with, to_js};

/// What a weights file contains.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct WeightsFile<'a> {
    #[cfg_attr(test, ts(type = "\"safetensors\" | \"pytorch\""))]
    format: &'static str,
    #[cfg_attr(test, ts(type = "\"original\" | \"hugging_face\""))]
    names: &'static str,
    /// LiteMedSAM's TinyViT, ViT-B, …
    architecture: &'static str,
    #[cfg_attr(test, ts(type = "\"f32\" | \"f16\" | \"bf16\" | \"mixed\""))]
    dtype: &'static str,
    tensors: usize,
    parameters: usize,
    sha256: &'a str,
    /// The name of the published file, if the SHA-256 is known.
    known: Option<&'static str>,
    /// The possible recipes: one if it is certain.
    recipes: Vec<Recipe>,
}

/// The tensors of a weights file, and which checkpoint they are by the recipe. `checked` is the SHA-256 of the bytes, if the
/// caller knows it.
pub(crate) fn read_weights(
    bytes: Vec<u8>,
    recipe: JsValue,
    checked: Option<String>,
) -> Result<(boxel_segmenter::WeightsFile, CheckpointKind, Checkpoint), JsValue> {
    let recipe: Recipe = from_js(recipe, "weights_recipe")?;
    let inspected = match checked {
        Some(sha256) => inspect_checked(&bytes, &sha256),
        None => inspect(&bytes),
    };
    let (file, checkpoint) = inspected.map_err(thrown)?;
    // The checkpoint has its own copy, and the module's memory never shrinks.
    drop(bytes);
    let kind = file.kind_with(recipe).map_err(thrown)?;
    Ok((file, kind, checkpoint))
}

/// Describes a weights file. It has one possible recipe unless it is a ViT-B that is not a published file.
///
/// # Errors
///
/// `weights_format`, `weights_key`, `weights_checksum`, `weights_values`.
#[wasm_bindgen(unchecked_return_type = "WeightsFile")]
pub fn inspect_weights(bytes: &[u8]) -> Result<JsValue, JsValue> {
    let (file, _) = inspect(bytes).map_err(thrown)?;
    Ok(to_js(&WeightsFile {
        format: match file.format {
            Format::PyTorch => "pytorch",
            Format::Safetensors => "safetensors",
        },
        names: match file.naming {
            Naming::Original => "original",
            Naming::HuggingFace => "hugging_face",
        },
        architecture: file.architecture.name(),
        dtype: file.dtype.map_or("mixed", |dtype| dtype.name()),
        tensors: file.tensors,
        parameters: file.parameters,
        sha256: &file.sha256,
        known: file.published,
        recipes: file.kinds.iter().map(|kind| kind.recipe()).collect(),
    }))
}

/// Converts weights to a safetensors file with the original names and a checksum of its tensors.
///
/// # Errors
///
/// `weights_format`, `weights_key`, `weights_checksum`, `weights_values`.
#[wasm_bindgen(unchecked_return_type = "Uint8Array<ArrayBuffer>")]
pub fn convert_weights(
    bytes: &[u8],
    #[wasm_bindgen(unchecked_param_type = "\"f32\" | \"f16\" | \"bf16\"")] dtype: &str,
) -> Result<Vec<u8>, JsValue> {
    let format = match dtype {
        "f32" => FloatFormat::F32,
        "f16" => FloatFormat::F16,
        "bf16" => FloatFormat::BF16,
        other => {
            let message = format!("weights can be written as f32, f16 or bf16, not as `{other}`");
            return Err(thrown_with("weights_format", &message));
        }
    };
    let (_, checkpoint): (_, Checkpoint) = inspect(bytes).map_err(thrown)?;
    checkpoint.to_checked_safetensors(format).map_err(thrown)
}
