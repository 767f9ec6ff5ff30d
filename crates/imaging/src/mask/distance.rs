//! Exact Euclidean distance transform of a plane.

/// Squared distance from each point of a plane, given in rows of `width`, to the nearest set point; infinite without
/// any. The spacing is between neighbouring points along a row and down the rows.
///
/// P. F. Felzenszwalb, D. P. Huttenlocher: Distance Transforms of Sampled Functions, Theory of Computing 8, 2012,
/// 415–428. Rows are scanned in both directions; columns use the lower envelope of parabolas.
pub(crate) fn squared_mm(set: &[bool], width: usize, [x_mm, y_mm]: [f64; 2]) -> Vec<f64> {
    let mut squared = vec![f64::INFINITY; set.len()];
    for (row, squared) in set.chunks_exact(width).zip(squared.chunks_exact_mut(width)) {
        along_row(row, squared, x_mm);
    }
    let rows = set.len() / width;
    let mut column = vec![0.0; rows];
    let mut envelope = Envelope::default();
    for x in 0..width {
        for (y, value) in column.iter_mut().enumerate() {
            *value = squared[y * width + x];
        }
        envelope.build(&column, y_mm);
        envelope.fill(&column, y_mm, |y, value| squared[y * width + x] = value);
    }
    squared
}

fn along_row(row: &[bool], squared: &mut [f64], spacing: f64) {
    let mut nearest = None;
    for x in 0..row.len() {
        nearest = if row[x] { Some(x) } else { nearest };
        if let Some(at) = nearest {
            squared[x] = square((x - at) as f64 * spacing);
        }
    }
    let mut nearest = None;
    for x in (0..row.len()).rev() {
        nearest = if row[x] { Some(x) } else { nearest };
        if let Some(at) = nearest {
            squared[x] = squared[x].min(square((at - x) as f64 * spacing));
        }
    }
}

fn square(x: f64) -> f64 {
    x * x
}

/// Lower envelope of the parabolas `value[at] + ((y − at) · spacing)²`.
#[derive(Default)]
pub(crate) struct Envelope {
    /// The lowest parabolas in order, each with the `y` from which it is the lowest.
    parts: Vec<(usize, f64)>,
}

impl Envelope {
    pub(crate) fn build(&mut self, values: &[f64], spacing: f64) {
        self.parts.clear();
        for (at, value) in values.iter().enumerate().filter(|(_, v)| v.is_finite()) {
            let mut from = f64::NEG_INFINITY;
            while let Some(&(lower, lower_from)) = self.parts.last() {
                let (a, b) = (lower as f64, at as f64);
                let rise = (value - values[lower]) / (spacing * spacing);
                from = (rise + b * b - a * a) / (2.0 * (b - a));
                if from > lower_from {
                    break;
                }
                self.parts.pop();
                from = f64::NEG_INFINITY;
            }
            self.parts.push((at, from));
        }
    }

    pub(crate) fn fill(&self, values: &[f64], spacing: f64, mut put: impl FnMut(usize, f64)) {
        let mut parts = self.parts.iter().copied().peekable();
        let Some(mut part) = parts.next() else {
            return;
        };
        for y in 0..values.len() {
            while let Some(next) = parts.next_if(|(_, from)| *from <= y as f64) {
                part = next;
            }
            let (at, _) = part;
            put(y, values[at] + square(y.abs_diff(at) as f64 * spacing));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_search_over_all_points() {
        let (width, height) = (13, 9);
        let mut state = 1u32;
        for density in [1, 3, 40] {
            let set: Vec<bool> = (0..width * height)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 16) % 64 < density
                })
                .collect();
            let found = squared_mm(&set, width, [0.7, 2.5]);
            for (at, found) in found.into_iter().enumerate() {
                let to = |other: usize| {
                    let x = (at % width).abs_diff(other % width) as f64 * 0.7;
                    let y = (at / width).abs_diff(other / width) as f64 * 2.5;
                    x * x + y * y
                };
                let others = (0..set.len()).filter(|other| set[*other]).map(to);
                let expected = others.fold(f64::INFINITY, f64::min);
                assert!(found == expected || (found - expected).abs() < 1e-9);
            }
        }
    }
}
