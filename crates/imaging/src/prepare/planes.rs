//! Converts the resized image to planes of red, green and blue, normalised and padded.

use crate::scan::RgbImage8;

/// Converts `[height, width, 3]` in `[0, 255]` to `[3, side, side]`: `normal(channel, value)` at the top left, zeros to
/// the right and below.
pub(super) fn padded_planes(
    resized: &RgbImage8,
    side: u32,
    normal: impl Fn(usize, u8) -> f32,
) -> Vec<f32> {
    let (side, width) = (side as usize, resized.width() as usize);
    debug_assert!(width <= side && resized.height() as usize <= side);
    let mut planes = vec![0.0; 3 * side * side];
    for (channel, plane) in planes.chunks_exact_mut(side * side).enumerate() {
        // There are only 256 values, so the normalisation is tabulated.
        let normals: Vec<f32> = (0..=u8::MAX).map(|value| normal(channel, value)).collect();
        let rows = resized.pixels().chunks_exact(width * 3);
        for (row, line) in rows.zip(plane.chunks_exact_mut(side)) {
            for (rgb, target) in row.as_chunks::<3>().0.iter().zip(line) {
                *target = normals[usize::from(rgb[channel])];
            }
        }
    }
    planes
}

/// Normalisation of MedSAM and LiteMedSAM: `(x − min) / max(max − min, 1e-8)`, in `[0, 1]`, with the extremes over all
/// channels.
pub(super) fn min_max(resized: &RgbImage8) -> impl Fn(usize, u8) -> f32 + use<> {
    let pixels = resized.pixels();
    let min = pixels.iter().copied().min().unwrap_or(0);
    let max = pixels.iter().copied().max().unwrap_or(0);
    let range = f64::from(max - min).max(1e-8);
    // The references divide in double precision and round to single afterwards.
    move |_, value| (f64::from(value.saturating_sub(min)) / range) as f32
}
