/// Where the pixels of a stored row lie in the upright image: at `start`, and `step` further for each column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    start: usize,
    step: isize,
}

impl Line {
    /// A row of an image of stored columns and rows. `orientation` (TIFF 6.0, tag 274) says how they lie: 1 is upright, 2
    /// to 4 are mirrored or rotated by 180°, and from 5 on stored rows are displayed as columns.
    pub fn of(row: usize, [width, height]: [usize; 2], orientation: u32) -> Line {
        let (below, last) = (height - 1 - row, width - 1);
        let down = height as isize;
        let (start, step) = match orientation {
            2 => (row * width + last, -1),
            3 => (below * width + last, -1),
            4 => (below * width, 1),
            5 => (row, down),
            6 => (below, down),
            7 => (last * height + below, -down),
            8 => (last * height + row, -down),
            _ => (row * width, 1),
        };
        Line { start, step }
    }

    /// Whether its pixels lie next to each other, in their order.
    pub fn is_straight(self) -> bool {
        self.step == 1
    }

    /// Index of a pixel of the upright image.
    pub fn at(self, column: usize) -> usize {
        self.start.wrapping_add_signed(self.step * column as isize)
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
            let mut ours = vec![0; 18];
            for (at, pixel) in stored.chunks(3).enumerate() {
                let line = Line::of(at / 3, [3, 2], orientation.into());
                let to = 3 * line.at(at % 3);
                ours[to..to + 3].copy_from_slice(pixel);
            }
            assert_eq!(ours, image.into_bytes(), "{orientation}");
        }
    }
}
