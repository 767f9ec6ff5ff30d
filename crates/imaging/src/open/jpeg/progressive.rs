//! Scans of progressive JPEG (ITU-T T.81 annex G), read without making pixels.

use super::blocks::{Blocks, ReadBlock, ScanContext};
use super::entropy::{TOO_LONG, check_size};
use super::fault::Fault;
use super::huffman::{Bits, Table};

/// Which bits of the coefficients have been read so far.
pub(super) struct Progress {
    /// For each component and block, a bit set of the coefficients that are not 0; refinement scans depend on it.
    nonzero: Vec<Vec<u64>>,
    /// For each component and coefficient, the number of bits still missing; `None` before its first scan.
    missing: Vec<[Option<u8>; 64]>,
}

impl Progress {
    pub fn new(blocks: &[Blocks]) -> Progress {
        let count = |of: &Blocks| of.padded[0] * of.padded[1];
        Progress {
            nonzero: blocks.iter().map(|of| vec![0; count(of)]).collect(),
            missing: vec![[None; 64]; blocks.len()],
        }
    }

    /// Whether all bits of all coefficients have been read.
    pub fn is_complete(&self) -> bool {
        self.missing.iter().flatten().all(|&bits| bits == Some(0))
    }

    pub fn read(&mut self, bits: &mut Bits<'_>, context: &ScanContext<'_>) -> Result<(), Fault> {
        let scan = context.scan;
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
        if first == 0 {
            return context.read(bits, &mut Dc { context });
        }
        let (component, _, place) = scan.components[0];
        let mut band = Band {
            nonzero: &mut self.nonzero[component],
            empty_blocks: 0,
            table: context.tables.ac(place)?,
            coefficients: scan.band,
            is_first: before == 0,
            largest: context.frame.precision + 2,
        };
        context.read(bits, &mut band)
    }
}

/// Reads a scan of DC coefficients: their first bits, or one more bit of each.
struct Dc<'c> {
    context: &'c ScanContext<'c>,
}

impl ReadBlock for Dc<'_> {
    fn block(&mut self, bits: &mut Bits<'_>, index: usize, _: usize) -> Result<(), Fault> {
        let ScanContext {
            scan,
            frame,
            tables,
            ..
        } = self.context;
        if scan.shifts[0] != 0 {
            return bits.number(1).map(drop);
        }
        let (_, place, _) = scan.components[index];
        let size = bits.value(tables.dc(place)?)?;
        check_size(size, frame.precision + 3)?;
        bits.extended(size).map(drop)
    }

    fn restart(&mut self) {}
}

/// Reads a scan of a band of AC coefficients.
struct Band<'s> {
    nonzero: &'s mut Vec<u64>,
    /// Number of following blocks without new values (`EOBRUN`).
    empty_blocks: u32,
    table: &'s Table,
    /// First and last coefficient of the band.
    coefficients: [usize; 2],
    /// Whether this is the band's first scan.
    is_first: bool,
    /// Maximum number of bits of a coefficient.
    largest: u8,
}

impl ReadBlock for Band<'_> {
    fn block(&mut self, bits: &mut Bits<'_>, _: usize, place: usize) -> Result<(), Fault> {
        match self.is_first {
            true => self.first(bits, place),
            false => self.refinement(bits, place),
        }
    }

    fn restart(&mut self) {
        self.empty_blocks = 0;
    }
}

impl Band<'_> {
    /// Reads a block in the band's first scan (T.81 section G.1.2.2).
    fn first(&mut self, bits: &mut Bits<'_>, block: usize) -> Result<(), Fault> {
        let [first, last] = self.coefficients;
        if self.empty_blocks > 0 {
            self.empty_blocks -= 1;
            return Ok(());
        }
        let mut at = first;
        while at <= last {
            let code = bits.value(self.table)?;
            let (zeros, size) = (code >> 4, code & 15);
            match (zeros, size) {
                (15, 0) => at += 16,
                (_, 0) => {
                    self.empty_blocks = (1 << zeros) - 1 + bits.number(zeros.into())?;
                    break;
                }
                _ => {
                    check_size(size, self.largest)?;
                    at += usize::from(zeros);
                    bits.extended(size)?;
                    self.set(block, at, last)?;
                    at += 1;
                }
            }
        }
        Ok(())
    }

    /// Reads a block in a refinement scan (T.81 section G.1.2.3).
    fn refinement(&mut self, bits: &mut Bits<'_>, block: usize) -> Result<(), Fault> {
        let [first, last] = self.coefficients;
        let mut at = first;
        while at <= last && self.empty_blocks == 0 {
            let code = bits.value(self.table)?;
            let (mut zeros, size) = (code >> 4, code & 15);
            match (zeros, size) {
                (15, 0) => {}
                (_, 0) => {
                    self.empty_blocks = (1 << zeros) + bits.number(zeros.into())?;
                    break;
                }
                // The bit is the sign: in a refinement scan a new coefficient is 1 or -1.
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
