//! SAM's postprocessing (facebookresearch/segment-anything, `modeling/sam.py`, `Sam.postprocess_masks`): enlarge the
//! logits to the model's square, crop the padding, enlarge to the image, sigmoid.

use super::bilinear::enlarge;
use super::{Probability, sigmoid};
use crate::error::Error;
use crate::space::{Placement, Size};

pub(super) fn restore(logits: &[f32], placement: &Placement) -> Result<Probability, Error> {
    let Placement {
        image,
        resized,
        side,
        ..
    } = *placement;
    let square = Size {
        width: side,
        height: side,
    };
    let in_model = enlarge(logits, placement.logits, placement.logits_size(), square);
    let mut values = enlarge(&in_model, side, resized, image);
    // Differs from the reference, which compares the logit with 0: a probability can be shown and saved. The masks
    // are equal, except for logits up to about 1e-7, whose sigmoid is 0.5 in f32.
    for value in &mut values {
        *value = sigmoid(*value);
    }
    Probability::new(image.width, image.height, values)
}
