use std::collections::BTreeMap;

use boxel_imaging::{Limits, RgbImage8, open};
use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;

use crate::error::Error;

/// A box of a golden case.
#[derive(Debug, Clone, Deserialize)]
pub struct GoldenBox {
    /// x0, y0, x1, y1 in image space.
    #[serde(rename = "box")]
    pub image_box: [f32; 4],
    /// x0, y0, x1, y1 in model space.
    #[serde(rename = "box256")]
    pub model_box: [f32; 4],
}

/// A prompt other than a box on the case's image; coordinates in model space.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct GoldenPrompt {
    /// The prefix of its tensors: `variant.<name>.…`.
    pub name: String,
    /// Points `[B, N, 2]`: x, y.
    pub points: Option<Vec<Vec<[f32; 2]>>>,
    /// Labels `[B, N]`: 1 on the object, 0 next to it.
    pub labels: Option<Vec<Vec<f32>>>,
    /// Boxes `[B, 4]`: x0, y0, x1, y1.
    pub boxes: Option<Vec<[f32; 4]>>,
    /// The name of the tensor with the logits of the mask prompt.
    pub mask: Option<String>,
    /// Whether the model returns three masks instead of one.
    pub multimask_output: bool,
}

/// One entry of a `report.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct Entry {
    /// The case's name; its tensors are in `<name>.safetensors`.
    pub name: String,
    /// The image file, relative to the repository's root; `None` if the tensors contain the image.
    pub image: Option<String>,
    /// Statistics of each stage; those of the embedding have their own layout.
    stats: BTreeMap<String, serde_json::Value>,
    boxes: Vec<GoldenBox>,
    #[serde(default)]
    variants: Vec<GoldenPrompt>,
}

/// The entries of a `report.json`.
///
/// # Errors
///
/// [`Error::Golden`] for any other JSON.
pub fn read_report(json: &str) -> Result<Vec<Entry>, Error> {
    serde_json::from_str(json).map_err(|error| Error::Golden {
        case: "report.json".to_owned(),
        reason: error.to_string(),
    })
}

#[derive(Debug, Clone)]
enum Values {
    Float(Vec<f32>),
    Byte(Vec<u8>),
}

/// A golden case: an image, boxes, and the reference's outputs for them.
#[derive(Debug, Clone)]
pub struct Golden {
    entry: Entry,
    image: RgbImage8,
    tensors: BTreeMap<String, Values>,
}

impl Golden {
    /// Reads a case from its entry, its tensors and, unless the tensors contain it, its image file.
    ///
    /// # Errors
    ///
    /// [`Error::Golden`] with the fault; those of [`boxel_imaging::open`].
    pub fn new(entry: Entry, safetensors: &[u8], image: Option<&[u8]>) -> Result<Self, Error> {
        let unusable = |reason: String| Error::Golden {
            case: entry.name.clone(),
            reason,
        };
        let file = SafeTensors::deserialize(safetensors).map_err(|e| unusable(e.to_string()))?;
        let mut tensors = BTreeMap::new();
        for (key, view) in file.iter() {
            let values = match view.dtype() {
                Dtype::U8 => Values::Byte(view.data().to_vec()),
                Dtype::F32 => Values::Float(f32_from_bytes(view.data())),
                other => return Err(unusable(format!("`{key}` has values of {other:?}"))),
            };
            tensors.insert(key.to_owned(), values);
        }
        let image = match image {
            Some(bytes) => open(bytes, &Limits::default())?.first_image(),
            None => image_from_tensor(&file).map_err(unusable)?,
        };
        Ok(Self {
            entry,
            image,
            tensors,
        })
    }

    /// The case's name.
    pub fn name(&self) -> &str {
        &self.entry.name
    }

    /// The image.
    pub fn image(&self) -> &RgbImage8 {
        &self.image
    }

    /// The boxes.
    pub fn boxes(&self) -> &[GoldenBox] {
        &self.entry.boxes
    }

    pub(super) fn prompts(&self) -> &[GoldenPrompt] {
        &self.entry.variants
    }

    /// The largest absolute value of a stage.
    pub(super) fn stage_absmax(&self, stage: &str) -> Result<f64, Error> {
        let stats = self.entry.stats.get(stage);
        let absmax = stats.and_then(|stats| stats.get("absmax")?.as_f64());
        absmax.ok_or_else(|| self.unusable(format!("the report has no absmax of `{stage}`")))
    }

    pub(super) fn floats(&self, key: &str) -> Result<&[f32], Error> {
        match self.tensors.get(key) {
            Some(Values::Float(values)) => Ok(values),
            _ => Err(self.unusable(format!("it has no floats `{key}`"))),
        }
    }

    /// The mask, or another 8-bit tensor, of a case.
    ///
    /// # Errors
    ///
    /// [`Error::Golden`] if there is no tensor of this name.
    pub fn bytes(&self, key: &str) -> Result<&[u8], Error> {
        match self.tensors.get(key) {
            Some(Values::Byte(values)) => Ok(values),
            _ => Err(self.unusable(format!("it has no bytes `{key}`"))),
        }
    }

    pub(super) fn unusable(&self, reason: String) -> Error {
        Error::Golden {
            case: self.entry.name.clone(),
            reason,
        }
    }
}

fn f32_from_bytes(bytes: &[u8]) -> Vec<f32> {
    let (words, _) = bytes.as_chunks::<4>();
    words.iter().map(|word| f32::from_le_bytes(*word)).collect()
}

/// The tensor `image`, `[H, W, 3]`, of a case without an image file.
fn image_from_tensor(file: &SafeTensors<'_>) -> Result<RgbImage8, String> {
    let view = file.tensor("image").map_err(|error| error.to_string())?;
    let [height, width, 3] = view.shape() else {
        return Err(format!(
            "`image` has shape {:?}, not [H, W, 3]",
            view.shape()
        ));
    };
    let (width, height) = (u32::try_from(*width), u32::try_from(*height));
    let (Ok(width), Ok(height)) = (width, height) else {
        return Err("`image` is too large".to_owned());
    };
    RgbImage8::new(width, height, view.data().to_vec()).map_err(|error| error.to_string())
}
