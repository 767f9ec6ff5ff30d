//! Files of weights, before an engine uses them.

use boxel_segmenter::imaging::Recipe;
use boxel_segmenter::sam::tensor_file::Format;
use boxel_segmenter::sam::{Checkpoint, FloatFormat, Naming};
use boxel_segmenter::{CheckpointKind, inspect};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{thrown, thrown_with, to_js};

#[derive(Serialize)]
struct WeightsFile<'a> {
    format: &'static str,
    names: &'static str,
    architecture: &'static str,
    dtype: &'static str,
    tensors: usize,
    parameters: usize,
    sha256: &'a str,
    known: Option<&'static str>,
    recipes: Vec<&'static str>,
}

/// What a file of weights is: `{ format, names, architecture, dtype, tensors, parameters, sha256,
/// known, recipes }`. `known` is the name of the published file that it is, or null; `recipes` are
/// the ones that it may go with: one, unless it is a ViT-B that nobody knows.
///
/// # Errors
///
/// `weights_format`, `weights_key`.
#[wasm_bindgen]
pub fn inspect_weights(bytes: &[u8]) -> Result<JsValue, JsValue> {
    let (file, _) = inspect(bytes).map_err(thrown)?;
    let recipe = |kind: &CheckpointKind| recipe_name(kind.recipe());
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
        recipes: file.kinds.iter().map(recipe).collect(),
    }))
}

/// The weights as a safetensors file in the original names, in `"f32"`, `"f16"` or `"bf16"`.
///
/// # Errors
///
/// `weights_format`, `weights_key`.
#[wasm_bindgen]
pub fn convert_weights(bytes: &[u8], dtype: &str) -> Result<Vec<u8>, JsValue> {
    let format = match dtype {
        "f32" => FloatFormat::F32,
        "f16" => FloatFormat::F16,
        "bf16" => FloatFormat::BF16,
        other => {
            let message = format!("weights are written as f32, f16 or bf16, and not as `{other}`");
            return Err(thrown_with("weights_format", &message));
        }
    };
    let (_, checkpoint): (_, Checkpoint) = inspect(bytes).map_err(thrown)?;
    checkpoint.to_safetensors(format).map_err(thrown)
}

pub(crate) fn recipe_name(recipe: Recipe) -> &'static str {
    match recipe {
        Recipe::LiteMedSam => "litemedsam",
        Recipe::MedSam => "medsam",
        Recipe::Sam => "sam",
        // A recipe that this crate is older than has no name in JavaScript.
        _ => "unknown",
    }
}

pub(crate) fn recipe_from_name(name: &str) -> Result<Recipe, JsValue> {
    let all = [Recipe::LiteMedSam, Recipe::MedSam, Recipe::Sam];
    let found = all.into_iter().find(|recipe| recipe_name(*recipe) == name);
    found.ok_or_else(|| {
        let message = format!("there is no recipe `{name}`; there are litemedsam, medsam and sam");
        thrown_with("weights_recipe", &message)
    })
}
