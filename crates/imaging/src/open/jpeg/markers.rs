//! Marker segments (ITU-T T.81 annex B).

use super::fault::Fault;

pub(in crate::open) const DHT: u8 = 0xc4;
pub(in crate::open) const DQT: u8 = 0xdb;
pub(in crate::open) const DRI: u8 = 0xdd;
pub(in crate::open) const SOS: u8 = 0xda;
const EOI: u8 = 0xd9;

/// A component of a frame header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::open) struct Component {
    pub id: u8,
    pub horizontal: u8,
    pub vertical: u8,
    pub quantization: u8,
}

impl Component {
    /// Sampling factors: samples across and down in a minimum coded unit.
    pub fn factors(&self) -> [usize; 2] {
        [self.horizontal, self.vertical].map(usize::from)
    }
}

/// A frame header (T.81 section B.2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::open) struct FrameHeader {
    /// Coding process, 0 to 15 for `SOF0` to `SOF15`.
    pub process: u8,
    pub precision: u8,
    pub rows: u16,
    pub columns: u16,
    pub components: Vec<Component>,
}

impl FrameHeader {
    /// The frame header, if the segment is one.
    pub fn of(segment: &Segment<'_>) -> Option<Result<FrameHeader, Fault>> {
        match segment.marker {
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let process = segment.marker - 0xc0;
                Some(FrameHeader::read(process, segment.payload).ok_or(Fault::Truncated))
            }
            _ => None,
        }
    }

    fn read(process: u8, payload: &[u8]) -> Option<FrameHeader> {
        let (&[precision, y1, y0, x1, x0, count], rest) = payload.split_first_chunk()?;
        let component = |&[id, factors, quantization]: &[u8; 3]| Component {
            id,
            horizontal: factors >> 4,
            vertical: factors & 15,
            quantization,
        };
        let components = rest.as_chunks().0.iter().take(count.into());
        Some(FrameHeader {
            process,
            precision,
            rows: u16::from_be_bytes([y1, y0]),
            columns: u16::from_be_bytes([x1, x0]),
            components: components.map(component).collect(),
        })
    }

    /// Whether some component has fewer samples than the image has pixels.
    pub fn is_subsampled(&self) -> bool {
        let mut components = self.components.iter().map(Component::factors);
        let first = components.next();
        components.any(|factors| Some(factors) != first)
    }
}

/// A marker and its payload.
pub(in crate::open) struct Segment<'a> {
    pub marker: u8,
    pub payload: &'a [u8],
    /// Position of the first byte after the segment.
    pub end: usize,
}

/// The next segment that begins at or after `at`; `None` at the end of the image.
pub(in crate::open) fn segment(bytes: &[u8], at: usize) -> Result<Option<Segment<'_>>, Fault> {
    let mut at = at;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let &[prefix, marker, ..] = rest else {
            return Err(Fault::Truncated);
        };
        match (prefix, marker) {
            // Fill bytes.
            (0xff, 0xff) => at += 1,
            // Stuffed zeros and restart markers in entropy-coded data.
            (0xff, 0x00 | 0x01 | 0xd0..=0xd8) => at += 2,
            (0xff, EOI) => return Ok(None),
            (0xff, _) => {
                let Some(&[high, low]) = rest.get(2..).and_then(|rest| rest.first_chunk()) else {
                    return Err(Fault::Truncated);
                };
                let length = usize::from(u16::from_be_bytes([high, low])).max(2);
                let payload = rest.get(4..2 + length).ok_or(Fault::Truncated)?;
                let end = at + 2 + length;
                return Ok(Some(Segment {
                    marker,
                    payload,
                    end,
                }));
            }
            _ => at += 1,
        }
    }
}

/// The restart interval of a `DRI` segment; 0 for none.
pub(in crate::open) fn restart_interval(payload: &[u8]) -> u32 {
    let chunk = payload.first_chunk();
    chunk.map_or(0, |&bytes| u16::from_be_bytes(bytes).into())
}
