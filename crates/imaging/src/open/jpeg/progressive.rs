//! Scans of progressive JPEG (ITU-T T.81 annex G), read without making pixels.

use super::entropy::{Blocks, Scan, TOO_LONG, Tables, check_size, each_block};
use super::fault::Fault;
use super::huffman::{Bits, Table};
use super::markers::FrameHeader;

/// What has come of each coefficient.
pub(super) struct Progress {
    /// For each component and block the coefficients that are not 0, which refinements have to know.
    nonzero: Vec<Vec<u64>>,
    /// For each component and coefficient the bits that are still missing; `None` before its first scan.
    missing: Vec<[Option<u8>; 64]>,
}

/// Of a scan with a band of coefficients.
struct Band<'s> {
    nonzero: &'s mut Vec<u64>,
    /// Blocks to come that hold nothing new.
    empty_blocks: u32,
}

impl Progress {
    pub fn new(blocks: &[Blocks]) -> Progress {
        let count = |of: &Blocks| of.padded[0] * of.padded[1];
        Progress {
            nonzero: blocks.iter().map(|of| vec![0; count(of)]).collect(),
            missing: vec![[None; 64]; blocks.len()],
        }
    }

    /// Whether all bits of all coefficients have come.
    pub fn is_complete(&self) -> bool {
        self.missing.iter().flatten().all(|&bits| bits == Some(0))
    }

    pub fn read(
        &mut self,
        bits: &mut Bits<'_>,
        scan: &Scan,
        frame: &FrameHeader,
        blocks: &[Blocks],
        tables: &Tables,
    ) -> Result<(), Fault> {
        let [first, last] = scan.band;
        let [before, now] = scan.shifts;
        let is_sound = match first {
            0 => last == 0,
            _ => last >= first && scan.components.len() == 1,
        };
        if !is_sound || (before != 0 && before != now + 1) {
            return Err(Fault::Damaged("a scan header of its JPEG data is broken"));
        }
        for (component, ..) in &scan.components {
            for missing in &mut self.missing[*component][first..=last] {
                *missing = Some(now);
            }
        }
        match first {
            0 => dc(bits, scan, frame, blocks, tables),
            _ => self.ac(bits, scan, frame, blocks, tables),
        }
    }

    fn ac(
        &mut self,
        bits: &mut Bits<'_>,
        scan: &Scan,
        frame: &FrameHeader,
        blocks: &[Blocks],
        tables: &Tables,
    ) -> Result<(), Fault> {
        let (component, _, place) = scan.components[0];
        let table = tables.ac(place)?;
        let mut band = Band {
            nonzero: &mut self.nonzero[component],
            empty_blocks: 0,
        };
        let is_first = scan.shifts[0] == 0;
        let largest = frame.precision + 2;
        each_block(
            bits,
            scan,
            frame,
            blocks,
            tables.restart_interval,
            &mut band,
            |bits, band, _, block| match is_first {
                true => band.first(bits, table, block, scan.band, largest),
                false => band.refinement(bits, table, block, scan.band),
            },
            |band| band.empty_blocks = 0,
        )
    }
}

/// The first bits of the DC coefficients, or one more of each.
fn dc(
    bits: &mut Bits<'_>,
    scan: &Scan,
    frame: &FrameHeader,
    blocks: &[Blocks],
    tables: &Tables,
) -> Result<(), Fault> {
    let is_first = scan.shifts[0] == 0;
    each_block(
        bits,
        scan,
        frame,
        blocks,
        tables.restart_interval,
        &mut (),
        |bits, (), index, _| {
            if !is_first {
                return bits.number(1).map(drop);
            }
            let (_, place, _) = scan.components[index];
            let size = bits.value(tables.dc(place)?)?;
            check_size(size, frame.precision + 3)?;
            bits.extended(size).map(drop)
        },
        |()| {},
    )
}

impl Band<'_> {
    /// T.81 section G.1.2.2.
    fn first(
        &mut self,
        bits: &mut Bits<'_>,
        table: &Table,
        block: usize,
        [first, last]: [usize; 2],
        largest: u8,
    ) -> Result<(), Fault> {
        if self.empty_blocks > 0 {
            self.empty_blocks -= 1;
            return Ok(());
        }
        let mut at = first;
        while at <= last {
            let code = bits.value(table)?;
            let (zeros, size) = (code >> 4, code & 15);
            match (zeros, size) {
                (15, 0) => at += 16,
                (_, 0) => {
                    self.empty_blocks = (1 << zeros) - 1 + bits.number(zeros.into())?;
                    break;
                }
                _ => {
                    check_size(size, largest)?;
                    at += usize::from(zeros);
                    bits.extended(size)?;
                    self.set(block, at, last)?;
                    at += 1;
                }
            }
        }
        Ok(())
    }

    /// T.81 section G.1.2.3.
    fn refinement(
        &mut self,
        bits: &mut Bits<'_>,
        table: &Table,
        block: usize,
        [first, last]: [usize; 2],
    ) -> Result<(), Fault> {
        let mut at = first;
        while at <= last && self.empty_blocks == 0 {
            let code = bits.value(table)?;
            let (mut zeros, size) = (code >> 4, code & 15);
            match (zeros, size) {
                (15, 0) => {}
                (_, 0) => {
                    self.empty_blocks = (1 << zeros) + bits.number(zeros.into())?;
                    break;
                }
                // The sign; a new coefficient has one bit.
                (_, 1) => bits.number(1).map(drop)?,
                _ => return Err(Fault::Damaged("its JPEG data have a wrong code")),
            }
            while at <= last {
                if self.is_nonzero(block, at) {
                    bits.number(1)?;
                } else if zeros == 0 {
                    break;
                } else {
                    zeros -= 1;
                }
                at += 1;
            }
            if size == 1 {
                self.set(block, at, last)?;
            }
            at += 1;
        }
        if self.empty_blocks > 0 {
            for at in at..=last {
                if self.is_nonzero(block, at) {
                    bits.number(1)?;
                }
            }
            self.empty_blocks -= 1;
        }
        Ok(())
    }

    fn is_nonzero(&self, block: usize, at: usize) -> bool {
        self.nonzero
            .get(block)
            .is_some_and(|bits| bits >> at & 1 == 1)
    }

    fn set(&mut self, block: usize, at: usize, last: usize) -> Result<(), Fault> {
        let bits = self.nonzero.get_mut(block).filter(|_| at <= last);
        let bits = bits.ok_or(TOO_LONG)?;
        *bits |= 1 << at;
        Ok(())
    }
}
