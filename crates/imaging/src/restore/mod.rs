//! Converts the model's logits to probabilities of the image's pixels, with the postprocessing of each recipe.

mod bilinear;
mod litemedsam;
mod lower;
mod medsam;
mod sam;
mod stretched;

pub use lower::CERTAIN_LOGIT;

use crate::error::Error;
use crate::mask::{Mask, same_size};
use crate::prepare::Recipe;
use crate::scan::checked_size;
use crate::space::{Placement, Size};

/// The probability of each pixel of the image to belong to the mask.
#[derive(Debug, Clone, PartialEq)]
pub struct Probability {
    size: Size,
    values: Vec<f32>,
}

impl Probability {
    /// The threshold above which a pixel is inside: a logit above 0.
    pub const THRESHOLD: f32 = 0.5;

    /// Makes probabilities of `width × height` pixels; `values` is `[height, width]`, each in `[0, 1]`.
    ///
    /// # Errors
    ///
    /// [`Error::NoPixels`] for a side of 0; [`Error::Length`] unless there are `width × height`
    /// values.
    pub fn new(width: u32, height: u32, values: Vec<f32>) -> Result<Self, Error> {
        let size = checked_size(width, height, 1, "the probability map", values.len())?;
        Ok(Probability { size, values })
    }

    /// Number of columns.
    pub fn width(&self) -> u32 {
        self.size.width
    }

    /// Number of rows.
    pub fn height(&self) -> u32 {
        self.size.height
    }

    /// The probabilities, `[height, width]`, each in `[0, 1]`.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The pixels with a probability strictly above `threshold`; the references use [`Probability::THRESHOLD`].
    pub fn mask(&self, threshold: f32) -> Mask {
        let inside = |&value: &f32| u8::from(value > threshold);
        Mask::from_parts(self.size, self.values.iter().map(inside).collect())
    }

    /// The larger of two probabilities, for each pixel.
    ///
    /// # Errors
    ///
    /// [`Error::SizesDiffer`] if the maps have different sizes.
    pub fn maximum(&self, other: &Probability) -> Result<Probability, Error> {
        same_size(self.size, other.size)?;
        let greater = |(&a, &b): (&f32, &f32)| a.max(b);
        let values = self.values.iter().zip(&other.values).map(greater).collect();
        Ok(Probability {
            size: self.size,
            values,
        })
    }
}

/// Converts the model's logits to probabilities of the image's pixels.
///
/// `logits` is a square in logit space, row by row: `[128, 128]` in MedSAM2, `[256, 256]` in the other recipes. The result
/// has the size of the image.
///
/// # Errors
///
/// [`Error::Length`] for another number of logits.
///
/// # Panics
///
/// If the placement is not this recipe's: the mask would be wrong without an error.
pub fn restore(
    recipe: Recipe,
    logits: &[f32],
    placement: &Placement,
) -> Result<Probability, Error> {
    assert_eq!(
        *placement,
        recipe.placement(placement.image),
        "{recipe} places the image elsewhere"
    );
    checked_size(
        placement.logits,
        placement.logits,
        1,
        "the logits",
        logits.len(),
    )?;
    match recipe {
        Recipe::Sam => sam::restore(logits, placement),
        Recipe::MedSam => medsam::restore(logits, placement),
        Recipe::LiteMedSam => litemedsam::restore(logits, placement),
        Recipe::Sam2 | Recipe::MedSam2 => stretched::restore(logits, placement),
    }
}

/// `1 / (1 + e^−x)`.
fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}
