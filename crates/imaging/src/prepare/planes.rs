//! The resized image → planes of red, green and blue, normalised and padded.

use crate::scan::RgbImage8;

/// `[height, width, 3]` in `[0, 255]` → `[3, side, side]`: `normal(channel, value)` at the top left,
/// then zeros to the right and below.
pub(super) fn padded_planes(
    resized: &RgbImage8,
    side: u32,
    normal: impl Fn(usize, u8) -> f32,
) -> Vec<f32> {
    let (side, width) = (side as usize, resized.width() as usize);
    debug_assert!(width <= side && resized.height() as usize <= side);
    let mut planes = vec![0.0; 3 * side * side];
    for (channel, plane) in planes.chunks_exact_mut(side * side).enumerate() {
        // A value is one of 256, so a division for each is enough.
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

/// MedSAM's and LiteMedSAM's normal: `(x − min) / max(max − min, 1e-8)`, in `[0, 1]`, with the
/// extremes of all channels together.
pub(super) fn min_max(resized: &RgbImage8) -> impl Fn(usize, u8) -> f32 + use<> {
    let pixels = resized.pixels();
    let min = pixels.iter().copied().min().unwrap_or(0);
    let max = pixels.iter().copied().max().unwrap_or(0);
    let range = f64::from(max - min).max(1e-8);
    // The references divide in double precision and round to single afterwards.
    move |_, value| (f64::from(value.saturating_sub(min)) / range) as f32
}
