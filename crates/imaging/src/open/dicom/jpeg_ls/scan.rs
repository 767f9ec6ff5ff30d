//! Decodes the samples of a scan by restart intervals and lines (A.2, annex B).

use super::bits::{Bits, TRUNCATED};
use super::line::{Coder, Lines};
use super::markers::Interleave;
use super::parameters::Parameters;

/// RST0, the first of eight restart markers.
const RST_0: u8 = 0xd0;

/// Where a scan's samples go in the image.
pub(super) struct ScanLayout {
    /// Width of the image, in pixels.
    pub(super) width: usize,
    /// Samples per pixel of the image.
    pub(super) channels: usize,
    /// Indices of the components in this scan.
    pub(super) components: Vec<usize>,
    /// How the components are interleaved.
    pub(super) interleave: Interleave,
    /// Restart interval in lines; 0 for none.
    pub(super) restart_interval: usize,
}

/// Decodes a scan into `samples`, `[height, width, channels]`; returns the number of bytes read.
pub(super) fn decode(
    bytes: &[u8],
    parameters: Parameters,
    layout: &ScanLayout,
    samples: &mut [u16],
) -> Result<usize, &'static str> {
    let line_length = layout.width * layout.channels;
    let interval = match layout.restart_interval {
        0 => samples.len(),
        lines => lines.saturating_mul(line_length),
    };
    let mut at = 0;
    for (index, samples) in samples.chunks_mut(interval).enumerate() {
        if index > 0 {
            at = restart(bytes, at, index - 1)?;
        }
        let mut bits = Bits::new(bytes, at);
        decode_interval(&mut bits, parameters, layout, samples)?;
        at = bits.finish()?;
    }
    Ok(at)
}

/// Decodes a restart interval, which doesn't depend on earlier ones.
fn decode_interval(
    bits: &mut Bits<'_>,
    parameters: Parameters,
    layout: &ScanLayout,
    samples: &mut [u16],
) -> Result<(), &'static str> {
    let mut coder = Coder::new(parameters);
    let mut lines: Vec<_> = layout
        .components
        .iter()
        .map(|_| Lines::new(layout.width))
        .collect();
    let mut run_indices = vec![0; lines.len()];
    // Number of components that are decoded together for each line.
    let at_once = match layout.interleave {
        Interleave::Sample => lines.len(),
        Interleave::Line | Interleave::None => 1,
    };
    for row in samples.chunks_exact_mut(layout.width * layout.channels) {
        for (lines, run_index) in lines.chunks_mut(at_once).zip(&mut run_indices) {
            coder.line(bits, lines, run_index)?;
        }
        for (line, &component) in lines.iter().zip(&layout.components) {
            let places = row.iter_mut().skip(component).step_by(layout.channels);
            for (place, &sample) in places.zip(line.samples()) {
                // Samples are at most MAXVAL, which fits 16 bits.
                *place = sample as u16;
            }
        }
    }
    Ok(())
}

/// Skips the restart marker at `at`, which must be number `index` of the scan.
fn restart(bytes: &[u8], at: usize, index: usize) -> Result<usize, &'static str> {
    let rest = bytes.get(at..).unwrap_or_default();
    let fill = rest.iter().take_while(|&&byte| byte == 0xff).count();
    match rest.get(fill) {
        None => Err(TRUNCATED),
        Some(&code) if usize::from(code) == usize::from(RST_0) + index % 8 => Ok(at + fill + 1),
        Some(_) => Err("a restart marker is missing or out of order"),
    }
}
