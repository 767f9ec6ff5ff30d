//! JPEG-LS, as in the transfer syntaxes 1.2.840.10008.1.2.4.80 and .81: ITU-T T.87 | ISO/IEC 14495-1.
//!
//! Lossless and near-lossless, 2 to 16 bits, all three interleave modes, preset parameters and restart intervals.
//! Mapping tables, subsampled components, more than 65,535 pixels a side, colour transforms and the extensions of
//! part 2 (T.870) are rejected.
//!
//! No crate covers this: those in pure Rust lack, or misread, interleaved colour and restart intervals.
//!
//! | file | contents | in T.87 |
//! |---|---|---|
//! | `markers` | headers | annex C |
//! | `parameters` | thresholds, code lengths | C.2.4.1.1, A.2.1 |
//! | `scan` | lines, restart intervals | A.2, annex B |
//! | `line` | prediction and run mode of a line | A.3 to A.7, annex F |
//! | `context` | adaptive contexts | A.5, A.6, A.7.2 |
//! | `bits` | bits, Golomb codes | A.1, A.5.3 |

mod bits;
mod context;
mod line;
mod markers;
mod parameters;
mod scan;
#[cfg(test)]
mod tests;

use markers::{FrameHeader, Preset, Reader, Segment};
use parameters::Parameters;

/// The frame that the data set describes; the codestream's header must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::open) struct Expected {
    /// Columns, in pixels.
    pub(in crate::open) width: usize,
    /// Rows, in pixels.
    pub(in crate::open) height: usize,
    /// Samples per pixel.
    pub(in crate::open) components: usize,
    /// Maximum number of bits of a sample: Bits Allocated.
    pub(in crate::open) bits: u32,
}

/// A decoded frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::open) struct Decoded {
    /// Unsigned samples, `[height, width, components]`.
    pub(in crate::open) samples: Vec<u16>,
    /// Bits per sample.
    pub(in crate::open) bits: u8,
}

/// Decodes one frame.
///
/// Memory and time are proportional to the expected size.
///
/// # Errors
///
/// A reason for the user: the header doesn't agree with the data set, the codestream is truncated or corrupt, or it
/// uses an unsupported feature. A frame with missing samples is an error.
pub(in crate::open) fn decode(bytes: &[u8], expected: Expected) -> Result<Decoded, String> {
    let mut reader = Reader::new(bytes)?;
    let mut preset = Preset::default();
    let mut restart_interval = 0;
    let mut image = None;
    loop {
        match reader.segment()? {
            Segment::Frame(frame) if image.is_none() => {
                frame.check(expected)?;
                image = Some(Image::new(frame, expected));
            }
            Segment::Frame(_) => return Err("there is a second frame header".to_owned()),
            Segment::Preset(found) => preset = found,
            Segment::RestartInterval(lines) => restart_interval = lines,
            Segment::Other => {}
            Segment::End => return image.ok_or_else(no_frame)?.complete(),
            Segment::Scan(header) => {
                let image = image.as_mut().ok_or_else(no_frame)?;
                let components = image.claim(&header.components)?;
                let parameters = Parameters::new(image.frame.bits, header.near, preset)?;
                let layout = scan::ScanLayout {
                    width: expected.width,
                    channels: expected.components,
                    components,
                    interleave: header.interleave,
                    restart_interval,
                };
                let data = reader.rest();
                let used = scan::decode(data, parameters, &layout, &mut image.samples)?;
                reader.skip(used);
            }
        }
    }
}

fn no_frame() -> String {
    "the frame header is missing before the samples".to_owned()
}

/// The samples decoded so far.
struct Image {
    frame: FrameHeader,
    /// `[height, width, components]`.
    samples: Vec<u16>,
    /// For each component of the frame header, whether it has been decoded.
    is_decoded: Vec<bool>,
}

impl Image {
    fn new(frame: FrameHeader, expected: Expected) -> Self {
        Image {
            samples: vec![0; expected.width * expected.height * expected.components],
            is_decoded: vec![false; frame.components.len()],
            frame,
        }
    }

    /// Indices of a scan's components. Each may be coded only once, which also bounds the work.
    fn claim(&mut self, identifiers: &[u8]) -> Result<Vec<usize>, String> {
        let mut claim = |identifier: &u8| {
            let known = self.frame.components.iter().position(|c| c == identifier);
            let index = known.ok_or_else(|| {
                format!("a scan has component {identifier}, which the frame header lacks")
            })?;
            if std::mem::replace(&mut self.is_decoded[index], true) {
                return Err(format!("component {identifier} is coded twice"));
            }
            Ok(index)
        };
        identifiers.iter().map(&mut claim).collect()
    }

    fn complete(self) -> Result<Decoded, String> {
        if self.is_decoded.iter().all(|&is_decoded| is_decoded) {
            Ok(Decoded {
                samples: self.samples,
                bits: self.frame.bits as u8,
            })
        } else {
            Err("the codestream ends before all components".to_owned())
        }
    }
}
