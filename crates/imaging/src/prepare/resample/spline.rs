//! SciPy's `spline_filter` of order 3 with mode "mirror" (SciPy, `ndimage/src/ni_splines.c`, `apply_filter`; M.
//! Unser, A. Aldroubi, M. Eden, "Fast B-spline transforms for continuous image representation and interpolation",
//! IEEE PAMI 13(3), 1991): computes the coefficients of the cubic B-spline that passes through the pixels.
//!
//! The filter runs down the image and up again, for which the reference holds all of it in f64. But rows further
//! apart than [`HORIZON`] don't influence each other's f64, so a few dozen rows at a time are enough here.

use super::gaussian::Blurred;

/// √3 − 2.
const POLE: f64 = -0.267_949_192_431_122_7;
const GAIN: f64 = (1.0 - POLE) * (1.0 - 1.0 / POLE);
/// Distance at which the filter's impulse response, `POLE^HORIZON` or 4e-28, is below the last bit of an f64.
const HORIZON: usize = 48;
/// Number of rows that are finished together.
const BLOCK: usize = 64;

/// The spline coefficients of a blurred image, row by row from the top.
pub(super) struct Coefficients<'a> {
    source: Blurred<'a>,
    /// Values per row: 3 · width.
    stride: usize,
    height: usize,
    /// The rows in memory, from `first` on, `[rows, width, 3]`; from `finished` on, only the downward pass is done.
    rows: Vec<f64>,
    first: usize,
    finished: usize,
}

impl<'a> Coefficients<'a> {
    pub(super) fn new(source: Blurred<'a>) -> Self {
        let size = source.size();
        Coefficients {
            source,
            stride: size.width as usize * 3,
            height: size.height as usize,
            rows: Vec::new(),
            first: 0,
            finished: 0,
        }
    }

    /// Computes the rows up to `last`, and frees those before `first`.
    pub(super) fn hold(&mut self, first: usize, last: usize) {
        while self.finished <= last {
            let forgotten = first.min(self.finished).max(self.first);
            self.rows.drain(..(forgotten - self.first) * self.stride);
            self.first = forgotten;
            self.finish_block();
        }
    }

    /// Row `y`, `[width, 3]`, which must be in memory.
    pub(super) fn row(&self, y: usize) -> &[f64] {
        debug_assert!((self.first..self.finished).contains(&y), "row {y}");
        &self.rows[(y - self.first) * self.stride..][..self.stride]
    }

    fn finish_block(&mut self) {
        // Differs from the reference, which starts the upward pass at the last row: that would take 24 bytes a pixel.
        // Starting HORIZON rows ahead gives the same bits.
        let seen = self.finished + BLOCK + HORIZON;
        // The last block includes all remaining rows.
        let (end, seen) = if seen >= self.height {
            (self.height, self.height)
        } else {
            (self.finished + BLOCK, seen)
        };
        self.load(seen);
        let at = |y: usize| (y - self.first) * self.stride;
        let (start, end_at) = (at(self.finished), at(end));
        if self.height > 1 {
            let ahead = self.rows[end_at..].to_vec();
            backward(&mut self.rows[start..], self.stride);
            self.rows[end_at..].copy_from_slice(&ahead);
        }
        for row in self.rows[start..end_at].chunks_exact_mut(self.stride) {
            filter(row, 3);
            for pixel in row.as_chunks_mut::<3>().0 {
                filter(pixel, 1);
            }
        }
        self.finished = end;
    }

    /// Appends the rows before `end`, after the downward pass.
    fn load(&mut self, end: usize) {
        let start = self.rows.len();
        for y in self.first + start / self.stride..end {
            self.rows.extend(self.source.row(y));
        }
        if self.height == 1 {
            return;
        }
        self.rows[start..]
            .iter_mut()
            .for_each(|value| *value *= GAIN);
        if start == 0 {
            start_forward(&mut self.rows, self.stride);
        }
        forward(&mut self.rows, self.stride, start.max(self.stride));
    }
}

/// Filters a line of elements with `stride` values each.
fn filter(line: &mut [f64], stride: usize) {
    if line.len() == stride {
        return;
    }
    line.iter_mut().for_each(|value| *value *= GAIN);
    start_forward(line, stride);
    forward(line, stride, stride);
    backward(line, stride);
}

/// `_init_causal_mirror`: initializes the first element, as if the line continued as its own mirror image.
fn start_forward(line: &mut [f64], stride: usize) {
    let last = line.len() / stride - 1;
    let (first, rest) = line.split_at_mut(stride);
    // The mirrored far end matters only if the line is short.
    let power_last = match last < HORIZON {
        true => POLE.powf(last as f64),
        false => 0.0,
    };
    for (i, sum) in first.iter_mut().enumerate() {
        let at = |element: usize| rest[(element - 1) * stride + i];
        *sum += power_last * at(last);
        let mut power = POLE;
        for element in 1..last.min(HORIZON) {
            *sum += power * (at(element) + power_last * at(last - element));
            power *= POLE;
        }
        *sum /= 1.0 - power_last * power_last;
    }
}

/// Causal pass: adds the previous element, times the pole, to each element from `start` on.
fn forward(line: &mut [f64], stride: usize, start: usize) {
    for i in start..line.len() {
        line[i] += POLE * line[i - stride];
    }
}

/// Anticausal pass, from the last element (`_init_anticausal_mirror`) to the first.
fn backward(line: &mut [f64], stride: usize) {
    let last = line.len() - stride;
    for i in last..line.len() {
        line[i] = (POLE * line[i - stride] + line[i]) * POLE / (POLE * POLE - 1.0);
    }
    for i in (0..last).rev() {
        line[i] = POLE * (line[i + stride] - line[i]);
    }
}
