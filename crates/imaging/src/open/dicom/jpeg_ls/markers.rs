//! The marker segments of a codestream (annex C; T.81, annex B).

use super::Expected;

const SOF_55: u8 = 0xf7;
const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const DNL: u8 = 0xdc;
const DRI: u8 = 0xdd;
const APP_8: u8 = 0xe8;
const LSE: u8 = 0xf8;
/// Frame header markers of T.81 and T.870.
const OTHER_FRAMES: [u8; 14] = [
    0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf, 0xf9,
];

pub(super) enum Segment {
    Frame(FrameHeader),
    Preset(Preset),
    /// Restart interval in lines of the scan (C.2.5); 0 for none.
    RestartInterval(usize),
    Scan(ScanHeader),
    End,
    /// A comment or application data, which don't affect samples.
    Other,
}

/// The frame header, SOF55 (C.2.2).
#[derive(Debug)]
pub(super) struct FrameHeader {
    /// Bits per sample, P.
    pub(super) bits: u32,
    width: usize,
    height: usize,
    /// Identifiers of the components.
    pub(super) components: Vec<u8>,
}

/// The coding parameters of an LSE segment of type 1 (C.2.4.1.1); 0 stands for the default value.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Preset {
    pub(super) max_value: u16,
    pub(super) thresholds: [u16; 3],
    pub(super) reset: u16,
}

/// How the components of a scan are interleaved (C.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interleave {
    None,
    Line,
    Sample,
}

/// The scan header, SOS (C.2.3).
#[derive(Debug)]
pub(super) struct ScanHeader {
    /// Identifiers of the scan's components.
    pub(super) components: Vec<u8>,
    /// Maximum error of a sample; 0 for lossless.
    pub(super) near: u8,
    pub(super) interleave: Interleave,
}

/// Reads marker segments one after the other.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, String> {
        match bytes {
            [0xff, SOI, rest @ ..] => Ok(Reader { rest }),
            _ => Err("it does not begin with a JPEG marker".to_owned()),
        }
    }

    /// The bytes after the last segment.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Skips coded samples.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Reads the next segment.
    pub(super) fn segment(&mut self) -> Result<Segment, String> {
        let marker = self.marker()?;
        if marker == EOI {
            return Ok(Segment::End);
        }
        let body = self.body()?;
        match marker {
            SOF_55 => frame(body).map(Segment::Frame),
            SOS => scan_header(body).map(Segment::Scan),
            LSE => preset(body).map(Segment::Preset),
            DRI => restart_interval(body).map(Segment::RestartInterval),
            APP_8 => refuse_colour_transform(body),
            DNL => Err("the number of lines follows the samples, which isn't read".to_owned()),
            marker if OTHER_FRAMES.contains(&marker) => Err(format!(
                "its frame header is of another JPEG process, 0x{marker:02x}"
            )),
            0xe0..=0xef | 0xfe => Ok(Segment::Other),
            marker => Err(format!("the marker 0x{marker:02x} has no place there")),
        }
    }

    /// Reads the next marker's code, after any fill bytes (T.81, B.1.1.2).
    fn marker(&mut self) -> Result<u8, String> {
        let fill = self.rest.iter().take_while(|&&byte| byte == 0xff).count();
        let code = *self.rest.get(fill).ok_or_else(truncated)?;
        if fill == 0 {
            return Err("there is no marker where one has to be".to_owned());
        }
        self.skip(fill + 1);
        Ok(code)
    }

    /// Reads the rest of a segment by its length, which includes the length field.
    fn body(&mut self) -> Result<&'a [u8], String> {
        let length = u16::from_be_bytes(*self.rest.first_chunk().ok_or_else(truncated)?);
        let segment = self.rest.get(..length.into()).ok_or_else(truncated)?;
        self.skip(length.into());
        segment
            .get(2..)
            .ok_or_else(|| "a segment is shorter than its length".to_owned())
    }
}

impl FrameHeader {
    /// Checks that the header agrees with the data set.
    pub(super) fn check(&self, expected: Expected) -> Result<(), String> {
        let FrameHeader {
            bits,
            width,
            height,
            components,
        } = self;
        if (*width, *height, components.len())
            != (expected.width, expected.height, expected.components)
        {
            return Err(format!(
                "its header says {width}×{height} with {} samples per pixel, not {}×{} with {}",
                components.len(),
                expected.width,
                expected.height,
                expected.components,
            ));
        }
        if *bits > expected.bits {
            return Err(format!(
                "its header says {bits} bits, more than {}",
                expected.bits
            ));
        }
        Ok(())
    }
}

/// Parses P (1 byte), Y (2), X (2), Nf (1), then for each component C (1), H and V (4 bits each), Tq (1).
fn frame(body: &[u8]) -> Result<FrameHeader, String> {
    let malformed = || "its frame header is malformed".to_owned();
    let (&[bits, y1, y0, x1, x0, count], components) =
        body.split_first_chunk().ok_or_else(malformed)?;
    let (components, rest) = components.as_chunks::<3>();
    if components.len() != usize::from(count) || count == 0 || !rest.is_empty() {
        return Err(malformed());
    }
    if !(2..=16).contains(&bits) {
        return Err(format!("its header says {bits} bits, not 2 to 16"));
    }
    if components.iter().any(|&[_, sampling, _]| sampling != 0x11) {
        return Err("its components are subsampled, which isn't read".to_owned());
    }
    let (width, height) = (u16::from_be_bytes([x1, x0]), u16::from_be_bytes([y1, y0]));
    if width == 0 || height == 0 {
        return Err("its header leaves the size to a later segment, which isn't read".to_owned());
    }
    Ok(FrameHeader {
        bits: bits.into(),
        width: width.into(),
        height: height.into(),
        components: components
            .iter()
            .map(|&[identifier, _, _]| identifier)
            .collect(),
    })
}

/// Parses Ns (1 byte), then for each component Cs (1), Tm (1); NEAR (1), ILV (1), point transform (1).
fn scan_header(body: &[u8]) -> Result<ScanHeader, String> {
    let malformed = || "a scan header is malformed".to_owned();
    let (&count, rest) = body.split_first().ok_or_else(malformed)?;
    let (components, &[near, interleave, transform]) =
        rest.split_last_chunk().ok_or_else(malformed)?;
    let (components, rest) = components.as_chunks::<2>();
    if components.len() != usize::from(count) || !(1..=4).contains(&count) || !rest.is_empty() {
        return Err(malformed());
    }
    if components.iter().any(|&[_, table]| table != 0) {
        return Err("it needs a mapping table, which isn't read".to_owned());
    }
    if transform != 0 {
        return Err("it has a point transform, which isn't read".to_owned());
    }
    let interleave = match interleave {
        // A single component can't be interleaved, whatever the header says.
        0..=2 if count == 1 => Interleave::None,
        1 => Interleave::Line,
        2 => Interleave::Sample,
        0 => return Err("a scan has several components and no interleave mode".to_owned()),
        mode => return Err(format!("there is no interleave mode {mode}")),
    };
    Ok(ScanHeader {
        components: components
            .iter()
            .map(|&[identifier, _]| identifier)
            .collect(),
        near,
        interleave,
    })
}

/// Parses ID (1 byte); if it is 1, MAXVAL, T1, T2, T3 and RESET (2 each).
fn preset(body: &[u8]) -> Result<Preset, String> {
    match body {
        [1, values @ ..] if values.len() == 10 => {
            let (values, _) = values.as_chunks::<2>();
            let value = |index: usize| u16::from_be_bytes(values[index]);
            Ok(Preset {
                max_value: value(0),
                thresholds: [value(1), value(2), value(3)],
                reset: value(4),
            })
        }
        [2 | 3, ..] => Err("it has a mapping table, which isn't read".to_owned()),
        [4, ..] => Err("it is wider or higher than 65,535 pixels".to_owned()),
        [5..=255, ..] => Err("it uses an extension of JPEG-LS, which isn't read".to_owned()),
        _ => Err("its preset parameters are malformed".to_owned()),
    }
}

/// Parses Ri, of 2, 3 or 4 bytes.
fn restart_interval(body: &[u8]) -> Result<usize, String> {
    if !(2..=4).contains(&body.len()) {
        return Err("its restart interval is malformed".to_owned());
    }
    let interval = body
        .iter()
        .fold(0_u32, |sum, &byte| sum << 8 | u32::from(byte));
    // An interval longer than the image has no effect.
    Ok(usize::try_from(interval).unwrap_or(usize::MAX))
}

/// Rejects HP's colour transforms, which are not part of the standard and change samples.
fn refuse_colour_transform(body: &[u8]) -> Result<Segment, String> {
    match body {
        [b'm', b'r', b'f', b'x', 1..=255, ..] => {
            Err("it has a colour transform that is no part of JPEG-LS".to_owned())
        }
        _ => Ok(Segment::Other),
    }
}

fn truncated() -> String {
    "it is truncated".to_owned()
}
