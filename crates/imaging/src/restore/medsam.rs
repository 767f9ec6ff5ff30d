//! MedSAM's postprocessing (bowang-lab/MedSAM, branch main, `MedSAM_Inference.py`, `medsam_inference`): sigmoid in
//! 256², then enlarge the probabilities to the image. There is no padding.

use super::bilinear::enlarge;
use super::{Probability, sigmoid};
use crate::error::Error;
use crate::space::Placement;

pub(super) fn restore(logits: &[f32], placement: &Placement) -> Result<Probability, Error> {
    let image = placement.image;
    let probabilities: Vec<f32> = logits.iter().copied().map(sigmoid).collect();
    let values = enlarge(
        &probabilities,
        placement.logits,
        placement.logits_size(),
        image,
    );
    Probability::new(image.width, image.height, values)
}
