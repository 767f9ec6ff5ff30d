//! Golden folders of small models with seeded weights and every part of the large ones.

use super::sam2::Sam2Golden;
use super::small_sam::SmallSam;
use super::{Difference, small_sam};
use crate::device::Compute;
use crate::error::Error;

/// Largest allowed difference of a small SAM, as a fraction of a tensor's largest value. Rounding alone causes 3e-6; a tanh
/// approximation of one GELU causes 5e-5.
const SMALL_SAM: f64 = 2e-5;

/// A golden folder of one small model: `case.json` (sizes and prompts), `outputs.safetensors` and weights in one or several
/// formats.
#[derive(Debug)]
pub enum SmallGolden {
    /// A SAM, MobileSAM or MedSAM.
    Sam(SmallSam),
    /// A SAM 2.1 or MedSAM2.
    Sam2(Sam2Golden),
}

impl SmallGolden {
    /// Reads a folder's files; `name` is its name in errors. `config` is Hugging Face's `config.json`, if the folder has it.
    ///
    /// # Errors
    ///
    /// [`Error::Golden`] with the fault.
    pub fn new(
        name: &str,
        case: &[u8],
        config: Option<&[u8]>,
        outputs: &[u8],
    ) -> Result<Self, Error> {
        if Sam2Golden::is_in(case) {
            return Ok(Self::Sam2(Sam2Golden::new(name, case, outputs)?));
        }
        let config = small_sam::config(config.unwrap_or(case)).map_err(|reason| Error::Golden {
            case: name.to_owned(),
            reason,
        })?;
        Ok(Self::Sam(SmallSam::new(name, config, case, outputs)?))
    }

    /// Loads the small model from a file of weights in f32, and compares all that the folder has of it.
    ///
    /// # Errors
    ///
    /// Faulty weights, a missing tensor, a device that fails.
    pub async fn compare(
        &self,
        weights: &[u8],
        compute: &Compute,
    ) -> Result<Vec<Difference>, Error> {
        match self {
            Self::Sam(golden) => {
                let precision = burn_sam::Precision::F32;
                let sam = golden.model(weights, compute.device(), precision)?;
                golden.compare(&sam, compute.device(), SMALL_SAM).await
            }
            Self::Sam2(golden) => {
                let sam2 = golden.model(weights, compute)?;
                let mut found = golden.compare_image(&sam2, compute).await?;
                found.extend(golden.compare_volume(&sam2, compute).await?);
                Ok(found)
            }
        }
    }
}
