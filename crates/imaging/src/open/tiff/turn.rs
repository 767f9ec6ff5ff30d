/// Turns an image upright. `orientation` (TIFF 6.0, tag 274) says how the stored rows and columns lie: 1 is upright,
/// 2 to 4 are mirrored or rotated by 180°, and from 5 on stored rows are displayed as columns.
pub(super) fn upright<T: Copy>(
    mut stored: Vec<T>,
    [width, height]: [usize; 2],
    channels: usize,
    orientation: u32,
) -> Vec<T> {
    if !(2..=8).contains(&orientation) {
        return stored;
    }
    if orientation < 5 {
        let [is_left_right, is_upside_down] = [orientation != 4, orientation != 2];
        mirror(
            &mut stored,
            width * channels,
            channels,
            [is_left_right, is_upside_down],
        );
        return stored;
    }
    let mut shown = Vec::with_capacity(stored.len());
    for y in 0..width {
        for x in 0..height {
            let (column, row) = match orientation {
                5 => (y, x),
                6 => (y, height - 1 - x),
                7 => (width - 1 - y, height - 1 - x),
                _ => (width - 1 - y, x),
            };
            let at = (row * width + column) * channels;
            shown.extend_from_slice(&stored[at..at + channels]);
        }
    }
    shown
}

/// Mirrors rows, columns or both in place: a second image might not fit beside the first.
fn mirror<T: Copy>(
    stored: &mut [T],
    row: usize,
    channels: usize,
    [is_left_right, is_upside_down]: [bool; 2],
) {
    if is_left_right {
        for row in stored.chunks_exact_mut(row.max(1)) {
            row.reverse();
            row.chunks_exact_mut(channels).for_each(<[T]>::reverse);
        }
    }
    if is_upside_down {
        let rows = stored.len() / row.max(1);
        let (upper, lower) = stored.split_at_mut((rows - rows / 2) * row);
        let lower = lower.chunks_exact_mut(row.max(1)).rev();
        for (above, below) in upper.chunks_exact_mut(row.max(1)).zip(lower) {
            above.swap_with_slice(below);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compared with the `image` crate, which turns images of other formats.
    #[test]
    fn each_orientation_is_the_image_crates() {
        let stored: Vec<u8> = (0..18).collect();
        for orientation in 1..=8u8 {
            let image = image::RgbImage::from_raw(3, 2, stored.clone()).unwrap();
            let mut image = image::DynamicImage::ImageRgb8(image);
            let theirs = image::metadata::Orientation::from_exif(orientation).unwrap();
            image.apply_orientation(theirs);
            let ours = upright(stored.clone(), [3, 2], 3, orientation.into());
            assert_eq!(ours, image.into_bytes(), "{orientation}");
        }
    }
}
