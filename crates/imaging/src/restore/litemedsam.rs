//! LiteMedSAM's way back (MedSAM, branch LiteMedSAM, `CVPR24_LiteMedSAM_infer.py`,
//! `postprocess_masks` and `medsam_inference`): cut the padding off in 256², enlarge the logits to
//! the image, sigmoid.

use super::bilinear::enlarge;
use super::{Probability, sigmoid};
use crate::error::Error;
use crate::scan::checked_size;
use crate::space::Placement;

/// `logits` is `[side, side]`; logit space and model space have the same side in this recipe.
pub(super) fn restore(logits: &[f32], placement: &Placement) -> Result<Probability, Error> {
    let side = placement.side;
    checked_size(side, side, 1, "the logits", logits.len())?;
    let mut values = enlarge(logits, side, placement.resized, placement.image);
    for value in &mut values {
        *value = sigmoid(*value);
    }
    Probability::new(placement.image.width, placement.image.height, values)
}
