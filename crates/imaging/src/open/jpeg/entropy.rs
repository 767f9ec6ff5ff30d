//! Checks that the entropy-coded data of a JPEG are complete: reads them as a decoder does, without making pixels
//! (ITU-T T.81 annexes F and G).
//!
//! `zune-jpeg` fills what it can't decode with grey and reports no error, not even in strict mode if a marker comes too
//! early; grey on a scan would look like tissue. Huffman codes resynchronize soon after a fault, so most faults are
//! noticed only at the end, where data are left over or missing.

use super::blocks::{Blocks, Scan, ScanContext};
use super::fault::Fault;
use super::huffman::{Bits, Table};
use super::markers::{DHT, DQT, DRI, FrameHeader, SOS, restart_interval, segment};
use super::progressive::Progress;
use super::sequential;

/// Maximum number of scans of one image; `zune-jpeg` has the same limit.
const MAX_SCANS: u32 = 100;

/// Faults found in data that can still be decoded to the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::open) struct Doubts {
    /// Whole bytes that were not needed for any pixel.
    pub surplus_bytes: usize,
    /// Blocks whose coefficients cannot result from samples of this precision.
    pub impossible_parts: usize,
    /// Whether a progressive image lacks its last scans, so that it has less detail than it was saved with.
    pub lacks_scans: bool,
}

impl Doubts {
    /// A note for the user; `None` without a fault.
    pub fn text(&self) -> Option<String> {
        let found = match (self.surplus_bytes, self.impossible_parts) {
            (0, 0) if self.lacks_scans => {
                let text = "The JPEG data end before the last scan: the image has less detail than it was saved with.";
                return Some(text.to_owned());
            }
            (0, 0) => return None,
            (0, parts) => format!("{parts} of their parts have values that no image has"),
            (bytes, _) => format!("{bytes} of their bytes belong to no pixel"),
        };
        Some(format!(
            "The JPEG data seem to be damaged: {found}. Part of the image may be wrong."
        ))
    }
}

/// Tables and settings for the scans that follow.
#[derive(Default)]
pub(super) struct Tables {
    dc: [Option<Table>; 4],
    ac: [Option<Table>; 4],
    quantization: [Option<[u16; 64]>; 4],
    pub restart_interval: u32,
}

/// Reads all scans of an image that is coded with a discrete cosine transform and Huffman codes, 8 or 12 bits.
/// Other coding processes are not checked.
///
/// # Errors
///
/// [`Fault`] where a decoder would have to stop.
pub(in crate::open) fn check(bytes: &[u8]) -> Result<Doubts, Fault> {
    let mut tables = Tables::default();
    let mut frame: Option<(FrameHeader, Vec<Blocks>)> = None;
    let mut progress = None;
    let mut done = Vec::new();
    let mut doubts = Doubts::default();
    let (mut at, mut scans) = (0, 0);
    loop {
        let segment = match segment(bytes, at) {
            Ok(Some(segment)) => segment,
            Ok(None) => break,
            // DICOM fragments may lack the end-of-image marker.
            Err(_) if progress.is_none() && is_done(&done) => break,
            Err(fault) => return Err(fault),
        };
        at = segment.end;
        if let Some(header) = FrameHeader::of(&segment) {
            let header = header?;
            if header.process > 2 || !matches!(header.precision, 8 | 12) {
                return Ok(doubts);
            }
            let blocks = Blocks::of(&header)?;
            done = vec![false; blocks.len()];
            progress = (header.process == 2).then(|| Progress::new(&blocks));
            frame = Some((header, blocks));
            continue;
        }
        match segment.marker {
            DHT => tables.read_huffman(segment.payload)?,
            DQT => tables.read_quantization(segment.payload)?,
            DRI => tables.restart_interval = restart_interval(segment.payload),
            SOS => {
                let missing = Fault::Damaged("the frame header is missing before the pixels");
                let (header, blocks) = frame.as_ref().ok_or(missing)?;
                let scan = Scan::read(segment.payload, header)?;
                scans += 1;
                if scans > MAX_SCANS {
                    return Err(Fault::Damaged("its JPEG data have more than 100 scans"));
                }
                let context = ScanContext {
                    scan: &scan,
                    frame: header,
                    blocks,
                    tables: &tables,
                };
                let mut bits = Bits::new(bytes, at);
                match &mut progress {
                    Some(progress) => progress.read(&mut bits, &context)?,
                    None => doubts.impossible_parts += sequential::read(&mut bits, &context)?,
                }
                doubts.surplus_bytes += bits.finish();
                at = bits.position();
                for (component, ..) in &scan.components {
                    done[*component] = true;
                }
                if progress.is_none() && is_done(&done) {
                    break;
                }
            }
            _ => {}
        }
    }
    if !is_done(&done) {
        return Err(Fault::Truncated);
    }
    doubts.lacks_scans = progress.is_some_and(|progress| !progress.is_complete());
    Ok(doubts)
}

fn is_done(done: &[bool]) -> bool {
    !done.is_empty() && done.iter().all(|&done| done)
}

impl Tables {
    fn read_huffman(&mut self, payload: &[u8]) -> Result<(), Fault> {
        for (class, place, table) in Table::of_segment(payload)? {
            let of_class = match class {
                0 => &mut self.dc,
                _ => &mut self.ac,
            };
            if let Some(slot) = of_class.get_mut(usize::from(place)) {
                *slot = Some(table);
            }
        }
        Ok(())
    }

    /// Reads a `DQT` segment; its steps are in zigzag order (T.81 section B.2.4.1).
    fn read_quantization(&mut self, payload: &[u8]) -> Result<(), Fault> {
        let mut rest = payload;
        while let Some((&place, after)) = rest.split_first() {
            let width = if place >> 4 == 0 { 1 } else { 2 };
            let (values, after) = after.split_at_checked(64 * width).ok_or(Fault::Truncated)?;
            rest = after;
            let mut table = [0; 64];
            for (slot, value) in table.iter_mut().zip(values.chunks(width)) {
                *slot = value
                    .iter()
                    .fold(0, |sum, &byte| sum << 8 | u16::from(byte));
            }
            if let Some(slot) = self.quantization.get_mut(usize::from(place & 15)) {
                *slot = Some(table);
            }
        }
        Ok(())
    }

    /// Quantization steps in zigzag order.
    pub fn quantization(&self, place: u8) -> Result<[f64; 64], Fault> {
        let table = self.quantization.get(usize::from(place)).copied().flatten();
        let table = table.ok_or(Fault::Damaged("its JPEG data lack a quantization table"))?;
        Ok(table.map(f64::from))
    }

    pub fn dc(&self, place: usize) -> Result<&Table, Fault> {
        let table = self.dc.get(place).and_then(Option::as_ref);
        table.ok_or(Fault::Damaged("its JPEG data lack a Huffman table"))
    }

    pub fn ac(&self, place: usize) -> Result<&Table, Fault> {
        let table = self.ac.get(place).and_then(Option::as_ref);
        table.ok_or(Fault::Damaged("its JPEG data lack a Huffman table"))
    }
}

pub(super) const TOO_LONG: Fault = Fault::Damaged("a block of its JPEG data is too long");

/// Checks the number of bits of a coefficient (T.81 tables F.1 and F.2, with 4 more for 12 bits).
pub(super) fn check_size(size: u8, max: u8) -> Result<(), Fault> {
    match size <= max {
        true => Ok(()),
        false => Err(Fault::Damaged(
            "its JPEG data have a coefficient that is too large",
        )),
    }
}
