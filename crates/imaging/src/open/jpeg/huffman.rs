//! Huffman codes and bits of JPEG's entropy-coded data (ITU-T T.81 annexes C and F.2.2).

use super::fault::Fault;

/// Codes of up to this many bits are decoded with one table lookup.
const LOOKUP: u32 = 9;

/// A Huffman table (T.81 section B.2.4.2).
#[derive(Debug, Clone)]
pub(in crate::open) struct Table {
    /// Code length and value by the next [`LOOKUP`] bits; length 0 means that the code is longer.
    lookup: Vec<(u8, u8)>,
    /// For each code length: one more than the largest code, and the offset from a code to its value's index.
    ends: [(i32, i32); 17],
    values: Vec<u8>,
}

impl Table {
    /// Makes the table from the number of codes of each length, 1 to 16, and the values.
    fn new(counts: &[u8; 16], values: &[u8]) -> Option<Table> {
        let mut table = Table {
            lookup: vec![(0, 0); 1 << LOOKUP],
            ends: [(0, 0); 17],
            values: values.to_vec(),
        };
        let (mut code, mut index) = (0i32, 0i32);
        for (length, &count) in (1u32..).zip(counts) {
            let first = code;
            for _ in 0..count {
                let value = *values.get(index as usize)?;
                if code >= 1 << length {
                    return None;
                }
                if length <= LOOKUP {
                    let spare = LOOKUP - length;
                    let from = (code as usize) << spare;
                    table
                        .lookup
                        .get_mut(from..from + (1 << spare))?
                        .fill((length as u8, value));
                }
                code += 1;
                index += 1;
            }
            table.ends[length as usize] = (code, index - count as i32 - first);
            code <<= 1;
        }
        Some(table)
    }

    /// The tables of a `DHT` segment, with their class (0 for DC) and destination.
    pub fn of_segment(payload: &[u8]) -> Result<Vec<(u8, u8, Table)>, Fault> {
        let broken = || Fault::Damaged("a Huffman table of its JPEG data is broken");
        let mut tables = Vec::new();
        let mut rest = payload;
        while let Some((&[place], after)) = rest.split_first_chunk() {
            let (counts, after) = after.split_first_chunk::<16>().ok_or_else(broken)?;
            let count = counts.iter().map(|&n| usize::from(n)).sum();
            let (values, after) = after.split_at_checked(count).ok_or_else(broken)?;
            let table = Table::new(counts, values).ok_or_else(broken)?;
            tables.push((place >> 4, place & 15, table));
            rest = after;
        }
        Ok(tables)
    }
}

/// Reads the bits of entropy-coded data.
pub(in crate::open) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    buffer: u64,
    count: u32,
    /// Zero bits that were supplied after the end of the data.
    padding: u32,
    /// Whole bytes before restart markers that were not needed for any pixel.
    surplus: usize,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8], at: usize) -> Bits<'a> {
        Bits {
            bytes,
            at,
            buffer: 0,
            count: 0,
            padding: 0,
            surplus: 0,
        }
    }

    /// Position of the next byte that has not been read.
    pub fn position(&self) -> usize {
        self.at
    }

    fn fill(&mut self) {
        while self.count <= 48 {
            let byte = match (self.bytes.get(self.at), self.bytes.get(self.at + 1)) {
                (Some(0xff), Some(0x00)) => {
                    self.at += 2;
                    0xff
                }
                // A marker, or the end of the data: zeros from here on.
                (Some(0xff), _) | (None, _) => {
                    self.padding += 8;
                    0
                }
                (Some(&byte), _) => {
                    self.at += 1;
                    byte
                }
            };
            self.buffer = self.buffer << 8 | u64::from(byte);
            self.count += 8;
        }
    }

    fn peek(&mut self, bits: u32) -> u32 {
        if self.count < bits {
            self.fill();
        }
        (self.buffer >> (self.count - bits)) as u32 & ((1 << bits) - 1)
    }

    fn skip(&mut self, bits: u32) -> Result<(), Fault> {
        self.count -= bits;
        match (self.count < self.padding, self.at < self.bytes.len()) {
            (false, _) => Ok(()),
            // A marker comes before the last pixel.
            (true, true) => Err(Fault::Damaged("its JPEG data end before the image does")),
            (true, false) => Err(Fault::Truncated),
        }
    }

    /// Decodes the next value.
    pub fn value(&mut self, table: &Table) -> Result<u8, Fault> {
        let next = self.peek(16);
        let (length, value) = table.lookup[(next >> (16 - LOOKUP)) as usize];
        if length > 0 {
            self.skip(length.into())?;
            return Ok(value);
        }
        for length in LOOKUP + 1..=16 {
            let code = (next >> (16 - length)) as i32;
            let (end, shift) = table.ends[length as usize];
            if code < end {
                let value = usize::try_from(code + shift).ok();
                let value = value.and_then(|index| table.values.get(index).copied());
                self.skip(length)?;
                return value.ok_or(Fault::Damaged("its JPEG data have a wrong code"));
            }
        }
        Err(Fault::Damaged(
            "its JPEG data have a code that is in no table",
        ))
    }

    /// A signed number of `bits` bits, at most 16 (T.81 figure F.12).
    pub fn extended(&mut self, bits: u8) -> Result<i32, Fault> {
        if bits == 0 {
            return Ok(0);
        }
        let bits = u32::from(bits.min(16));
        let value = self.peek(bits) as i32;
        self.skip(bits)?;
        Ok(match value < 1 << (bits - 1) {
            true => value - (1 << bits) + 1,
            false => value,
        })
    }

    /// Reads up to 16 bits as a number without a sign.
    pub fn number(&mut self, bits: u32) -> Result<u32, Fault> {
        if bits == 0 {
            return Ok(0);
        }
        let value = self.peek(bits);
        self.skip(bits)?;
        Ok(value)
    }

    /// Skips the restart marker that must follow: number `index` of the scan, counted from 0.
    pub fn restart(&mut self, index: u32) -> Result<(), Fault> {
        let marker = self.next_marker().ok_or(Fault::Truncated)?;
        match marker.code {
            code @ 0xd0..=0xd7 if u32::from(code - 0xd0) == index % 8 => {
                let surplus = self.surplus_before(marker.begin);
                *self = Bits::new(self.bytes, marker.end);
                self.surplus = surplus;
                Ok(())
            }
            0xd0..=0xd7 => Err(Fault::Damaged(
                "its JPEG data have a restart marker out of order",
            )),
            _ => Err(Fault::Damaged("its JPEG data lack a restart marker")),
        }
    }

    /// Ends the scan. Returns how many whole bytes were not needed for any pixel: 0 for sound data.
    pub fn finish(&self) -> usize {
        let end = match self.next_marker() {
            Some(marker) => marker.begin,
            // DICOM fragments are padded to an even length.
            None => self.bytes.len() - usize::from(self.bytes.last() == Some(&0)),
        };
        self.surplus_before(end)
    }

    fn surplus_before(&self, end: usize) -> usize {
        let buffered = self.count.saturating_sub(self.padding) / 8;
        self.surplus + buffered as usize + end.saturating_sub(self.at)
    }

    fn next_marker(&self) -> Option<Marker> {
        let rest = self.bytes.get(self.at..)?;
        let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xff);
        let found = rest.windows(2).position(is_marker)?;
        let before = rest.get(..found)?.iter().rev();
        let fill = before.take_while(|&&byte| byte == 0xff).count();
        Some(Marker {
            begin: self.at + found - fill,
            end: self.at + found + 2,
            code: *rest.get(found + 1)?,
        })
    }
}

/// A marker with the fill bytes before it.
struct Marker {
    begin: usize,
    end: usize,
    code: u8,
}
