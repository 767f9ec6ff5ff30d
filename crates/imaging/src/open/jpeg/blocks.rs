//! The order in which the blocks of a scan are coded (ITU-T T.81 annex A).

use super::entropy::Tables;
use super::fault::Fault;
use super::huffman::Bits;
use super::markers::{Component, FrameHeader};

/// A component's blocks, across and down: those that cover its samples, and those of whole minimum coded units.
pub(super) struct Blocks {
    pub needed: [usize; 2],
    pub padded: [usize; 2],
}

/// A scan header (T.81 section B.2.3).
pub(super) struct Scan {
    /// For each component of the scan: its index in the frame, and its DC and AC Huffman tables.
    pub components: Vec<(usize, usize, usize)>,
    /// First and last coefficient of the spectral band.
    pub band: [usize; 2],
    /// Successive approximation: bits by which coefficients were shifted in the band's previous scan, and in this one.
    pub shifts: [u8; 2],
}

/// A scan with the frame, blocks and tables that are needed to read it.
pub(super) struct ScanContext<'a> {
    pub scan: &'a Scan,
    pub frame: &'a FrameHeader,
    /// The frame's components.
    pub blocks: &'a [Blocks],
    pub tables: &'a Tables,
}

/// Reads the blocks of one scan.
pub(super) trait ReadBlock {
    /// Reads block number `place` of the scan's component `index`.
    fn block(&mut self, bits: &mut Bits<'_>, index: usize, place: usize) -> Result<(), Fault>;

    /// Resets the state after a restart marker.
    fn restart(&mut self);
}

impl ScanContext<'_> {
    /// Reads all blocks in the order in which they are coded (T.81 section A.2).
    pub fn read(&self, bits: &mut Bits<'_>, reader: &mut impl ReadBlock) -> Result<(), Fault> {
        let components = &self.scan.components;
        let is_alone = components.len() == 1;
        let (first, ..) = components[0];
        let factors = |component: usize| self.frame.components[component].factors();
        let of_first = &self.blocks[first];
        let units = match is_alone {
            true => of_first.needed,
            false => [0, 1].map(|axis| of_first.padded[axis] / factors(first)[axis]),
        };
        let interval = self.tables.restart_interval;
        let (mut left, mut markers) = (interval, 0);
        for unit in 0..units[0] * units[1] {
            if interval > 0 {
                if left == 0 {
                    bits.restart(markers)?;
                    markers += 1;
                    left = interval;
                    reader.restart();
                }
                left -= 1;
            }
            let [x, y] = [unit % units[0], unit / units[0]];
            for (index, (component, ..)) in components.iter().enumerate() {
                let [across, down] = if is_alone {
                    [1, 1]
                } else {
                    factors(*component)
                };
                for at in 0..across * down {
                    let column = x * across + at % across;
                    let row = y * down + at / across;
                    let place = row * self.blocks[*component].padded[0] + column;
                    reader.block(bits, index, place)?;
                }
            }
        }
        Ok(())
    }
}

impl Blocks {
    /// Block counts of each component (T.81 sections A.1.1 and A.2).
    pub fn of(frame: &FrameHeader) -> Result<Vec<Blocks>, Fault> {
        let all: Vec<[usize; 2]> = frame.components.iter().map(Component::factors).collect();
        let is_sound =
            |[across, down]: &[usize; 2]| (1..=4).contains(across) && (1..=4).contains(down);
        if all.is_empty() || !all.iter().all(is_sound) {
            return Err(Fault::Damaged("its JPEG frame header is broken"));
        }
        let max = [0, 1].map(|axis| all.iter().map(|own| own[axis]).max().unwrap_or(1));
        let size = [frame.columns, frame.rows].map(usize::from);
        let of = |own: &[usize; 2]| Blocks {
            needed: [0, 1].map(|axis| (size[axis] * own[axis]).div_ceil(max[axis]).div_ceil(8)),
            padded: [0, 1].map(|axis| size[axis].div_ceil(8 * max[axis]) * own[axis]),
        };
        Ok(all.iter().map(of).collect())
    }
}

impl Scan {
    pub fn read(payload: &[u8], frame: &FrameHeader) -> Result<Scan, Fault> {
        let read = || {
            let (&count, rest) = payload.split_first()?;
            let (selectors, rest) = rest.split_at_checked(2 * usize::from(count))?;
            let &[first, last, shifts] = rest.first_chunk()?;
            let component = |&[id, places]: &[u8; 2]| {
                let index = frame.components.iter().position(|c| c.id == id)?;
                Some((index, usize::from(places >> 4), usize::from(places & 15)))
            };
            let components: Option<Vec<_>> =
                selectors.as_chunks().0.iter().map(component).collect();
            Some(Scan {
                components: components.filter(|components| !components.is_empty())?,
                band: [first, last.min(63)].map(usize::from),
                shifts: [shifts >> 4, shifts & 15],
            })
        };
        read().ok_or(Fault::Damaged("a scan header of its JPEG data is broken"))
    }
}
