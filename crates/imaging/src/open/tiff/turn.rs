/// Turns an image upright. `orientation` (TIFF 6.0, tag 274) says how the stored rows and columns lie: 1 is upright,
/// 2 to 4 are mirrored or rotated by 180°, and from 5 on stored rows are displayed as columns.
pub(super) fn upright<T: Copy>(
    stored: Vec<T>,
    [width, height]: [usize; 2],
    channels: usize,
    orientation: u32,
) -> Vec<T> {
    if !(2..=8).contains(&orientation) {
        return stored;
    }
    let (shown_width, shown_height) = match orientation {
        5.. => (height, width),
        _ => (width, height),
    };
    let mut shown = Vec::with_capacity(stored.len());
    for y in 0..shown_height {
        for x in 0..shown_width {
            let (column, row) = match orientation {
                2 => (width - 1 - x, y),
                3 => (width - 1 - x, height - 1 - y),
                4 => (x, height - 1 - y),
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
