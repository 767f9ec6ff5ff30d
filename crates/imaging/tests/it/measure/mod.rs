//! Measures of masks.

mod curves;
mod mask;
mod reference;
mod short_axis;
mod slices_and_volumes;
mod surface_dice;
