//! Measures of masks.

mod mask;
mod reference;
mod short_axis;
mod slices_and_volumes;
mod surface_dice;
