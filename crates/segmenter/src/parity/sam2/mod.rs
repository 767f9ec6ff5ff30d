//! Compares a small SAM 2 with reference outputs: the encoder, every kind of prompt on one image, and a volume that is
//! tracked in both directions.
//!
//! A folder has `case.json` (sizes, prompts, the order of events), `outputs.safetensors` and the weights of the small model
//! in one or several formats.

mod case;
mod image;
mod outputs;
mod predictor;
mod volume;

use burn_sam::Checkpoint;
use burn_sam::sam2::Sam2;

use super::Difference;
use crate::device::Compute;
use crate::error::Error;
use case::Case;
use outputs::Outputs;

/// Largest allowed difference of features, as a fraction of a tensor's largest value.
const FEATURES: f64 = 1e-4;
/// Largest allowed difference of logits and scores.
const LOGITS: f64 = 1e-3;
/// The same where memories are rounded to bfloat16: a value at the edge of a step may be rounded the other way.
const LOGITS_BF16: f64 = 1e-2;
/// Largest allowed 1 − IoU of masks.
const MASKS: f64 = 5e-3;

/// A golden folder of a small SAM 2.
#[derive(Debug)]
pub struct Sam2Golden {
    name: String,
    case: Case,
    outputs: Outputs,
}

impl Sam2Golden {
    /// Reads a folder's files; `name` is its name in errors.
    ///
    /// # Errors
    ///
    /// [`Error::Golden`] with the fault.
    pub fn new(name: &str, case: &[u8], outputs: &[u8]) -> Result<Self, Error> {
        let unusable = |reason: String| Error::Golden {
            case: name.to_owned(),
            reason,
        };
        let case: Case = serde_json::from_slice(case).map_err(|e| unusable(e.to_string()))?;
        let outputs = Outputs::read(outputs, case.subsampled.clone()).map_err(unusable)?;
        Ok(Self {
            name: name.to_owned(),
            case,
            outputs,
        })
    }

    /// Whether a `case.json` is of this kind.
    pub fn is_in(case: &[u8]) -> bool {
        serde_json::from_slice::<Case>(case).is_ok()
    }

    /// Loads the small model.
    ///
    /// # Errors
    ///
    /// Faulty weights.
    pub fn model(&self, weights: &[u8], compute: &Compute) -> Result<Sam2, Error> {
        let checkpoint = Checkpoint::read(weights)?;
        Ok(checkpoint.into_sam2(&self.case.config.sizes(), compute.device())?)
    }

    /// Compares the encoder and every kind of prompt on one image, and SAM 2.1's own predictor of images.
    ///
    /// # Errors
    ///
    /// A missing tensor, a device that fails.
    pub async fn compare_image(
        &self,
        sam2: &Sam2,
        compute: &Compute,
    ) -> Result<Vec<Difference>, Error> {
        let mut found = self.differences();
        image::compare(sam2, &self.case, compute.device(), &mut found).await?;
        predictor::compare(sam2, &self.case, compute.device(), &mut found).await?;
        Ok(found.list)
    }

    /// Compares the tracking of the volume: with memories in bfloat16, and without rounding.
    ///
    /// # Errors
    ///
    /// A missing tensor, a device that fails.
    pub async fn compare_volume(
        &self,
        sam2: &Sam2,
        compute: &Compute,
    ) -> Result<Vec<Difference>, Error> {
        let mut found = self.differences();
        volume::compare(sam2, &self.case, compute.device(), &mut found).await?;
        Ok(found.list)
    }

    fn differences(&self) -> Differences<'_> {
        Differences {
            golden: self,
            list: Vec::new(),
        }
    }
}

/// The differences found so far.
struct Differences<'a> {
    golden: &'a Sam2Golden,
    list: Vec<Difference>,
}

impl Differences<'_> {
    fn outputs(&self) -> &Outputs {
        &self.golden.outputs
    }

    fn unusable(&self, reason: String) -> Error {
        Error::Golden {
            case: self.golden.name.clone(),
            reason,
        }
    }

    /// Values of a tensor that the folder must have.
    fn expected(&self, name: &str) -> Result<&[f32], Error> {
        let found = self.outputs().floats(name);
        found.ok_or_else(|| self.unusable(format!("it has no floats `{name}`")))
    }

    fn push(&mut self, what: impl Into<String>, measured: f64, allowed: f64) {
        self.list.push(Difference {
            what: what.into(),
            measured,
            allowed,
        });
    }

    /// Compares a tensor, or what the folder has of a large one, as a fraction of its largest value.
    fn features(&mut self, name: &str, found: &[f32], allowed: f64) -> Result<(), Error> {
        let (difference, absmax) = self
            .outputs()
            .difference(name, found)
            .map_err(|r| self.unusable(r))?;
        self.push(
            format!("{name}, of its absmax"),
            difference / absmax.max(f64::MIN_POSITIVE),
            allowed,
        );
        Ok(())
    }

    /// Compares a tensor's values as they are.
    fn values(&mut self, name: &str, found: &[f32], allowed: f64) -> Result<(), Error> {
        let (difference, _) = self
            .outputs()
            .difference(name, found)
            .map_err(|r| self.unusable(r))?;
        self.push(name, difference, allowed);
        Ok(())
    }

    /// Records whether two things are the same.
    fn same(&mut self, what: impl Into<String>, same: bool) {
        let measured = if same { 0.0 } else { f64::INFINITY };
        self.push(what, measured, 0.0);
    }
}
