//! Decodes a line of samples: prediction from neighbours (A.3, A.4), and runs (A.7).

use super::bits::{Bits, CORRUPT};
use super::context::{Context, RunEnd};
use super::parameters::Parameters;

/// J: base-2 logarithms of the lengths of run segments (A.2.1).
const RUN_BITS: [u32; 32] = [
    0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13,
    14, 15,
];

/// Number of contexts: combinations of three gradients, opposite ones merged (A.3.3, A.3.4). The first one, without
/// gradient, is reached in sample-interleaved scans only.
const CONTEXTS: usize = 365;

/// A component's current line and the one above, each with a border sample on either side.
pub(super) struct Lines {
    above: Vec<i32>,
    current: Vec<i32>,
}

impl Lines {
    /// The state at the top of an image: the line above is 0.
    pub(super) fn new(width: usize) -> Self {
        Lines {
            above: vec![0; width + 2],
            current: vec![0; width + 2],
        }
    }

    /// Moves on to the next line, and sets its border (A.2.1).
    fn advance(&mut self) {
        std::mem::swap(&mut self.above, &mut self.current);
        let last = self.above.len() - 1;
        self.above[last] = self.above[last - 1];
        self.current[0] = self.above[1];
    }

    /// The samples of the current line.
    pub(super) fn samples(&self) -> &[i32] {
        &self.current[1..self.current.len() - 1]
    }

    fn neighbours(&self, x: usize) -> Neighbours {
        Neighbours {
            left: self.current[x - 1],
            above: self.above[x],
            above_left: self.above[x - 1],
            above_right: self.above[x + 1],
        }
    }
}

/// The neighbours Ra, Rb, Rc and Rd of a sample (figure 3).
#[derive(Debug, Clone, Copy)]
struct Neighbours {
    left: i32,
    above: i32,
    above_left: i32,
    above_right: i32,
}

impl Neighbours {
    fn gradients(self) -> [i32; 3] {
        [
            self.above_right - self.above,
            self.above - self.above_left,
            self.above_left - self.left,
        ]
    }

    /// Whether the neighbours start a run (A.3.2).
    fn is_flat(self, near: i32) -> bool {
        self.gradients()
            .iter()
            .all(|gradient| gradient.abs() <= near)
    }

    /// The edge-detecting predictor (A.4.1).
    fn prediction(self) -> i32 {
        let Neighbours {
            left,
            above,
            above_left,
            ..
        } = self;
        let (low, high) = (left.min(above), left.max(above));
        if above_left >= high {
            low
        } else if above_left <= low {
            high
        } else {
            left + above - above_left
        }
    }
}

/// State that is kept between the lines of a restart interval.
pub(super) struct Coder {
    parameters: Parameters,
    contexts: [Context; CONTEXTS],
    /// Contexts of run ends, by RItype.
    run_ends: [RunEnd; 2],
}

impl Coder {
    pub(super) fn new(parameters: Parameters) -> Self {
        Coder {
            parameters,
            contexts: [Context::new(&parameters); CONTEXTS],
            run_ends: [false, true].map(|is_flat| RunEnd::new(&parameters, is_flat)),
        }
    }

    /// Decodes the next line of one component, or of several with interleaved samples.
    pub(super) fn line(
        &mut self,
        bits: &mut Bits<'_>,
        lines: &mut [Lines],
        run_index: &mut usize,
    ) -> Result<(), &'static str> {
        lines.iter_mut().for_each(Lines::advance);
        let near = self.parameters.near;
        let width = lines.first().map_or(0, |line| line.samples().len());
        let mut x = 1;
        while x <= width {
            if lines.iter().all(|line| line.neighbours(x).is_flat(near)) {
                x = self.run(bits, lines, x, run_index)?;
                continue;
            }
            for line in lines.iter_mut() {
                line.current[x] = self.sample(bits, line.neighbours(x))?;
            }
            x += 1;
        }
        Ok(())
    }

    /// Decodes a sample in regular mode (A.3.3 to A.6).
    fn sample(&mut self, bits: &mut Bits<'_>, at: Neighbours) -> Result<i32, &'static str> {
        let parameters = &self.parameters;
        let regions = at.gradients().map(|gradient| region(gradient, parameters));
        // The sign of the first gradient that isn't 0.
        let merged = 81 * regions[0] + 9 * regions[1] + regions[2];
        let sign = if merged < 0 { -1 } else { 1 };
        let context = &mut self.contexts[merged.unsigned_abs() as usize];
        let prediction = at.prediction() + sign * context.correction;
        let prediction = prediction.clamp(0, parameters.max_value);
        let error = context.error(bits, parameters)?;
        Ok(parameters.sample(prediction, sign * error * parameters.step()))
    }

    /// Decodes a run that starts at `x` and the sample that ends it; returns the position after them.
    fn run(
        &mut self,
        bits: &mut Bits<'_>,
        lines: &mut [Lines],
        x: usize,
        run_index: &mut usize,
    ) -> Result<usize, &'static str> {
        let width = lines.first().map_or(0, |line| line.samples().len());
        let end = x + run_length(bits, width + 1 - x, run_index)?;
        for line in lines.iter_mut() {
            let value = line.current[x - 1];
            line.current[x..end].fill(value);
        }
        if end > width {
            return Ok(end);
        }
        let limit = self.parameters.limit - RUN_BITS[*run_index] - 1;
        let is_alone = lines.len() == 1;
        for line in lines.iter_mut() {
            line.current[end] = self.run_end(bits, line.neighbours(end), is_alone, limit)?;
        }
        *run_index = run_index.saturating_sub(1);
        Ok(end + 1)
    }

    /// Decodes the sample that ends a run (A.7.2). Interleaved samples are always predicted from above.
    fn run_end(
        &mut self,
        bits: &mut Bits<'_>,
        at: Neighbours,
        is_alone: bool,
        limit: u32,
    ) -> Result<i32, &'static str> {
        let parameters = &self.parameters;
        let Neighbours { left, above, .. } = at;
        let is_flat = is_alone && (left - above).abs() <= parameters.near;
        let error = self.run_ends[usize::from(is_flat)].error(bits, parameters, limit)?;
        let (prediction, sign) = match is_flat {
            true => (left, 1),
            false if left > above => (above, -1),
            false => (above, 1),
        };
        Ok(parameters.sample(prediction, sign * error * parameters.step()))
    }
}

/// Decodes the length of a run (A.7.1.2); `max` is the number of samples left in the line.
fn run_length(
    bits: &mut Bits<'_>,
    max: usize,
    run_index: &mut usize,
) -> Result<usize, &'static str> {
    let mut length = 0;
    while bits.number(1)? == 1 {
        length += 1 << RUN_BITS[*run_index];
        if length <= max {
            *run_index = (*run_index + 1).min(RUN_BITS.len() - 1);
        }
        if length >= max {
            return Ok(max);
        }
    }
    length += bits.number(RUN_BITS[*run_index])? as usize;
    // A run up to the end of the line has no end code.
    if length < max {
        Ok(length)
    } else {
        Err(CORRUPT)
    }
}

/// Quantizes a gradient to its region, −4 to 4 (A.3.3).
fn region(gradient: i32, parameters: &Parameters) -> i32 {
    let magnitude = gradient.abs();
    if magnitude <= parameters.near {
        return 0;
    }
    let passed = parameters
        .thresholds
        .iter()
        .filter(|&&threshold| magnitude >= threshold)
        .count();
    gradient.signum() * (1 + passed as i32)
}
