//! The postprocessing of SAM 2.1 and MedSAM2 (facebookresearch/sam2, `sam2/utils/transforms.py`, `postprocess_masks`;
//! `sam2_video_predictor.py`, `_get_orig_video_res_output`): enlarge the logits to the image, sigmoid. There is no padding.

use super::bilinear::enlarge;
use super::{Probability, sigmoid};
use crate::error::Error;
use crate::space::Placement;

pub(super) fn restore(logits: &[f32], placement: &Placement) -> Result<Probability, Error> {
    let image = placement.image;
    let mut values = enlarge(logits, placement.logits, placement.logits_size(), image);
    // Differs from the reference, which compares the logit with 0, as in `sam.rs`.
    for value in &mut values {
        *value = sigmoid(*value);
    }
    Probability::new(image.width, image.height, values)
}
