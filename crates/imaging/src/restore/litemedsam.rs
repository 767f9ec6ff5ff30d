//! LiteMedSAM's postprocessing (MedSAM, branch LiteMedSAM, `CVPR24_LiteMedSAM_infer.py`, `postprocess_masks` and
//! `medsam_inference`): crop the padding in 256², enlarge the logits to the image, sigmoid.

use super::bilinear::enlarge;
use super::{Probability, sigmoid};
use crate::error::Error;
use crate::space::Placement;

/// Logit space and model space have the same side in this recipe, so no scaling is needed before the crop.
pub(super) fn restore(logits: &[f32], placement: &Placement) -> Result<Probability, Error> {
    let mut values = enlarge(logits, placement.logits, placement.resized, placement.image);
    for value in &mut values {
        *value = sigmoid(*value);
    }
    Probability::new(placement.image.width, placement.image.height, values)
}
