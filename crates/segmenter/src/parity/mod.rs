//! Compares the model on the current device with reference outputs of the original PyTorch code.
//!
//! A golden case is an image, boxes, and the reference's outputs: the resized image, the first values of every encoder
//! stage, a part of the embedding, and for each box the low-resolution logits, the predicted IoU and the mask.

mod golden;
mod prompts;
mod sam2;
mod small;
mod small_sam;
mod values;

pub use golden::{Entry, Golden, GoldenBox, read_report};
pub use sam2::Sam2Golden;
pub use small::SmallGolden;
pub use small_sam::SmallSam;

use boxel_imaging::{ImageBox, Mask, Plane, RgbImage8, Window, prepare};

use crate::checkpoint::Model;
use crate::embed::{Embedder, Embedding};
use crate::error::Error;
use crate::prediction::predict;
use crate::prompt::{Prompt, Resolved};
use crate::rendering::Rendering;
use values::{beginning, every_fourth};

/// The largest allowed differences from the reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// For the resized image, in grey levels.
    pub resized: f64,
    /// For encoder stages and embedding, as a fraction of the stage's largest absolute value.
    pub stage: f64,
    /// For logits.
    pub logits: f64,
    /// For the predicted IoU.
    pub iou: f64,
    /// For one minus the IoU of the masks.
    pub mask: f64,
}

impl Tolerance {
    /// For weights in f32, as in the reference.
    pub const F32: Self = Self {
        resized: 1.0,
        stage: 1e-3,
        logits: 0.02,
        iou: 1e-3,
        mask: 1e-3,
    };

    /// For weights rounded to f16. Only the bound of the masks is a promise; differences above the other bounds have
    /// another cause than rounding.
    pub const F16: Self = Self {
        resized: 1.0,
        stage: 2e-2,
        logits: 0.5,
        iou: 2e-2,
        mask: 5e-3,
    };
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// The compared value.
    pub what: String,
    /// The largest difference, in the unit of its [`Tolerance`].
    pub measured: f64,
    /// The largest allowed difference.
    pub allowed: f64,
}

impl Difference {
    /// Whether the difference is allowed. NaN is not.
    pub fn passes(&self) -> bool {
        self.measured <= self.allowed
    }
}

impl core::fmt::Display for Difference {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let verdict = if self.passes() { "ok" } else { "TOO LARGE" };
        let Self {
            what,
            measured,
            allowed,
        } = self;
        write!(
            f,
            "{what:<28} {measured:>12.3e}  (allowed {allowed:.0e})  {verdict}"
        )
    }
}

/// Runs a golden case through the whole pipeline and compares it stage by stage.
///
/// # Errors
///
/// A missing tensor, a device that fails.
pub async fn compare(
    model: &Model,
    golden: &Golden,
    tolerance: &Tolerance,
) -> Result<Vec<Difference>, Error> {
    let mut differences = vec![compare_resized(model, golden, tolerance)?];
    let embedding = compare_stages(model, golden, tolerance, &mut differences).await?;
    for index in 0..golden.boxes().len() {
        compare_box(
            model,
            golden,
            tolerance,
            &embedding,
            index,
            &mut differences,
        )
        .await?;
    }
    prompts::compare(model, golden, tolerance, &embedding, &mut differences).await?;
    Ok(differences)
}

/// Decodes one box of a case on an embedded image and compares the output.
///
/// # Errors
///
/// A missing tensor, a device that fails.
pub async fn compare_box(
    model: &Model,
    golden: &Golden,
    tolerance: &Tolerance,
    embedding: &Embedding,
    index: usize,
    differences: &mut Vec<Difference>,
) -> Result<(), Error> {
    let [x0, y0, x1, y1] = golden.boxes()[index].image_box;
    let prompt = Resolved {
        prompt: Prompt::from_box(ImageBox { x0, y0, x1, y1 }).checked(golden.image().size())?,
        start: None,
        conditioned: None,
    };
    // A golden image is not a slice of a scan.
    let rendering = Rendering {
        plane: Plane::Stored,
        slice: 0,
        window: Window::Stored,
    };
    let predictions = predict(model, embedding, rendering, vec![prompt]).await?;
    let Some(prediction) = predictions.into_iter().next() else {
        return Err(golden.unusable(format!("box {index} gave no mask")));
    };
    let logits = golden.floats(&format!("box{index}.low_res_logits"))?;
    let iou = golden.floats(&format!("box{index}.iou"))?;
    let mask = golden.bytes(&format!("box{index}.mask"))?;
    let size = prediction.mask.size();
    let mask = Mask::new(size.width, size.height, mask.to_vec())?;
    let mut push = |what: &str, measured, allowed| {
        differences.push(Difference {
            what: format!("box {index}: {what}"),
            measured,
            allowed,
        });
    };
    push(
        "logits",
        largest_difference(prediction.logits(), logits),
        tolerance.logits,
    );
    push(
        "predicted IoU",
        largest_difference(&[prediction.iou()], iou),
        tolerance.iou,
    );
    push(
        "1 - IoU of the masks",
        1.0 - prediction.mask.iou(&mask)?,
        tolerance.mask,
    );
    Ok(())
}

/// Embeds an image without comparing.
///
/// # Errors
///
/// A device that fails.
pub async fn embed(model: &Model, image: &RgbImage8) -> Result<Embedding, Error> {
    let mut embedder = Embedder::new(model, image)?;
    loop {
        embedder.step().await?;
        if let Some(embedding) = embedder.embedding() {
            return Ok(embedding);
        }
    }
}

fn compare_resized(
    model: &Model,
    golden: &Golden,
    tolerance: &Tolerance,
) -> Result<Difference, Error> {
    let prepared = prepare(model.kind().recipe(), golden.image());
    let expected = golden.bytes("resized")?;
    let found = prepared.resized.pixels();
    let measured = if found.len() == expected.len() {
        let levels = found.iter().zip(expected).map(|(a, b)| a.abs_diff(*b));
        f64::from(levels.max().unwrap_or(0))
    } else {
        f64::INFINITY
    };
    Ok(Difference {
        what: "resized, grey levels".to_owned(),
        measured,
        allowed: tolerance.resized,
    })
}

async fn compare_stages(
    model: &Model,
    golden: &Golden,
    tolerance: &Tolerance,
    differences: &mut Vec<Difference>,
) -> Result<Embedding, Error> {
    let mut embedder = Embedder::new(model, golden.image())?;
    let stages = embedder.stages().to_vec();
    for (index, stage) in stages.iter().enumerate() {
        embedder.step().await?;
        if stages.get(index + 1) == Some(stage) {
            continue;
        }
        let expected = golden.floats(&format!("stage.{stage}_first4096"))?;
        let found = beginning(embedder.value(), stage, expected.len()).await?;
        let absmax = golden.stage_absmax(stage)?;
        differences.push(Difference {
            what: format!("{stage}, of its absmax"),
            measured: largest_difference(&found, expected) / absmax,
            allowed: tolerance.stage,
        });
    }
    let Some(embedding) = embedder.embedding() else {
        return Err(golden.unusable("the encoder has no steps".to_owned()));
    };
    let expected = golden.floats("embedding_sub")?;
    let found = every_fourth(embedding.tensor()).await?;
    differences.push(Difference {
        what: "embedding, of its absmax".to_owned(),
        measured: largest_difference(&found, expected) / golden.stage_absmax("neck")?,
        allowed: tolerance.stage,
    });
    Ok(embedding)
}

/// The largest absolute difference; infinite if the lengths differ or a value is NaN.
fn largest_difference(found: &[f32], expected: &[f32]) -> f64 {
    if found.len() != expected.len() {
        return f64::INFINITY;
    }
    found.iter().zip(expected).fold(0.0, |largest, (a, b)| {
        let difference = f64::from((a - b).abs());
        if difference.is_nan() {
            f64::INFINITY
        } else {
            largest.max(difference)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_never_passes() {
        let nan = largest_difference(&[1.0, f32::NAN, 2.0], &[1.0, 1.0, 2.0]);
        assert!(nan.is_infinite());
        let nan = largest_difference(&[f32::NAN, 1.0], &[1.0, 1.0]);
        assert!(nan.is_infinite());
        assert!(largest_difference(&[1.0], &[1.0, 1.0]).is_infinite());
        assert_eq!(largest_difference(&[1.0, -3.0], &[1.5, 1.0]), 4.0);
    }
}
