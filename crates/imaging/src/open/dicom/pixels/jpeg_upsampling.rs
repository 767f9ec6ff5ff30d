//! Chroma upsampling as in libjpeg by default (`jdsample.c`, "fancy upsampling": each sample is three quarters of the
//! nearer and one quarter of the further neighbour), so that values equal those of other DICOM readers.

/// A component's samples.
pub(super) struct Plane<'a> {
    pub width: usize,
    pub height: usize,
    /// Samples from one row to the next, with those that only fill blocks.
    pub stride: usize,
    pub samples: &'a [u16],
}

impl Plane<'_> {
    /// A row, or the last if there are fewer.
    pub fn row(&self, y: usize) -> &[u16] {
        let begin = y.min(self.height.saturating_sub(1)) * self.stride;
        let row = begin..begin + self.width;
        self.samples.get(row).unwrap_or_default()
    }

    /// Upsamples a row of the image, `width` samples long, of a component with one sample for each `factors[0]`
    /// columns and
    /// `factors[1]` rows.
    pub fn upsampled_row(&self, y: usize, factors: [usize; 2], width: usize) -> Vec<u16> {
        let [across, down] = factors;
        let own = y / down;
        let (nearer, is_upper) = (self.row(own), y.is_multiple_of(2));
        let further = match is_upper {
            true => self.row(own.saturating_sub(1)),
            false => self.row(own + 1),
        };
        let row = match factors {
            [2, 1] if self.width > 2 => doubled(&widened(nearer), 1, 2, 2),
            [1, 2] => {
                let bias = if is_upper { 1 } else { 2 };
                let mixed = mixed(nearer, further).into_iter();
                mixed.map(|sum| ((sum + bias) >> 2) as u16).collect()
            }
            [2, 2] if self.width > 2 => doubled(&mixed(nearer, further), 8, 7, 4),
            _ => {
                let repeated = nearer.iter().flat_map(|&s| std::iter::repeat_n(s, across));
                repeated.collect()
            }
        };
        row.into_iter().take(width).collect()
    }
}

fn widened(row: &[u16]) -> Vec<u32> {
    row.iter().map(|&sample| sample.into()).collect()
}

/// Weighted sum of two rows: three times the nearer plus the further.
fn mixed(nearer: &[u16], further: &[u16]) -> Vec<u32> {
    let pairs = nearer.iter().zip(further);
    pairs
        .map(|(&n, &f)| 3 * u32::from(n) + u32::from(f))
        .collect()
}

/// Doubles a row: each value is three times a sample plus its neighbour, or four times the sample at the ends. Then
/// the left or right bias is added for rounding, and the sum is shifted by `shift` bits.
fn doubled(row: &[u32], left_bias: u32, right_bias: u32, shift: u32) -> Vec<u16> {
    let mut doubled = Vec::with_capacity(2 * row.len());
    for (at, &value) in row.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| row.get(before));
        let left = 3 * value + before.unwrap_or(&value);
        let right = 3 * value + row.get(at + 1).unwrap_or(&value);
        doubled.push(((left + left_bias) >> shift) as u16);
        doubled.push(((right + right_bias) >> shift) as u16);
    }
    doubled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_lie_between_their_neighbours() {
        let plane = Plane {
            width: 3,
            height: 2,
            stride: 4,
            samples: &[0, 40, 80, 9, 100, 100, 100, 9],
        };
        assert_eq!(plane.upsampled_row(0, [2, 1], 6), [0, 10, 30, 50, 70, 80]);
        assert_eq!(plane.upsampled_row(1, [2, 1], 5), [100; 5]);
        assert_eq!(plane.upsampled_row(0, [1, 2], 3), [0, 40, 80]);
        assert_eq!(plane.upsampled_row(1, [1, 2], 3), [25, 55, 85]);
        assert_eq!(plane.upsampled_row(3, [1, 2], 3), [100; 3]);
        assert_eq!(plane.upsampled_row(1, [2, 2], 6), [25, 32, 48, 62, 78, 85]);
        assert_eq!(plane.upsampled_row(0, [3, 1], 7), [0, 0, 0, 40, 40, 40, 80]);
    }
}
